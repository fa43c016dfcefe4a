"""Who telephones the room of the town, and the operator who answers: the commands that the desk's routes call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from veilleur.db.engine import Database
from veilleur.demo.scenarios import TestAsked
from veilleur.features.handling.commands import act_on_call, check_word, start_incoming
from veilleur.features.people.tables import User
from veilleur.features.sites.commands import Asking, CallBackNeededError, TestScope, start_on_test
from veilleur.features.sites.tables import Contact, Site
from veilleur.kernel.clock import Clock
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act, Actor

TRIES, PAUSE = 5, 2.0
"""Until the site's disarming has been decided: before, at night, a test needs a call-back and a second person (P10)."""


@dataclass(frozen=True)
class Room:
    """The room of the town, as somebody of it reaches it. `ring`: seals the contacts' words."""

    database: Database
    clock: Clock
    ring: KeyRing

    async def answer(self, asked: TestAsked) -> datetime:
        """Answers who asks for a test; when it ends (UTC). Raises the errors of `start_on_test` and of the call."""
        for _ in range(TRIES - 1):
            try:
                return await asyncio.to_thread(self.put_on_test, asked)
            except CallBackNeededError:
                await asyncio.sleep(PAUSE)
        return await asyncio.to_thread(self.put_on_test, asked)

    def put_on_test(self, asked: TestAsked) -> datetime:
        """The call, the word he gives, the test of the whole site, the end of the call; all or nothing."""
        with self.database.write() as session:
            operator = session.scalars(select(User).where(User.login == asked.operator)).one()
            site = session.scalars(select(Site).where(Site.reference == asked.site)).one()
            caller = session.scalars(
                select(Contact).where(Contact.site_id == site.id, Contact.name == asked.caller)
            ).one()
            act = Act(session, self.clock.now(), Actor("user", operator.id, operator.name))
            call = start_incoming(act, site.id, caller=asked.caller, contact_id=caller.id)
            check_word(act, self.ring, call, asked.word)
            until = act.now + timedelta(seconds=asked.seconds)
            asking = Asking(asked.caller, contact_id=caller.id, call_id=call)
            start_on_test(act, site.id, TestScope(), until, asking)
            act_on_call(act, call, "on_test")
            return until

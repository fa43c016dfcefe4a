"""Trying the on-call list in the daytime: one person is really called by all his ways, and says that he was.

A way that nobody tried is a way that fails on the night it is needed (practice P7).
"""

from __future__ import annotations

from sqlalchemy import Select, select

from veilleur.features.continuity.commands import ask
from veilleur.features.continuity.queries import open_escalation, person_of
from veilleur.features.continuity.tables import TRIAL, CallOut, Escalation
from veilleur.features.sites.tables import OnCall
from veilleur.kernel.errors import ConflictError, NotFoundError
from veilleur.logbook.act import Act


class RealCallError(ConflictError):
    """Somebody is really being called now: a trial would be taken for it."""

    code = "real_call"


class NoWayError(ConflictError):
    """The list gives no way to reach this person."""

    code = "no_way"


def try_person(act: Act, on_call_id: int) -> None:
    """Calls somebody of the list by all his ways, as a trial. Raises NotFoundError, RealCallError, NoWayError."""
    row = act.session.get(OnCall, on_call_id, with_for_update=True)
    if row is None or row.removed_at is not None:
        raise NotFoundError("Nobody of this number is on call.", what="on_call", id=on_call_id)
    if open_escalation(act.session) is not None:
        raise RealCallError
    person = person_of(row)
    if not person.channels:
        raise NoWayError
    facts = {"name": person.name, "channels": list(person.channels)}
    entry_id = act.record("escalation.trial", facts)
    for before in act.session.scalars(_open_trials(on_call_id).with_for_update(of=Escalation)):
        before.ended_at, before.ended_by, before.entry_id = act.now, "again", entry_id
    case = Escalation(reason=TRIAL, opened_at=act.now, incidents=[], step=0, entry_id=entry_id)
    act.session.add(case)
    act.session.flush()
    ask(act, case, person, 0)


def _open_trials(on_call_id: int) -> Select[Escalation]:
    calls = select(CallOut.escalation_id).where(CallOut.on_call_id == on_call_id)
    return select(Escalation).where(
        Escalation.reason == TRIAL, Escalation.ended_at.is_(None), Escalation.id.in_(calls)
    )

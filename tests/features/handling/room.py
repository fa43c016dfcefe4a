"""A room with a site, its contacts and their words, people and a clock, on a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.deadlines.queries import due
from veilleur.features.handling import commands, queries
from veilleur.features.handling.tables import Call, Clue
from veilleur.features.handling.views import CallView, HandlingView
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.incidents.tables import Incident, Step
from veilleur.features.people.tables import User
from veilleur.features.sites.secrets import word_row
from veilleur.features.sites.tables import (
    Centre,
    Contact,
    DirectoryEntry,
    Responder,
    Site,
    SiteResponder,
)
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.ports import Reader
from veilleur.kernel.sealing import KeyRing
from veilleur.locale.render import render_entry
from veilleur.logbook.act import Act, Actor, fold
from veilleur.logbook.tables import Entry, EntryPayload

WATCH = Actor("watch", name="watch")

#: Secrets that must appear in no entry, no view and no report.
CODE_WORDS = {"Gérante": "lilas", "Gardien": "tournesol"}
DURESS_WORDS = {"Gérante": "orage", "Gardien": "tempete"}
RESERVED = "+33199009917"

POINT = PointRef("zone:1:15", "point 015 Quai de livraison", "intrusion", "1", None)
NEW_POINT = PointRef("zone:1:16", "point 016 Bureau du quai", "intrusion", "1", None)


def opening(site_id: int, **changes: Any) -> Opening:
    """An intrusion on the quay, changed as a test asks."""
    given: dict[str, Any] = {
        "site_id": site_id,
        "group": "main",
        "family": "intrusion",
        "category": "intrusion",
        "priority": 3,
        "needs_operator": True,
        "procedure_event": "intrusion",
        "limits": {},
        "headline": {
            "code": "130", "dialect": "contact_id", "category": "intrusion", "qualifier": "new",
            "zone": "015", "zone_name": "Quai de livraison", "area": "1", "user": None, "text": None,
            "marks": [],
        },
    }  # fmt: skip
    return Opening(**(given | changes))


@dataclass
class Room:
    """What the tests act through: one transaction per act, as the application does."""

    database: Database
    clock: ManualClock
    ring: KeyRing
    site_id: int = 0
    users: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    responders: dict[str, int] = field(default_factory=dict)
    directory: dict[str, int] = field(default_factory=dict)
    signals: int = 0

    @contextmanager
    def act(self, who: str = "watch") -> Iterator[Act]:
        actor = WATCH if who == "watch" else Actor("user", self.users[who], who)
        with self.database.write() as session:
            yield Act(session, self.clock.now(), actor)

    def do(self, who: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.act(who) as act:
            return command(act, *args, **kwargs)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        with self.database.read() as session:
            yield session

    def reader(self, who: str = "Ana") -> Reader:
        role = "lead" if who == "Chef" else "operator"
        return Reader(self.users[who], who, frozenset({role}), post_id=1)

    def open(self, *, taken_by: str | None = "Ana", point: PointRef = POINT, **changes: Any) -> int:
        self.signals += 1
        signal = SignalRef(self.signals, 0, self.clock.now(), "opened")
        with self.act() as act:
            incident_id = incidents.open_incident(act, opening(self.site_id, **changes), signal, point)
        if taken_by:
            self.do(taken_by, incidents.take, incident_id)
        return incident_id

    def join(self, incident_id: int, point: PointRef, **how: Any) -> None:
        self.signals += 1
        signal = SignalRef(self.signals, 0, self.clock.now(), "new_point")
        self.do("watch", incidents.join_signal, incident_id, signal, point, **how)

    def incident(self, incident_id: int) -> Incident:
        with self.read() as session:
            return session.get_one(Incident, incident_id)

    def call(self, call_id: int) -> Call:
        with self.read() as session:
            return session.get_one(Call, call_id)

    def clues(self, incident_id: int) -> list[str]:
        with self.read() as session:
            rows = session.scalars(
                select(Clue)
                .where(Clue.incident_id == incident_id, Clue.removed_at.is_(None))
                .order_by(Clue.id)
            )
            return [row.kind for row in rows]

    def step(self, incident_id: int, key: str) -> Step:
        with self.read() as session:
            return session.scalars(select(Step).where(Step.incident_id == incident_id, Step.key == key)).one()

    def entries(self, incident_id: int | None = None) -> list[str]:
        """Kinds of entries, of a dossier or all."""
        with self.read() as session:
            query = select(Entry.kind).order_by(Entry.id)
            return list(
                session.scalars(
                    query if incident_id is None else query.where(Entry.incident_id == incident_id)
                )
            )

    def sentences(self, language: str = "fr") -> list[str]:
        """Every entry as people read it."""
        import json

        with self.read() as session:
            rows = session.execute(
                select(Entry.kind, Entry.version, EntryPayload.body)
                .join(EntryPayload, EntryPayload.payload_of == Entry.id)
                .order_by(Entry.id)
            ).all()
        return [
            render_entry(language, kind, version, json.loads(body)) for kind, version, body in rows if body
        ]

    def everything_written(self) -> str:
        """Each payload and each call row, as text: what a secret must not be in."""
        with self.read() as session:
            bodies = session.scalars(select(EntryPayload.body)).all()
            calls = session.execute(text("SELECT to_jsonb(call)::text FROM call")).scalars().all()
        return "\n".join([*(bytes(body).decode() for body in bodies if body), *calls])

    def start(self, incident_id: int, who: str = "Gérante", **how: Any) -> int:
        """Ana calls a contact, or the site («site»)."""
        if who == "site":
            return int(self.do("Ana", commands.start_call, incident_id, target="site", **how))
        contact = self.contacts[who]
        return int(
            self.do("Ana", commands.start_call, incident_id, target="contact", contact_id=contact, **how)
        )

    def word(self, call_id: int, typed: str, who: str = "Ana") -> str:
        return str(self.do(who, commands.check_word, self.ring, call_id, typed).result)

    def end(self, call_id: int, result: str, **how: Any) -> None:
        self.do("Ana", commands.end_call, call_id, result, **how)

    def settle(self, seconds: float = 11) -> list[bool]:
        """Lets the delay to undo pass, then does what the watch does with what is due."""
        self.clock.advance(seconds)
        answers: list[bool] = []
        with self.read() as session:
            waiting = [row for row in due(session, self.clock.now()) if row.kind in EFFECTS]
        for row in waiting:
            with self.act() as act:
                answers.append(EFFECTS[row.kind](act, row.subject_id))
                act.session.execute(
                    text("UPDATE deadline SET done_at = :at, answer = :how WHERE id = :id"),
                    {"at": act.now, "how": "applied" if answers[-1] else "no_longer", "id": row.id},
                )
        return answers

    def reached(self, incident_id: int, who: str, word: str, understood: str) -> int:
        """A whole call to a contact that answers with the right word, settled."""
        call_id = self.start(incident_id, who)
        assert self.word(call_id, word) == "right"
        self.end(call_id, "answered", understood=understood)
        self.settle()
        return call_id

    def handling(self, incident_id: int, who: str = "Ana") -> HandlingView:
        with self.read() as session:
            return queries.handling_view(session, incident_id, self.reader(who), self.clock.now())

    def view(self, incident_id: int, call_id: int, who: str = "Ana") -> CallView:
        return next(call for call in self.handling(incident_id, who).calls if call.id == call_id)


EFFECTS: dict[str, Callable[[Act, Any], bool]] = {
    "settle_call": commands.settle_call,
    "agent_answer": commands.agent_unanswered,
    "agent_late": commands.agent_late,
}


def build(room: Room, act: Act, entry_id: int) -> None:
    """The centre, three people, a site with two contacts, two agents and its directory."""
    session = act.session
    session.add(
        Centre(
            id=1,
            name="Station Essai",
            call_back="+33199000001",
            authorisation="AUT-099-2112-01-01-20260000001",
            settings={},
            entry_id=entry_id,
        )
    )
    for name in ("Ana", "Bruno", "Chef"):
        user = User(
            login=name.lower(), name=name, sort_key=name.lower(), password_hash="x",
            roles=["lead" if name == "Chef" else "operator"], perimeter={}, entry_id=entry_id,
        )  # fmt: skip
        session.add(user)
        session.flush()
        room.users[name] = user.id
    site = Site(
        reference="S-0001", name="Entrepôt du Port", sort_key=fold("Entrepôt du Port"), entry_id=entry_id,
        street="14 quai du Test", postcode="99001", town="Villeneuve-sur-Essai", commune="99001",
        phone="+33199001234", services=["intervention", "video", "listen_in"], codes=[], schedule=[],
        area_groups={}, search="", access="Portail vert, code au gardien",
        risks="Stock de solvants", customer_id=None,
    )  # fmt: skip
    session.add(site)
    session.flush()
    room.site_id = site.id
    people = (("Gérante", ["+33639981234", "+33199001235"]), ("Gardien", ["+33639981235"]))
    for rank, (name, numbers) in enumerate(people, 1):
        contact = Contact(
            site_id=site.id, name=name, rank=rank, phones=[{"number": n, "label": None} for n in numbers],
            availability=[], authorised=True, entry_id=entry_id,
        )  # fmt: skip
        session.add(contact)
        session.flush()
        contact.code_word = room.ring.seal(CODE_WORDS[name].encode(), word_row(contact.id, "code_word"))
        contact.duress_word = room.ring.seal(DURESS_WORDS[name].encode(), word_row(contact.id, "duress_word"))
        room.contacts[name] = contact.id
    for rank, (name, keys) in enumerate((("Rondier 7", "clés n° 118"), ("Rondier 9", None)), 1):
        agent = Responder(
            reference=name, name=name, firm="Essai Intervention", phone=f"+3363998200{rank}",
            communes=["99001"], entry_id=entry_id,
        )  # fmt: skip
        session.add(agent)
        session.flush()
        session.add(
            SiteResponder(
                site_id=site.id, responder_id=agent.id, rank=rank, keys=keys, minutes=20, entry_id=entry_id
            )
        )
        room.responders[name] = agent.id
    for service, name in (("police", "Police, circonscription 2"), ("fire", "CODIS"), ("medical", "SAMU")):
        row = DirectoryEntry(
            commune="99001", town="Villeneuve-sur-Essai", service=service, name=name,
            number=RESERVED if service == "police" else "+33199009918", checked_on=act.now - timedelta(days=9),
            entry_id=entry_id,
        )  # fmt: skip
        session.add(row)
        session.flush()
        room.directory[service] = row.id
    session.flush()

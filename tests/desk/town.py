"""Two customers' sites in two communes, people of each role, and acts that change what screens show."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from tests.features.people.conftest import Room
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.people import posts
from veilleur.features.sites.tables import Centre, Customer, OnTest, Site
from veilleur.kernel.errors import VeilleurError
from veilleur.kernel.ports import Perimeter, Reader
from veilleur.logbook.act import Act, Actor, Subject

WATCH = Actor("watch", name="watch")

HEADLINE = {"code": "130", "dialect": "contact_id", "category": "intrusion", "qualifier": "new", "zone": "15"}
HEADLINE |= {"zone_name": "Quai", "area": "1", "user": None, "text": None, "marks": []}


@dataclass
class Town:
    """The room and what happened in it so far."""

    room: Room
    sites: list[tuple[int, int, str]] = field(default_factory=list)
    users: dict[str, int] = field(default_factory=dict)
    incidents: list[int] = field(default_factory=list)
    tests: list[tuple[int, int]] = field(default_factory=list)
    post: int = 0
    spare: int = 0
    sessions: dict[str, bytes] = field(default_factory=dict)
    signals: int = 0

    def build(self) -> Town:
        room = self.room
        self.users = {name: room.user(name, role) for name, role in PEOPLE}
        self.post, self.spare = room.post("Poste 1"), room.post("Poste 2")
        self.sessions = {name: room.login(name) for name in ("ana", "bruno")}
        room.take(self.sessions["ana"], self.post)
        with room.database.write() as session:
            entry_id = room.act(session).record("town.built")
            session.add(Centre(id=1, name="Station Essai", settings={}, entry_id=entry_id))
            for number, commune in ((1, "99001"), (2, "99002")):
                customer = Customer(
                    reference=f"C{number}", name=f"Client {number}", codes=[], entry_id=entry_id
                )
                customer.sort_key = customer.name
                session.add(customer)
                session.flush()
                site = Site(reference=f"S-{number}", name=f"Site {number}", sort_key=str(number))
                site.services, site.codes, site.schedule, site.area_groups = ["video"], [], [], {}
                site.search, site.entry_id = "", entry_id
                site.customer_id, site.commune = customer.id, commune
                session.add(site)
                session.flush()
                self.sites.append((site.id, customer.id, commune))
        return self

    def readers(self) -> dict[str, Reader]:
        whole, first = Perimeter(), self.sites[0]
        mine = Perimeter(customers=frozenset({first[1]}))
        town = Perimeter(communes=frozenset({self.sites[1][2]}))
        other = Perimeter(organisations=frozenset({"ailleurs"}))
        made = [
            ("ana", "operator", whole, self.post),
            ("bruno", "operator", mine, self.spare),
            ("bruno", "operator", whole, None),
            ("chef", "lead", town, None),
            ("adm", "administrator", whole, None),
            ("aud", "auditor", mine, None),
            ("aud", "auditor", other, None),
        ]
        return {
            f"{name} {role} {number}": Reader(self.users[name], name, frozenset({role}), perimeter, post)
            for number, (name, role, perimeter, post) in enumerate(made)
        }

    def again(self, room: Room) -> Town:
        """The same town as it was built, in a copy of its database."""
        return replace(self, room=room, incidents=[], tests=[], signals=0)

    def act(self, name: str, which: int) -> bool:
        """One act; False when the rules refused it."""
        with contextlib.suppress(VeilleurError):
            with self.room.database.write() as session:
                getattr(self, f"_{name}")(session, which)
            return True
        return False

    def _by(self, session: Any, who: str) -> Act:
        return Act(session, self.room.clock.now(), Actor("user", self.users[who], who))

    def _who(self, which: int) -> str:
        return ("ana", "bruno")[which % 2]

    def _incident(self, which: int) -> int:
        if not self.incidents:
            raise VeilleurError
        return self.incidents[-1 - which % min(len(self.incidents), 3)]

    def _open(self, session: Any, which: int) -> None:
        self.signals += 1
        opening = Opening(
            site_id=self.sites[which % 2][0],
            group=f"group {self.signals}",
            family="intrusion",
            category="intrusion",
            priority=1 + which % 4,
            needs_operator=True,
            procedure_event="intrusion",
            limits={},
            headline=HEADLINE,
        )
        signal = SignalRef(self.signals, 0, self.room.clock.now(), "opened")
        point = PointRef(f"zone:{self.signals}", "point 15", "intrusion", "1", None)
        act = Act(session, self.room.clock.now(), WATCH)
        self.incidents.append(incidents.open_incident(act, opening, signal, point))

    def _take(self, session: Any, which: int) -> None:
        incidents.take(self._by(session, self._who(which)), self._incident(which))

    def _take_over(self, session: Any, which: int) -> None:
        incidents.take_over(self._by(session, self._who(which)), self._incident(which), "relief")

    def _release(self, session: Any, which: int) -> None:
        incidents.release(self._by(session, self._who(which)), self._incident(which), "overloaded")

    def _note(self, session: Any, which: int) -> None:
        incidents.note(self._by(session, self._who(which)), self._incident(which), "vu")

    def _park(self, session: Any, which: int) -> None:
        until = self.room.clock.now() + timedelta(minutes=10)
        incidents.park(self._by(session, self._who(which)), self._incident(which), until, "call_back")

    def _close(self, session: Any, which: int) -> None:
        act = Act(session, self.room.clock.now(), WATCH)
        incidents.close_by_itself(act, self._incident(which), "restored", None)

    def _room_line(self, session: Any, which: int) -> None:
        self._by(session, self._who(which)).record("entry.free", {"text": "rien à signaler"})

    def _sit(self, session: Any, which: int) -> None:
        who = "bruno"
        reader = Reader(self.users[who], who, frozenset({"operator"}), post_id=None)
        posts.take_post(
            self._by(session, who), reader, self.spare, motif=None, session_hash=self.sessions[who]
        )

    def _rise(self, session: Any, which: int) -> None:
        who = "bruno"
        reader = Reader(self.users[who], who, frozenset({"operator"}), post_id=self.spare)
        posts.leave_post(self._by(session, who), reader, [], confirmed=False)

    def _test(self, session: Any, which: int) -> None:
        site_id, customer, commune = self.sites[which % 2]
        now = self.room.clock.now()
        test = OnTest(site_id=site_id, scope={}, asked_by="Technicien", word_result="right", results=[])
        test.started_at, test.until = now, now - timedelta(seconds=1)
        test.id = 1 + max([0, *(id_ for id_, _ in self.tests)])
        subject = Subject(site_id=site_id, customer_id=customer, commune=commune)
        act = Act(session, now, WATCH)
        test.entry_id = act.record("on_test.noted", subject=subject, touched={"on_test": [test.id]})
        session.add(test)
        self.tests.append((test.id, which))

    def _end_test(self, session: Any, which: int) -> None:
        if not self.tests:
            raise VeilleurError
        id_, site = self.tests[-1 - which % len(self.tests)]
        _, customer, commune = self.sites[site % 2]
        subject = Subject(site_id=self.sites[site % 2][0], customer_id=customer, commune=commune)
        act = Act(session, self.room.clock.now(), WATCH)
        test = session.get(OnTest, id_, with_for_update=True)
        entry_id = act.record("on_test.ended", subject=subject, touched={"on_test": [id_]})
        test.ended_at, test.entry_id = self.room.clock.now(), entry_id


PEOPLE = (
    ("ana", "operator"),
    ("bruno", "operator"),
    ("chef", "lead"),
    ("adm", "administrator"),
    ("aud", "auditor"),
)

ACTS = (
    "open", "open", "take", "take_over", "release", "note", "park", "close", "room_line", "sit", "rise", "test",
    "end_test",
)  # fmt: skip

"""Places, cameras with their papers and leases, and the people who look at them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from tests.web.serving import Browser, Desk
from veilleur.db.engine import Database
from veilleur.features.cameras.tables import Authorisation, Camera, CameraMask, CameraZone
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.people.commands import set_perimeter
from veilleur.features.people.passwords import hash_password
from veilleur.features.people.sessions import actor_of, open_session
from veilleur.features.people.tables import User
from veilleur.features.people.titles import grant_title
from veilleur.features.sites.tables import Area, Centre, DirectoryEntry, Site
from veilleur.kernel.clock import ManualClock
from veilleur.locale.render import render_entry
from veilleur.logbook.act import Act, Actor, fold
from veilleur.logbook.tables import Entry, EntryPayload

RECORDER = "http://127.0.0.1:8601"
WATCH = Actor("watch", name="watch")
#: Hashed once: each test has six people.
HASH = hash_password("mot de passe de test")


@dataclass
class Town:
    """The running desk, its cameras by reference, and a browser for each person."""

    desk: Desk
    sites: dict[str, int] = field(default_factory=dict)
    cameras: dict[str, int] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    police: int = 0
    signals: int = 0

    @property
    def database(self) -> Database:
        return self.desk.room.database

    @property
    def clock(self) -> ManualClock:
        return self.desk.room.clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def ago(self, seconds: float) -> str:
        return (self.now - timedelta(seconds=seconds)).isoformat()

    def people(self) -> None:
        """Ana and Bruno watch the town, Chef leads, Tele has no title for public places, Garde sees another commune."""
        video = {"activities": ["remote_monitoring", "video"]}
        for login, role, title in (
            ("ana", "operator", video),
            ("bruno", "operator", video),
            ("chef", "lead", video),
            ("tele", "operator", {}),
            ("garde", "operator", video),
            ("controle", "auditor", {}),
        ):
            self.users[login] = self.person(login, role, title)
        with self.database.write() as session:
            act = Act(session, self.now, Actor("cli", name="test"))
            set_perimeter(
                act, self.users["garde"], {"organisations": None, "customers": None, "communes": ["99002"]}
            )
        for login in self.users:
            self.browsers[login] = self.enter(login)
            if login == "controle":
                continue
            kind, motif = (
                ("remote_monitoring", None) if login == "tele" else ("both", "surveillance générale, centre")
            )
            post = self.desk.room.post(f"Poste {login}", kind)
            answer = self.browsers[login].post(f"/api/posts/{post}/take", {"motif": motif})
            assert answer.status_code == 204, answer.text

    def person(self, login: str, role: str, title: dict[str, Any]) -> int:
        """Somebody with a card. See HASH."""
        with self.database.write() as session:
            act = Act(session, self.now, Actor("cli", name="test"))
            user = User(
                login=login, name=login.title(), sort_key=login, password_hash=HASH, roles=[role], perimeter={},
                entry_id=act.record("test.person"),
            )  # fmt: skip
            session.add(user)
            session.flush()
            card = {"kind": "card", "number": f"CAR-{login}", "activities": ["remote_monitoring"]}
            grant_title(act, user.id, **{**card, "expires_on": date(2030, 1, 1), **title})
            return user.id

    def enter(self, login: str) -> Browser:
        """A browser with a session of its own."""
        browser = self.desk.browser()
        with self.database.write() as session:
            user = session.get_one(User, self.users[login])
            opened = open_session(Act(session, self.now, actor_of(user)), user, password="", peer="127.0.0.1")
        browser.csrf = opened.csrf
        browser.http.cookies.set("veilleur", opened.cookie)
        return browser

    def send(self, who: str, path: str, body: object = None, status: int = 200, method: str = "POST") -> Any:
        answer = self.browsers[who].send(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def get(self, who: str, path: str, status: int = 200, **given: Any) -> Any:
        answer = self.browsers[who].get(path, **given)
        assert answer.status_code == status, answer.text
        return answer.json()

    def look(self, who: str, *cameras: str, status: int = 200, **asked: Any) -> Any:
        ids = [self.cameras[name] for name in cameras]
        return self.send(who, "/api/viewings", {"cameras": ids, "kind": "live", **asked}, status)

    def act(self, who: str = "watch") -> Any:
        return _Acting(self, who)

    def alarm(self, site: str = "quai", zone: str = "15", *, taken_by: str | None = None, **how: Any) -> int:
        """An intrusion on a point, as the watch opens one."""
        self.signals += 1
        signal = SignalRef(self.signals, 0, self.now, "opened")
        given: dict[str, Any] = {
            "site_id": self.sites[site], "group": "main", "family": "intrusion", "category": "intrusion", "priority": 3,
            "needs_operator": True, "procedure_event": "intrusion", "limits": {},
            "headline": {"code": "130", "dialect": "contact_id", "category": "intrusion", "qualifier": "new",
                         "zone": zone, "zone_name": None, "area": "1", "user": None, "text": None, "marks": []},
        }  # fmt: skip
        with self.act() as act:
            point = PointRef(f"zone:1:{zone}", f"point {zone}", "intrusion", "1", None)
            incident_id = incidents.open_incident(act, Opening(**(given | how)), signal, point)
        if taken_by:
            self.send(taken_by, f"/api/incidents/{incident_id}/take")
        return incident_id

    def entries(self, *kinds: str) -> list[dict[str, Any]]:
        """Parameters of entries of these kinds, the oldest first."""
        with self.database.read() as session:
            rows = session.execute(
                select(EntryPayload.body)
                .join(Entry, Entry.id == EntryPayload.payload_of)
                .where(Entry.kind.in_(kinds))
                .order_by(Entry.id)
            )
            return [json.loads(body)["params"] for (body,) in rows]

    def sentences(self, kind: str, language: str = "fr") -> list[str]:
        """Entries of a kind as people read them."""
        with self.database.read() as session:
            rows = session.execute(
                select(Entry.kind, Entry.version, EntryPayload.body)
                .join(EntryPayload, EntryPayload.payload_of == Entry.id)
                .where(Entry.kind == kind)
                .order_by(Entry.id)
            ).all()
        return [render_entry(language, kind, version, json.loads(body)) for kind, version, body in rows]

    def change(self, table: Any, row_id: Any, **values: Any) -> None:
        """Changes a row as an import or another part would, with its entry."""
        with self.act() as act:
            row = act.session.get_one(table, row_id)
            entry = act.record("test.changed")
            for name, value in values.items():
                setattr(row, name, value)
            if hasattr(row, "entry_id"):
                row.entry_id = entry

    def lease(self, *cameras: str, seconds: int = 600) -> None:
        """A recorder holds these cameras, by the database's clock."""
        with self.database.write() as session:
            for name in cameras:
                session.execute(
                    text(
                        "INSERT INTO camera_lease VALUES (:id, 'recorder-1', :at, 1, now() + :s * interval '1 second') "
                        "ON CONFLICT (camera_id) DO UPDATE SET until = excluded.until"
                    ),
                    {"id": self.cameras[name], "at": RECORDER, "s": seconds},
                )


@dataclass
class _Acting:
    """One transaction of the watch or of a person."""

    town: Town
    who: str

    def __enter__(self) -> Act:
        self.opened = self.town.database.write()
        session = self.opened.__enter__()
        users = self.town.users
        actor = WATCH if self.who == "watch" else Actor("user", users[self.who], self.who)
        return Act(session, self.town.now, actor)

    def __exit__(self, *error: Any) -> None:
        self.opened.__exit__(*error)


#: reference → site, name, regime and the rest that matters to a test.
CAMERAS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "carnot": (
        "ville",
        "Place Carnot nord",
        "public_road",
        {"ptz": True, "place": "Place Carnot", "retention_days": 30},
    ),
    "carnot-sud": ("ville", "Place Carnot sud", "public_road", {"place": "Place Carnot, côté sud"}),
    "gare": ("ville", "Gare, presqu’île", "public_place", {"place": "Parvis de la gare, Presqu’île"}),
    "quai-1": ("quai", "Quai 1", "private", {"retention_days": 15}),
    "quai-2": ("quai", "Quai 2", "private", {"ptz": True}),
    "bureau": ("quai", "Bureau", "private", {}),
    "depot": (
        "quai",
        "Dépôt",
        "private",
        {"record": False, "source": {"kind": "recorder", "main": "rtsp://192.0.2.1/1"}},
    ),
    "villa": ("villa", "Entrée", "home", {}),
    "loin": ("loin", "Mairie", "public_road", {}),
}


def build(town: Town, act: Act, entry_id: int) -> None:
    """The centre, four sites, nine cameras, an authorisation."""
    session = act.session
    session.add(
        Centre(
            id=1,
            name="CSU d’Essai",
            call_back="+33199000001",
            authorisation="",
            settings={},
            entry_id=entry_id,
        )
    )
    paper = Authorisation(
        reference="A-1", system="Centre-ville", number="2024-118", authority="Préfecture", granted_on=date(2024, 1, 1),
        expires_on=date(2029, 1, 1), purposes=["assaults_thefts"], retention_days=21, min_retention_days=0,
        entry_id=entry_id,
    )  # fmt: skip
    session.add(paper)
    session.flush()
    for reference, name, commune in (
        ("ville", "Ville d’Essai", "99001"), ("quai", "Entrepôt du Port", "99001"), ("villa", "Villa Bellevue", "99001"),
        ("loin", "Ville voisine", "99002"),
    ):  # fmt: skip
        site = Site(
            reference=reference, name=name, sort_key=fold(name), entry_id=entry_id, street="1 rue du Test",
            postcode="99001", town="Essai", commune=commune, phone="+33199001234", services=["video", "intervention"],
            codes=[], schedule=[], area_groups={}, search="",
        )  # fmt: skip
        session.add(site)
        session.flush()
        town.sites[reference] = site.id
    session.add(Area(site_id=town.sites["villa"], number="1", name="Maison", armed=False, entry_id=entry_id))
    police = DirectoryEntry(
        commune="99001", town="Essai", service="police", name="Police", number="+33199009917", checked_on=act.now,
        entry_id=entry_id,
    )  # fmt: skip
    session.add(police)
    session.flush()
    town.police = police.id
    for reference, (site_name, name, regime, more) in CAMERAS.items():
        public = regime.startswith("public")
        given = {
            "reference": reference, "site_id": town.sites[site_name], "name": name, "sort_key": fold(name),
            "regime": regime, "authorisation_id": paper.id if public else None, "source": {"kind": "rtsp", "main": "x"},
            "live_roles": ["operator", "lead"], "recorded_roles": ["operator", "lead"], "neighbours": [], "expected": {},
            "commune": "99002" if site_name == "loin" else "99001", "entry_id": entry_id,
        }  # fmt: skip
        camera = Camera(**(given | more))
        session.add(camera)
        session.flush()
        town.cameras[reference] = camera.id
    for reference in ("carnot", "quai-1"):
        mask = CameraMask(
            camera_id=town.cameras[reference],
            kind="role",
            name="Vitrine",
            polygon=[],
            state="unchecked",
            entry_id=entry_id,
        )
        session.add(mask)
    carnot = session.get_one(Camera, town.cameras["carnot"])
    carnot.neighbours = [town.cameras["carnot-sud"], town.cameras["gare"]]
    links = (("quai-1", "1", "15", None), ("quai-2", "1", None, "2"), ("depot", None, None, None))
    for camera_name, area, zone, preset in links:
        session.add(
            CameraZone(
                camera_id=town.cameras[camera_name], area=area, zone=zone, preset=preset, entry_id=entry_id
            )
        )
    session.flush()
    for name, id_ in town.cameras.items():
        session.execute(
            text("INSERT INTO camera_lease VALUES (:id, 'recorder-1', :at, 1, now() + interval '1 hour')"),
            {"id": id_, "at": RECORDER},
        )
        assert name

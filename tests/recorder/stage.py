"""A recorder with its cameras, its database and a person who looks, as the tests of this folder need them."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import websockets
from sqlalchemy import select, text

from tests.acceptance.centre import free_port
from veilleur.db.engine import Database
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Authorisation, Camera, CameraFault, CameraMask, CameraStatus
from veilleur.features.people.queries import readers_of
from veilleur.features.people.sessions import IDLE
from veilleur.features.people.tables import Title, User, WebSession
from veilleur.features.sites.tables import Centre, Site
from veilleur.features.viewing.looking import Asked, open_viewing
from veilleur.features.viewing.tables import Viewing
from veilleur.kernel.clock import Clock, SystemClock
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act, Actor
from veilleur.recorder.house import Place
from veilleur.recorder.role import run_recorder

PATIENCE = 60.0
"""Seconds that anything may take on a loaded machine."""
SESSION = b"s" * 32
DESK = "127.0.0.1:8600"
CLI = Actor("cli", name="test")


def until(found: Callable[[], Any], what: str = "it", seconds: float = PATIENCE) -> Any:
    """Looks until it is so; what was found."""
    end = time.monotonic() + seconds
    while not (seen := found()):
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.05)
    return seen


@dataclass
class Running:
    """A recorder in a thread of this process. `health`: what it last said."""

    place: Place
    stop: threading.Event
    thread: threading.Thread
    health: dict[str, Any] = field(default_factory=dict)

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@dataclass
class Stage:
    """The database, the folder of recordings, one person with a valid title."""

    database: Database
    keys: KeyRing
    folder: Path
    clock: Clock = field(default_factory=SystemClock)
    site: int = 0
    user: int = 0
    authorisation: int = 0
    desk: str = DESK

    def set_up(self) -> None:
        """A site, an authorisation in force, a person logged in."""
        now = self.clock.now()
        with self.act() as act:
            entry = act.record("test.stage")
            act.session.add(Centre(id=1, name="Essai", settings={}, timezone="UTC", entry_id=entry))
            site = Site(
                reference="S-1", name="Quai", sort_key="quai", services=["video"], codes=[], schedule=[], area_groups={},
                search="quai", entry_id=entry,
            )  # fmt: skip
            user = User(
                login="ana", name="Ana", sort_key="ana", password_hash="-", roles=["operator"], perimeter={},
                entry_id=entry,
            )  # fmt: skip
            paper = Authorisation(
                reference="A-1", system="Quai", number="2026-1", authority="Préfecture", purposes=[], retention_days=30,
                expires_on=now.date() + timedelta(days=300), entry_id=entry,
            )  # fmt: skip
            act.session.add_all([site, user, paper])
            act.session.flush()
            act.session.add(
                Title(
                    user_id=user.id, kind="designation", number="1", activities=["video", "remote_monitoring"],
                    issued_on=date(2026, 1, 1), expires_on=None, entry_id=entry,
                )
            )  # fmt: skip
            self.site, self.user, self.authorisation = site.id, user.id, paper.id
        self.log_in()

    def log_in(self) -> None:
        """The person's web session, now."""
        now = self.clock.now()
        with self.database.write() as session:
            session.execute(text("DELETE FROM web_session"))
            session.add(
                WebSession(
                    token_hash=SESSION, user_id=self.user, csrf="c", peer="127.0.0.1", created_at=now, last_seen=now,
                    last_act=now, ends_at=now + timedelta(hours=10),
                )
            )  # fmt: skip

    @contextmanager
    def act(self) -> Iterator[Act]:
        with self.database.write() as session:
            yield Act(session, self.clock.now(), CLI)

    def camera(self, url: str, *, password: str | None = None, masks: Any = (), **columns: Any) -> int:
        """A camera of the site; its id."""
        source = {"kind": "rtsp", "main": url, "sub": None, "user": "u" if password else None, "options": {}}
        source |= columns.pop("source", {})
        with self.act() as act:
            entry = act.record("test.camera")
            name = f"Caméra {secrets.token_hex(3)}"
            row = Camera(
                **{
                    "reference": name, "site_id": self.site, "name": name, "sort_key": name, "regime": "public_road",
                    "authorisation_id": self.authorisation, "source": source, "live_roles": ["operator"],
                    "recorded_roles": ["operator"], "neighbours": [], "expected": {}, "entry_id": entry,
                } | columns
            )  # fmt: skip
            act.session.add(row)
            act.session.flush()
            if password:
                row.password_sealed = CameraRing(self.keys).seal(row.id, password)
            for polygon in masks:
                act.session.add(
                    CameraMask(camera_id=row.id, kind="role", name="m", polygon=polygon, entry_id=entry)
                )
            return row.id

    def change(self, table: Any, row: Any, **values: Any) -> None:
        """Changes a row, with its entry."""
        with self.act() as act:
            entry = act.record("test.changed")
            found = act.session.get_one(table, row)
            for name, value in values.items():
                setattr(found, name, value)
            found.entry_id = entry

    def place(self, number: int = 1, **other: Any) -> Place:
        given: dict[str, Any] = {
            "number": number, "folder": self.folder, "store": None, "cameras": 12, "desk": DESK, "desk_url": None,
            "allowed_hosts": (), "disk_warning": 0,
        }  # fmt: skip
        port = free_port()
        return Place(url=f"http://127.0.0.1:{port}", listen=("127.0.0.1", port), **(given | other))

    @contextmanager
    def recorder(
        self,
        name: str = "one",
        *,
        predecessor: int | None = None,
        place: Place | None = None,
        ready: bool = True,
        **other: Any,
    ) -> Iterator[Running]:
        """Runs the role until the block ends. `ready`: whether it is waited for."""
        stop, health = threading.Event(), {}
        place = place or self.place(**other)
        thread = threading.Thread(
            target=run_recorder,
            args=(self.database, self.clock, self.keys, place),
            kwargs={
                "holder": f"test/{name}",
                "stop": stop,
                "report": health.update,
                "predecessor": predecessor,
            },
        )
        running = Running(place, stop, thread, health)
        thread.start()
        try:
            if ready:
                until(lambda: health.get("ready"), "the recorder")
            yield running
        finally:
            running.end()

    def status(self, camera: int) -> CameraStatus | None:
        with self.database.read() as session:
            return session.get(CameraStatus, camera)

    def online(self, camera: int) -> None:
        """Waits until a camera is recorded."""
        until(lambda: (row := self.status(camera)) and row.state == "online" and row.recording, "the camera")

    def faults(self, camera: int) -> set[str]:
        with self.database.read() as session:
            query = select(CameraFault.kind).where(
                CameraFault.camera_id == camera, CameraFault.until.is_(None)
            )
            return set(session.scalars(query))

    def tickets(self, *cameras: int, **asked: Any) -> list[tuple[int, str, str]]:
        """Opens a viewing: its id, address and token for each camera."""
        with self.database.write() as session:
            now = self.clock.now()
            reader = readers_of(session, [SESSION], now, IDLE)[SESSION].reader
            given: dict[str, Any] = {"kind": "live", "motif": "essai", **asked}
            opened = open_viewing(
                Act(session, now, Actor("user", self.user, "Ana")), reader, SESSION, Asked(cameras, **given)
            )
            assert not opened.refused, opened.refused
            assert opened.viewing_id is not None
            return [(opened.viewing_id, each.url, each.token) for each in opened.tickets]

    def viewing(self, viewing: int) -> Viewing:
        with self.database.read() as session:
            return session.get_one(Viewing, viewing)

    @asynccontextmanager
    async def socket(self, camera: int, query: str = "", **asked: Any) -> AsyncIterator[Socket]:
        """A browser's socket for a new ticket."""
        [(viewing, url, token)] = await asyncio.to_thread(lambda: self.tickets(camera, **asked))
        async with connect(url, token, query, f"http://{self.desk}") as socket:
            yield Socket(socket, viewing, token)


def connect(url: str, token: str, query: str = "", origin: str | None = f"http://{DESK}") -> Any:
    """A WebSocket as a browser opens it."""
    return websockets.connect(f"{url}?ticket={token}{query}", origin=origin, max_size=2**26, proxy=None)


@dataclass
class Socket:
    """What a browser hears."""

    line: Any
    viewing: int
    token: str
    texts: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, **said: Any) -> None:
        await self.line.send(json.dumps(said))

    async def hear(self) -> dict[str, Any] | tuple[int, int, bytes]:
        """The next message: a text's object, or (kind, wall, payload)."""
        said = await asyncio.wait_for(self.line.recv(), PATIENCE)
        if isinstance(said, str):
            self.texts.append(json.loads(said))
            return self.texts[-1]
        return said[0], int.from_bytes(said[1:9], "big"), said[9:]

    async def text(self, kind: str) -> dict[str, Any]:
        while True:
            if isinstance(said := await self.hear(), dict) and said.get("type") == kind:
                return said

    async def binary(self) -> tuple[int, int, bytes]:
        while True:
            if not isinstance(said := await self.hear(), dict):
                return said

    async def closed(self) -> int:
        """Waits for the close; its code."""
        try:
            while True:
                await self.hear()
        except websockets.ConnectionClosed as over:
            return over.rcvd.code if over.rcvd else 1006

    async def ask(self, **said: Any) -> tuple[dict[str, Any], list[tuple[int, int, bytes]]]:
        """A question of playback: the answer and its parts."""
        await self.say(**said)
        answer = await self.hear()
        assert isinstance(answer, dict)
        assert answer["id"] == said["id"]
        return answer, [await self.binary() for _ in range(answer["parts"])]


def seconds_ago(clock: Clock, seconds: float) -> datetime:
    return clock.now() - timedelta(seconds=seconds)

"""Power of a machine (issue 3 «Faults»): machine A goes dark in a storm, machine B goes on alone within 60 s.

PostgreSQL is on a third machine; panels know both receivers, and somebody sits at a desk of B.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg import sql

from tests.acceptance.centre import PASSWORD
from tests.contract.test_processes import wait
from tests.faults.lan import Lan, lan
from tests.faults.storm import ALARMS, PANELS, account, sites_yaml
from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, SUPERUSER, RunningCluster
from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.binaries import find_binaries
from veilleur.db.embedded.cluster import ensure_roles
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

pytestmark = pytest.mark.long

WITHIN = 60.0  # seconds
ROLES = ("reception", "watch", "desk")
KEY = "000102030405060708090A0B0C0D0E0F"
ANSWER = 3.0
PAUSE = 3.0  # seconds between two messages of a panel, on average


@dataclass
class Machine:
    """One machine of the centre and what runs on it."""

    name: str
    net: Lan
    data: Path
    environment: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Its address."""
        return self.net.addresses[self.name]

    def start(self, *roles: str) -> None:
        """Starts roles, each in a process of its own."""
        for role in roles:
            argv = (sys.executable, "-m", "veilleur", "run", role, "--data-dir", str(self.data))
            listen = ("--http", f"{self.address}:8600", "--dc09", f"{self.address}:10009")
            log = (self.data / f"{role}.log").open("wb")
            self.running.append(
                subprocess.Popen(
                    self.net.argv(self.name, *argv, *listen), stdout=log, stderr=log, env=self.environment
                )
            )

    def command(self, *argv: str, stdin: str = "") -> str:
        """`veilleur …` on this machine."""
        whole = (sys.executable, "-m", "veilleur", *argv, "--data-dir", str(self.data))
        done = subprocess.run(
            self.net.argv(self.name, *whole),
            input=stdin, capture_output=True, text=True, check=False, env=self.environment, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done
        return done.stdout

    def dies(self) -> None:
        """As when its power is cut."""
        for process in self.running:
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            process.wait(30)
        self.running.clear()


@dataclass
class Panels:
    """Panels that try their first receiver, then the second, with the same frame, until one acknowledges."""

    receivers: tuple[str, str]
    stop: threading.Event = field(default_factory=threading.Event)
    #: (account, sequence) → when it was first sent and when acknowledged (monotonic), by whom, and whether an alarm.
    acknowledged: dict[tuple[str, str], tuple[float, float, str, bool]] = field(default_factory=dict)

    def run(self) -> None:
        """Until stopped; each ends its last call."""
        asyncio.run(self._all())

    async def _all(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(PANELS):
                group.create_task(self._panel(number))

    async def _panel(self, number: int) -> None:
        chance, key = random.Random(number), dc09.parse_key(KEY) if number % 2 else None
        sequence = 0
        while not self.stop.is_set():
            await asyncio.sleep(chance.random() * 2 * PAUSE)
            sequence += 1
            code = chance.choice((*ALARMS, "301", "602"))
            zone = f"{chance.randrange(1, 9):03d}"
            frame = dc09.build_frame(
                "ADM-CID",
                sequence=sequence,
                account=account(number),
                data=dc09.cid_data(account(number), code, area="01", number=zone),
                timestamp=SystemClock().now(),
                key=key,
            )
            began = time.monotonic()
            while (by := await self._said(frame, key)) is None:
                assert time.monotonic() - began < 2 * WITHIN, "nobody acknowledges"
            named = (account(number), f"{sequence:04d}")
            self.acknowledged[named] = (began, time.monotonic(), by, code in ALARMS)

    async def _said(self, frame: bytes, key: bytes | None) -> str | None:
        for receiver in self.receivers:
            with suppress(OSError, EOFError, TimeoutError, ValueError, dc09.BadReplyError):
                async with asyncio.timeout(ANSWER):
                    reader, writer = await asyncio.open_connection(receiver, 10009)
                    try:
                        writer.write(frame)
                        reply = dc09.parse_reply(await reader.readuntil(b"\r"), key)
                    finally:
                        writer.close()
                if reply.token == "ACK":
                    return receiver
        return None


@dataclass
class Screen:
    """Somebody at a desk: what the stream has told of each site's dossiers, and when."""

    url: str
    http: httpx2.Client = field(init=False)
    painted: dict[str, float] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    beat: float = 0.0

    def sit(self) -> None:
        """Logs in and takes a post."""
        self.http = httpx2.Client(base_url=self.url, timeout=10)
        me = (
            self.http.post("/api/login", json={"login": "vera", "password": PASSWORD})
            .raise_for_status()
            .json()
        )
        headers = {"X-CSRF-Token": me["csrf"], "Idempotency-Key": uuid.uuid4().hex}
        post = self.http.get("/api/me").json()["posts"][0]["id"]
        self.http.post(f"/api/posts/{post}/take", json={"motif": None}, headers=headers).raise_for_status()

    def watch(self) -> None:
        """Follows the stream; begins again when it breaks, as the desk does."""
        after = int(self.http.get("/api/snapshot").raise_for_status().json()["position"])
        while not self.stop.is_set():
            with suppress(httpx2.HTTPError), self.http.stream("GET", f"/api/stream?after={after}") as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        after = self._told(json.loads(line[6:]), after)
                    if self.stop.is_set():
                        return

    def _told(self, item: dict[str, Any], after: int) -> int:
        if "touched" not in item:
            self.beat = time.monotonic()
            return after
        for each in item["touched"]:
            if each["kind"] == "incident" and each["view"] is not None:
                self.painted[each["view"]["site"]["reference"]] = time.monotonic()
        return int(item["position"])


@contextmanager
def database(net: Lan, log_file: Path) -> Iterator[dict[str, str]]:
    """PostgreSQL on the machine «db», as a customer's own: TCP, two roles with passwords; the settings that name it."""
    system = account_for(None)
    programs = find_binaries(None, system)
    folder = Path(
        tempfile.mkdtemp(prefix="veilleur-machines-")
    )  # pytest's own folders are closed to that account
    data = folder / "data"
    data.mkdir()
    for each in (folder, data):
        system.give(each, 0o700)
    as_them = ("setpriv", f"--reuid={system.uid}", f"--regid={system.gid}", "--clear-groups", "--")
    if not system.drops:
        as_them = ()
    log = log_file.open("wb")
    made = [
        programs.program("initdb"),
        "-D",
        str(data),
        "-U",
        SUPERUSER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
    ]
    subprocess.run([*as_them, *made], check=True, stdout=log, stderr=log, cwd=folder)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 10.77.0.0/24 scram-sha-256\n")
    run = [programs.program("postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses=*"]
    server = subprocess.Popen(net.argv("db", *as_them, *run), stdout=log, stderr=log, cwd=folder)
    try:
        running = RunningCluster(folder)
        wait(running.is_ready, 60)
        ensure_roles(running.dsn(SUPERUSER, "postgres"))
        word = secrets.token_hex(8)
        with psycopg.connect(running.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role in (OWNER_ROLE, APP_ROLE):
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(word))
                )
        place = f"{word}@{net.addresses['db']}/veilleur"
        yield {
            "VEILLEUR_DATABASE_URL": f"postgresql://{APP_ROLE}:{place}",
            "VEILLEUR_DATABASE_OWNER_URL": f"postgresql://{OWNER_ROLE}:{place}",
            "SOCKET": running.dsn(APP_ROLE),
        }
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


def rows(dsn: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """What the database holds, asked beside the network."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(query, values).fetchall()


def furnished(first: Machine, second: Machine, folder: Path) -> None:
    """Sites, a person, a post; the second machine is given the key files, as the guide has it."""
    file = folder / "sites.yaml"
    file.write_text(sites_yaml(), "utf-8")
    first.command("sites", "import", str(file), "--strict")
    first.command("post", "add", "Poste 1")
    first.command(
        *("user", "add", "vera", "--name", "Véra", "--role", "operator", "--expires", "2099-12-31"),
        *("--card", "CAR-099-2029-05-01-20990000001"),
        stdin=f"{PASSWORD}\n",
    )
    shutil.copytree(first.data / "keys", second.data / "keys", dirs_exist_ok=True)


def test_a_machine_goes_dark(tmp_path: Path) -> None:
    with lan("db", "a", "b", "room") as net, database(net, tmp_path / "postgres.log") as where:
        dsn = where.pop("SOCKET")
        environment = os.environ | where
        a, b = (Machine(name, net, tmp_path / name, environment) for name in ("a", "b"))
        for machine in (a, b):
            machine.data.mkdir()
        furnished(a, b, tmp_path)
        try:
            a.start(*ROLES)
            wait(lambda: rows(dsn, "SELECT 1 FROM lease WHERE name = 'watch' AND until > now()"), 60)
            b.start(*ROLES)
            wait(
                lambda: (
                    len(
                        rows(
                            dsn, "SELECT 1 FROM role_status WHERE ready AND seen_at > now() - '3 s'::interval"
                        )
                    )
                    == 6
                )
            )
            taken_over(net, a, b, dsn)
        finally:
            for machine in (a, b):
                machine.dies()


@contextmanager
def ended(*stops: threading.Event) -> Iterator[None]:
    """Whatever happens, those who stand in the room leave it."""
    try:
        yield
    finally:
        for stop in stops:
            stop.set()


def taken_over(net: Lan, a: Machine, b: Machine, dsn: str) -> None:
    """The storm, the dark, and what holds afterwards."""
    panels, screen = Panels((a.address, b.address)), Screen(f"http://{b.address}:8600")
    with net.standing_on("room") as room, ended(panels.stop, screen.stop):
        room.submit(screen.sit).result()
        watching, calling = room.submit(screen.watch), room.submit(panels.run)
        wait(lambda: len(panels.acknowledged) > 60 and len(screen.painted) > PANELS / 2, 60)
        assert {by for *_, by, _ in panels.acknowledged.values()} == {a.address}
        leader = rows(dsn, "SELECT holder FROM lease WHERE name = 'watch'")
        net.unplug("a")
        dark = time.monotonic()
        a.dies()
        time.sleep(WITHIN)
        after = [each for each in panels.acknowledged.values() if each[0] > dark]
        assert len(after) > PANELS
        assert {by for *_, by, _ in after} == {b.address}
        assert rows(dsn, "SELECT holder FROM lease WHERE name = 'watch'") != leader
        alarmed = {
            f"T-{int(number) - 5000:04d}"
            for (number, _), (began, *_, alarm) in panels.acknowledged.items()
            if alarm and dark < began < dark + WITHIN / 2
        }
        assert len(alarmed) > PANELS / 4
        assert {site for site in alarmed if screen.painted.get(site, 0) < dark} == set(), "not painted"
        assert time.monotonic() - screen.beat < 3
        panels.stop.set()
        calling.result()
        slowest = max(answered - began for began, answered, *_ in panels.acknowledged.values())
        assert slowest < WITHIN, f"a panel waited {slowest:.0f} s"
        wait(lambda: not rows(dsn, "SELECT 1 FROM signal WHERE decided_at IS NULL LIMIT 1"))
        screen.stop.set()
        watching.result()
    stored = Counter(
        rows(
            dsn, "SELECT account, sequence FROM signal WHERE transport <> 'internal' AND verdict = 'accepted'"
        )
    )
    assert {named for named in panels.acknowledged if stored[named] != 1} == set()
    wait(lambda: not rows(dsn, "SELECT 1 FROM entry_unsealed LIMIT 1"))
    assert "CONFORME" in b.command("logbook", "verify")

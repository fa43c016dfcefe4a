"""A storm of alarms from many panels, and the account of it afterwards: nothing acknowledged may be missing or twice."""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

from tests.acceptance.centre import Centre
from veilleur.db.embedded import APP_ROLE, attach
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

PANELS = 24
PAUSE = 0.5  # seconds between two messages of a panel, on average: some 48 messages a second
KEY = "000102030405060708090A0B0C0D0E0F"
#: What they say, with its qualifier: alarms of several families, faults and their ends, tests, arming.
SAYINGS = (
    *(("130", "1"), ("130", "3"), ("137", "1"), ("110", "1"), ("301", "1"), ("301", "3"), ("602", "1")),
    *(("401", "1"), ("401", "3"), ("120", "1")),
)
ALARMS = ("130", "137", "110", "120")


def sites_yaml() -> str:
    """A site for each panel; every second one speaks encrypted, every third by UDP."""
    lines = [
        "centre: {name: Station des tempêtes, call_back: '+33 1 99 00 00 01', timezone: Europe/Paris}",
        "sites:",
    ]
    for number in range(PANELS):
        key = f", key: '{KEY}'" if number % 2 else ""
        lines += [
            f"  - reference: T-{number:04d}",
            f"    name: Magasin {number}",
            f"    panels: [{{account: '{account(number)}'{key}, paths: [{{name: ip, interval: 90}}]}}]",
        ]
    return "\n".join(lines) + "\n"


def account(number: int) -> str:
    """The account of the nth panel."""
    return str(5000 + number)


@dataclass
class Storm:
    """Panels that dial until told to stop; each retries as a real one does. Use as a context manager."""

    centre: Centre
    seed: int = 1
    sequence: int = 0
    pause: float = PAUSE
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    given_up: int = 0
    panels: list[Panel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._blow()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Every panel ends its call, and the wind falls."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "a panel did not end its last call"

    async def _blow(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(PANELS):
                group.create_task(self._panel(number))

    async def _panel(self, number: int) -> None:
        chance = random.Random(self.seed * 1000 + number)
        address = Address("127.0.0.1", self.centre.dc09_port, "tcp" if number % 3 else "udp")
        key = dc09.parse_key(KEY) if number % 2 else None
        panel = Panel(account(number), address, key, sequence=self.sequence)
        self.panels.append(panel)
        await asyncio.sleep(chance.random() * self.pause)
        while not self._stop.is_set():
            code, qualifier = chance.choice(SAYINGS)
            zone = f"{chance.randrange(1, 9):03d}"
            data = dc09.cid_data(panel.account, code, qualifier=qualifier, area="01", number=zone)
            if await dial(panel, SystemClock(), "ADM-CID", data):
                self.acknowledged.append((panel.account, f"{panel.sequence:04d}"))
            else:
                self.given_up += 1
            await asyncio.sleep(chance.random() * 2 * self.pause)


@dataclass(frozen=True)
class Reckoning:
    """What the database holds, beside what the panels were told."""

    missing: set[tuple[str, str]]
    twice: set[tuple[str, str]]
    undecided: int
    alarms_without_dossier: list[dict[str, Any]]
    quarantined: int


def query(data_dir: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows of the centre's database."""
    with psycopg.connect(attach(data_dir).dsn(APP_ROLE), row_factory=dict_row) as connection:
        return connection.execute(sql, values).fetchall()


SET_ASIDE = "SELECT count(*) AS n FROM entry WHERE kind = 'signal.set_aside'"
STORED = "SELECT account, sequence FROM signal WHERE verdict = 'accepted' AND transport <> 'internal'"


def reckon(centre: Centre, acknowledged: list[tuple[str, str]]) -> Reckoning:
    """Compares."""
    stored = Counter((row["account"], row["sequence"]) for row in query(centre.data_dir, STORED))
    return Reckoning(
        missing={key for key in acknowledged if key not in stored},
        twice={key for key, count in stored.items() if count > 1},
        undecided=query(centre.data_dir, "SELECT count(*) AS n FROM signal WHERE decided_at IS NULL")[0]["n"],
        alarms_without_dossier=query(
            centre.data_dir,
            "SELECT s.id, s.account, s.events FROM signal s WHERE s.verdict = 'accepted' "
            "AND s.events->0->>'code' = ANY(%s) AND s.events->0->>'qualifier' = 'new' "
            "AND NOT EXISTS (SELECT 1 FROM incident_signal l WHERE l.signal_id = s.id)",
            list(ALARMS),
        ),
        quarantined=query(centre.data_dir, SET_ASIDE)[0]["n"],
    )

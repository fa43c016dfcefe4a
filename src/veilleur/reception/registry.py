"""The panels in memory: looked up for every frame, brought up to date within two seconds of an import.

What changed is found without a cursor over a sequence (ARCHITECTURE.md §5): entry ids become visible out of order,
so «entry_id > the last one seen» would lose rows. Instead sums are compared: rows of panel, panel_path and site are
never deleted and each change raises the row's `entry_id`, hence the sum over visible rows moves with every change.
When it moved, sums per bucket of panels say which buckets to read again.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import VeilleurError
from veilleur.kernel.sealing import KeyRing, panel_key_row
from veilleur.protocols.dc09 import TimePolicy
from veilleur.reception.connection import FAULTS, Backoff, Connection, connected
from veilleur.reception.faults import FaultLog
from veilleur.reception.limits import REGISTRY_SECONDS
from veilleur.reception.panels import Panel, PathRule, ordered_paths
from veilleur.reception.queries import query

CHANNEL = "veilleur_sites"
BUCKETS = 256  # of 100,000 panels, 400 each: what is read again when one site changes
CHUNK = 8  # buckets read in one query: the loop serves sockets in between

Sums = dict[int, Decimal]


class _PanelRow(NamedTuple):
    """A row of `registry_panels`."""

    id: int
    site_id: int
    canonical: str
    line: str | None
    key_sealed: bytes | None
    time_policy: str
    clear_allowed: bool
    duplicate_seconds: int
    removed: bool
    timezone: str
    version: Decimal
    paths: list[tuple[int, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A panel row as last read; `panel` None: removed. `sealed` saves opening a key that did not change."""

    version: int
    panel: Panel | None
    sealed: bytes | None = field(repr=False)


@dataclass
class Registry:
    """Every panel by reception line and canonical account (practice P9), kept by `run`."""

    dsn: str
    keys: KeyRing
    clock: Clock
    faults: FaultLog
    loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _kept: dict[int, _Kept] = field(default_factory=dict)
    _buckets: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    _lines: dict[str | None, dict[str, Panel]] = field(default_factory=lambda: defaultdict(dict))
    """Panels by line, then account: a pair as a key, or the lines of each account, would weigh a third as much again."""
    _sums: tuple[Any, ...] | None = None
    _read_at: float = 0.0

    def find(self, line: str, canonical: str) -> Panel | None:
        """The panel of this account on this line, else the one that may dial any line."""
        return self._lines[line].get(canonical) or self._lines[None].get(canonical)

    def known_elsewhere(self, canonical: str) -> bool:
        """Whether another line knows this account: a security trouble, not a ghost (practice P9)."""
        return any(canonical in panels for panels in self._lines.values())

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def age(self) -> float:
        """Seconds since the memory was last found equal to the database."""
        return self.clock.monotonic() - self._read_at

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the memory up to date until asked to stop; without the database it keeps what it has."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self.dsn) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    backoff.reset()
                    while not stop.is_set():
                        await self.refresh(connection)
                        await _hint(connection)
            except FAULTS as error:
                self.faults.tell("registry.database_away", error=str(error).strip())
                await backoff.wait(stop)

    async def refresh(self, connection: Connection) -> bool:
        """Reads what changed since the last time; whether anything did."""
        cursor = await connection.execute(query("registry_sums"))
        sums = await cursor.fetchone()
        changed = sums != self._sums
        if changed:
            await self._read_changes(connection)
            # Taken before the rows were read: a change in between moves the sums again.
            self._sums = sums
        self._read_at = self.clock.monotonic()
        self.loaded.set()
        return changed

    async def _read_changes(self, connection: Connection) -> None:
        cursor = await connection.execute(query("registry_buckets"), {"buckets": BUCKETS})
        theirs: Sums = dict(await cursor.fetchall())
        stale = [bucket for bucket, version in theirs.items() if version != self._version(bucket)]
        for start in range(0, len(stale), CHUNK):
            wanted = {"buckets": BUCKETS, "wanted": stale[start : start + CHUNK]}
            cursor = await connection.execute(query("registry_panels"), wanted)
            for row in await cursor.fetchall():
                self._apply(_PanelRow(*row))
            await asyncio.sleep(0)

    def _version(self, bucket: int) -> int:
        return sum(self._kept[panel_id].version for panel_id in self._buckets[bucket])

    def _apply(self, row: _PanelRow) -> None:
        before = self._kept.get(row.id)
        if before is not None and before.version == row.version:
            return
        if before is not None and before.panel is not None:
            self._unlist(before.panel)
        panel = None if row.removed else self._panel(row, before)
        if panel is not None:
            self._lines[panel.line][panel.canonical] = panel
        self._kept[row.id] = _Kept(int(row.version), panel, row.key_sealed)
        self._buckets[row.id % BUCKETS].add(row.id)

    def _panel(self, row: _PanelRow, before: _Kept | None) -> Panel:
        return Panel(
            id=row.id,
            site_id=row.site_id,
            canonical=row.canonical,
            line=row.line,
            keyed=row.key_sealed is not None,
            key=self._open(row.id, row.key_sealed, before),
            time_policy=TimePolicy(row.time_policy),
            timezone=_zone(row.timezone),
            clear_allowed=row.clear_allowed,
            duplicate_seconds=row.duplicate_seconds,
            paths=ordered_paths(self._rules(row.id, row.paths)),
        )

    def _unlist(self, panel: Panel) -> None:
        # Another panel may have taken the account since.
        if self._lines[panel.line].get(panel.canonical) is panel:
            del self._lines[panel.line][panel.canonical]

    def _open(self, panel_id: int, sealed: bytes | None, before: _Kept | None) -> bytes | None:
        if sealed is None:
            return None
        if before is not None and before.panel is not None and before.panel.key and before.sealed == sealed:
            return before.panel.key
        try:
            return self.keys.open(bytes(sealed), panel_key_row(panel_id))
        except VeilleurError as error:
            # The panel stays keyed: what it sends is refused as «no key», never taken as clear.
            self.faults.tell("registry.key_cannot_be_opened", panel=panel_id, error=error.message)
            return None

    def _rules(self, panel_id: int, paths: list[tuple[int, dict[str, Any]]]) -> list[PathRule]:
        rules: list[PathRule] = []
        for path_id, match in paths:
            try:
                rules.append(PathRule.read(path_id, match))
            except ValueError as error:
                self.faults.tell(
                    "registry.path_cannot_be_read", panel=panel_id, path=path_id, error=str(error)
                )
        return rules


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


async def _hint(connection: Connection) -> None:
    """Waits for a word of a change, at most one period; what arrives at once is one hint."""
    async for _ in connection.notifies(timeout=REGISTRY_SECONDS, stop_after=1):
        pass

"""Refused bytes and security troubles, counted per line, peer, kind and minute (law 1: entries with a count)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from veilleur.kernel.clock import Clock
from veilleur.logbook.building import Actor, build_entry
from veilleur.protocols import dc09
from veilleur.reception.connection import Connection
from veilleur.reception.faults import FaultLog
from veilleur.reception.limits import MAX_ACCOUNTS_OF_TROUBLE, MAX_SAMPLE, MAX_TROUBLES_PER_MINUTE
from veilleur.reception.lines import Origin
from veilleur.reception.queries import query

ENTRY_KIND = "reception.trouble"
EVERYBODY = "*"

Place = tuple[str, str, str, datetime]  # line, peer, kind, minute


@dataclass
class _Count:
    count: int = 0
    account: str | None = None
    sample: bytes | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    accounts: Counter[str] = field(default_factory=Counter)

    def name(self, account: str, times: int = 1) -> None:
        """Counts an account by itself while few are named; what it said is in the whole count in any case."""
        if account in self.accounts or len(self.accounts) < MAX_ACCOUNTS_OF_TROUBLE:
            self.accounts[account] += times

    @property
    def named(self) -> str | None:
        """Whom an entry names: the account, or the few, with a mark when others were counted with them."""
        if not self.accounts:
            return self.account
        names = [*self.accounts, *(["…"] if self.accounts.total() < self.count else [])]
        return ", ".join(names)


@dataclass
class Troubles:
    """Counters in memory, added to the table each second; each minute that ended becomes entries."""

    clock: Clock
    faults: FaultLog
    totals: Counter[str] = field(default_factory=Counter)
    _unflushed: dict[Place, _Count] = field(default_factory=dict)
    _unentered: dict[Place, _Count] = field(default_factory=dict)

    def count(
        self,
        origin: Origin,
        kind: str,
        *,
        account: str | None = None,
        raw: bytes | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Counts one trouble. Of `raw` the first bytes of a minute are kept, keys (`K` blocks) blanked."""
        self.totals[kind] += 1
        minute = self.clock.now().replace(second=0, microsecond=0)
        sample = dc09.shown(raw)[:MAX_SAMPLE] if raw is not None else None
        place = (origin.line, origin.peer, kind, minute)
        # Judged by what is held for the whole minute: what is flushed is emptied each second, and sixty seconds of
        # made-up peers would be sixty times as many rows.
        if place not in self._unentered and len(self._unentered) >= MAX_TROUBLES_PER_MINUTE:
            place = (origin.line, EVERYBODY, kind, minute)
        for counts in (self._unflushed, self._unentered):
            one = counts.setdefault(place, _Count())
            one.count += 1
            if account:
                one.account = account
                one.name(account)
            one.sample = one.sample or sample
            one.detail.update(detail or {})
        self.faults.tell(f"reception.{kind}", line=origin.line, peer=origin.peer, account=account)

    async def flush(self, connection: Connection, *, final: bool = False) -> None:
        """Adds the counters to the table; enters the minutes that ended (all of them when `final`).

        Raises psycopg.Error; what was not written waits for the next flush.
        """
        counts, self._unflushed = self._unflushed, {}
        if counts:
            try:
                await connection.execute(
                    query("count_troubles"), _columns(counts) | {"most": MAX_ACCOUNTS_OF_TROUBLE}
                )
            except BaseException:
                self._unflushed = _merged(counts, self._unflushed)
                raise
        now = self.clock.now()
        minute = now.replace(second=0, microsecond=0)
        ended = {place: one for place, one in self._unentered.items() if final or place[3] < minute}
        if ended:
            await self._enter(connection, ended, now)
            for place in ended:
                del self._unentered[place]

    async def _enter(self, connection: Connection, ended: Mapping[Place, _Count], now: datetime) -> None:
        cursor = await connection.execute(query("take_entry_ids"), {"count": len(ended)})
        ids = [row[0] for row in await cursor.fetchall()]
        entries = []
        for entry_id, (place, one) in zip(ids, sorted(ended.items(), key=lambda each: each[0]), strict=True):
            line, peer, kind, minute = place
            params = {
                "line": line,
                "peer": peer,
                "trouble": kind,
                "minute": minute,
                "count": one.count,
                "account": one.named,
            }
            happened = min(minute, now)
            actor = Actor("reception")
            entries.append(
                build_entry(entry_id, ENTRY_KIND, params, now=now, actor=actor, happened_at=happened)
            )
        columns = ("id", "happened_at", "leaf", "salt", "body", "search")
        values: dict[str, Any] = {name: [getattr(entry, name) for entry in entries] for name in columns}
        await connection.execute(
            query("write_trouble_entries"), {**values, "kind": ENTRY_KIND, "entered_at": now}
        )


def _columns(counts: Mapping[Place, _Count]) -> dict[str, list[Any]]:
    places, ones = list(counts), list(counts.values())
    return {
        "line": [place[0] for place in places],
        "peer": [place[1] for place in places],
        "kind": [place[2] for place in places],
        "minute": [place[3] for place in places],
        "account": [one.account for one in ones],
        "count": [one.count for one in ones],
        "sample": [one.sample for one in ones],
        "detail": [json.dumps({**one.detail, "accounts": one.accounts}) for one in ones],
    }


def _merged(older: dict[Place, _Count], newer: dict[Place, _Count]) -> dict[Place, _Count]:
    for place, one in newer.items():
        before = older.setdefault(place, _Count())
        before.count += one.count
        before.account = one.account or before.account
        for account, times in one.accounts.items():
            before.name(account, times)
        before.sample = before.sample or one.sample
        before.detail.update(one.detail)
    return older

"""Signals of our own making (a path lost, a point still in alarm at the end of a test).

They are stored as any other, so that they are decided, shown, proven and replayed as any other: transport and
protocol «internal», an intake batch with its entry and the root of their bytes (law 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, text

from veilleur.features.signals.tables import IntakeBatch, Signal
from veilleur.logbook.act import Act, canonical
from veilleur.logbook.merkle import leaf_hash, root_of

ENTRY_KIND = "signals.received"
INTERNAL = "internal"

NUMBERS = text("""
SELECT nextval(pg_get_serial_sequence('intake_batch', 'id')) AS batch,
       array(SELECT nextval(pg_get_serial_sequence('signal', 'id')) FROM generate_series(1, :count)) AS ids""")


@dataclass(frozen=True)
class OwnSignal:
    """An event that we saw ourselves, for a site."""

    site_id: int
    category: str
    code: str
    qualifier: str
    panel_id: int | None = None
    path_id: int | None = None
    account: str | None = None
    area: str | None = None
    zone: str | None = None
    user: str | None = None
    text: str | None = None
    extended: Mapping[str, str] | None = None

    def event(self) -> dict[str, Any]:
        """The event's JSON, as the contract has it."""
        return {
            "category": self.category,
            "code": self.code,
            "qualifier": self.qualifier,
            "area": self.area,
            "zone": self.zone,
            "user": self.user,
            "text": self.text,
            "extended": dict(self.extended or {}),
        }


def store_own(act: Act, signals: Sequence[OwnSignal]) -> list[int]:
    """Stores them in one batch, to be decided by the queue; their ids."""
    if not signals:
        return []
    numbers = act.session.execute(NUMBERS, {"count": len(signals)}).one()
    ids: list[int] = sorted(numbers.ids)
    raws = [
        canonical({"site": s.site_id, "path": s.path_id, "at": act.now, "event": s.event()}) for s in signals
    ]
    root = root_of([leaf_hash(raw) for raw in raws])
    entry_id = act.record(
        ENTRY_KIND,
        {
            "batch": numbers.batch,
            "count": len(ids),
            "first": ids[0],
            "last": ids[-1],
            "to": ids[-1] if ids[1:] else None,
            "root": root.hex(),
        },
    )
    act.session.execute(
        insert(IntakeBatch).values(id=numbers.batch, batch_entry_id=entry_id, count=len(ids), root=root)
    )
    rows = [
        {
            "id": number,
            "batch_id": numbers.batch,
            "received_at": act.now,
            "line": INTERNAL,
            "transport": INTERNAL,
            "peer": INTERNAL,
            "protocol": INTERNAL,
            "token": signal.code.upper(),
            "account": signal.account,
            "raw": raw,
            "verdict": "accepted",
            "panel_id": signal.panel_id,
            "path_id": signal.path_id,
            "site_id": signal.site_id,
            "events": [signal.event()],
            "encrypted": False,
        }
        for number, signal, raw in zip(ids, signals, raws, strict=True)
    ]
    act.session.execute(insert(Signal), rows)
    return ids

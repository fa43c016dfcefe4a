"""One group commit: a batch of records, its logbook entry and the hint to the watch, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from veilleur.kernel.clock import Clock
from veilleur.logbook.building import Actor, build_entry
from veilleur.logbook.merkle import leaf_hash, root_of
from veilleur.reception.records import Batch, Stored
from veilleur.reception.wire import Wire

ENTRY_KIND = "signals.received"
RECEPTION = Actor("reception")


#: What `write_batch` asks of the wire.
QUERIES = ("store_batch", "count_ghosts", "note_heard", "write_entry")


async def write_batch(
    wire: Wire, batch: Batch, clock: Clock, meanwhile: Callable[[], None] = lambda: None
) -> list[Stored | None]:
    """Commits the batch; what became of each record, in order. Raises psycopg.Error, and then nothing is stored.

    `meanwhile` is called once the store has its work: what can be done beside it costs no time.

    Two round trips: the entry names the rows' range and root, which only the store knows once it has told
    copies from signals. The pipeline is one transaction, committed by its end: what is sent before its one
    synchronisation stands or falls together (libpq, «Pipeline mode»), and BEGIN and COMMIT would cost two waits.
    """
    outcomes: list[Stored | None] = [None] * len(batch.waiting)
    async with wire:
        if batch.leaders:
            wire.send("store_batch", batch.columns())
            wire.hurry()
        meanwhile()
        numbers = await _store(wire, batch, outcomes) if batch.leaders else None
        for place in batch.counted:
            outcomes[place] = Stored(0, duplicate=False)
        if (ghosts := batch.ghosts(outcomes)) is not None:
            wire.send("count_ghosts", ghosts)
        if batch.counted and (heard := batch.heard()) is not None:
            wire.send("note_heard", {**heard, "now": clock.now()})
        if numbers is not None:
            _enter(wire, batch, outcomes, numbers, clock)
    return outcomes


async def _store(wire: Wire, batch: Batch, outcomes: list[Stored | None]) -> tuple[int, int] | None:
    """What `store_batch` answers, into the outcomes; (entry id, batch id), None when every record was a copy."""
    (rows,) = await wire.results()
    new = False
    for n, place in enumerate(batch.leaders):
        signal_id, first_id = rows.get_value(n, 0), rows.get_value(n, 1)
        outcomes[place] = Stored(int(first_id or 0), first_id != signal_id)
        new = new or first_id == signal_id
    for first, place in batch.copies:
        leader = outcomes[batch.leaders[first]]
        outcomes[place] = leader and Stored(leader.signal_id, duplicate=True)
    return (int(rows.get_value(0, 2) or 0), int(rows.get_value(0, 3) or 0)) if new else None


def _enter(
    wire: Wire,
    batch: Batch,
    outcomes: Sequence[Stored | None],
    numbers: tuple[int, int],
    clock: Clock,
) -> None:
    """The batch's entry (law 1): count, range of ids and RFC 6962 root of the raw frames in the order of ids."""
    new = sorted(
        [
            (outcome.signal_id, batch.waiting[place].record.row.raw)
            for place in batch.leaders
            if (outcome := outcomes[place]) is not None and not outcome.duplicate
        ]
    )
    entry_id, batch_id = numbers
    root = root_of([leaf_hash(raw) for _, raw in new])
    params = {
        "batch": batch_id,
        "count": len(new),
        "first": new[0][0],
        "last": new[-1][0],
        "to": new[-1][0] if new[1:] else None,  # «n° 4 à 9», but «n° 4» alone
        "root": root.hex(),
    }
    entry = build_entry(entry_id, ENTRY_KIND, params, now=clock.now(), actor=RECEPTION)
    written = {
        "id": entry.id,
        "kind": entry.kind,
        "version": entry.version,
        "happened_at": entry.happened_at,
        "entered_at": entry.entered_at,
        "leaf": entry.leaf,
        "salt": entry.salt,
        "body": entry.body,
        "search": entry.search,
        "batch_id": batch_id,
        "count": len(new),
        "root": root,
    }
    wire.send("write_entry", written)

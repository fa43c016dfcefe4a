"""One group commit: a batch of records, its logbook entry and the hint to the watch, in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from veilleur.kernel.clock import Clock
from veilleur.logbook.building import Actor, build_entry
from veilleur.logbook.merkle import leaf_hash, root_of
from veilleur.reception.records import Batch, Stored, array
from veilleur.reception.wire import Wire

ENTRY_KIND = "signals.received"
RECEPTION = Actor("reception")

#: What `write_batch` asks of the wire.
QUERIES = ("claim_frames", "store_signals", "store_copies", "count_ghosts", "note_heard", "write_entry")


async def at_once() -> None:
    """Commits without waiting for a turn."""


async def write_batch(
    wire: Wire, batch: Batch, clock: Clock, turn: Callable[[], Awaitable[None]] = at_once
) -> list[Stored | None]:
    """Commits the batch; what became of each record, in order. Raises psycopg.Error, and then nothing is stored.

    `turn` is awaited when nothing but the commit is left to ask: batches are committed in their order.

    Two round trips: what is stored, and the entry that names its range and root, depend on which frames are copies,
    which only the store knows. The pipeline is one transaction, committed by its end: what is sent before its one
    synchronisation stands or falls together (libpq, «Pipeline mode»), and BEGIN and COMMIT would cost two waits.
    """
    outcomes: list[Stored | None] = [None] * len(batch.waiting)
    for place in batch.counted:
        outcomes[place] = Stored(0, duplicate=False)
    async with wire:
        if batch.leaders:
            await _store(wire, batch, outcomes, clock)
        if (ghosts := batch.ghosts(outcomes)) is not None:
            wire.send("count_ghosts", ghosts)
        if batch.counted and (heard := batch.heard()) is not None:
            wire.send("note_heard", {**heard, "now": clock.now()})
        await turn()
    return outcomes


async def _store(wire: Wire, batch: Batch, outcomes: list[Stored | None], clock: Clock) -> None:
    """Claims the frames, then asks to store those that are new, with their entry, and to note the others."""
    wire.send("claim_frames", batch.claims())
    wire.hurry()
    leaders, columns = batch.leaders, batch.columns(batch.leaders)  # made while the store works
    (answer,) = await wire.results()
    ids, firsts, entry_id, batch_id = (_numbers(answer.get_value(0, n)) for n in range(4))
    judged = [*zip(leaders, ids, firsts, strict=True)]
    copies = [(place, first) for place, number, first in judged if number != first]
    copies += [(place, firsts[leader]) for leader, place in batch.copies]
    for place, _, first in judged:
        outcomes[place] = Stored(first, duplicate=False)
    for place, first in copies:
        outcomes[place] = Stored(first, duplicate=True)
    if copies:
        wire.send("store_copies", batch.repeated(copies))
    new = {place: number for place, number, first in judged if number == first}
    if not new:
        return
    if len(new) < len(leaders):
        columns = batch.columns([*new])
    ids = [*new.values()]
    wire.send("store_signals", {**columns, "id": array(ids, str), "batch_id": batch_id[0]})
    _enter(
        wire, ids, [batch.waiting[place].record.row.raw for place in new], (entry_id[0], batch_id[0]), clock
    )


def _numbers(told: bytes | None) -> list[int]:
    """A number, or an array of them, as PostgreSQL writes it."""
    return [int(each) for each in (told or b"").strip(b"{}").split(b",")]


def _enter(
    wire: Wire, ids: Sequence[int], raws: Sequence[bytes], numbers: tuple[int, int], clock: Clock
) -> None:
    """The batch's entry (law 1): count, range of ids and RFC 6962 root of the raw frames in the order of ids."""
    entry_id, batch_id = numbers
    root = root_of([*map(leaf_hash, raws)])
    params = {
        "batch": batch_id,
        "count": len(ids),
        "first": ids[0],
        "last": ids[-1],
        "to": ids[-1] if ids[1:] else None,  # «n° 4 à 9», but «n° 4» alone
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
        "count": len(ids),
        "root": root,
    }
    wire.send("write_entry", written)

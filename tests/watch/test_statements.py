"""What one signal costs the database: statements, counted. Not a time: the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.watch.watch_stage import cid


@contextmanager
def counted(station: Any) -> Iterator[list[str]]:
    """The statements that the station's engine sends meanwhile."""
    sent: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(station.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(station.database.engine, "before_cursor_execute", note)


def cost(station: Any, decider: Any, *events: Any, signals: int = 10) -> float:
    """Statements per signal of this kind, beyond those of an empty batch."""
    with counted(station) as idle:
        decider.run_batch()
    for _ in range(signals):
        station.receive(*events)
        station.clock.advance(1)
    with counted(station) as busy:
        decider.run_batch()
    return (len(busy) - len(idle)) / signals


@pytest.mark.parametrize(
    ("what", "signal", "most"),
    [
        ("une alarme d’un point connu, dans son dossier", cid("1130", "001"), 25),
        ("une mise hors service", cid("1401", "003"), 12),
        ("une information", cid("1412", "000"), 6),
    ],
)
def test_ce_que_coute_un_signal(station, what, signal, most):
    decider = station.decider()
    station.receive(signal)
    decider.run_batch()
    statements = cost(station, decider, signal)
    assert statements <= most

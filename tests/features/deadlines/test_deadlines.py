"""Deadlines are rows: scheduled, due by the clock, cancelled without being lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from veilleur.db.engine import Database, open_database
from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.deadlines.queries import due, pending
from veilleur.features.deadlines.tables import Deadline
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.act import Act, Actor


@pytest.fixture
def store(database: Any) -> Iterator[Database]:
    opened = open_database(database.app_dsn)
    yield opened
    opened.close()


def test_due_ones_come_the_oldest_first(store: Database, clock: ManualClock) -> None:
    with store.write() as session:
        act = Act(session, clock.now(), Actor("watch"))
        late = schedule(act, "parked", clock.now() + timedelta(seconds=20), incident_id=1)
        soon = schedule(act, "no_act", clock.now() + timedelta(seconds=10), incident_id=1, data={"level": 1})
        schedule(act, "untaken", clock.now() + timedelta(seconds=30), incident_id=2)
    clock.advance(20)
    with store.read() as session:
        assert [row.id for row in due(session, clock.now())] == [soon, late]
        assert [row.id for row in due(session, clock.now(), limit=1)] == [soon]
        assert [row.kind for row in pending(session, incident_id=1)] == ["no_act", "parked"]


def test_a_cancelled_one_is_answered_and_never_due(store: Database, clock: ManualClock) -> None:
    with store.write() as session:
        act = Act(session, clock.now(), Actor("watch"))
        first = schedule(act, "no_act", clock.now(), incident_id=1)
        schedule(act, "back_to_queue", clock.now(), incident_id=1)
        schedule(act, "no_act", clock.now(), incident_id=2)
        schedule(act, "settle_call", clock.now(), incident_id=1, subject_id=9)
    with store.write() as session:
        act = Act(session, clock.now(), Actor("watch"))
        assert cancel(act, "no_act", "back_to_queue", incident_id=1) == 2
        assert cancel(act, "settle_call", subject_id=9) == 1
        assert cancel(act, "no_act", incident_id=1) == 0
        with pytest.raises(ValueError, match="names a dossier"):
            cancel(act, "no_act")
    with store.read() as session:
        assert [row.incident_id for row in due(session, clock.now())] == [2]
        row = session.get_one(Deadline, first)
        assert (row.answer, row.done_at) == ("no_longer", clock.now())

"""The room in one picture: one REPEATABLE READ transaction with the last sealed position it saw."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from veilleur.db.engine import ReadSession
from veilleur.desk.gauge import Gauge, read_gauge
from veilleur.desk.views import SOURCES, OnTestView, PostView, is_for
from veilleur.features.cameras.views import CameraView
from veilleur.features.incidents.views import IncidentRow
from veilleur.kernel.ports import Reader
from veilleur.logbook.lines import LogLine, last_lines, last_sealed
from veilleur.logbook.policy import POLICY

#: Lines of the main courante in a snapshot; older ones are fetched from the logbook.
LINES = 100


class Snapshot(BaseModel):
    """All that the main window shows, as it was at `position`."""

    position: int
    now: datetime
    incidents: list[IncidentRow]
    posts: list[PostView]
    tests: list[OnTestView]
    cameras: list[CameraView]
    gauge: Gauge | None
    entries: list[LogLine]


def take_snapshot(session: ReadSession, reader: Reader, now: datetime) -> Snapshot:
    """The reader's own picture: his perimeter, his abilities.

    The position is read first: what is sealed afterwards is in the stream, and repeats are harmless.
    """
    position, _ = last_sealed(session)
    shown: dict[str, list[dict[str, Any]]] = {source.kind: [] for source in SOURCES}
    for source in SOURCES:
        for view in source.read(session, None, now):
            if not view.gone and is_for(view, reader) and (body := view.seen_by(reader)) is not None:
                shown[source.kind].append(body)
    reads_lines = POLICY.allows(reader, "logbook.read")
    return Snapshot(
        position=position,
        now=now,
        incidents=[IncidentRow.model_validate(body) for body in shown["incident"]],
        posts=[PostView.model_validate(body) for body in shown["post"]],
        tests=[OnTestView.model_validate(body) for body in shown["on_test"]],
        cameras=[CameraView.model_validate(body) for body in shown["camera"]],
        gauge=read_gauge(session, now) if reads_lines else None,
        entries=last_lines(session, position, limit=LINES, perimeter=reader.perimeter) if reads_lines else [],
    )

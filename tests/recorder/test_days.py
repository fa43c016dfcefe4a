"""The recorder measures what it recorded: a stretch once, whatever retention takes afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.recorder.stage import Stage
from tests.recorder.test_keeping import NOON, record
from veilleur.features.availability.tables import CameraDay
from veilleur.kernel.clock import ManualClock
from veilleur.recorder.days import Days
from veilleur.recorder.house import House
from veilleur.recorder.registry import Registry
from veilleur.video.model import to_wall


def days_of(stage: Stage, place: object) -> Days:
    registry = Registry(stage.database, stage.keys)
    registry.refresh()
    return Days(House(stage.database, stage.clock, place, "test/one", registry))  # type: ignore[arg-type]


def rows(stage: Stage) -> list[CameraDay]:
    with stage.database.read() as session:
        return list(session.query(CameraDay).order_by(CameraDay.camera_id, CameraDay.day))


def test_a_stretch_is_measured_from_the_index_and_goes_on(stage: Stage) -> None:
    stage.clock = ManualClock(NOON + timedelta(minutes=20))
    camera = stage.camera("rtsp://127.0.0.1:9/cam")
    record(stage, camera, NOON, 5)
    record(stage, camera, NOON + timedelta(minutes=10), 10)
    place = stage.place()
    days = days_of(stage, place)
    assert days.turn() == 1
    assert days.turn() == 0, "nothing new has settled"
    (row,) = rows(stage)
    assert (row.since, row.until) == (NOON, NOON + timedelta(minutes=17))
    assert row.place == place.url
    assert row.missing == [
        [to_wall(NOON + timedelta(minutes=5)), to_wall(NOON + timedelta(minutes=10)), "stopped"]
    ]
    stage.clock.advance(3600)
    assert days.turn() == 1
    (row,) = rows(stage)
    assert row.until == NOON + timedelta(minutes=77)
    assert row.missing[-1][:2] == [to_wall(NOON + timedelta(minutes=20)), to_wall(row.until)]


def test_days_end_at_the_centres_midnight(stage: Stage) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    stage.clock = ManualClock(midnight + timedelta(minutes=9))
    camera = stage.camera("rtsp://127.0.0.1:9/cam")
    record(stage, camera, midnight - timedelta(minutes=4), 12)
    assert days_of(stage, stage.place()).turn() == 2
    before, after = rows(stage)
    assert (before.day, before.until, before.missing) == (NOON.date(), midnight, [])
    assert (after.day.day, after.since, after.missing) == (21, midnight, [])


def test_a_camera_that_is_watched_live_only_owes_nothing(stage: Stage) -> None:
    stage.clock = ManualClock(NOON + timedelta(minutes=20))
    camera = stage.camera("rtsp://127.0.0.1:9/cam", record=False)
    (stage.folder / str(camera)).mkdir(parents=True)
    days = days_of(stage, stage.place())
    assert days.turn() == 0, "it is met now"
    stage.clock.advance(600)
    assert days.turn() == 1
    (row,) = rows(stage)
    assert [reason for _, _, reason in row.missing] == ["live_only"]
    assert row.until - row.since == timedelta(minutes=10)

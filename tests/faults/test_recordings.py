"""What is kept of images when the object store is away, and what may not be kept: nothing after its days, no sound ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.bucket import Bucket, running_bucket
from tests.recorder.conftest import stage
from tests.recorder.stage import Stage, until
from tests.recorder.test_keeping import NOON, entries, record
from veilleur.features.viewing.tables import Mark
from veilleur.kernel.clock import ManualClock
from veilleur.recorder.erasing import Erasing
from veilleur.video.checking import check
from veilleur.video.index import hour_of
from veilleur.video.model import Still, to_wall
from veilleur.video.store import IMAGES, LocalStore, ObjectStore
from veilleur.video.strips import StripWriter

__all__ = ["stage"]


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with running_bucket() as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def erasing(stage: Stage, bucket: Bucket | None = None, warning: int = 0) -> Erasing:
    objects = ObjectStore(bucket.url) if bucket else None
    return Erasing(stage.database, stage.clock, LocalStore(stage.folder), objects, warning)


def strip(stage: Stage, camera: int, seconds: int) -> Path:
    """A picture of the strip, so many seconds after noon; its hour's folder."""
    wall = to_wall(NOON + timedelta(seconds=seconds))
    StripWriter(LocalStore(stage.folder), str(camera)).add(Still(wall, b"\xff\xd8\xff\xd9"))
    return stage.folder / str(camera) / hour_of(wall)


def test_an_object_store_away_and_back_loses_nothing(stage: Stage, bucket: Bucket) -> None:
    stage.clock = ManualClock(NOON + timedelta(hours=3))
    camera = stage.camera("rtsp://127.0.0.1:9/cam", retention_days=2)
    films = record(stage, camera, NOON, 2)
    strip(stage, camera, 5)
    work = erasing(stage, bucket)
    bucket.away = True
    assert work.send() == 0
    assert work.send() == 0
    assert bucket.refused > 0
    assert not bucket.held
    assert check(stage.folder)[0].sound
    bucket.away = False
    assert work.send() == len(films)
    assert work.send() == 0
    assert any(path.endswith("/strip") for path in bucket.held)
    # The disk is short: what is in the store leaves the disk, and the check fetches it.
    assert erasing(stage, bucket, warning=2**60).round() == 0
    assert not list(stage.folder.rglob("*.mp4"))
    [report] = check(stage.folder, remote=ObjectStore(bucket.url))
    assert report.sound, report
    # Its days are over while the store is away: what it owes is asked for until it is done.
    stage.clock.advance(2 * 86_400)
    bucket.away = True
    assert work.round() == len(films)
    assert len(bucket.held) > len(films)
    bucket.away = False
    assert work.round() == 0
    assert not [path for path in bucket.held if path.endswith(("mp4", *(f"/{name}" for name in IMAGES)))]
    assert not list(stage.folder.rglob("owed"))


def test_a_store_that_is_silent_holds_up_no_fault(
    stage: Stage, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question to it waits for a minute: faults are told and chains entered meanwhile."""
    old = stage.camera("rtsp://127.0.0.1:9/old")
    record(stage, old, stage.clock.now() - timedelta(hours=5), 1)
    bucket.silent = True
    with stage.recorder(store=bucket.url):
        until(lambda: bucket.refused, "a question to the store")
        camera = stage.camera("rtsp://127.0.0.1:9/cam")
        until(lambda: stage.faults(camera) == {"unreachable"}, "the fault")
        bucket.hang.set()


def test_pictures_of_the_strip_go_without_a_film_to_take_them(stage: Stage) -> None:
    """A film reached into the next hour, its pictures there have no film of their own."""
    stage.clock = ManualClock(NOON + timedelta(days=1))
    camera = stage.camera("rtsp://127.0.0.1:9/cam", retention_days=1)
    lonely, kept = strip(stage, camera, 5), strip(stage, camera, 7200)
    assert erasing(stage).round() == 0
    assert (lonely / "strip").exists(), "its hour is not over"
    stage.clock.advance(3600)
    erasing(stage).round()
    assert not (lonely / "strip").exists()
    assert not (lonely / "strip.at").exists()
    assert (kept / "strip").exists()
    [said] = entries(stage, "video.erased")
    assert said["params"]["camera_id"] == camera


def test_a_hold_protects_from_the_disk_and_never_beyond_the_authorisation(stage: Stage) -> None:
    stage.clock = ManualClock(NOON + timedelta(days=1))
    camera = stage.camera("rtsp://127.0.0.1:9/cam", retention_days=3)
    films = record(stage, camera, NOON, 2)
    with stage.act() as act:
        entry = act.record("test.hold")
        until_at = stage.clock.now() + timedelta(days=300)
        act.session.add(
            Mark(
                camera_id=camera, from_at=NOON, until_at=NOON + timedelta(minutes=5), made_by_id=stage.user, made_at=NOON,
                hold_reason="réquisition", hold_until=until_at, entry_id=entry,
            )
        )  # fmt: skip
    assert erasing(stage, warning=2**60).round() == 0, "held"
    stage.clock.advance(2 * 86_400 + 60)
    assert erasing(stage).round() == len(films)
    assert not list(stage.folder.rglob("*.mp4"))
    assert [one["params"]["why"] for one in entries(stage, "video.erased")] == [["age"]]
    assert not entries(stage, "video.erased_below_minimum")

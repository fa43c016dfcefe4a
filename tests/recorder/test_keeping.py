"""What is kept, how long, and how it is proven: roots in the logbook, retention, the disk, pulls, `veilleur video check`."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import select, text
from typer.testing import CliRunner

from tests.recorder.stage import Stage, until
from tests.simulators.onvif_h264 import clip
from tests.simulators.onvif_replay import Recorder, running_recorder
from tests.simulators.onvif_words import PASSWORD, USER
from veilleur.features.cameras.tables import PulledClip
from veilleur.features.incidents.tables import Incident
from veilleur.features.viewing.tables import Mark
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.errors import NotFoundError
from veilleur.locale.render import render_entry
from veilleur.logbook.tables import Entry, EntryPayload
from veilleur.recorder import cli
from veilleur.recorder.erasing import Erasing
from veilleur.recorder.registry import Registry
from veilleur.recorder.rooting import last_whole_day, root_days, write_chains
from veilleur.settings import Settings
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Frame, Segment, StreamInfo, to_wall
from veilleur.video.segments import SegmentWriter
from veilleur.video.store import LocalStore

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
INFO = StreamInfo("mjpeg", 320, 180, 1, b"")


def record(stage: Stage, camera: int, begins: datetime, minutes: int) -> list[Segment]:
    """Films of a minute each, of a picture a second; what was entered."""
    entered: list[Segment] = []
    writer = SegmentWriter(LocalStore(stage.folder), str(camera), stage.clock, on_segment=entered.append)
    made = Fragmenter(INFO)
    writer.begin(made.init)
    start = to_wall(begins)
    for second in range(minutes * 60):
        frame = Frame(start + second * 1_000_000, True, b"\xff\xd8" + bytes(2000) + b"\xff\xd9", 1_000_000)
        assert writer.write(frame, made.fragment(frame))
    writer.close("stopped")
    return entered


def entries(stage: Stage, kind: str) -> list[dict[str, Any]]:
    with stage.database.read() as session:
        query = select(EntryPayload.body).join(Entry, Entry.id == EntryPayload.payload_of)
        return [
            json.loads(body)
            for (body,) in session.execute(query.where(Entry.kind == kind).order_by(Entry.id))
        ]


@pytest.fixture
def old(stage: Stage) -> Stage:
    """The stage some days after the films."""
    stage.clock = ManualClock(NOON + timedelta(days=2))
    return stage


def erasing(stage: Stage, warning: int = 0) -> Erasing:
    return Erasing(stage.database, stage.clock, LocalStore(stage.folder), None, warning)


def roots(stage: Stage) -> int:
    registry = Registry(stage.database, stage.keys)
    registry.refresh()
    return root_days(stage.database, stage.clock, LocalStore(stage.folder), registry.cameras)


def test_each_day_that_ended_is_rooted_once(old: Stage) -> None:
    camera = old.camera("rtsp://127.0.0.1:9/cam")
    first = record(old, camera, NOON, 3)
    second = record(old, camera, NOON + timedelta(days=1), 2)
    third = record(old, camera, NOON + timedelta(days=2, minutes=-10), 2)
    with old.database.write() as session:
        write_chains(session, {camera: third[-1]})
        write_chains(session, {camera: first[-1]})  # an older one changes nothing
    assert roots(old) == 2
    assert roots(old) == 0
    told = entries(old, "video.rooted")
    assert [one["params"]["chain"] for one in told] == [first[-1].chain.hex(), second[-1].chain.hex()]
    assert [one["params"]["number"] for one in told] == [3, 5]
    assert "2026-11-20" in render_entry("fr", "video.rooted", 1, told[0])
    with old.database.read() as session:
        row = session.execute(text("SELECT chain, rooted_day FROM video_chain")).one()
    assert bytes(row.chain) == third[-1].chain
    assert row.rooted_day == last_whole_day(old.clock.now())


def test_a_day_is_whole_some_minutes_after_midnight() -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert last_whole_day(midnight + timedelta(minutes=1)).day == 19
    assert last_whole_day(midnight + timedelta(minutes=4)).day == 20


def test_images_go_when_their_time_is_over_and_the_logbook_says_so(old: Stage) -> None:
    camera = old.camera("rtsp://127.0.0.1:9/cam", retention_days=2)
    gone = record(old, camera, NOON - timedelta(minutes=30), 2)
    kept = record(old, camera, NOON + timedelta(hours=2), 2)
    assert erasing(old).round() == len(gone) == 2
    assert erasing(old).round() == 0
    store = LocalStore(old.folder)
    assert [one.segment for one in store.entries(str(camera), 0, 2**62)] == kept
    [said] = entries(old, "video.erased")
    assert said["params"]["count"] == 2
    assert said["params"]["why"] == ["age"]
    assert "2 fichiers" in render_entry("fr", "video.erased", 1, said)
    assert "2 files" in render_entry("en", "video.erased", 1, said)


def test_a_full_disk_spares_holds_then_goes_below_the_minimum_and_says_so(old: Stage) -> None:
    camera = old.camera("rtsp://127.0.0.1:9/cam", min_retention_days=1)
    record(old, camera, NOON + timedelta(hours=1), 1)
    held = record(old, camera, NOON + timedelta(hours=2), 1)
    record(old, camera, NOON + timedelta(days=1, hours=12), 1)
    with old.act() as act:
        entry = act.record("test.hold")
        hold = {"hold_reason": "rixe", "hold_until": old.clock.now() + timedelta(days=5)}
        act.session.add(
            Mark(
                camera_id=camera, from_at=NOON + timedelta(hours=2), until_at=NOON + timedelta(hours=2, minutes=1),
                made_by_id=old.user, made_at=NOON, entry_id=entry, **hold,
            )
        )  # fmt: skip
    full = erasing(old, warning=2**60)  # no disk has so much room
    assert full.low()
    assert full.round() == 2
    [left] = LocalStore(old.folder).entries(str(camera), 0, 2**62)
    assert left.segment == held[0]
    assert [one["params"]["why"] for one in entries(old, "video.erased")] == [["pressure"]]
    assert [one["params"]["count"] for one in entries(old, "video.erased_below_minimum")] == [1]
    with old.database.read() as session:
        assert session.scalars(select(Incident.priority)).all() == [3]


def test_the_command_finds_what_was_altered(old: Stage) -> None:
    camera = old.camera("rtsp://127.0.0.1:9/cam", reference="CAM-1")
    [first, second] = record(old, camera, NOON, 2)
    with old.database.write() as session:
        write_chains(session, {camera: second})
    roots(old)
    app = typer.Typer()
    cli.add_to(app)

    class Context:
        settings = Settings()
        video_dir = old.folder

        def existing(self, _: Path | None) -> Any:
            return self

        def database(self) -> Any:
            return old.database

    def check(*argv: str) -> Any:
        return CliRunner().invoke(app, ["video", "check", *argv], obj=Context())

    said = check()
    assert said.exit_code == 0, said.output
    assert "✓ CAM-1" in said.output
    assert ": 2 fichiers, 249,4 Kio, 1 interruption\n" in said.output
    assert "1 caméra vérifiée, 0 avec un défaut." in said.output
    unknown = check("--camera", "CAM-1", "--camera", "NOPE")
    assert unknown.exit_code == 1
    assert isinstance(unknown.exception, NotFoundError)
    assert "NOPE" in unknown.exception.message
    film = old.folder / str(camera) / first.path
    data = bytearray(film.read_bytes())
    data[-5] ^= 1
    film.write_bytes(data)
    assert check("--quick").exit_code == 0
    said = check("--camera", "CAM-1")
    assert said.exit_code == 1
    assert f"altéré : {first.path}" in said.output
    # A whole chain made anew is sound by itself; the logbook still knows better.
    film.unlink()
    (old.folder / str(camera) / second.path).unlink()
    for beside in film.parent.iterdir():
        beside.unlink()
    record(old, camera, NOON + timedelta(seconds=3), 2)
    said = check()
    assert said.exit_code == 1
    assert "la main courante dit autre chose du numéro 2" in said.output


def test_pictures_of_an_unreachable_customer_are_said_to_have_failed(stage: Stage) -> None:
    camera = stage.camera(
        "rtsp://127.0.0.1:9/replay", regime="private", authorisation_id=None, source={"kind": "recorder"}
    )
    now = stage.clock.now()

    def asked(state: str) -> int:
        with stage.act() as act:
            entry = act.record("test.asked")
            row = PulledClip(
                camera_id=camera, from_at=now - timedelta(minutes=3), until_at=now - timedelta(minutes=2),
                asked_at=now, state=state, entry_id=entry,
            )  # fmt: skip
            act.session.add(row)
            act.session.flush()
            return row.id

    def state(clip: int) -> tuple[str, str | None]:
        with stage.database.read() as session:
            row = session.get_one(PulledClip, clip)
            return row.state, row.fault

    left = asked("receiving")
    with stage.recorder():
        clip = asked("asked")
        until(lambda: state(clip) == ("failed", "unreachable"), "the answer")
        assert state(left) == ("failed", "interrupted")
    assert "injoignable" in render_entry("fr", "clip.failed", 1, entries(stage, "clip.failed")[-1])


def test_a_customers_pictures_are_pulled_into_the_cameras_folder(stage: Stage) -> None:
    # From the start of a minute: films are cut by the minute, and this one is to be found in one.
    ahead, now = (
        timedelta(seconds=41),
        stage.clock.now().replace(second=0, microsecond=0) - timedelta(minutes=10),
    )
    held = [(now + ahead + n * timedelta(milliseconds=100), units) for n, units in enumerate(clip(60, 10))]
    with running_recorder(Recorder(pictures=held, ahead=ahead)) as recorder, stage.recorder():
        camera = stage.camera(
            "http://127.0.0.1:0/", password=PASSWORD, regime="private", authorisation_id=None,
            source={"kind": "recorder", "main": recorder.url(), "user": USER},
        )  # fmt: skip
        with stage.act() as act:
            entry = act.record("test.asked")
            row = PulledClip(
                camera_id=camera, from_at=now + timedelta(seconds=1), until_at=now + timedelta(seconds=4),
                asked_at=now, state="asked", entry_id=entry,
            )  # fmt: skip
            act.session.add(row)
            act.session.flush()
            clip_id = row.id

        def kept() -> PulledClip | None:
            with stage.database.read() as session:
                found = session.get_one(PulledClip, clip_id)
                assert found.state != "failed", found.fault
                return found if found.state == "kept" else None

        found = until(kept, "the pictures")
    assert found.clock_offset_ms is not None
    assert abs(found.clock_offset_ms - 41_000) < 1_500
    assert found.digest is not None
    [film] = LocalStore(stage.folder).entries(str(camera), to_wall(now), to_wall(now + timedelta(minutes=1)))
    assert film.segment.path == found.path
    assert film.segment.size == found.size
    assert film.segment.frames >= 20

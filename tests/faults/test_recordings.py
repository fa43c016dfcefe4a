"""What is kept of images when the object store is away, and what may not be kept: nothing after its days, no sound ever."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from tests.faults.bucket import Bucket, running_bucket
from tests.recorder.conftest import stage
from tests.recorder.stage import Stage, until
from tests.recorder.test_keeping import NOON, entries, record
from tests.simulators.onvif_h264 import clip
from tests.simulators.onvif_replay import Recorder, running_recorder
from tests.simulators.onvif_words import PASSWORD, USER
from tests.video.conftest import needs
from veilleur.demo.camera_streams import VIDEO
from veilleur.demo.cameras import running_cameras
from veilleur.features.cameras.tables import PulledClip
from veilleur.features.viewing.tables import Mark
from veilleur.kernel.clock import ManualClock, SystemClock
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


@pytest.mark.long
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


def ffprobe(file: Path) -> set[str]:
    """The kinds of stream of a file, by somebody else's program; every packet is read."""
    argv = [
        "ffprobe",
        "-v",
        "error",
        "-count_packets",
        "-show_entries",
        "stream=codec_type",
        "-of",
        "csv=p=0",
        str(file),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.peer
async def test_no_sound_of_a_camera_is_ever_kept_shown_or_played(stage: Stage, tmp_path: Path) -> None:
    """P11: the camera offers it, nobody sets it up; in no film, live stream, playback or WebRTC answer."""
    needs(shutil.which("ffprobe") is not None, "ffprobe")
    with running_cameras(SystemClock()) as server, stage.recorder() as running:
        server.change("parking", audio=True)
        offered = server.cameras["parking"].presentation("main").tracks
        assert [track.kind for track in offered] == ["video", "audio"]
        camera = stage.camera(
            server.url("parking"),
            source={"sub": server.url("parking", "sub")},
            regime="private",
            authorisation_id=None,
        )
        await asyncio.to_thread(stage.online, camera)
        async with stage.socket(camera) as socket:
            await socket.text("stream")
            live = tmp_path / "live.mp4"
            live.write_bytes(b"".join([(await socket.binary())[2] for _ in range(40)]))
        assert ffprobe(live) == {"video"}
        [(_, _, token)] = await asyncio.to_thread(stage.tickets, camera)
        offer = await offer_of_both()
        assert "m=audio" in offer
        async with httpx2.AsyncClient(base_url=running.place.url, timeout=20) as http:
            headers = {"content-type": "application/sdp", "origin": f"http://{stage.desk}"}
            answer = await http.post(f"/whep?ticket={token}", content=offer, headers=headers)
        if answer.status_code == 201:
            sound = answer.text.partition("m=audio")[2].partition("m=")[0]
            assert "a=sendonly" not in sound
            assert "a=sendrecv" not in sound
        now = stage.clock.now()
        period = {
            "kind": "recorded",
            "from_at": now - timedelta(minutes=5),
            "until_at": now + timedelta(minutes=1),
        }
        async with stage.socket(camera, **period) as socket:
            start, end = to_wall(now - timedelta(seconds=3)), to_wall(now)
            _, parts = await socket.ask(id=1, op="read", at=start, until=end, max_bytes=2**20)
            played = tmp_path / "played.mp4"
            played.write_bytes(b"".join(body for _, _, body in parts))
        assert ffprobe(played) == {"video"}
        asked = [track for path, track in server.set_up if path.startswith("parking")]
    assert asked
    assert set(asked) == {VIDEO}
    films = list(stage.folder.rglob("*.mp4"))
    assert films
    assert {kind for film in films for kind in ffprobe(film)} == {"video"}


async def offer_of_both() -> str:
    """A browser that would like to hear."""
    browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    browser.addTransceiver("audio", direction="recvonly")
    browser.addTransceiver("video", direction="recvonly")
    await browser.setLocalDescription(await browser.createOffer())
    said = browser.localDescription.sdp
    await browser.close()
    return str(said)


@pytest.mark.peer
def test_a_customers_clip_is_pulled_without_its_sound(stage: Stage) -> None:
    """The customer's recorder offers a sound track before the pictures."""
    needs(shutil.which("ffprobe") is not None, "ffprobe")
    begins = stage.clock.now().replace(microsecond=0) - timedelta(minutes=10)
    held = [(begins + n * timedelta(milliseconds=100), units) for n, units in enumerate(clip(60, 10))]
    with running_recorder(Recorder(pictures=held)) as customer, stage.recorder():
        camera = stage.camera(
            "http://127.0.0.1:0/", password=PASSWORD, regime="private", authorisation_id=None,
            source={"kind": "recorder", "main": customer.url(), "user": USER},
        )  # fmt: skip
        with stage.act() as act:
            entry = act.record("test.asked")
            row = PulledClip(
                camera_id=camera, from_at=begins + timedelta(seconds=1), until_at=begins + timedelta(seconds=4),
                asked_at=stage.clock.now(), state="asked", entry_id=entry,
            )  # fmt: skip
            act.session.add(row)
        until(lambda: list((stage.folder / str(camera)).rglob("segments")), "the pictures")
        tracks = [url.rpartition("/")[2] for method, url, _ in customer.asked if method == "SETUP"]
    assert set(tracks) == {"track1"}, "track0 is the sound"
    films = list((stage.folder / str(camera)).rglob("*.mp4"))
    assert films
    assert {kind for film in films for kind in ffprobe(film)} == {"video"}

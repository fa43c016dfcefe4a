"""The playback socket over what is being recorded: timeline, groups of pictures, stills; what a ticket does not cover."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from tests.recorder.stage import Stage, until
from veilleur.features.viewing.tables import Mark
from veilleur.video.model import to_wall
from veilleur.video.playback import Playback
from veilleur.video.store import LocalStore

pytestmark = pytest.mark.peer

HALF = [{"x": 0.0, "y": 0.0}, {"x": 0.5, "y": 0.0}, {"x": 0.5, "y": 1.0}, {"x": 0.0, "y": 1.0}]


def recorded(stage: Stage, camera: int, seconds: float = 4.0) -> tuple[int, int]:
    """Waits until so much was recorded; its walls."""
    now = to_wall(stage.clock.now())

    def enough() -> tuple[int, int] | None:
        found = Playback(LocalStore(stage.folder), str(camera)).timeline(now - 60_000_000, now + 600_000_000)
        [(start, end)] = found.recorded or [(0, 0)]
        return (start, end) if end - start > seconds * 1e6 else None

    found: tuple[int, int] = until(enough, "the recording")
    return found


async def test_what_is_being_recorded_is_played_back(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder():
        stage.online(camera)
        start, end = recorded(stage, camera)
        now = stage.clock.now()
        with stage.act() as act:
            entry = act.record("test.mark")
            act.session.add(
                Mark(
                    camera_id=camera, from_at=now - timedelta(seconds=2), until_at=now, label="ici", made_at=now,
                    made_by_id=stage.user, entry_id=entry,
                )
            )  # fmt: skip
        period = {
            "kind": "recorded",
            "from_at": now - timedelta(minutes=5),
            "until_at": now + timedelta(minutes=1),
        }
        async with stage.socket(camera, **period) as socket:
            first, last = to_wall(period["from_at"]), to_wall(period["until_at"])  # type: ignore[arg-type]
            answer, parts = await socket.ask(id=1, op="timeline", **{"from": first, "to": last})
            assert answer["segments"][0][0] == start
            assert [mark["label"] for mark in answer["marks"]] == ["ici"]
            assert not parts
            at = start + 1_500_000
            answer, parts = await socket.ask(id=2, op="read", at=at, until=end, max_bytes=2**20)
            assert answer["mime"].startswith("video/mp4")
            assert answer["from"] <= at
            kinds = [kind for kind, _, _ in parts]
            assert kinds == [0] + [1] * (len(kinds) - 1)
            with av.open(io.BytesIO(b"".join(body for _, _, body in parts)), format="mp4") as container:
                assert next(iter(container.decode(video=0))).pts == parts[1][1] == answer["from"]
            answer, [(kind, wall, jpeg)] = await socket.ask(id=3, op="still", at=at)
            assert (kind, wall) == (2, answer["at"])
            assert wall <= at
            assert Image.open(io.BytesIO(jpeg)).size == (320, 180)
            refusals = [
                ({"op": "read", "at": first - 1, "until": end}, "outside_period"),
                ({"op": "still", "at": last + 10}, "outside_period"),
                ({"op": "still", "at": first + 1}, "nothing_there"),
                ({"op": "strip", "from": end, "to": start}, "not_understood"),
                ({"op": "still", "at": "hier"}, "not_understood"),
                ({"op": "find"}, "unknown_op"),
            ]
            for number, (asked, code) in enumerate(refusals, 10):
                answer, parts = await socket.ask(id=number, **asked)
                assert (answer["error"], parts) == (code, [])
            await socket.line.send("[" * 10_000)
            assert (await socket.hear())["error"] == "not_understood"  # type: ignore[call-overload]
            await socket.line.send("x" * 20_000)
            assert await socket.closed() == 1009


@pytest.mark.parametrize("program", [True, False])
async def test_h265_is_played_back_to_browsers_that_lack_it(
    stage: Stage,
    film: Callable[..., Path],
    rtsp: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    program: bool,
) -> None:
    """As H.264 by the program `ffmpeg`; where there is none, as JPEGs."""
    camera = stage.camera(rtsp(film("hevc"), "h265", "--uneven").url())
    with stage.recorder():
        stage.online(camera)
        start, _ = recorded(stage, camera)
        now = stage.clock.now()
        monkeypatch.setattr("veilleur.recorder.playing.transcodes", lambda: program)
        period = {
            "kind": "recorded",
            "from_at": now - timedelta(minutes=5),
            "until_at": now + timedelta(minutes=1),
        }
        async with stage.socket(camera, **period) as socket:
            asked = {"op": "read", "at": start, "until": start + 2_000_000}
            answer, own = await socket.ask(id=1, **asked)
            assert "hvc1" in answer["mime"]
            answer, parts = await socket.ask(id=2, codec="h264", **asked)
            if program:
                assert "avc1" in answer["mime"]
                assert [wall for _, wall, _ in parts] == [wall for _, wall, _ in own], (
                    "every picture at its time"
                )
                film_of = io.BytesIO(b"".join(body for _, _, body in parts))
                with av.open(film_of, format="mp4") as container:
                    shown = [picture.pts for picture in container.decode(video=0)]
                assert shown == [wall for _, wall, _ in own[1:]]
            else:
                assert answer["mime"] == "image/jpeg"
                assert {kind for kind, _, _ in parts} == {2}
                assert Image.open(io.BytesIO(parts[0][2])).size == (320, 180)
            answer, parts = await socket.ask(id=3, codec="vp8", **asked)
            assert answer["error"] == "not_understood"


async def test_a_ticket_of_recordings_opens_no_live_socket(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder():
        stage.online(camera)
        now = stage.clock.now()
        [(_, url, token)] = stage.tickets(
            camera, kind="recorded", from_at=now - timedelta(minutes=5), until_at=now
        )
        from tests.recorder.stage import Socket, connect

        async with connect(url.replace("/play", "/live"), token) as line:
            assert await Socket(line, 0, token).closed() == 4401


async def test_masks_of_role_are_drawn_over_all_that_a_ticket_shows(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url(), masks=[HALF])
    with stage.recorder():
        stage.online(camera)
        async with stage.socket(camera) as socket:
            said = await socket.text("stream")
            assert said["codec"] == "vp9"
            parts = [await socket.binary() for _ in range(8)]
        with av.open(io.BytesIO(b"".join(body for _, _, body in parts)), format="mp4") as container:
            _black(next(iter(container.decode(video=0))).to_image())
        start, end = recorded(stage, camera)
        now = stage.clock.now()
        period = {
            "kind": "recorded",
            "from_at": now - timedelta(minutes=5),
            "until_at": now + timedelta(minutes=1),
        }
        async with stage.socket(camera, **period) as socket:
            answer, parts = await socket.ask(id=1, op="read", at=start, until=end)
            assert answer["mime"] == "image/jpeg"
            for kind, _, jpeg in parts[:3]:
                assert kind == 2
                _black(Image.open(io.BytesIO(jpeg)))
            _, [(_, _, jpeg)] = await socket.ask(id=2, op="still", at=start + 500_000)
            _black(Image.open(io.BytesIO(jpeg)))


def _black(image: Any) -> None:
    """The left half is covered, the right one shows the scene."""
    grey = image.convert("L")
    left = grey.crop((0, 0, grey.width // 2 - 8, grey.height))
    right = grey.crop((grey.width // 2 + 8, 0, grey.width, grey.height))
    assert left.getextrema()[1] < 60
    assert right.getextrema()[1] > 150

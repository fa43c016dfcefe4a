"""A camera is recorded and its live socket painted: init and GOP first, tickets once, revocation."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import pytest
import websockets
from sqlalchemy import text

from tests.recorder.stage import Stage, connect, until
from veilleur.video.checking import check

pytestmark = pytest.mark.peer


@pytest.fixture
def camera(stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]) -> int:
    return stage.camera(rtsp(film("h264"), "h264").url())


async def test_live_begins_with_the_init_segment_and_a_keyframe_that_decodes(
    stage: Stage, camera: int
) -> None:
    with stage.recorder():
        stage.online(camera)
        async with stage.socket(camera) as socket:
            said = await socket.text("stream")
            assert said["codec"] == "h264"
            assert (said["width"], said["height"]) == (320, 180)
            assert said["camera"] == camera
            parts = [await socket.binary() for _ in range(30)]
            assert [kind for kind, _, _ in parts] == [0] + [1] * 29
            walls = [wall for _, wall, _ in parts[1:]]
            assert walls == sorted(set(walls))
            with av.open(io.BytesIO(b"".join(body for _, _, body in parts)), format="mp4") as container:
                shown = [frame.pts for frame in container.decode(video=0)]
            assert shown[0] == walls[0]
            beat = await socket.text("beat")
            assert beat["state"] == "online"
            assert 0 <= beat["now"] - beat["last"] < 5_000_000
        until(lambda: stage.viewing(socket.viewing).ended_at, "the end of the viewing")


async def test_a_ticket_opens_one_socket_and_only_from_the_desk(stage: Stage, camera: int) -> None:
    with stage.recorder():
        stage.online(camera)
        async with stage.socket(camera) as first:
            await first.text("stream")
            with pytest.raises(websockets.ConnectionClosed) as refused:
                async with connect(_url(first), first.token) as second:
                    await second.recv()
            assert refused.value.rcvd is not None
            assert refused.value.rcvd.code == 4401
            [(_, url, token)] = stage.tickets(camera)
            with pytest.raises(websockets.InvalidStatus) as foreign:
                async with connect(url, token, origin="http://ailleurs.example"):
                    pass
            assert foreign.value.response.status_code == 403
            async with connect(url, token) as still_good:  # a stranger's page did not use it up
                assert await still_good.recv()


def _url(socket: Any) -> str:
    host, port = socket.line.remote_address[:2]
    return f"ws://{host}:{port}/live"


@pytest.mark.parametrize("how", ["viewing", "session", "title", "camera"])
async def test_what_is_revoked_closes_its_socket(stage: Stage, camera: int, how: str) -> None:
    from veilleur.features.cameras.tables import Camera
    from veilleur.features.people.tables import Title
    from veilleur.features.viewing.looking import end_viewing

    with stage.recorder():
        stage.online(camera)
        async with stage.socket(camera) as socket:
            await socket.text("stream")
            if how == "viewing":
                with stage.act() as act:
                    end_viewing(act, socket.viewing, "command")
            elif how == "session":
                with stage.database.write() as session:
                    session.execute(text("DELETE FROM web_session"))
            elif how == "title":
                stage.change(Title, 1, status="withdrawn")
            else:
                stage.change(Camera, camera, live_roles=["lead"])
            assert await asyncio.wait_for(socket.closed(), 30) == 4403


def test_what_is_recorded_is_sound_and_its_chain_is_in_the_database(stage: Stage, camera: int) -> None:
    with stage.recorder():
        stage.online(camera)
        until(lambda: (row := stage.status(camera)) and row.detail.get("fps"), "the rate")
    [report] = check(stage.folder)
    assert report.sound, report
    assert report.segments >= 1
    with stage.database.read() as session:
        chain = session.execute(text("SELECT chain FROM video_chain WHERE camera_id = :c"), {"c": camera})
        assert bytes(chain.scalar_one()) == report.root

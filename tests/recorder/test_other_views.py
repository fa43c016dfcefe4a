"""What is made of a camera's picture: WebRTC without decoding, JPEG and H.264 for browsers that lack its codec."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import httpx2
import psutil
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from PIL import Image

from tests.recorder.stage import DESK, Stage, until
from tests.video.conftest import needs
from veilleur.features.viewing.looking import end_viewing

pytestmark = pytest.mark.peer

SDP = {"content-type": "application/sdp", "origin": f"http://{DESK}"}


async def test_whep_gives_the_cameras_own_packets_and_ends_with_its_viewing(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder() as running:
        await asyncio.to_thread(stage.online, camera)
        [(viewing, _, token)] = await asyncio.to_thread(stage.tickets, camera)
        browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        tracks: asyncio.Queue[Any] = asyncio.Queue()
        browser.on("track", tracks.put_nowait)
        browser.addTransceiver("video", direction="recvonly")
        await browser.setLocalDescription(await browser.createOffer())
        offer = browser.localDescription.sdp
        async with httpx2.AsyncClient(base_url=running.place.url, timeout=20) as http:
            refused = await http.post(f"/whep?ticket={token}", content=offer)  # no type
            assert refused.status_code == 415
            answer = await http.post(f"/whep?ticket={token}", content=offer, headers=SDP)
            assert answer.status_code == 201, answer.text
            assert answer.headers["location"].startswith("/whep/")
            assert "127.0.0.1" in answer.text
            await browser.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
            track = await asyncio.wait_for(tracks.get(), 30)
            frame = await asyncio.wait_for(track.recv(), 30)
            assert (frame.width, frame.height) == (320, 180)
            again = await http.post(f"/whep?ticket={token}", content=offer, headers=SDP)
            assert again.status_code == 401
            await asyncio.to_thread(until, lambda: running.health["sockets"] == 1, "the session")
            with stage.act() as act:
                end_viewing(act, viewing, "command")
            await asyncio.to_thread(until, lambda: running.health["sockets"] == 0, "the end of the session")
            gone = await http.delete(answer.headers["location"], headers=SDP)
            assert gone.status_code == 404
        await browser.close()


async def test_whep_refuses_what_is_no_offer(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder() as running:
        await asyncio.to_thread(stage.online, camera)
        async with httpx2.AsyncClient(base_url=running.place.url, timeout=20) as http:
            for body, status in ((b"v=0\r\nm=video 9 x\r\n", 400), (b"\xff\xfe", 400), (b"a" * 40_000, 413)):
                [(_, _, token)] = await asyncio.to_thread(stage.tickets, camera)
                answer = await http.post(f"/whep?ticket={token}", content=body, headers=SDP)
                assert answer.status_code == status
            elsewhere = SDP | {"origin": "http://ailleurs.example"}
            assert (await http.post("/whep?ticket=x", content=b"v=0", headers=elsewhere)).status_code == 403
            assert (await http.get("/still?ticket=x", headers={"host": "piege.example"})).status_code == 403
        assert running.health["sockets"] == 0


async def test_a_still_of_now_is_one_ticket(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder() as running:
        await asyncio.to_thread(stage.online, camera)

        async def still() -> Any:
            [(_, _, token)] = await asyncio.to_thread(stage.tickets, camera)
            async with httpx2.AsyncClient(base_url=running.place.url, timeout=20) as http:
                return await http.get(f"/still?ticket={token}")

        for _ in range(60):
            answer = await still()
            if answer.status_code == 200:
                break
            assert answer.status_code == 404  # none yet
            await asyncio.sleep(0.5)
        assert Image.open(io.BytesIO(answer.content)).size == (320, 180)
        assert int(answer.headers["x-wall"]) > 0


@pytest.mark.parametrize("codec", ["jpeg", "h264"])
async def test_h265_is_shown_to_browsers_that_lack_it(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any], codec: str
) -> None:
    needs(codec == "jpeg" or shutil.which("ffmpeg") is not None, "ffmpeg")
    camera = stage.camera(rtsp(film("hevc"), "h265").url())
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        async with stage.socket(camera, f"&codec={codec}") as socket:
            said = await socket.text("stream")
            parts = [await socket.binary() for _ in range(6)]
            if codec == "jpeg":
                assert said["mime"] == "image/jpeg"
                assert {kind for kind, _, _ in parts} == {2}
                assert Image.open(io.BytesIO(parts[0][2])).size == (320, 180)
            else:
                assert said["codec"] == "h264"
                with av.open(io.BytesIO(b"".join(body for _, _, body in parts)), format="mp4") as container:
                    assert next(iter(container.decode(video=0))).pts == parts[1][1]
                assert _programs()
            async with stage.socket(camera) as other:
                assert (await other.text("stream"))["codec"] == "hevc"
        until(lambda: not _programs(), "the end of the program")


def _programs() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if each.name() == "ffmpeg"]


async def test_a_browser_changes_the_view_it_looks_at(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    main, small = rtsp(film("h264"), "h264"), rtsp(film("h264", size="160x90"), "h264")
    camera = stage.camera(main.url(), source={"sub": small.url()})
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        until(lambda: (row := stage.status(camera)) and row.detail["sub"], "the small view")
        async with stage.socket(camera, "&view=sub") as socket:
            assert (await socket.text("stream"))["width"] == 160
            await socket.binary()
            await socket.say(type="look", view="main")
            assert (await socket.text("stream"))["width"] == 320
            assert (await socket.binary())[0] == 0
            await socket.say(type="dance")
            assert (await socket.text("refused"))["code"] == "not_understood"
            await socket.say(type="ptz", pan=1)
            assert (await socket.text("refused"))["code"] == "ptz_none"

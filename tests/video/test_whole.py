"""From a third-party RTSP server to the disk, to a live viewer and to the eyes: the very same pictures everywhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.conftest import Served
from veilleur.kernel.clock import SystemClock
from veilleur.video.checking import check
from veilleur.video.films import read_film
from veilleur.video.fragments import HEAD, Fragmenter
from veilleur.video.hub import FRAGMENT, STREAM, Hub
from veilleur.video.looking import Looker, Seen
from veilleur.video.measures import Pace
from veilleur.video.model import Address, Opened, SourceError, StreamInfo
from veilleur.video.segments import SegmentWriter
from veilleur.video.sources import open_source
from veilleur.video.sources.parameters import nal_type, nal_units
from veilleur.video.store import LocalStore


def units_of(sample: bytes) -> list[bytes]:
    """The pictures of a length-prefixed sample."""
    found, at = [], 0
    while at < len(sample):
        size = int.from_bytes(sample[at : at + 4], "big")
        found.append(sample[at + 4 : at + 4 + size])
        at += 4 + size
    return [unit for unit in found if nal_type("h264", unit) <= 5]


def pour(opened: Opened, writer: SegmentWriter, hub: Hub, looker: Looker, pace: Pace) -> list[StreamInfo]:
    """One stream into everything, as the recorder does; the streams that it was, until it ended."""
    infos: list[StreamInfo] = []
    try:
        for frame in opened.frames():
            if not infos or frame.info is not None:
                infos.append(frame.info or opened.info)
                fragmenter = Fragmenter(infos[-1])
                writer.begin(fragmenter.init)
                hub.begin(infos[-1], fragmenter.init, fragmenter.mime)
            fragment = fragmenter.fragment(frame)
            writer.write(frame, fragment)
            hub.publish(frame, fragment)
            looker.feed(frame)
            pace.frame(frame.wall)
    except SourceError:
        opened.close()
    return infos


@pytest.mark.peer
async def test_recorded_and_watched_are_the_cameras_own_bytes(
    film: Callable[..., Path], rtsp: Callable[..., Served], tmp_path: Path
) -> None:
    path = film("h264", seconds=4)
    server = rtsp(path, "h264", "--once")
    opened = await asyncio.to_thread(open_source, Address("rtsp", server.url()))
    hub, pace, seen = Hub(), Pace(4.0), list[Seen]()
    looker = Looker(opened.info, seen.append)
    writer = SegmentWriter(LocalStore(tmp_path), "cam", SystemClock())
    viewer = hub.join()
    watched: list[bytes] = []

    async def watch() -> None:
        while (message := await viewer.next()) is not None:
            if message.kind == FRAGMENT:
                watched.append(message.payload)
            elif message.kind == STREAM:
                assert message.mime.startswith("video/mp4")

    watching = asyncio.create_task(watch())
    assert await asyncio.to_thread(pour, opened, writer, hub, looker, pace) == [opened.info]
    writer.close("ended")
    await asyncio.sleep(0)
    hub.close()
    await watching
    looker.close()
    recorded: list[bytes] = []
    for file in sorted(tmp_path.rglob("*.mp4")):
        data = file.read_bytes()
        recorded += [data[piece.offset : piece.offset + piece.size] for piece in read_film(file).pieces]
    assert watched == recorded[: len(watched)]
    assert len(watched) >= 90
    truth = [unit for unit in nal_units(path.read_bytes()) if nal_type("h264", unit) <= 5]
    got = [unit for fragment in recorded for unit in units_of(fragment[HEAD:])]
    assert got == truth[-len(got) :]
    assert len(got) >= 95
    assert seen
    assert 20 < pace.fps < 30
    assert check(tmp_path)[0].sound


@pytest.mark.peer
def test_new_parameters_reach_everybody(film: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "a.h264").write_bytes(film("h264", seconds=1).read_bytes())
    (folder / "b.h264").write_bytes(film("h264", seconds=1, size="640x360").read_bytes())
    opened = open_source(Address("file", str(folder), options={"paced": False, "loop": False}))
    writer = SegmentWriter(LocalStore(tmp_path / "video"), "cam", SystemClock())
    looked = threading.Event()
    looker = Looker(opened.info, lambda _: looked.set())
    infos = pour(opened, writer, Hub(), looker, Pace())
    writer.close("ended")
    assert looked.wait(10)
    looker.close()
    assert [info.width for info in infos] == [320, 640]
    report = check(tmp_path / "video")[0]
    assert report.sound
    assert 2 <= report.segments <= 3

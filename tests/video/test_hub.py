"""Live: the group of pictures first, nobody holds the camera back, a slow viewer goes on at a keyframe."""

from __future__ import annotations

import asyncio
import threading

import pytest

from veilleur.video.fragments import JPEG
from veilleur.video.hub import FRAGMENT, INIT, PICTURE, STREAM, VIEWER_BYTES, VIEWERS, Hub, Message, Viewer
from veilleur.video.model import Frame, StreamInfo

INFO = StreamInfo("h264", 320, 180, 25, b"")


def frame(number: int, gop: int = 10) -> Frame:
    return Frame(1_000_000 + number * 40_000, number % gop == 0, b"", 40_000)


async def drain(viewer: Viewer) -> list[Message]:
    """What waits now."""
    found = []
    while True:
        try:
            message = await asyncio.wait_for(viewer.next(), 0.05)
        except TimeoutError:
            return found
        if message is None:
            return found
        found.append(message)


async def test_a_new_viewer_gets_the_init_and_the_group_at_once() -> None:
    hub = Hub()
    hub.begin(INFO, b"init", "video/mp4")
    for number in range(27):
        hub.publish(frame(number), b"%d" % number)
    viewer = hub.join()
    got = await drain(viewer)
    assert [one.kind for one in got[:2]] == [STREAM, INIT]
    assert got[0].info == INFO
    assert [one.payload for one in got[2:]] == [b"%d" % n for n in range(20, 27)]
    assert hub.last == frame(26).wall
    hub.publish(frame(27), b"27")
    assert [one.payload for one in await drain(viewer)] == [b"27"]


async def test_new_parameters_reach_who_already_looks() -> None:
    hub = Hub()
    viewer = hub.join()
    hub.begin(INFO, b"one", "video/mp4")
    hub.publish(frame(0), b"a")
    hub.begin(INFO, b"two", "video/mp4")
    hub.publish(frame(1), b"not before a keyframe")
    hub.publish(frame(10), b"b")
    hub.begin(StreamInfo("mjpeg", 1, 1, 1, b""), b"init", JPEG)
    hub.publish(Frame(9, True, b"\xff\xd8jpeg", 1), b"fragment")
    got = await drain(viewer)
    kinds = [STREAM, INIT, FRAGMENT, STREAM, INIT, FRAGMENT, STREAM, PICTURE]
    assert [one.kind for one in got] == kinds
    assert got[-1].payload == b"\xff\xd8jpeg"


async def test_a_slow_viewer_skips_and_a_quick_one_loses_nothing() -> None:
    hub = Hub()
    hub.begin(INFO, b"init", "video/mp4")
    slow, quick = hub.join(), hub.join()
    payload = bytes(VIEWER_BYTES // 50)
    received: list[Message] = []
    total = 500

    async def look() -> None:
        while len([one for one in received if one.kind == FRAGMENT]) < total:
            message = await quick.next()
            assert message
            received.append(message)

    looking = asyncio.create_task(look())
    loop = asyncio.get_running_loop()

    def camera() -> None:
        for number in range(total):
            hub.publish(frame(number), payload)
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()

    thread = threading.Thread(target=camera)
    thread.start()
    await asyncio.wait_for(looking, 20)
    await asyncio.to_thread(thread.join)
    walls = [one.wall for one in received if one.kind == FRAGMENT]
    assert walls == [frame(n).wall for n in range(total)]
    got = await drain(slow)
    kept = [one for one in got if one.kind == FRAGMENT]
    assert sum(len(one.payload) for one in got) <= VIEWER_BYTES
    assert slow.skipped + len(kept) == total
    assert kept[0].keyframe
    assert got[1].kind == INIT, "the init is never lost"
    numbers = [(one.wall - 1_000_000) // 40_000 for one in kept]
    assert numbers == list(range(numbers[0], total)), "from a keyframe on, nothing is missing"


async def test_leaving_closing_and_too_many() -> None:
    hub = Hub()
    viewer = hub.join()
    waiting = asyncio.create_task(viewer.next())
    await asyncio.sleep(0)
    viewer.close()
    assert await waiting is None
    assert hub.viewers == 0
    many = [hub.join() for _ in range(VIEWERS)]
    with pytest.raises(OverflowError):
        hub.join()
    hub.close()
    assert [await one.next() for one in many] == [None] * VIEWERS


async def test_a_viewer_whose_loop_is_gone_hurts_nobody() -> None:
    hub = Hub()
    hub.begin(INFO, b"init", "video/mp4")

    def gone() -> None:
        async def join() -> None:
            viewer = hub.join()
            task = asyncio.create_task(viewer.next())
            await task
            again = asyncio.create_task(viewer.next())
            await again
            asyncio.get_running_loop().call_soon(lambda: None)

        asyncio.run(join())

    await asyncio.to_thread(gone)
    viewer = hub.join()
    hub.publish(frame(0), b"x")
    assert (await drain(viewer))[-1].payload == b"x"

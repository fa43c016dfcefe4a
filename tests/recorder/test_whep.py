"""The times that a camera's packets are given for WebRTC."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from aiortc.mediastreams import MediaStreamError

from veilleur.kernel.clock import ManualClock
from veilleur.recorder.taps import Taps
from veilleur.recorder.whep import PassedTrack
from veilleur.video.model import Frame, StreamInfo, to_wall

STEP = 40_000
INFO = StreamInfo("h264", 320, 180, 25.0, b"\0\0\0\1\x67sps\0\0\0\1\x68pps")


async def test_the_group_that_waited_is_stamped_as_it_is_sent_and_what_follows_as_it_was_taken() -> None:
    clock = ManualClock(datetime(2026, 11, 28, 3, tzinfo=UTC))
    now = to_wall(clock.now())
    taps = Taps()
    taps.begin(INFO)
    for age in range(50, 1, -1):  # two seconds, the newest 80 ms old
        taps.put(Frame(now - age * STEP, age == 50, b"\0\0\0\1\x65", STEP))
    track = PassedTrack(taps, clock)
    waited = [(await track.recv()).pts for _ in range(49)]
    steps = {after - before for before, after in pairwise(waited)}
    assert steps == {1000}
    assert waited[0] == now
    live = []
    for _ in range(4):
        clock.advance(STEP / 1e6)
        taps.put(Frame(to_wall(clock.now()) - STEP, False, b"\0\0\0\1\x41", STEP))
        live.append((await track.recv()).pts - to_wall(clock.now()))
    assert live[-1] == -STEP, "as it was taken, once what was sent in one go is behind"
    ended = asyncio.ensure_future(track.recv())
    await asyncio.sleep(0)
    track.stop()
    with pytest.raises(MediaStreamError):
        await ended

"""Looking back: timeline, reading in whole groups, the picture of that very instant, backwards, strip and motion."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.video.test_fragments import play
from tests.video.test_segments import START, STEP, Recording, frames
from veilleur.kernel.clock import ManualClock
from veilleur.video.fragments import JPEG
from veilleur.video.model import Gap, Still
from veilleur.video.playback import Playback
from veilleur.video.store import LocalStore, ObjectStore
from veilleur.video.strips import CELLS, UNSEEN, Motion, StripWriter

SECOND = 1_000_000


def test_timeline_with_its_gaps_and_the_film_being_written(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    one.write(frames(400))  # 80 s
    one.writer.close("unreachable")
    again = START + 120 * SECOND
    one.write(frames(50, again))
    line = Playback(one.store, "cam").timeline(START - SECOND, START + 200 * SECOND, buckets=10)
    assert line.recorded == [(START, START + 80 * SECOND), (again, again + 10 * SECOND)]
    assert line.gaps == [Gap(START + 80 * SECOND, again, "unreachable")]
    assert line.motion == [UNSEEN] * 10
    inside = Playback(one.store, "cam").timeline(START + 10 * SECOND, START + 100 * SECOND)
    assert inside.recorded == [(START + 10 * SECOND, START + 80 * SECOND)]
    assert inside.gaps == [Gap(START + 80 * SECOND, START + 100 * SECOND, "unreachable")]


def test_reading_goes_on_over_films_and_gaps_and_back(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    written = frames(400)
    one.write(written)
    one.writer.close("unreachable")
    more = frames(20, START + 120 * SECOND)
    one.write(more)
    playback = Playback(one.store, "cam")
    at: int | None = START + 100_000
    got: list[tuple[int, bytes]] = []
    readings = 0
    while at is not None:
        reading = playback.read(at, 2**62, max_bytes=20_000)
        assert reading
        assert reading.mime == JPEG
        assert sum(len(data) for _, data in reading.fragments) <= 20_000
        got += reading.fragments
        at, readings = reading.next, readings + 1
    assert got == [(frame.wall, frame.data) for frame in written + more], (
        "every frame once, in order, JPEGs bare"
    )
    assert readings > 5
    back, at = [], START + 130 * SECOND
    while (at := playback.previous(at)) is not None:
        back.append(at)
    assert back == [frame.wall for frame in reversed(written + more) if frame.keyframe]
    assert playback.read(START + 200 * SECOND, 2**62) is None
    huge = playback.read(START, START + 3 * SECOND, max_bytes=1)
    assert huge
    assert len(huge.fragments) == 5, "one group at least"


@pytest.mark.peer
@pytest.mark.parametrize("codec", ["h264", "h264_b", "hevc", "av1"])
def test_the_still_is_that_very_frame(
    film: Callable[..., Path], tmp_path: Path, clock: ManualClock, codec: str
) -> None:
    path = film(codec)
    info, some = play(path)
    one = Recording(tmp_path, clock, info)
    one.write(some)
    with av.open(str(path)) as container:
        truth = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    shown = sorted(frame.wall + frame.offset for frame in some)
    playback = Playback(one.store, "cam")
    for number in (0, 7, 24, 25, 26, 60, 98):
        for late in (0, 39_000):
            still = playback.still(shown[number] + late)
            assert still
            assert still.wall == shown[number]
            picture = np.asarray(Image.open(io.BytesIO(still.jpeg))).astype(int)
            near = [
                np.abs(picture - truth[n]).mean() for n in range(max(0, number - 3), min(100, number + 4))
            ]
            assert int(np.argmin(near)) == min(number, 3)
    small = playback.still(shown[5], width=160)
    assert small
    assert Image.open(io.BytesIO(small.jpeg)).size == (160, 90)
    assert playback.still(some[-1].wall + 60 * SECOND) is None
    assert playback.still(shown[0] - SECOND) is None
    reading = playback.read(shown[30], shown[60])
    assert reading
    joined = reading.init + b"".join(data for _, data in reading.fragments)
    with av.open(io.BytesIO(joined)) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(reading.fragments)


@pytest.mark.peer
def test_no_frame_of_a_reading_ends_before_the_next_one_begins(
    film: Callable[..., Path], tmp_path: Path, clock: ManualClock
) -> None:
    """Of a camera whose pictures come 2 ms to twice their interval apart; a gap stays one."""
    info, regular = play(film("h264"))
    wall, some = START, []
    for number, frame in enumerate(regular):
        some.append(replace(frame, wall=wall, duration=2_000 if number % 25 == 1 else 40_000))
        wall += 2_000 if number % 25 == 0 else 78_000 if number % 3 else 30_000
    one = Recording(tmp_path, clock, info)
    one.write(some[:75])
    one.writer.close("unreachable")
    later = some[74].wall + 60 * SECOND
    one.write([replace(frame, wall=frame.wall - some[75].wall + later) for frame in some[75:]])
    one.writer.close("stopped")
    playback = Playback(one.store, "cam")
    got: list[tuple[int, int, bytes]] = []
    at: int | None = START
    while at is not None:
        reading = playback.read(at, 2**62, max_bytes=1)
        assert reading
        got += [(wall, int.from_bytes(data[88:92], "big"), data[112:]) for wall, data in reading.fragments]
        assert reading.end == got[-1][0] + got[-1][1]
        assert reading.next is None or reading.next > at
        at = reading.next
    assert len(got) == 100
    for number, ((begin, duration, _), (after, _, _)) in enumerate(itertools.pairwise(got)):
        assert duration == (40_000 if number == 74 else after - begin), number
    kept = b"".join(path.read_bytes() for path in sorted((tmp_path / "cam").rglob("*.mp4")))
    assert all(data in kept for _, _, data in got), "the pictures are as they were recorded"


def test_a_reading_ends_where_the_parameters_change(tmp_path: Path, clock: ManualClock) -> None:
    from veilleur.video.fragments import Fragmenter
    from veilleur.video.model import StreamInfo

    one = Recording(tmp_path, clock)
    one.write(frames(10))
    one.writer.begin(Fragmenter(StreamInfo("mjpeg", 128, 96, 5, b"")).init)
    one.write(frames(10, START + 10 * STEP))
    playback = Playback(one.store, "cam")
    first = playback.read(START, 2**62)
    assert first
    assert (len(first.fragments), first.next) == (10, START + 10 * STEP)
    second = playback.read(first.next, 2**62)
    assert second
    assert second.init != first.init
    assert second.next is None


def test_what_only_the_object_store_has_is_read_from_there(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    written = frames(450)
    one.write(written)
    one.writer.close("stopped")
    objects = ObjectStore("memory:///")
    objects.send_hour(one.store, "cam", "2026-11-23/02")
    for path in (tmp_path / "cam/2026-11-23/02").glob("*.mp4"):
        path.unlink()
    assert Playback(one.store, "cam").read(START, START + SECOND) is None
    reading = Playback(one.store, "cam", objects).read(START, 2**62, max_bytes=10**9)
    assert reading
    assert [data for _, data in reading.fragments] == [frame.data for frame in written]


def test_strip_and_motion(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    writer = StripWriter(store, "cam")
    hour = START // 3_600_000_000 * 3_600_000_000
    for number in range(100):
        assert writer.add(Still(hour + number * 40 * SECOND, b"\xff\xd8%d" % number))
    cells = bytes([0x80, *bytes(CELLS - 1)])
    for second in (0, 5, 3599, 3600, 3700):
        assert writer.moved(Motion(hour + second * SECOND, cells, second % 200))
    playback = Playback(store, "cam")
    assert len(playback.strip(hour, hour + 4000 * SECOND, 100)) == 100
    some = playback.strip(hour, hour + 3600 * SECOND, 9)
    assert [still.jpeg for still in some] == [b"\xff\xd8%d" % n for n in range(0, 90, 10)]
    assert [(m.wall - hour) // SECOND for m in playback.motion(hour, hour + 4000 * SECOND)] == [
        0,
        5,
        3599,
        3600,
        3700,
    ]
    line = playback.timeline(hour, hour + 4000 * SECOND, buckets=4)
    assert line.motion == [5, UNSEEN, UNSEEN, 199]
    assert [m.amount for m in playback.motion(hour + 5 * SECOND, hour + 6 * SECOND)] == [5]
    index = next(tmp_path.rglob("strip.at"))
    index.write_bytes(index.read_bytes()[:-5])
    assert writer.add(Still(hour + 3599 * SECOND, b"\xff\xd8last"))
    assert playback.strip(hour + 3580 * SECOND, hour + 3600 * SECOND, 5)[-1].jpeg == b"\xff\xd8last"


def test_offsets_survive(tmp_path: Path, clock: ManualClock) -> None:
    from veilleur.video.films import read_film

    one = Recording(tmp_path, clock)
    one.write([replace(frame, offset=-7 if n else 80_000) for n, frame in enumerate(frames(3))])
    (path,) = tmp_path.rglob("*.mp4")
    assert [piece.shift for piece in read_film(path).pieces] == [80_000, -7, -7]

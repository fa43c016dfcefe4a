"""Films on the disk: minutes on keyframes, hashes and chain, gaps, a full disk, kill -9, readable while they grow."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from veilleur.kernel.clock import ManualClock
from veilleur.video.checking import check
from veilleur.video.films import read_film
from veilleur.video.fragments import Fragmenter
from veilleur.video.index import ZERO_HASH, chained, read_segments
from veilleur.video.model import Frame, Gap, Segment, StreamInfo, to_wall
from veilleur.video.repair import repair
from veilleur.video.segments import MOST_ENDING, SegmentWriter
from veilleur.video.store import LocalStore, ObjectStore

START = to_wall(datetime(2026, 11, 23, 2, 58, 30, tzinfo=UTC))
INFO = StreamInfo("mjpeg", 64, 48, 5, b"")
STEP = 200_000


def frames(count: int, start: int = START, gop: int = 5, size: int = 500) -> list[Frame]:
    """Frames of 5 per second whose bytes are all different."""
    return [
        Frame(
            start + n * STEP,
            n % gop == 0,
            hashlib.sha256(str(start + n).encode()).digest() * (size // 32),
            STEP,
        )
        for n in range(count)
    ]


class Recording:
    """A writer and what it told."""

    def __init__(
        self,
        root: Path,
        clock: ManualClock,
        info: StreamInfo = INFO,
        beside: ThreadPoolExecutor | None = None,
    ) -> None:
        self.store = LocalStore(root)
        self.segments: list[Segment] = []
        self.gaps: list[Gap] = []
        self.writer = SegmentWriter(
            self.store,
            "cam",
            clock,
            on_segment=self.segments.append,
            on_gap=self.gaps.append,
            beside=beside,
        )
        self.fragmenter = Fragmenter(info)
        self.writer.begin(self.fragmenter.init)

    def write(self, some: list[Frame]) -> int:
        """How many frames were recorded."""
        return sum(self.writer.write(frame, self.fragmenter.fragment(frame)) for frame in some)


def test_minutes_begin_on_keyframes_and_the_chain_holds(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    assert one.write(frames(750)) == 750  # 02:58:30 … 03:01:00
    one.writer.close("stopped")
    assert [s.path for s in one.segments] == [
        "2026-11-23/02/5830.mp4", "2026-11-23/02/5900.mp4", "2026-11-23/03/0000.mp4",
    ]  # fmt: skip
    assert all(a.end == b.start for a, b in itertools.pairwise(one.segments))
    chain = ZERO_HASH
    for segment in one.segments:
        data = (tmp_path / "cam" / segment.path).read_bytes()
        assert (hashlib.sha256(data).digest(), len(data)) == (segment.digest, segment.size)
        chain = chained(chain, segment.digest, segment.start, segment.end, "cam")
        assert chain == segment.chain
        film = read_film(tmp_path / "cam" / segment.path)
        assert (film.pieces[0].keyframe, len(film.pieces), film.end) == (True, segment.frames, segment.end)
    assert [e.segment for e in one.store.entries("cam", START, START + 10**9)] == one.segments
    (report,) = check(tmp_path)
    assert report.sound
    assert report.root == chain
    assert one.store.gaps("cam", START, 2**62) == [Gap(one.segments[-1].end, 0, "stopped")]


def test_a_slow_disk_makes_nobody_wait_and_nothing_is_entered_before_it_is_durable(
    tmp_path: Path, clock: ManualClock
) -> None:
    """Films end beside, in their order: until the disk has taken them they are in no index, and pictures go on."""
    with ThreadPoolExecutor(1) as pool:
        one = Recording(tmp_path, clock, beside=pool)
        free = threading.Event()
        pool.submit(free.wait)
        try:
            assert one.write(frames(750)) == 750, "two films ended, nobody waited"
            one.writer.close("stopped")
            assert not one.writer.settled(0.05)
            assert not list(tmp_path.rglob("segments"))
            assert one.segments == []
        finally:
            free.set()
        assert one.writer.settled(60)
        again = START + 1000 * STEP
        assert one.write(frames(5, again)) == 5
        one.writer.close("stopped")
        assert one.writer.settled(60)
    assert [s.path for s in one.segments] == [
        "2026-11-23/02/5830.mp4", "2026-11-23/02/5900.mp4", "2026-11-23/03/0000.mp4", "2026-11-23/03/0150.mp4",
    ]  # fmt: skip
    assert one.gaps == [Gap(START + 750 * STEP, again, "stopped")]
    assert one.writer.fault is None
    assert [e.number for e in one.store.entries("cam", START, 2**62)] == [1, 2, 3, 4]
    report = check(tmp_path)[0]
    assert report.sound, report


def test_a_disk_that_stands_still_is_waited_for_in_the_end(tmp_path: Path, clock: ManualClock) -> None:
    """Films that wait for the disk hold a file each: past so many, who writes waits too, and none is lost."""
    with ThreadPoolExecutor(1) as pool:
        one = Recording(tmp_path, clock, beside=pool)
        free = threading.Event()
        pool.submit(free.wait)
        written = threading.Thread(target=lambda: one.write(frames(6_000, gop=300)))
        written.start()
        try:
            written.join(1)
            assert written.is_alive(), "it waits"
            assert len(list(tmp_path.rglob("*.mp4"))) <= MOST_ENDING + 1
        finally:
            free.set()
            written.join()
        one.writer.close("stopped")
        assert one.writer.settled(60)
    assert len(one.segments) == 20
    assert check(tmp_path)[0].sound


def test_nothing_before_a_keyframe_and_silence_is_a_gap(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    assert one.write(frames(8)[1:]) == 3
    later = START + 20_000_000
    assert one.write(frames(7, later)[3:]) == 2, (
        "the film ended with the silence; the next begins on a keyframe"
    )
    assert one.gaps == [Gap(START + 8 * STEP, later + 5 * STEP, "gap")]
    one.writer.close("unreachable")
    end = later + 7 * STEP
    assert one.store.gaps("cam", START, 2**62)[-1] == Gap(end, 0, "unreachable")
    two = Recording(tmp_path, clock)
    two.write(frames(5, end + 60_000_000))
    assert two.gaps == [Gap(end, end + 60_000_000, "unreachable")], "the reason outlives the process"
    two.writer.close("stopped")
    assert check(tmp_path)[0].sound


def test_new_parameters_make_a_new_film_without_a_gap(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    one.write(frames(10))
    one.writer.begin(Fragmenter(StreamInfo("mjpeg", 128, 96, 5, b"")).init)
    one.write(frames(10, START + 10 * STEP))
    one.writer.close("stopped")
    assert [s.path for s in one.segments] == ["2026-11-23/02/5830.mp4", "2026-11-23/02/5832.mp4"]
    assert not one.gaps


def test_a_film_is_readable_while_it_grows(
    tmp_path: Path, clock: ManualClock, film: Callable[..., Path]
) -> None:
    from tests.video.test_fragments import play

    info, some = play(film("h264"))
    one = Recording(tmp_path, clock, info)
    for count, frame in enumerate(some[:60], 1):
        one.writer.write(frame, one.fragmenter.fragment(frame))
        if count % 20 == 0:
            (path,) = (tmp_path / "cam").rglob("*.mp4")
            with av.open(str(path)) as container:
                assert sum(1 for _ in container.decode(video=0)) == count
            assert len(read_film(path).pieces) == count
    report = check(tmp_path)[0]
    assert report.sound
    assert report.writing


def test_hundreds_of_films_in_one_second(tmp_path: Path, clock: ManualClock) -> None:
    """A camera that dies and comes back without end never stops the writer."""
    one = Recording(tmp_path, clock)
    for number in range(300):
        one.writer.write(Frame(START + number, True, b"x" * 32, 1), one.fragmenter.fragment(frames(1)[0]))
        one.writer.close("ended")
    assert len(one.segments) == 256
    assert one.writer.fault == "disk"
    one.write(frames(5, START + 60_000_000))
    assert one.writer.fault is None


def test_altered_missing_orphan_and_broken_are_told(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    one.write(frames(1500))
    one.writer.close("stopped")
    folder = tmp_path / "cam"
    altered, missing = one.segments[1].path, one.segments[3].path
    data = bytearray((folder / altered).read_bytes())
    data[900] ^= 1
    (folder / altered).write_bytes(data)
    (folder / missing).unlink()
    (folder / "2026-11-23/02/5955.mp4").write_bytes(b"not ours")
    index = folder / "2026-11-23/03/segments"
    raw = bytearray(index.read_bytes())
    raw[104 + 7] ^= 1  # the start of the second record of that hour
    index.write_bytes(raw)
    (report,) = check(tmp_path)
    assert report.altered == [altered]
    assert missing in report.missing
    assert "2026-11-23/02/5955.mp4" in report.orphans
    assert report.broken == [read_segments(index.parent)[1].number]
    assert not report.sound
    again = check(tmp_path, whole=False)[0]
    assert again.altered == [], "sizes only: what the quick look cannot see"


def test_a_torn_index_loses_one_record_at_most(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    one.write(frames(600))
    one.writer.close("stopped")
    index = tmp_path / "cam/2026-11-23/03/segments"
    index.write_bytes(index.read_bytes()[:-7])
    assert read_segments(index.parent) == []
    mended = repair(one.store, "cam")
    assert [s.path for s in mended.segments] == ["2026-11-23/03/0000.mp4"]
    report = check(tmp_path)[0]
    assert report.sound, report
    assert report.repaired == ["2026-11-23/03/0000.mp4"]


WRITING = """
    import sys
    from pathlib import Path
    from datetime import UTC, datetime
    from veilleur.kernel.clock import ManualClock
    from tests.video.test_segments import Recording, START, frames
    one = Recording(Path(sys.argv[1]), ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))
    print("ready", flush=True)
    n = 0
    while True:
        one.write(frames(100, START + n * 100 * 200_000, size=4096))
        n += 1
        print(n, flush=True)
"""


def test_kill_9_then_repair(tmp_path: Path, clock: ManualClock) -> None:
    """Every frame that was said to be recorded is there, whatever the moment of death; the last fragment cut in two is not."""
    argv = [sys.executable, "-c", textwrap.dedent(WRITING), str(tmp_path)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout
    written = 0
    for line in process.stdout:
        written = int(line) if line.strip().isdigit() else 0
        if written >= 5:
            process.send_signal(signal.SIGKILL)
            break
    rest = process.stdout.read().split()
    process.wait()
    written = max([written, *map(int, filter(str.isdigit, rest))])
    store = LocalStore(tmp_path)
    orphans = [path for hour in store.hours("cam") for path in store.unindexed("cam", hour)]
    assert len(orphans) == 1
    with (tmp_path / "cam" / orphans[0]).open("ab") as file:
        file.write(b"\\0\\0\\0\\x68moof and then the power went")
    assert not check(tmp_path)[0].altered
    mended = repair(store, "cam")
    assert [s.path for s in mended.segments] == orphans
    assert mended.lost > 0
    assert repair(store, "cam").segments == [], "once"
    report = check(tmp_path)[0]
    assert report.sound, report
    kept = sum(e.segment.frames for e in store.entries("cam", START, 2**62))
    assert written * 100 <= kept <= (written + 1) * 100
    end = store.tail("cam").end
    assert end
    two = Recording(tmp_path, clock)
    two.write(frames(5, end + 3_000_000))
    two.writer.close("stopped")
    assert two.gaps == [Gap(end, end + 3_000_000, "stopped")]
    assert check(tmp_path)[0].sound


FULL = """
    import resource, signal, sys
    from pathlib import Path
    from datetime import UTC, datetime
    from veilleur.kernel.clock import ManualClock
    from tests.video.test_segments import Recording, START, frames
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    one = Recording(Path(sys.argv[1]), ManualClock(datetime(2026, 11, 23, tzinfo=UTC)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    full = one.write(frames(250, size=1000))
    fault = one.writer.fault
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    more = one.write(frames(10, START + 250 * 200_000, size=1000))
    one.writer.close("stopped")
    print(full, fault, more, one.writer.fault, len(one.segments), len(one.gaps), {g.reason for g in one.gaps})
"""


def test_a_file_that_may_not_grow_is_a_told_gap_and_never_a_crash(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(tmp_path)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    full, fault, more, after, segments, _, reasons = done.stdout.split(maxsplit=6)
    assert 100 < int(full) < 250
    assert (more, after) == ("10", "None")
    assert fault in ("disk", "None")
    assert int(segments) > 3
    assert "disk" in reasons
    report = check(tmp_path)[0]
    assert report.sound, report
    assert {gap.reason for gap in report.gaps} == {"disk", "stopped"}


@pytest.mark.long
def test_a_full_disk_of_its_own(tmp_path: Path, clock: ManualClock) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], check=False
    ).returncode:
        pytest.skip("no mount here")
    try:
        one = Recording(disk, clock)
        written = one.write(frames(1000, size=2048))
        assert 0 < written < 1000
        assert one.writer.fault == "disk"
        (disk / "cam" / one.segments[0].path).unlink()
        assert one.write(frames(20, START + 1000 * STEP)) == 20
        one.writer.close("stopped")
        assert one.writer.fault is None
        report = check(disk)[0]
        assert report.missing == [one.segments[0].path]
        assert (report.altered, report.broken, report.unsaid) == ([], [], [])
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_camera_id_is_no_path(tmp_path: Path) -> None:
    for bad in ("..", "a/b", "", "-x", "a" * 80, "\0"):
        with pytest.raises(ValueError, match="camera id"):
            LocalStore(tmp_path).camera(bad)


@pytest.mark.parametrize("url", ["memory:///", "file"])
def test_closed_hours_leave_for_an_object_store(tmp_path: Path, clock: ManualClock, url: str) -> None:
    local, far = tmp_path / "video", tmp_path / "far"
    far.mkdir()
    one = Recording(local, clock)
    one.write(frames(600))
    one.writer.close("stopped")
    objects = ObjectStore(url if url != "file" else far.as_uri())
    assert objects.send_hour(one.store, "cam", "2026-11-23/02") == 2
    first = one.segments[0]
    film = local / "cam" / first.path
    data = film.read_bytes()
    assert objects.fetch("cam", first.path) == data
    assert objects.fetch("cam", first.path, 100, 50) == data[100:150]
    with pytest.raises(FileNotFoundError):
        objects.fetch("cam", "2026-11-23/02/0000.mp4")
    film.unlink()
    assert check(local)[0].missing == [first.path]
    assert check(local, remote=objects)[0].sound, "it is there, unaltered"
    film.write_bytes(data[:-1] + b"!")
    with pytest.raises(ValueError, match="not what was recorded"):
        objects.send_hour(one.store, "cam", "2026-11-23/02")
    objects.erase("cam", first.path)
    objects.erase("cam", first.path)
    with pytest.raises(FileNotFoundError):
        objects.fetch("cam", first.path)

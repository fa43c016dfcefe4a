"""Fragments judged by ffprobe and ffmpeg (a peer) and by PyAV: the very same pictures, the wall as decode time."""

from __future__ import annotations

import hashlib
import io
import itertools
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.kernel.clock import ManualClock
from veilleur.video.fragments import Fragmenter, boxes_of, init_segment, length_prefixed, mime_of
from veilleur.video.model import Address, Frame, SourceError, StreamInfo
from veilleur.video.sources import open_source
from veilleur.video.sources.parameters import nal_units

BEGIN = datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC)
MIMES = {
    "h264": "avc1.42c00c",
    "h264_b": "avc1.64000c",
    "hevc": "hvc1.1.6.L60.90",
    "av1": "av01.0.00M.08",
    "vp9": "vp09.00.20.08",
}


def play(path: Path) -> tuple[StreamInfo, list[Frame]]:
    """A film's stream and frames."""
    opened = open_source(
        Address("file", str(path), options={"loop": False, "paced": False}), clock=ManualClock(BEGIN)
    )
    frames: list[Frame] = []
    try:
        for frame in opened.frames():
            frames.append(frame)  # noqa: PERF402 — those before the end are wanted
    except SourceError:
        opened.close()
    return opened.info, frames


def decoded(path: Path) -> list[str]:
    """The checksums of the pictures that the program ffmpeg decodes."""
    told = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-fps_mode", "passthrough", "-f", "framemd5", "-"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert not told.stderr
    return [line.split()[-1] for line in told.stdout.splitlines() if not line.startswith("#")]


@pytest.mark.peer
@pytest.mark.parametrize("codec", ["h264", "h264_b", "hevc", "av1", "vp9", "mjpeg"])
def test_the_pictures_are_the_same_and_the_file_tells_its_own_times(
    film: Callable[..., Path], tmp_path: Path, codec: str
) -> None:
    path = film(codec, seconds=2)
    info, frames = play(path)
    fragmenter = Fragmenter(info)
    fragments = [fragmenter.fragment(frame) for frame in frames]
    made = tmp_path / "made.mp4"
    made.write_bytes(fragmenter.init + b"".join(fragments))
    assert decoded(made) == decoded(path)
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=dts_time,pts_time,flags", "-of", "csv=p=0", str(made)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert not probed.stderr
    rows = [line.split(",") for line in probed.stdout.splitlines()]
    assert [round(float(row[1]) * 1e6) for row in rows] == pytest.approx(
        [frame.wall for frame in frames], abs=1
    )
    assert ["K" in row[2] for row in rows] == [frame.keyframe for frame in frames]
    with av.open(str(made)) as container:
        stamps = [(p.dts, p.pts - p.dts) for p in container.demux(video=0) if p.size]
    assert stamps == [(frame.wall, frame.offset) for frame in frames], "to the microsecond"
    if codec in MIMES:
        assert fragmenter.mime == mime_of(info) == f'video/mp4; codecs="{MIMES[codec]}"'
    if codec == "h264_b":
        assert any(frame.offset for frame in frames)


@pytest.mark.peer
def test_fragments_follow_any_init_of_the_same_parameters(film: Callable[..., Path]) -> None:
    info, frames = play(film("h264"))
    one, other = Fragmenter(info), Fragmenter(info)
    assert one.init == other.init
    joined = (
        one.init
        + b"".join(one.fragment(f) for f in frames[25:50])
        + b"".join(other.fragment(f) for f in frames[75:])
    )
    with av.open(io.BytesIO(joined)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 50
    for fragment in (one.fragment(frame) for frame in frames):
        assert [box.kind for box in boxes_of(fragment)] == ["moof", "mdat"]
    units = hashlib.sha256()
    for frame in frames:
        data, at = one.fragment(frame)[112:], 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 4], "big")
            units.update(data[at + 4 : at + 4 + size])
            at += 4 + size
    assert units.digest() == hashlib.sha256(b"".join(u for f in frames for u in nal_units(f.data))).digest()


@given(st.lists(st.tuples(st.integers(0, 3), st.binary(min_size=1, max_size=40)), min_size=1, max_size=6))
def test_annex_b_is_cut_exactly(parts: list[tuple[int, bytes]]) -> None:
    """Any NAL units (no start code inside, no zero at the end: H.264 7.4.1) with any zeros before their start codes."""
    units = [unit.replace(b"\0\0", b"\0\3") + b"\x80" for _, unit in parts]
    data = b"".join(b"\0" * zeros + b"\0\0\1" + unit for (zeros, _), unit in zip(parts, units, strict=True))
    assert length_prefixed(data) == b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


@pytest.mark.parametrize("extradata", [b"", b"\0\0\1", b"\xff" * 50, b"\0\0\0\1\x67"])
def test_broken_parameters_are_unsupported(extradata: bytes) -> None:
    for codec in ("h264", "hevc", "av1"):
        made = b""
        with suppress(SourceError):
            made = init_segment(StreamInfo(codec, 320, 180, 25, extradata))
        assert [box.kind for box in boxes_of(made)] in ([], ["ftyp", "moov"])


@pytest.mark.peer
def test_walls_of_a_film_grow(film: Callable[..., Path]) -> None:
    for codec in ("h264_b", "av1"):
        _, frames = play(film(codec, seconds=2))
        assert all(a.wall < b.wall for a, b in itertools.pairwise(frames))

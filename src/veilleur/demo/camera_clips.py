"""Clips that the cameras of the demonstration play: packets of an MP4 file as they are, never decoded."""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import av

from veilleur.kernel.errors import SettingsError
from veilleur.protocols import rtsp

SCENES = Path(__file__).parent / "scenes"

MAX_CLIP_BYTES = 64 * 1024**2  # of a user's own file kept in memory; the rest of it is not played
MAX_CLIPS = 64  # of the scenes, some 100 kB each
MAX_FOOTAGE = 32  # files of a user's own folder


@dataclass(frozen=True, slots=True)
class Picture:
    """One encoded picture. `due`, `shown`: seconds from the clip's beginning when it is sent and when it is shown."""

    due: float
    shown: float
    keyframe: bool
    units: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Clip:
    """A stretch of video that is played in a loop. It begins with a keyframe. `parameter_sets`: without start codes.
    `drawn`: one of our scenes, whose pictures we know how to add to."""

    codec: str
    width: int
    height: int
    fps: float
    parameter_sets: tuple[bytes, ...]
    pictures: Sequence[Picture]
    seconds: float
    drawn: bool = False

    def keyframe_before(self, at: float) -> int:
        """The place of the last keyframe due at or before `at` seconds."""
        place = max(bisect.bisect_right(self.pictures, at, key=lambda picture: picture.due) - 1, 0)
        while not self.pictures[place].keyframe:
            place -= 1
        return place


class BadClipError(SettingsError):
    """This file cannot be played: give MP4 files of H.264 (or H.265) pictures."""


def scene_clip(scene: str, clip: str, position: str, stream: str) -> Clip | None:
    """A clip of a drawn scene as a PTZ's position sees it, or whole where that was not drawn; None: no such clip."""
    end = "-sub.mp4" if stream == "sub" else ".mp4"
    for name in ([f"{clip}-{position}"] if position else []) + [clip]:
        path = SCENES / f"{scene}-{name}{end}"
        if path.is_file():
            return read_clip(path)
    return None


@lru_cache(maxsize=MAX_CLIPS)
def read_clip(path: Path) -> Clip:
    """The packets of an MP4 file. Raises BadClipError."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise BadClipError(f"{path.name} : aucune image dans ce fichier.")
            stream = container.streams.video[0]
            codec = stream.codec_context.name
            if codec not in ("h264", "hevc") or not stream.codec_context.extradata:
                raise BadClipError(f"{path.name} : {codec} ; il faut du MP4 en H.264 (ou H.265).")
            sets, length_size = _configuration(codec, stream.codec_context.extradata)
            pictures = list(_pictures(container, stream, length_size))
            fps = float(stream.average_rate or 25)
            width, height = stream.codec_context.width, stream.codec_context.height
    except (av.error.FFmpegError, rtsp.BadUnitError, IndexError) as fault:
        raise BadClipError(f"{path.name} : fichier illisible ({fault}).") from fault
    if not pictures or not pictures[0].keyframe:
        raise BadClipError(f"{path.name} : ce fichier ne commence pas par une image complète.")
    seconds = pictures[-1].due + 1 / fps
    return Clip(codec, width, height, fps, sets, pictures, seconds, path.parent == SCENES)


def _pictures(
    container: av.container.InputContainer, stream: av.VideoStream, length_size: int
) -> Iterator[Picture]:
    first: float | None = None
    size = 0
    for packet in container.demux(stream):
        size += packet.size
        if packet.size == 0 or packet.is_corrupt or packet.dts is None or size > MAX_CLIP_BYTES:
            return
        base = float(packet.time_base)
        due = packet.dts * base
        first = due if first is None else first
        shown = (packet.pts if packet.pts is not None else packet.dts) * base
        units = tuple(rtsp.split_units(bytes(packet), length_size))
        yield Picture(due - first, shown - first, packet.is_keyframe, units)


def _configuration(codec: str, data: bytes) -> tuple[tuple[bytes, ...], int]:
    """Parameter sets and length size of an avcC (ISO 14496-15 §5.3.3.1) or hvcC record (§8.3.3.1). Raises IndexError."""
    if codec == "h264":
        sps, at = _sets(data, 6, data[5] & 0x1F)
        pps, _ = _sets(data, at + 1, data[at])
        return (*sps, *pps), (data[4] & 3) + 1
    found: list[bytes] = []
    at = 23
    for _ in range(data[22]):
        units, at = _sets(data, at + 3, int.from_bytes(data[at + 1 : at + 3], "big"))
        found += units
    return tuple(found), (data[21] & 3) + 1


def _sets(data: bytes, at: int, count: int) -> tuple[list[bytes], int]:
    units = []
    for _ in range(count):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or end == at + 2:
            raise IndexError("parameter set cut short")
        units.append(data[at + 2 : end])
        at = end
    return units, at


def own_footage(folder: Path) -> list[Path]:
    """The MP4 files of a user's folder, by name. Raises BadClipError when there is none or when one cannot be played."""
    files = sorted(path for path in folder.glob("*.mp4") if path.is_file())[:MAX_FOOTAGE]
    if not files:
        raise BadClipError(f"{folder} : aucun fichier .mp4 dans ce dossier.")
    for path in files:
        read_clip(path)
    return files

"""Where recordings lie: a local folder, and an object store (S3 and its kin) that closed hours also leave for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import obstore.exceptions
from obstore.store import ObjectStore as Objects
from obstore.store import from_url

from veilleur.kernel.errors import UnavailableError
from veilleur.video.index import ZERO_HASH, Entry, hour_of, last_entry, read_erased, read_gaps, read_segments
from veilleur.video.model import Gap

HOUR_US = 3_600_000_000
_CAMERA = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DAY, _HOUR = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d\d")
SENT = "sent"
"""A file in a folder whose every film is in the object store."""
BESIDE = ("segments", "gaps", "strip", "strip.at", "motion")
"""What leaves with the films of an hour, after them."""
IMAGES = ("strip", "strip.at", "motion")
"""Those of them that are images, or tell what was seen: they go when the films go."""
PATIENCE: dict[str, Any] = {"retry_config": {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}}
"""A store that is away says so within a minute or so, not three: films stay here meanwhile. (`client_options` would make
it forget AWS_ALLOW_HTTP; its own are 5 s to connect, 30 s to answer.)"""


@dataclass(frozen=True)
class Tail:
    """The end of a camera's chain: its last number (0: none yet), h of it, and when that segment ended."""

    number: int
    chain: bytes
    end: int | None


@dataclass(frozen=True)
class LocalStore:
    """The folder of all cameras (VIDEO). Only reads; those who write are SegmentWriter, StripWriter, repair and erase."""

    root: Path

    def camera(self, camera: str) -> Path:
        """A camera's folder. ValueError when the id could be another path."""
        if not _CAMERA.fullmatch(camera):
            raise ValueError("a camera id is made of letters, digits, - and _")
        return self.root / camera

    def cameras(self) -> list[str]:
        """The cameras that have a folder."""
        if not self.root.is_dir():
            return []
        return sorted(
            each.name for each in self.root.iterdir() if each.is_dir() and _CAMERA.fullmatch(each.name)
        )

    def hours(self, camera: str) -> list[str]:
        """Hours that have a folder, oldest first: `2026-11-28/22`."""
        folder = self.camera(camera)
        days = sorted(d for d in _folders(folder) if _DAY.fullmatch(d))
        return [
            f"{day}/{hour}"
            for day in days
            for hour in sorted(_folders(folder / day))
            if _HOUR.fullmatch(hour)
        ]

    def hours_between(self, camera: str, start: int, end: int) -> list[str]:
        """Those that may hold something of [start, end), and the one before: what began there may reach in."""
        hours, first, last = self.hours(camera), hour_of(start), hour_of(max(start, end - 1))
        before = [hour for hour in hours if hour < first][-1:]
        return before + [hour for hour in hours if first <= hour <= last]

    def entries(self, camera: str, start: int, end: int) -> list[Entry]:
        """Segments that overlap [start, end), in the order of time."""
        folder = self.camera(camera)
        found = [
            one for hour in self.hours_between(camera, start, end) for one in read_segments(folder / hour)
        ]
        kept = [one for one in found if one.segment.start < end and one.segment.end > start]
        return sorted(kept, key=lambda one: (one.segment.start, one.number))

    def gaps(self, camera: str, start: int, end: int) -> list[Gap]:
        """Recorded gaps that overlap [start, end); one that has not ended has `end` 0."""
        folder = self.camera(camera)
        hours = [hour for hour in self.hours(camera) if hour <= hour_of(max(start, end - 1))]
        first, found = hour_of(start), []
        for hour in reversed(hours):
            gaps = read_gaps(folder / hour)
            found += [one for one in gaps if one.start < end and (one.end == 0 or one.end > start)]
            if hour < first and gaps:
                break  # an older one ended before this one began
        return sorted(found, key=lambda one: one.start)

    def tail(self, camera: str) -> Tail:
        """Where the camera's chain has come to, retention or not."""
        folder = self.camera(camera)
        lasts = [one for hour in self.hours(camera) if (one := last_entry(folder / hour))]
        tails = [Tail(one.number, one.segment.chain, one.segment.end) for one in lasts]
        tails += [Tail(run.last, run.chain, run.end) for run in read_erased(folder)]
        return max(tails, key=lambda one: one.number, default=Tail(0, ZERO_HASH, None))

    def unindexed(self, camera: str, hour: str) -> list[str]:
        """Films of an hour's folder that its index does not know (being written, or orphans); paths as in `Segment.path`."""
        known = {one.segment.path for one in read_segments(self.camera(camera) / hour)}
        films = sorted(each.name for each in (self.camera(camera) / hour).glob("*.mp4"))
        return [f"{hour}/{film}" for film in films if f"{hour}/{film}" not in known]


def _folders(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir() if each.is_dir()]
    except OSError:
        return []


class ObjectStore:
    """Hours in an object store, under `<camera>/<day>/<hour>/<file>`. `url`: `s3://bucket/prefix`, `file:///…`, `memory:///`;
    `options`: obstore's (endpoint, region, keys). Each call blocks; UnavailableError when the store does not answer."""

    def __init__(self, url: str, **options: Any) -> None:
        self._objects: Objects = from_url(url, **(PATIENCE | options))

    def send_hour(self, local: LocalStore, camera: str, hour: str) -> int:
        """Copies a closed hour: films (each compared with its digest first), then the small files. Returns the films sent.

        Again is harmless. ValueError when a film is not what was recorded: it stays here, for `checking`."""
        folder = local.camera(camera) / hour
        sent = 0
        for one in read_segments(folder):
            film = local.camera(camera) / one.segment.path
            data = film.read_bytes()
            if hashlib.sha256(data).digest() != one.segment.digest:
                raise ValueError(f"{camera}/{one.segment.path} is not what was recorded")
            self._put(f"{camera}/{one.segment.path}", data)
            sent += 1
        for name in BESIDE:
            if (folder / name).is_file():
                self._put(f"{camera}/{hour}/{name}", (folder / name).read_bytes())
        (folder / SENT).touch()
        return sent

    def fetch(self, camera: str, path: str, start: int = 0, length: int | None = None) -> bytes:
        """Bytes of a film (or of a small file). FileNotFoundError when it is not there."""
        key, missing = f"{camera}/{path}", False
        try:
            if length is None:
                return bytes(obstore.get(self._objects, key).bytes())[start:]
            return bytes(obstore.get_range(self._objects, key, start=start, length=length))
        except (FileNotFoundError, obstore.exceptions.NotFoundError):
            missing = True
        except (obstore.exceptions.BaseError, OSError) as error:
            raise UnavailableError(f"the object store does not give {key}: {type(error).__name__}") from None
        if missing:
            raise FileNotFoundError(key)
        return b""

    def erase(self, camera: str, path: str) -> None:
        """Erases a film or a small file; one that is not there is erased already."""
        try:
            obstore.delete(self._objects, f"{camera}/{path}")
        except (FileNotFoundError, obstore.exceptions.NotFoundError):
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise UnavailableError(
                f"the object store does not erase {path}: {type(error).__name__}"
            ) from None

    def _put(self, key: str, data: bytes) -> None:
        try:
            obstore.put(self._objects, key, data)
        except (obstore.exceptions.BaseError, OSError) as error:
            raise UnavailableError(f"the object store does not take {key}: {type(error).__name__}") from None

"""What the parts of one recorder share: its database, its clock, its place, and the cameras it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.recorder.covering import covered_still, polygons_of
from veilleur.recorder.origins import Origins
from veilleur.recorder.registry import Registry
from veilleur.video.model import Still

if TYPE_CHECKING:
    from veilleur.recorder.camera import RunningCamera


@dataclass(frozen=True)
class FtpPlace:
    """Where cameras push by FTP. `ports`: first and last of the passive ones; `address`: IPv4 told to them, None: ours.

    `certificate`: a PEM file with its key; `clear`: whether a password may be said without it.
    """

    listen: tuple[str, int]
    ports: tuple[int, int]
    address: str | None = None
    certificate: Path | None = None
    clear: bool = False


@dataclass(frozen=True)
class Place:
    """Where this recorder works. `url`: its listener for browsers; `folder`: of recordings; `cameras`: at most.

    `store`: URL of an object store, or None. `disk_warning`: free bytes under which room is made. `ftp`: None: no FTP.
    """

    number: int
    url: str
    listen: tuple[str, int]
    folder: Path
    store: str | None
    cameras: int
    desk: str
    desk_url: str | None
    allowed_hosts: tuple[str, ...]
    disk_warning: int
    ftp: FtpPlace | None = None


@dataclass(eq=False)
class House:
    """Shared by the keeper's thread, the listener's loop and the rounds. `loop`: the listener's, once it runs."""

    database: Database
    clock: Clock
    place: Place
    holder: str
    registry: Registry
    cameras: dict[int, RunningCamera] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)
    """Cameras behind customers' recorders that this recorder answers for."""
    loop: asyncio.AbstractEventLoop | None = None

    @property
    def origins(self) -> Origins:
        """Whose pages may connect."""
        place = self.place
        return Origins(place.desk, place.desk_url, place.allowed_hosts, place.url)

    def here(self) -> set[int]:
        """The cameras that are this recorder's now. Safe from any thread."""
        return self.cameras.keys() | self.asked

    def newest_still(self, camera: int, *, masked: bool) -> Still | None:
        """The newest picture of a camera, as a JPEG; None when there is none yet. Blocking."""
        running = self.cameras.get(camera)
        still = running.newest_still() if running is not None else None
        if running is None or still is None or not masked or not running.spec.role_masks():
            return still
        return covered_still(still, polygons_of(running.spec.role_masks()))

    def on_loop(self, call: Callable[[], object]) -> None:
        """Runs something on the listener's loop, soon; nothing when it does not run."""
        if self.loop is not None and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(call)

"""A camera that runs here: its streams, what is written of them, who sees them, and what its state is."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from veilleur.recorder.derived import Derived, Jpegs, Masked
from veilleur.recorder.health import FIRST_PICTURE_SECONDS, UNREACHABLE_SECONDS, Facts
from veilleur.recorder.permission import Permission
from veilleur.recorder.registry import CameraSpec
from veilleur.recorder.statuses import Status
from veilleur.recorder.streams import Stream
from veilleur.recorder.transcoding import Transcoded, transcodes
from veilleur.recorder.view import View, Watched
from veilleur.recorder.writing import Writing
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Address, Frame, Still, StreamInfo, from_wall

if TYPE_CHECKING:
    from veilleur.recorder.house import House

log = structlog.get_logger()

NOTHING = Permission(connect=False, show=False, record=False, reason="stopped")


class RunningCamera:
    """Started, changed, permitted and watched by the keeper; its streams have threads of their own."""

    def __init__(self, house: House, spec: CameraSpec) -> None:
        self.spec = spec
        self.permission = NOTHING
        self.writing = Writing(house, spec)
        self.main = View()
        self.sub = View()
        self.loudspeaker: bool | None = None
        """Whether it told of one; None: not asked."""
        self._house = house
        self._since = house.clock.now()
        self._state = "starting"
        self._lock = threading.Lock()
        self._stopping = False
        self._ailing: frozenset[str] = frozenset()
        self._made: dict[str, Derived] = {}
        self._preset: str | None = None
        self._main_stream = Stream(
            spec.reference, "main", self._address, sink=_Main(self), allowed=self._connects, clock=house.clock
        )
        self._sub_stream = Stream(
            spec.reference,
            "sub",
            self._address,
            sink=_Sub(self),
            allowed=self._connects_sub,
            clock=house.clock,
        )

    def start(self) -> None:
        """Starts its threads."""
        self._main_stream.start()
        self._sub_stream.start()

    def stop(self) -> None:
        """Asks them to end: the file is closed, the gap begins. `join` waits."""
        self._stopping = True
        self._main_stream.stop()
        self._sub_stream.stop()

    def join(self, seconds: float) -> bool:
        """Whether everything has ended within so many seconds."""
        over = self._main_stream.join(seconds) and self._sub_stream.join(seconds)
        if over := over and self.writing.settled(seconds):
            self.writing.close()
        return over

    def change(self, spec: CameraSpec) -> None:
        """Its row changed; a new address is connected at once."""
        before, self.spec = self.spec, spec
        self.writing.change(spec)
        with self._lock:
            masked = self._made.get("masked")
        if isinstance(masked, Masked):
            masked.masks, masked.steerable = spec.role_masks(), spec.ptz
        if before.address != spec.address:
            self._main_stream.reconnect()
            self._sub_stream.reconnect()

    def permit(self, permission: Permission) -> None:
        """What may be done with it from now on."""
        self.permission = permission

    def watch(self) -> None:
        """Each second: a stream that fell silent is cut and asked again."""
        self._main_stream.watch()
        self._sub_stream.watch()

    def ailing(self, kinds: frozenset[str]) -> None:
        """The faults that are open now."""
        self._ailing = kinds

    @property
    def recording(self) -> bool:
        """Whether its pictures are being written now."""
        return self.writing.recording

    def watched(self, name: str, codec: str, *, masked: bool) -> Watched:
        """What a browser asks for. Masks of role come before its wishes: then there is one view, small, for all."""
        if masked and self.spec.role_masks():
            return self._remade("masked")
        view = self.sub if name == "sub" and self.spec.address.sub else self.main
        if codec == "jpeg" or (codec == "h264" and not transcodes()):
            return self._remade("jpeg")
        if codec == "h264" and (view.info is None or view.info.codec != "h264"):
            return self._remade("h264")
        return view

    @property
    def preset(self) -> str | None:
        """Where the last order sent it; None: turned by hand, or never."""
        return self._preset

    def turned(self, preset: str | None = None) -> None:
        """Somebody steers it: movement is no alarm now, and masks of a preset hold at that preset only."""
        self.writing.looking.steered(preset)
        with self._lock:
            self._preset = preset
            masked = self._made.get("masked")
        if isinstance(masked, Masked):
            masked.preset = preset

    def _remade(self, kind: str) -> Derived:
        with self._lock:
            if kind not in self._made:
                source = self.main if kind == "h264" else self.looked_at()
                if kind == "masked":
                    spec = self.spec
                    self._made[kind] = Masked(
                        source, masks=spec.role_masks(), steerable=spec.ptz, preset=self._preset
                    )
                else:
                    self._made[kind] = Jpegs(source) if kind == "jpeg" else Transcoded(source)
            return self._made[kind]

    def newest_still(self) -> Still | None:
        """The newest JPEG of the strip; None when there is none or it may not be shown."""
        return self.writing.looking.newest() if self.permission.show else None

    def looked_at(self) -> View:
        """The view that is looked at and drawn upon: the small one when there is one."""
        return self.sub if self.spec.address.sub else self.main

    def status(self, now: datetime) -> Status:
        """What is written of it each second."""
        with self._lock:
            state = self.state()
            if state != self._state:
                still = self.writing.looking.frozen_since() if state == "frozen" else None
                self._state, self._since = state, min(still or now, now)
            since = self._since
        main, rate = self._main_stream, self._main_stream.rate.read()
        info = main.info
        detail = {
            "codec": info.codec if info else None,
            "width": info.width if info else None,
            "height": info.height if info else None,
            "fps": round(rate[0], 1) if rate and info else None,
            "kbps": round(rate[1]) if rate and info else None,
            "sub": self._sub_stream.info is not None,
            "lost": main.lost(),
            "trouble": main.trouble or None,
            "reason": self.permission.reason,
            "clock_offset_ms": self.writing.clock_offset_ms,
            "talk": self.loudspeaker,
            "faults": sorted(self._ailing),
        }
        last = from_wall(main.last_wall) if main.last_wall is not None else None
        return Status(self.spec.id, state, since, last, self.recording, detail)

    def state(self) -> str:
        """starting | online | offline | frozen | suspended."""
        main = self._main_stream
        if not self.permission.show:
            return "suspended"
        if main.trouble == "" and main.silence() < UNREACHABLE_SECONDS:
            return "frozen" if "frozen" in self._ailing else "online"
        return "starting" if main.trouble is None and main.silence() < UNREACHABLE_SECONDS else "offline"

    def facts(self, *, low: bool | None) -> Facts:
        """One look at what may be wrong with it. `low`: room is short on the disk of recordings; None: not known yet."""
        main, rate, info = self._main_stream, self._main_stream.rate.read(), self._main_stream.info
        source: str | None = None
        if self.permission.connect:
            source = self._source()
        online = source == ""
        seen = self.writing.seen() if online else None
        kept = self.recording or not self.permission.record
        return Facts(
            source=source,
            seen=seen[0] if seen else None,
            unsure=seen[1] if seen else frozenset(),
            clock_offset_ms=self.writing.clock_offset_ms,
            size=(info.width, info.height) if online and info else None,
            fps=rate[0] if online and rate and main.info else None,
            narrow=self.spec.narrow,
            regime=self.spec.standing.regime,
            lost=not kept if online else None,
            low=self.writing.refused or low or (False if low is False and kept else None),
        )

    def _source(self) -> str | None:
        main = self._main_stream
        if main.trouble == "refused":
            return "refused"
        never = main.last_wall is None  # a machine that starts opens its cameras one after the other
        if main.silence() > (FIRST_PICTURE_SECONDS if never else UNREACHABLE_SECONDS):
            return "unreachable"
        if not never and main.trouble in ("unreachable", "unsupported"):
            return "unreachable"
        return "" if main.trouble == "" else None

    def _address(self) -> Address:
        return self.spec.address

    def _connects(self) -> bool:
        return self.permission.connect and not self._stopping

    def _connects_sub(self) -> bool:
        return self._connects() and self.spec.address.sub is not None

    def reason(self, why: str) -> str:
        """The reason of a gap that begins now: a prohibition comes before our stop, our stop before a fault."""
        return self.permission.reason or ("stopped" if self._stopping else why) or "stopped"


class _Main:
    """The main stream's sink: the film, then those who watch."""

    def __init__(self, camera: RunningCamera) -> None:
        self._camera = camera

    def begin(self, info: StreamInfo, fragmenter: Fragmenter) -> None:
        self._camera.writing.begin(fragmenter)
        if self._camera.spec.address.sub is None:
            self._camera.writing.looking.begin(info, keyframes=True)
        self._camera.main.begin(info, fragmenter)

    def frame(self, frame: Frame, fragment: bytes) -> None:
        camera, permission = self._camera, self._camera.permission
        if permission.record:
            camera.writing.write(frame, fragment)
        else:
            camera.writing.pause(camera.reason("stopped"))
        if camera.spec.address.sub is None:
            camera.writing.looking.feed(frame, keeps=permission.record)
        camera.main.frame(frame, fragment, shown=permission.show)

    def end(self, reason: str) -> None:
        self._camera.writing.pause(self._camera.reason(reason))
        self._camera.main.end()


class _Sub:
    """The small stream's sink: looked at, then those who watch it."""

    def __init__(self, camera: RunningCamera) -> None:
        self._camera = camera

    def begin(self, info: StreamInfo, fragmenter: Fragmenter) -> None:
        self._camera.writing.looking.begin(info, keyframes=False)
        self._camera.sub.begin(info, fragmenter)

    def frame(self, frame: Frame, fragment: bytes) -> None:
        permission = self._camera.permission
        self._camera.writing.looking.feed(frame, keeps=permission.record)
        self._camera.sub.frame(frame, fragment, shown=permission.show)

    def end(self, reason: str) -> None:
        del reason
        self._camera.sub.end()

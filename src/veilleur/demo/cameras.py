"""The town's cameras as real RTSP servers: many cameras on one port, `rtsp://HOST:PORT/KEY/main` and `/sub`.

Each plays a prepared clip in a loop, at its own pace. What is wrong with a camera changes while it runs (`camera_controls`).
Tests: `async with open_cameras(SystemClock()) as server` inside a loop, `with running_cameras(SystemClock()) as server` beside
blocking code; both take an ephemeral port. `server.url(key)`, `server.change(key, clip="person")`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from veilleur.demo.camera_clips import Clip, own_footage, read_clip, scene_clip
from veilleur.demo.camera_connection import CameraConnection
from veilleur.demo.camera_controls import (
    CONTROL_FILE,
    BadControlError,
    Condition,
    Controls,
    Order,
    read_orders,
)
from veilleur.demo.camera_hour import sets_of
from veilleur.demo.camera_onvif import OnvifFace
from veilleur.demo.camera_plans import CameraPlan, read_plans
from veilleur.demo.camera_replay import Recording
from veilleur.demo.camera_streams import Stream
from veilleur.demo.camera_voices import Loudspeaker
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import SettingsError
from veilleur.protocols import rtsp
from veilleur.settings import split_address

log = structlog.get_logger()

MAX_CONNECTIONS = 200  # sixteen cameras, two streams, a few recorders: far below; a flood stops here
LOOK_EVERY = 0.5  # seconds between looks at the control file and at the connections
STREAMS = ("main", "sub")
GONE_SECONDS = 120.0  # who was spoken to does not come back before
REPLAY = "replay"  # of a camera whose pictures the customer keeps


class Camera:
    """One camera that plays."""

    def __init__(self, plan: CameraPlan, clock: Clock, footage: Path | None) -> None:
        self.plan, self.controls = plan, Controls(plan.usual)
        self.loudspeaker = Loudspeaker()
        self._footage, self._clock = footage, clock
        self.seconds = asyncio.get_running_loop().time
        self.recording = Recording(self.now, partial(self.clip, "main"))
        self.streams = {name: Stream(self.now, self.condition, partial(self.clip, name)) for name in STREAMS}

    def condition(self) -> Condition:
        """How it is now."""
        return self.controls.now(self.seconds())

    def now(self) -> datetime:
        """What its own clock says, right or wrong."""
        return self._clock.now() + timedelta(seconds=self.condition().clock_offset)

    def clip(self, stream: str) -> Clip:
        """What it plays now. A clip that its scene has not is played as «calm»."""
        if self._footage is not None:
            return read_clip(self._footage)
        condition = self.condition()
        shown = "sub" if condition.small else stream
        for name in (condition.clip, "calm"):
            if clip := scene_clip(self.plan.scene, name, condition.position, shown):
                return clip
        raise FileNotFoundError(f"scene {self.plan.scene}: python scripts/draw_scenes.py {self.plan.scene}")

    def presentation(self, stream: str) -> rtsp.Presentation:
        """What DESCRIBE tells of a stream."""
        clip = self.clip(stream)
        make = rtsp.h265_track if clip.codec == "hevc" else rtsp.h264_track
        tracks = [make(sets_of(clip), clip.fps)]
        if self.condition().audio:
            tracks.append(rtsp.pcma_track())
        return rtsp.Presentation(f"{self.plan.key} {stream}", tracks)


class CameraServer:
    """All cameras of the town on one port."""

    def __init__(
        self,
        clock: Clock,
        plans: Sequence[CameraPlan],
        footage: Path | None = None,
        orders: Path | None = None,
    ) -> None:
        files = own_footage(footage) if footage else [None]
        self.clock = clock
        self.cameras = {
            plan.key: Camera(plan, clock, files[number % len(files)]) for number, plan in enumerate(plans)
        }
        self.connections: set[CameraConnection] = set()
        self.set_up: list[tuple[str, str]] = []  # (path, track) of each SETUP: who set up a sound?
        self._orders, self._orders_seen, self._ordered = orders, 0, dict[str, Order]()
        self._loop = asyncio.get_running_loop()
        self.seconds = self._loop.time
        self.face: OnvifFace | None = None
        self._server: asyncio.Server | None = None
        self._watch: asyncio.Task[None] | None = None
        self.address = ("", 0)

    async def start(self, host: str, port: int, onvif_port: int | None = None) -> None:
        """Listens; the cameras have an ONVIF face too when it is given a port. Raises OSError."""
        self._server = await self._loop.create_server(lambda: CameraConnection(self), host, port)
        self.address = self._server.sockets[0].getsockname()[:2]
        if onvif_port is not None:
            self.face = OnvifFace(self, host, onvif_port)
        self._watch = self._loop.create_task(self._look())

    async def stop(self) -> None:
        """Ends it all."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self.face is not None:
            await asyncio.to_thread(self.face.close)
        if self._server is not None:
            self._server.close()
        for connection in tuple(self.connections):
            connection.abort()
        for camera in self.cameras.values():
            for stream in camera.streams.values():
                await stream.close()

    def url(self, key: str, stream: str = "main") -> str:
        """Where a stream is, without user or password."""
        return f"rtsp://{self.address[0]}:{self.address[1]}/{key}/{stream}"

    def onvif_url(self, key: str) -> str:
        """The device service of a camera."""
        assert self.face is not None, "started without an ONVIF port"
        return self.face.url(key)

    def change(self, key: str, *, seconds: float | None = None, origin: str = "test", **values: Any) -> None:
        """Changes a camera, for good or for some seconds; no values: as usual again. From any thread.

        Raises KeyError, BadControlError.
        """
        until = None if seconds is None else self._loop.time() + seconds
        self.cameras[key].controls.change(origin, values, until)
        self._loop.call_soon_threadsafe(self._cut_gone)

    def full(self) -> bool:
        """Whether one connection more is too many."""
        return len(self.connections) >= MAX_CONNECTIONS

    def is_gone(self, path: str) -> bool:
        """Whether the camera of this path answers nobody."""
        camera = self.cameras.get(path.partition("/")[0])
        return camera is not None and camera.condition().gone

    def offer(self, path: str) -> rtsp.Offer | None:
        """What stands behind a path."""
        key, _, stream = path.partition("/")
        camera = self.cameras.get(key)
        kept = camera is not None and camera.plan.recorder and stream == REPLAY
        if camera is None or not (stream in STREAMS or kept):
            return None
        password = camera.condition().password
        credentials = None if password is None else rtsp.Credentials(camera.plan.user, password)
        if kept:
            return rtsp.Offer(camera.presentation("main"), credentials, camera.recording.held)
        speech = rtsp.speech_track() if camera.condition().speaker else None
        return rtsp.Offer(camera.presentation(stream), credentials, speech=speech)

    def hear(self, path: str, packet: bytes) -> None:
        """A voice in a loudspeaker: who is spoken to long enough goes away."""
        camera = self.cameras[path.partition("/")[0]]
        if camera.loudspeaker.hear(packet) and camera.condition().clip == "person":
            log.info("demo.spoken_to", camera=camera.plan.key)
            camera.controls.change("voice", {"clip": "calm"}, self._loop.time() + GONE_SECONDS)

    def recording(self, path: str) -> Recording | None:
        """What a path replays; None: it is no replay."""
        key, _, stream = path.partition("/")
        return self.cameras[key].recording if stream == REPLAY else None

    def stream(self, path: str) -> Stream:
        """The stream of a path that is offered."""
        key, _, stream = path.partition("/")
        return self.cameras[key].streams[stream]

    def _cut_gone(self) -> None:
        for connection in tuple(self.connections):
            if connection.path is not None and self.is_gone(connection.path):
                connection.abort()

    async def _look(self) -> None:
        begun = self._loop.time()
        while True:
            self._tell_stories(self._loop.time() - begun)
            self._read_orders()
            for camera in self.cameras.values():
                camera.recording.look()
            self._cut_gone()
            for connection in tuple(self.connections):
                connection.look()
            await asyncio.sleep(LOOK_EVERY)

    def _tell_stories(self, elapsed: float) -> None:
        for camera in self.cameras.values():
            told = [values for after, values in camera.plan.story if after <= elapsed]
            camera.controls.change("plan", {key: value for values in told for key, value in values.items()})

    def _read_orders(self) -> None:
        """The control file, when it changed. A bad one changes nothing and is told once."""
        if self._orders is None:
            return
        stamp, orders = 0, dict[str, Order]()
        with suppress(FileNotFoundError):
            stamp = self._orders.stat().st_mtime_ns
            if stamp != self._orders_seen:
                try:
                    orders = read_orders(self._orders)
                except (PermissionError, BadControlError) as fault:
                    log.warning("camera_orders_unread", file=str(self._orders), fault=str(fault))
                    orders = self._ordered
        if stamp == self._orders_seen:
            return
        self._orders_seen = stamp
        for key in self.cameras:
            if (order := orders.get(key, Order())) != self._ordered.get(key, Order()):
                self.change(key, origin="file", seconds=order.seconds, **order.values)
        for key in orders.keys() - self.cameras.keys() - self._ordered.keys():
            log.warning("camera_unknown", camera=key, known=", ".join(self.cameras))
        self._ordered = orders


@asynccontextmanager
async def open_cameras(
    clock: Clock,
    *,
    plans: Sequence[CameraPlan] | None = None,
    footage: Path | None = None,
    data_dir: Path | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    onvif_port: int | None = 0,
) -> AsyncIterator[CameraServer]:
    """Cameras that run until the block ends; those of the town when no plans are given. Port 0: any free one."""
    orders = None if data_dir is None else data_dir / CONTROL_FILE
    server = CameraServer(clock, read_plans() if plans is None else plans, footage, orders)
    try:
        await server.start(host, port, onvif_port)
        yield server
    finally:
        await server.stop()


async def run_cameras(clock: Clock, data_dir: Path, rtsp_address: str, footage: Path | None) -> None:
    """Cameras until cancelled. Raises SettingsError."""
    host, port = split_address(rtsp_address)
    server = open_cameras(
        clock, footage=footage, data_dir=data_dir, host=host, port=port, onvif_port=port + 1
    )
    try:
        cameras = await server.__aenter__()
    except OSError as fault:
        raise SettingsError(
            f"Les caméras ne peuvent écouter sur {rtsp_address} et le port suivant ({fault.strerror})."
        ) from fault
    try:
        log.info("cameras_listen", rtsp=rtsp_address, cameras=len(cameras.cameras))
        await asyncio.Event().wait()
    finally:
        await server.__aexit__(None, None, None)


@contextmanager
def running_cameras(clock: Clock, **options: Any) -> Iterator[CameraServer]:
    """The same in a thread of its own, beside code that blocks (a demuxer). Options as for `open_cameras`."""
    ready, loop, ended = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    started: list[CameraServer] = []
    faults: list[BaseException] = []

    async def run() -> None:
        async with open_cameras(clock, **options) as server:
            started.append(server)
            ready.set()
            await ended.wait()

    def work() -> None:
        try:
            loop.run_until_complete(run())
        except BaseException as fault:  # noqa: BLE001  # told to who waits
            faults.append(fault)
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=work, name="demo-cameras", daemon=True)
    thread.start()
    ready.wait()
    if not started:
        raise faults[0]
    try:
        yield started[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()

"""Pictures that a customer's camera or recorder pushes, by `POST /push/<token>` or by FTP (`deposits.py`): kept as received.

Each JPEG becomes a frame of a film of motion JPEG, byte for byte, so that what was pushed is hashed, chained, played
and erased as any recording. A camera's own clock is not believed: pictures are dated by when they came.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from veilleur.db.engine import ReadSession
from veilleur.features.consents.queries import running_consents
from veilleur.features.people.queries import today
from veilleur.features.pushes.commands import Received, keep_push
from veilleur.features.pushes.queries import camera_of_token
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Act
from veilleur.recorder.house import House
from veilleur.recorder.permission import permission
from veilleur.recorder.registry import CameraSpec, sites_in_alarm
from veilleur.recorder.rooting import RECORDER
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Frame, Segment, StreamInfo, from_wall, to_wall
from veilleur.video.remote import accept_push
from veilleur.video.remote_limits import MAX_PUSHED
from veilleur.video.remote_push import PushedPicture
from veilleur.video.repair import repair
from veilleur.video.segments import SegmentWriter
from veilleur.video.store import LocalStore

log = structlog.get_logger()

MAX_PUSHES = 4
"""At once, in memory: each may have 32 MiB."""
MAX_PER_MINUTE = 30
"""Of one camera: an alarm pushes some five; beyond, a detector that sees rain fills the disk."""
MAX_TOKEN = 64
BODY_SECONDS = 60.0
"""For a whole body: a few megabytes behind ADSL."""
PICTURE_US = 1_000_000
"""How long each picture is shown: nobody says when it was taken within the push."""

NOWHERE, NOT_NOW, TOO_MANY, TOO_LARGE, NO_PICTURE, AWAY, TOO_SLOW = 404, 403, 429, 413, 422, 503, 408


class RefusedError(Exception):
    """A push that is not taken: the HTTP status that its sender is told."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(eq=False)
class Intake:
    """The pushes of this recorder's cameras. `kept`: told of the film, whose chain goes into the logbook."""

    house: House
    kept: Callable[[int, list[Segment]], None] = lambda _camera, _films: None
    _running: int = 0
    _times: dict[int, deque[float]] = field(default_factory=dict)
    _pens: dict[int, threading.Lock] = field(default_factory=dict)

    async def post(self, request: Request) -> Response:
        """One push by HTTP. 200 only once it is on the disk and in the logbook."""
        try:
            with self.seat():
                spec = await asyncio.to_thread(self.admit, str(request.path_params["token"]))
                body = await _body(request)
                count = await asyncio.to_thread(self.take, spec, body, dict(request.headers), "HTTP")
        except RefusedError as refused:
            again = {"Retry-After": "5"} if refused.status == AWAY else None
            return Response(status_code=refused.status, headers=again)
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"kept": count})

    @property
    def full(self) -> bool:
        """Whether every seat is taken."""
        return self._running >= MAX_PUSHES

    @contextmanager
    def seat(self) -> Iterator[None]:
        """One of the pushes that may be in memory at once. Raises RefusedError. On the listener's loop alone."""
        if self.full:
            raise RefusedError(AWAY)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def recognise(self, token: str, reference: str) -> None:
        """Whether a token is for the camera of this reference. Raises RefusedError when it is not. Blocking."""
        try:
            with self.house.database.read() as session:
                if self._camera_of(session, token).reference != reference:
                    raise RefusedError(NOWHERE)
        except SQLAlchemyError as fault:
            log.warning("push.database_away", fault=type(fault).__name__)
            raise RefusedError(AWAY) from None

    def _camera_of(self, session: ReadSession, token: str) -> CameraSpec:
        camera = camera_of_token(session, token) if 0 < len(token) <= MAX_TOKEN else None
        spec = self.house.registry.cameras.get(camera or 0)
        if spec is None or spec.address.kind != "push":
            raise RefusedError(NOWHERE)
        if spec.id not in self.house.here():  # not yet ours: the recorder has just started
            raise RefusedError(AWAY)
        return spec

    def admit(self, token: str) -> CameraSpec:
        """The camera that a token is for, which may push now. Raises RefusedError. Blocking."""
        try:
            with self.house.database.read() as session:
                spec = self._camera_of(session, token)
                alarm = bool(sites_in_alarm(session, {spec.site_id}))
                consent = bool(running_consents(session, self.house.clock.now(), sites={spec.site_id}))
                day = today(session, self.house.clock.now())
        except SQLAlchemyError as fault:
            log.warning("push.database_away", fault=type(fault).__name__)
            raise RefusedError(AWAY) from None
        if not permission(spec.standing, today=day, alarm=alarm, consent=consent).record:
            raise RefusedError(NOT_NOW)
        self._count(spec.id)
        return spec

    def _count(self, camera: int) -> None:
        now, times = self.house.clock.monotonic(), self._times.setdefault(camera, deque())
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= MAX_PER_MINUTE:
            raise RefusedError(TOO_MANY)
        times.append(now)

    def take(self, spec: CameraSpec, body: bytes, headers: dict[str, str], by: str) -> int:
        """Keeps what a body brings; how many pictures. Raises RefusedError. Blocking."""
        try:
            pushed = accept_push(body, headers)
        except InvalidError:
            raise RefusedError(NO_PICTURE) from None
        if not pushed.pictures:
            raise RefusedError(NO_PICTURE)
        try:
            with self._pens.setdefault(spec.id, threading.Lock()):  # one pen a folder
                start, end, written = self._write(spec, pushed.pictures)
            if not written:
                raise RefusedError(AWAY)
            self.kept(spec.id, written)
            self._enter(spec, pushed.pictures, (start, end), written[0], by)
        except (SQLAlchemyError, OSError) as fault:
            log.warning("push.not_kept", camera=spec.reference, fault=type(fault).__name__)
            raise RefusedError(AWAY) from None
        return len(pushed.pictures)

    def _write(self, spec: CameraSpec, pictures: Sequence[PushedPicture]) -> tuple[int, int, list[Segment]]:
        store, camera = LocalStore(self.house.place.folder), str(spec.id)
        repair(store, camera)
        start = max(to_wall(self.house.clock.now()), (store.tail(camera).end or 0) + 1)
        written: list[Segment] = []
        writer = SegmentWriter(store, camera, self.house.clock, on_segment=written.append)
        size, wall, made = (0, 0), start, None
        for picture in pictures:
            if made is None or (picture.width, picture.height) != size:
                size = (picture.width, picture.height)
                made = Fragmenter(StreamInfo("mjpeg", *size, 1, b""))
                writer.begin(made.init)
            frame = Frame(wall, keyframe=True, data=picture.jpeg, duration=PICTURE_US)
            writer.write(frame, made.fragment(frame))
            wall += PICTURE_US
        writer.close("ended")
        return start, wall, written

    def _enter(
        self,
        spec: CameraSpec,
        pictures: Sequence[PushedPicture],
        span: tuple[int, int],
        film: Segment,
        by: str,
    ) -> None:
        digest = hashlib.sha256()
        for picture in pictures:
            digest.update(picture.jpeg)
        came = Received(
            from_at=from_wall(span[0]),
            until_at=from_wall(span[1]),
            pictures=len(pictures),
            size=sum(len(picture.jpeg) for picture in pictures),
            digest=digest.digest(),
            path=film.path,
            by=by,
            name=pictures[0].name or None,
        )
        with self.house.database.write() as session:
            keep_push(Act(session, self.house.clock.now(), RECORDER), spec.id, came)


async def _body(request: Request) -> bytes:
    """The whole body, bounded in bytes and in time."""
    said = request.headers.get("content-length", "0")
    if said.isdigit() and int(said) > MAX_PUSHED:
        raise RefusedError(TOO_LARGE)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_PUSHED:
                    raise RefusedError(TOO_LARGE)
    except TimeoutError:
        raise RefusedError(TOO_SLOW) from None
    return bytes(body)

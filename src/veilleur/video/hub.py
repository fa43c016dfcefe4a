"""One camera, many viewers: the fragments that are recorded, given live. `begin` and `publish` run in the camera's thread,
viewers in asyncio loops. A new viewer gets the init segment and the current group of pictures at once; one that is slow
loses what waited for it and goes on at the next keyframe, and the camera never waits for anybody.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field

from veilleur.video.fragments import JPEG
from veilleur.video.model import Frame, StreamInfo

INIT, FRAGMENT, PICTURE, STREAM = 0, 1, 2, 3
"""Kinds of messages; the first three are those of the listener's binary messages. `STREAM`: the stream is, or became, this."""
GOP_BYTES = 6 * 1024**2
"""The group of pictures that is kept for who comes; longer (10 s of 4K), new viewers wait for a keyframe."""
VIEWER_BYTES = 12 * 1024**2
"""What waits for one viewer: the group above and as much of live; beyond, the viewer skips to the next keyframe."""
VIEWERS = 200
"""Of one camera; a control room has some tens of screens."""


@dataclass(frozen=True)
class Message:
    """`payload` is b"" for STREAM, which alone has `info` and `mime`."""

    kind: int
    wall: int
    payload: bytes = field(repr=False, default=b"")
    info: StreamInfo | None = None
    mime: str = ""
    keyframe: bool = False


class Viewer:
    """One who looks. `next()` in the loop in which it was made. `skipped`: frames that were lost to slowness, so far."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._hub, self._loop = hub, loop
        self._queue: deque[Message] = deque()
        self._bytes = 0
        self._waiting: asyncio.Event | None = None
        self._closed = False
        self._to_keyframe = True
        self.skipped = 0

    async def next(self) -> Message | None:
        """The next message, waited for; None when the viewer or the hub is closed."""
        while True:
            with self._hub.lock:
                if self._queue:
                    message = self._queue.popleft()
                    self._bytes -= len(message.payload)
                    return message
                if self._closed:
                    return None
                self._waiting = event = asyncio.Event()
            await event.wait()

    def close(self) -> None:
        """Leaves; what waited is forgotten."""
        self._hub.leave(self)

    def put(self, message: Message) -> None:
        """For the hub, which holds its lock."""
        if message.kind in (FRAGMENT, PICTURE):
            if self._bytes + len(message.payload) > VIEWER_BYTES:
                self._drop()
            if self._to_keyframe and not message.keyframe:
                self.skipped += 1
                return
            self._to_keyframe = False
        elif message.kind == STREAM:
            self._to_keyframe = True
        self._queue.append(message)
        self._bytes += len(message.payload)
        self._wake()

    def _drop(self) -> None:
        kept = [one for one in self._queue if one.kind in (STREAM, INIT)]
        self.skipped += len(self._queue) - len(kept)
        self._queue = deque(kept)
        self._bytes = sum(len(one.payload) for one in kept)
        self._to_keyframe = True

    def end(self) -> None:
        """For the hub."""
        self._closed = True
        self._queue.clear()
        self._wake()

    def _wake(self) -> None:
        event, self._waiting = self._waiting, None
        if event is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(event.set)


class Hub:
    """The live side of one stream. `last`: wall of the last frame, 0: none yet."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.last = 0
        self._head: list[Message] = []
        self._gop: list[Message] = []
        self._gop_bytes = 0
        self._viewers: set[Viewer] = set()
        self._closed = False
        self._pictures = False

    @property
    def viewers(self) -> int:
        """How many look."""
        return len(self._viewers)

    def begin(self, info: StreamInfo, init: bytes, mime: str) -> None:
        """The frames that follow are of this stream."""
        with self.lock:
            self._pictures = mime == JPEG
            self._head = [Message(STREAM, 0, info=info, mime=mime)]
            if not self._pictures:
                self._head.append(Message(INIT, 0, init))
            self._gop, self._gop_bytes = [], 0
            for viewer in self._viewers:
                for message in self._head:
                    viewer.put(message)

    def publish(self, frame: Frame, fragment: bytes) -> None:
        """A frame, to everybody; never waits. Motion JPEG goes as pictures, the rest as fragments."""
        kind, payload = (PICTURE, frame.data) if self._pictures else (FRAGMENT, fragment)
        message = Message(kind, frame.wall, payload, keyframe=frame.keyframe)
        with self.lock:
            self.last = frame.wall
            if frame.keyframe:
                self._gop, self._gop_bytes = [message], len(payload)
            elif self._gop:
                self._gop.append(message)
                self._gop_bytes += len(payload)
            if self._gop_bytes > GOP_BYTES:
                self._gop, self._gop_bytes = [], 0
            for viewer in self._viewers:
                viewer.put(message)

    def join(self) -> Viewer:
        """A new viewer, in the running loop. OverflowError when there are too many already."""
        viewer = Viewer(self, asyncio.get_running_loop())
        with self.lock:
            if self._closed or len(self._viewers) >= VIEWERS:
                raise OverflowError("too many look at this camera")
            for message in (*self._head, *self._gop):
                viewer.put(message)
            self._viewers.add(viewer)
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Forgets a viewer; its `next` answers None."""
        with self.lock:
            self._viewers.discard(viewer)
            viewer.end()

    def close(self) -> None:
        """Every viewer's `next` answers None."""
        with self.lock:
            self._closed = True
            for viewer in self._viewers:
                viewer.end()
            self._viewers.clear()

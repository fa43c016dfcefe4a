"""One RTSP connection to the demonstration's cameras: the socket around the codec (feed, collect, send, close)."""

from __future__ import annotations

import asyncio
import secrets
from typing import Protocol

from veilleur.demo.camera_replay import Recording
from veilleur.demo.camera_streams import AUDIO, VIDEO, Stream
from veilleur.demo.camera_voices import SPEECH
from veilleur.protocols import rtsp

MAX_PENDING = 1024**2  # bytes unsent to a viewer before pictures are dropped: several keyframes of any camera
RESUME_PENDING = 65_536  # bytes unsent below which a slow viewer gets the next keyframe
STUCK = 30.0  # seconds during which a viewer takes nothing before it is cut
SLOW_REQUEST = 10.0  # seconds for the rest of a request
IDLE = 2.0 * rtsp.SESSION_TIMEOUT  # seconds without a byte from the client


class House(Protocol):
    """What the connection asks of the server."""

    connections: set[CameraConnection]
    set_up: list[tuple[str, str]]

    def full(self) -> bool:
        """Whether one connection more is too many."""

    def is_gone(self, path: str) -> bool:
        """Whether the camera of this path answers nobody."""

    def offer(self, path: str) -> rtsp.Offer | None:
        """What stands behind a path."""

    def stream(self, path: str) -> Stream:
        """The stream of a path that is offered."""

    def recording(self, path: str) -> Recording | None:
        """What a path replays; None: it is no replay."""

    def hear(self, path: str, packet: bytes) -> None:
        """A packet of RTP for the loudspeaker of this path's camera."""


class CameraConnection(asyncio.Protocol):
    """A client's connection, and a viewer of the stream once it plays."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._codec = rtsp.Connection(
            self._offer, nonce=secrets.token_hex(16), session=secrets.token_hex(8).upper()
        )
        self._transport: asyncio.Transport | None = None
        self._stream: Stream | None = None
        self._replay: asyncio.Task[None] | None = None
        self._channels: dict[str, tuple[int, int]] = {}
        self._waits = True
        self._cut = False
        loop = asyncio.get_running_loop()
        self._now = loop.time
        self._heard = self._whole = self._taken = loop.time()
        self.path: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody comes; one too many is cut."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._house.full():
            transport.abort()
            return
        self._house.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._house.connections.discard(self)
        self._leave()

    def data_received(self, data: bytes) -> None:
        """Feed, act, send."""
        assert self._transport is not None
        self._heard = self._now()
        events = self._codec.receive_data(data)
        if not self._codec.buffered:
            self._whole = self._heard
        if self._cut or self._transport.get_write_buffer_size() > 2 * MAX_PENDING:
            self._transport.abort()
            return
        self._transport.write(self._codec.data_to_send())
        for event in events:
            self._act(event, self._transport)

    def _act(self, event: rtsp.Event, transport: asyncio.Transport) -> None:
        match event:
            case rtsp.SetUp():
                self._house.set_up.append((event.path, event.track))
                self.path = event.path
            case rtsp.Playing():
                self._leave()
                self._channels, self._waits = dict(event.channels), True
                recording = self._house.recording(event.path)
                if recording is not None:
                    replay = recording.replay(event.asked, VIDEO, self)
                    self._replay = asyncio.get_running_loop().create_task(replay)
                    return
                self._stream = self._house.stream(event.path)
                self._stream.join(self)
            case rtsp.Paused():
                self._leave()
            case rtsp.Closing():
                self._leave()
                transport.close()
            case rtsp.Report():
                voice = self._channels.get(SPEECH)  # receiver reports change nothing over TCP
                if voice is not None and event.channel == voice[0] and self.path is not None:
                    self._house.hear(self.path, event.data)

    def _offer(self, path: str) -> rtsp.Offer | None:
        if self._house.is_gone(path):
            self._cut = True
            return None
        return self._house.offer(path)

    def _leave(self) -> None:
        if self._stream is not None:
            self._stream.leave(self)
            self._stream = None
        if self._replay is not None:
            self._replay.cancel()
            self._replay = None

    def pending(self) -> int | None:
        """Bytes that are not sent yet; None: gone."""
        if self._transport is None or self._transport.is_closing():
            return None
        return self._transport.get_write_buffer_size()

    def look(self) -> None:
        """Called each second: cuts who is stuck, slow or silent for too long."""
        assert self._transport is not None
        now = self._now()
        if self._transport.get_write_buffer_size() <= RESUME_PENDING:
            self._taken = now
        slow = self._codec.buffered > 0 and now - self._whole > SLOW_REQUEST
        if slow or now - self._heard > IDLE or now - self._taken > STUCK:
            self.abort()

    def abort(self) -> None:
        """Cuts at once."""
        self._leave()
        if self._transport is not None:
            self._transport.abort()

    def hears(self) -> bool:
        """Whether the sound was set up."""
        return AUDIO in self._channels

    def send(self, track: str, packets: list[bytes], *, keyframe: bool, report: bytes) -> None:
        """Packets of one instant; a slow viewer goes on at the next keyframe that finds room."""
        channels = self._channels.get(track)
        if channels is None or self._transport is None or self._transport.is_closing():
            return
        pending = self._transport.get_write_buffer_size()
        first = b""
        if track == VIDEO and self._waits:
            if not keyframe or pending > RESUME_PENDING:
                return
            self._waits, first = False, rtsp.interleave(channels[1], report)
        elif pending > MAX_PENDING:
            self._waits = True
            return
        self._transport.write(first + b"".join(rtsp.interleave(channels[0], packet) for packet in packets))

    def send_report(self, track: str, report: bytes) -> None:
        """A sender report, unless there is no room."""
        channels = self._channels.get(track)
        if channels is not None and not self._waits and self._transport is not None:
            self._transport.write(rtsp.interleave(channels[1], report))

"""WHEP (RFC 9725): H.264 as the camera made it, over WebRTC. Nothing is decoded or encoded: packets, not frames."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import structlog
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpsender import RTCRtpSender
from starlette.requests import Request
from starlette.responses import Response

from veilleur.kernel.clock import Clock
from veilleur.recorder.guests import Guest, Guests
from veilleur.recorder.house import House
from veilleur.recorder.limits import MAX_SDP, MAX_WHEP
from veilleur.recorder.taps import Tap, Taps, waker
from veilleur.video.model import to_wall

log = structlog.get_logger()

MICROSECONDS = Fraction(1, 1_000_000)
CONNECT_SECONDS = 20.0
"""For ICE and DTLS to succeed; a session that has not begun by then is closed."""
NEGOTIATE_SECONDS = 5.0
MDNS = re.compile(r"^a=candidate:.*\.local .*\r?\n", re.MULTILINE)
"""Names that only multicast resolves: the browser comes to our addresses without them."""


OLD_US, STEP_US = 150_000, 1_000
"""A picture older than the first was waiting for who comes: sent now, it is stamped now, so many µs after the one before."""


class PassedTrack(MediaStreamTrack):
    """A camera's own packets as a WebRTC track. Their times are wall times, save those of the group that had been waiting:
    the browser paces what it shows by when pictures came, and would hold all that follows back by as much as they were old."""

    kind = "video"

    def __init__(self, taps: Taps, clock: Clock) -> None:
        super().__init__()
        self._taps, self._clock = taps, clock
        self._stamp = 0
        self._news = asyncio.Event()
        loop = asyncio.get_running_loop()
        self.tap = taps.join(Tap(waker(loop, self._news)))

    async def recv(self) -> Any:
        """The next packet. Raises MediaStreamError when the track has ended."""
        while True:
            self._news.clear()
            if self.readyState != "live" or self.tap.closed:
                raise MediaStreamError
            picture = self.tap.take()
            if picture is not None:
                break
            await self._news.wait()
        frame = picture.frame
        data = with_parameters(frame.data, picture.of.extradata) if frame.keyframe else frame.data
        packet = av.Packet(data)
        packet.pts = packet.dts = self._stamped(frame.wall)
        packet.time_base = MICROSECONDS
        packet.is_keyframe = frame.keyframe
        return packet

    def _stamped(self, wall: int) -> int:
        now = to_wall(self._clock.now())
        self._stamp = max(self._stamp + STEP_US, wall if now - wall <= OLD_US else now)
        return self._stamp

    def stop(self) -> None:
        """Lets go of the camera."""
        super().stop()
        self._taps.leave(self.tap)


def with_parameters(keyframe: bytes, extradata: bytes) -> bytes:
    """A keyframe that can be decoded by itself: cameras often say their parameter sets in the description only."""
    head = keyframe[:64]
    if bytes([0, 0, 1, 0x67]) in head or bytes([0, 0, 1, 0x27]) in head or b"\0\0\1" not in extradata[:4]:
        return keyframe
    return extradata + keyframe


@dataclass(eq=False)
class _Session:
    guest: Guest
    peer: Any
    track: PassedTrack
    watch: asyncio.Task[None] | None = None


@dataclass(eq=False)
class Whep:
    """The WebRTC sessions of this recorder, on the listener's loop; each is a guest and ends with its right."""

    house: House
    guests: Guests
    sessions: dict[str, _Session] = field(default_factory=dict)

    async def offer_of(self, request: Request) -> str | Response:
        """The SDP of a request, or why not."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/sdp":
            return Response(status_code=415)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_SDP:
                return Response(status_code=413)
        try:
            offer = body.decode()
        except UnicodeDecodeError:
            return Response(status_code=400)
        if "m=video" not in offer:
            return Response("no video in this offer", status_code=400)
        return MDNS.sub("", offer)

    async def answer(self, guest: Guest, offer: str) -> Response:
        """Begins a session: 201 with the SDP answer and its Location."""
        running = self.house.cameras.get(guest.held.camera_id)
        taps = running.main.taps if running is not None else None
        info = taps.info if taps is not None else None
        refusal = None
        if len(self.sessions) >= MAX_WHEP:
            refusal = Response(status_code=503)
        elif running is None or taps is None or info is None or not running.permission.show:
            refusal = Response(status_code=404)
        elif info.codec != "h264" or (guest.held.masked and running.spec.role_masks()):
            refusal = Response("only by WebSocket", status_code=406)
        if refusal is not None or taps is None:
            self.guests.leave(guest)
            return refusal or Response(status_code=404)
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))  # no server outside is ever asked
        track = PassedTrack(taps, self.house.clock)
        session = _Session(guest, peer, track)
        name = secrets.token_urlsafe(18)
        self.sessions[name] = session
        try:
            described = await asyncio.wait_for(self._negotiate(peer, track, offer), NEGOTIATE_SECONDS)
        except Exception as fault:  # noqa: BLE001  # an offer is whatever a peer sends; the library raises anything
            log.info("whep.refused", fault=type(fault).__name__)
            await self.end(name)
            return Response("this offer cannot be answered", status_code=400)
        session.watch = asyncio.create_task(self._watch(name, session))
        headers = {"Location": f"/whep/{name}"}
        return Response(described, status_code=201, media_type="application/sdp", headers=headers)

    async def _negotiate(self, peer: Any, track: PassedTrack, offer: str) -> str:
        video = peer.addTransceiver(track, direction="sendonly")
        ours = [each for each in RTCRtpSender.getCapabilities("video").codecs if each.name == "H264"]
        video.setCodecPreferences(ours)  # before the offer is read: it decides what is in common
        self._bind(video.sender.transport.transport.iceGatherer)
        await peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        return str(peer.localDescription.sdp)

    def _bind(self, gatherer: Any) -> None:
        """Listens for media where the listener listens, and nowhere else; on every address when it does so."""
        host = self.house.place.listen[0]
        try:
            everywhere = ipaddress.ip_address(host).is_unspecified
        except ValueError:
            everywhere, host = False, "127.0.0.1"
        if everywhere:
            return
        connection = gatherer._connection  # noqa: SLF001  # the library offers no choice of addresses
        found = connection.get_component_candidates

        def here(component: int, addresses: list[str], **more: Any) -> Any:
            del addresses
            return found(component=component, addresses=[host], **more)

        connection.get_component_candidates = here

    async def _watch(self, name: str, session: _Session) -> None:
        """Ends it when its right is gone, when it never begins, when it breaks."""
        over = asyncio.Event()
        begun = asyncio.Event()

        def changed() -> None:
            state = session.peer.connectionState
            if state == "connected":
                begun.set()
            elif state in ("failed", "closed"):
                over.set()

        session.peer.on("connectionstatechange", changed)
        changed()
        waits = [asyncio.ensure_future(each) for each in (session.guest.gone.wait(), over.wait())]
        opening = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait(
                (*waits, opening), timeout=CONNECT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if begun.is_set():
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*waits, opening):
                task.cancel()
            session.watch = None
            await self.end(name)

    async def end(self, name: str) -> bool:
        """Ends a session; False when there is none of this name."""
        session = self.sessions.pop(name, None)
        if session is None:
            return False
        if session.watch is not None:
            session.watch.cancel()
        session.track.stop()
        self.guests.leave(session.guest)
        with suppress(Exception):
            await asyncio.wait_for(session.peer.close(), NEGOTIATE_SECONDS)
        return True

    async def close(self) -> None:
        """The recorder stops."""
        for name in list(self.sessions):
            await self.end(name)

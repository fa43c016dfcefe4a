"""A camera's loudspeaker: ONVIF's backchannel over RTSP (Streaming Specification §5.3), on one TCP connection.

Only that track is set up: neither pictures nor the camera's own sound come here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, SourceError
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline
from veilleur.video.remote_asking import trust_of
from veilleur.video.remote_rtsp import Session, Track
from veilleur.video.sources.addresses import target_of
from veilleur.video.speech import CODECS, RATE, STATIC_TYPES, Packets

BACKCHANNEL = {"Require": "www.onvif.org/ver20/backchannel"}
"""Said at each request: a device without a loudspeaker answers 551, and other clients never see the track."""
OPEN_SECONDS = 5.0
"""From the first question to the line that is open: who speaks waits for it with the key held."""
SEND_SECONDS = 2.0
"""A camera that does not take a packet of 172 bytes by then hears nothing any more."""


@dataclass(frozen=True)
class Offer:
    """A track that takes speech."""

    control: str
    codec: str
    payload_type: int


class Loudspeaker:
    """An open line to a loudspeaker. One thread says; methods raise SourceError."""

    def __init__(self, address: Address, clock: Clock) -> None:
        """Opens; blocking, five seconds at most.

        SourceError: `unsupported` (no loudspeaker that we can speak to), `refused` (user or password), `ended` (it has
        one and does not take us now: somebody else speaks), `unreachable`.
        """
        self._clock = clock
        deadline = Deadline(clock, OPEN_SECONDS)
        session = _session(address, clock)
        try:
            offer = read_offer(session.described(BACKCHANNEL, deadline))
            track = Track(offer.control, offer.codec, offer.payload_type, RATE, 0.0, ())
            try:
                session.set_up(track, BACKCHANNEL, deadline)
                session.play(BACKCHANNEL, deadline)
            except SourceError as fault:
                if fault.kind == "unsupported":
                    raise SourceError("ended", f"the loudspeaker takes no sound now ({fault})") from None
                raise
        except BaseException:
            session.close()
            raise
        self._session = session
        self._packets = Packets(offer.codec, offer.payload_type)
        self.codec = offer.codec

    def say(self, pcm: bytes) -> None:
        """One packet: `PACKET_BYTES` of signed 16-bit little-endian samples, 8 kHz, mono."""
        deadline = Deadline(self._clock, SEND_SECONDS)
        self._session.put(self._packets.packet(pcm), deadline)
        self._session.skim(deadline)

    def close(self) -> None:
        """Ends, without waiting for an answer."""
        self._session.close()


def has_loudspeaker(address: Address, clock: Clock) -> bool:
    """Whether the camera offers a track that we can speak on; blocking. Raises SourceError when it does not say."""
    try:
        session = _session(address, clock)
        try:
            read_offer(session.described(BACKCHANNEL, Deadline(clock, OPEN_SECONDS)))
        finally:
            session.close()
    except SourceError as fault:
        if fault.kind == "unsupported":
            return False
        raise
    return True


def _session(address: Address, clock: Clock) -> Session:
    target = target_of(address, "main")
    if target.scheme not in ("rtsp", "rtsps"):
        raise SourceError("unsupported", "one speaks through cameras that speak RTSP")
    trust = trust_of(address)
    credentials = Credentials(address.user, address.password, clear=trust.clear_password)
    return Session(target.url, credentials, trust, clock)


def read_offer(body: bytes) -> Offer:
    """The first track of an SDP (RFC 4566) that a client sends on, in a law of G.711; SourceError «unsupported» without."""
    seen = "none"
    for media in re.split(r"(?m)^m=", body.decode("utf-8", errors="replace"))[1:]:
        lines = [line.strip() for line in media.splitlines()]
        said = lines[0].split()
        if said[:1] != ["audio"] or "a=sendonly" not in lines:  # the direction is the client's
            continue
        names = dict(STATIC_TYPES)
        for line in lines:
            if mapped := re.fullmatch(r"a=rtpmap:(\d{1,3}) ([\w.\-]{1,30})/(\d{1,9})(?:/1)?", line):
                at_rate = mapped.group(3) == str(RATE)
                names[mapped.group(1)] = mapped.group(2).upper() if at_rate else "another rate"
        control = next((line.partition(":")[2] for line in lines if line.startswith("a=control:")), "")
        for number in said[3:]:
            seen = names.get(number, "unnamed")
            if seen in CODECS and int(number) < 128:
                return Offer(control, seen, int(number))
    raise SourceError("unsupported", f"the camera offers no loudspeaker in G.711 (but {seen})")

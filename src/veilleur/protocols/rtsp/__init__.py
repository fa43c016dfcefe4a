"""RTSP 1.0 (RFC 2326), a server's side, and RTP payloads for it: for the demonstration's cameras.

Feed a `Connection` with bytes, do what its events say, send `data_to_send()`. A `Sender` makes the packets of a track from
payloads (`h264_payloads`, `h265_payloads`); `interleave` puts them on the connection. Nothing here reads a clock or a socket.
"""

from __future__ import annotations

from veilleur.protocols.rtsp.auth import Credentials
from veilleur.protocols.rtsp.connection import (
    SESSION_TIMEOUT,
    Closing,
    Connection,
    Event,
    Offer,
    Paused,
    Playing,
    Report,
    SetUp,
)
from veilleur.protocols.rtsp.payload import BadUnitError, alaw, h264_payloads, h265_payloads, split_units
from veilleur.protocols.rtsp.reader import Interleaved, Malformed, Reader, Request
from veilleur.protocols.rtsp.rtp import Sender, interleave
from veilleur.protocols.rtsp.sdp import (
    PCMA_TYPE,
    VIDEO_TYPE,
    Presentation,
    Track,
    h264_track,
    h265_track,
    pcma_track,
    speech_track,
)

__all__ = [
    "PCMA_TYPE",
    "SESSION_TIMEOUT",
    "VIDEO_TYPE",
    "BadUnitError",
    "Closing",
    "Connection",
    "Credentials",
    "Event",
    "Interleaved",
    "Malformed",
    "Offer",
    "Paused",
    "Playing",
    "Presentation",
    "Reader",
    "Report",
    "Request",
    "Sender",
    "SetUp",
    "Track",
    "alaw",
    "h264_payloads",
    "h264_track",
    "h265_payloads",
    "h265_track",
    "interleave",
    "pcma_track",
    "speech_track",
    "split_units",
]

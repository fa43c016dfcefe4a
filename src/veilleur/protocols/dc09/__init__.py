"""SIA DC-09 (ANSI/SIA DC-09-2013, with the 2017, 2021 and 2026 revisions): receiver and dialler codec.

A receiver feeds bytes to a `Framer`, opens each `Frame` with the panel's key and clock policy, stores, then
sends `ack`, `nak`, `duh` or nothing. Nothing here reads a clock or a socket.
"""

from __future__ import annotations

from veilleur.protocols.dc09.content import Content
from veilleur.protocols.dc09.crypto import BadKeyTextError, parse_key
from veilleur.protocols.dc09.encode import BadReplyError, Reply, build_frame, cid_data, parse_reply, sia_data
from veilleur.protocols.dc09.extended import redact, shown
from veilleur.protocols.dc09.frame import CrcForm, Frame, Malformed, Reason, canonical_account
from veilleur.protocols.dc09.framing import Framer, datagram_frames, read_datagram
from veilleur.protocols.dc09.limits import MAX_FRAME
from veilleur.protocols.dc09.opening import Opened, Refusal, Refused, dedupe_key, open_frame, other_account
from veilleur.protocols.dc09.replies import ack, duh, nak
from veilleur.protocols.dc09.timestamps import STANDARD_WINDOW, TimePolicy

__all__ = [
    "MAX_FRAME",
    "STANDARD_WINDOW",
    "BadKeyTextError",
    "BadReplyError",
    "Content",
    "CrcForm",
    "Frame",
    "Framer",
    "Malformed",
    "Opened",
    "Reason",
    "Refusal",
    "Refused",
    "Reply",
    "TimePolicy",
    "ack",
    "build_frame",
    "canonical_account",
    "cid_data",
    "datagram_frames",
    "dedupe_key",
    "duh",
    "nak",
    "open_frame",
    "other_account",
    "parse_key",
    "parse_reply",
    "read_datagram",
    "redact",
    "shown",
    "sia_data",
]

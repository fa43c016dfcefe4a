"""The Transport header (RFC 2326 §12.39): only RTP over the connection itself is served.

UDP would need a port per viewer and says nothing of loss; a client that is told 461 asks again for TCP.
"""

from __future__ import annotations

import re

_INTERLEAVED = re.compile(r"interleaved=(\d{1,3})(?:-(\d{1,3}))?")


def choose_channels(header: str, used: set[int]) -> tuple[int, int] | None:
    """Channels for RTP and RTCP from the first alternative that we serve; None: none of them."""
    for alternative in header.split(","):
        parts = [part.strip() for part in alternative.split(";")]
        if parts[0].upper() != "RTP/AVP/TCP":
            continue
        asked = next((m for part in parts if (m := _INTERLEAVED.fullmatch(part))), None)
        if asked is None:
            first = next(number for number in range(0, 254, 2) if not {number, number + 1} & used)
            return first, first + 1
        rtp = int(asked[1])
        rtcp = int(asked[2]) if asked[2] else rtp + 1
        if rtp == rtcp or max(rtp, rtcp) > 0xFF or {rtp, rtcp} & used:
            continue
        return rtp, rtcp
    return None

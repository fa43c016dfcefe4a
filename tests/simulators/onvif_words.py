"""What the simulated ONVIF device and recorder say, and the password they want."""

from __future__ import annotations

import hashlib
import re

USER, PASSWORD = "veilleur", "s3cret-du-quai"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"picture" * 40 + b"\xff\xd9"

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:tev="http://www.onvif.org/ver10/events/wsdl" '
    'xmlns:tse="http://www.onvif.org/ver10/search/wsdl" xmlns:trp="http://www.onvif.org/ver10/replay/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2" '
    'xmlns:wsa5="http://www.w3.org/2005/08/addressing"><env:Body>{body}</env:Body></env:Envelope>'
)
NAMESPACES = {
    "device": "ver10/device", "media": "ver10/media", "ptz": "ver20/ptz", "events": "ver10/events",
    "search": "ver10/search", "replay": "ver10/replay",
}  # fmt: skip
ACTION_NOT_SUPPORTED = (
    "<env:Fault><env:Code><env:Value>env:Receiver</env:Value><env:Subcode><env:Value>ter:ActionNotSupported"
    "</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang='en'>{reason}</env:Text></env:Reason></env:Fault>"
)
PROFILES = (("main", "H264", 1920, 1080, 25), ("sub", "H264", 640, 360, 12), ("tiny", "JPEG", 176, 144, 5))
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {n} "{f"&{p};" * 10}">' for p, n in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><l>&i;</l>"
)


def digest_is_right(said: str, method: str) -> bool:
    """Whether an Authorization header answers the challenge of realm `camera`, nonce `n0nce` (RFC 7616, qop auth)."""
    parts = dict(re.findall(r'(\w+)="?([^",]*)"?', said.partition(" ")[2]))
    hashed = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}[parts.get("algorithm", "MD5")]

    def h(text: str) -> str:
        return hashed(text.encode()).hexdigest()

    if not said.startswith("Digest ") or parts.get("username") != USER:
        return False
    first, second = h(f"{USER}:camera:{PASSWORD}"), h(f"{method}:{parts['uri']}")
    return parts["response"] == h(f"{first}:n0nce:{parts['nc']}:{parts['cnonce']}:auth:{second}")

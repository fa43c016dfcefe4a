"""SOAP 1.2 as ONVIF devices read and write it: envelopes, faults, WS-UsernameToken digests. Bytes in, bytes out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

WINDOW = timedelta(seconds=10)  # between a signature's hour and the camera's; real cameras take 5 s to 5 min

_SOAP = "{http://www.w3.org/2003/05/soap-envelope}"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>'
)
_TAIL = "</s:Body></s:Envelope>"


class Fault(Exception):  # noqa: N818  # SOAP's own word
    """A refusal, told to the client. `code`: ONVIF's subcode."""

    def __init__(self, status: int, code: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.code, self.reason = status, code, reason


class NotOneOfMine(Fault):
    """An operation that this device does not do."""

    def __init__(self) -> None:
        super().__init__(500, "ActionNotSupported", "Optional Action Not Implemented")


@dataclass(frozen=True)
class Signature:
    """WS-UsernameToken with a digest (OASIS WSS UsernameToken Profile 1.1 §3.1)."""

    user: str
    digest: bytes = field(repr=False)
    nonce: bytes = field(repr=False)
    created: str


def read_request(raw: bytes) -> tuple[str, ET.Element, Signature | None]:
    """The operation's name, its element and who signed it. Raises Fault."""
    try:
        source = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _ill("not UTF-8") from None
    if "<!" in source.replace("<!--", "").replace("<![CDATA[", ""):
        raise _ill("no document type is taken")  # nor the entities that one would bring
    try:
        root = ET.fromstring(source)  # noqa: S314  # bounded, without document type: nothing can expand
    except (ET.ParseError, ValueError) as wrong:
        raise _ill("no XML") from wrong
    body = root.find(f"{_SOAP}Body")
    if body is None or len(body) == 0:
        raise _ill("no body")
    return _local(body[0].tag), body[0], _signature(root)


def _ill(reason: str) -> Fault:
    return Fault(400, "WellFormed", reason)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _signature(root: ET.Element) -> Signature | None:
    token = next((each for each in root.iter() if _local(each.tag) == "UsernameToken"), None)
    if token is None:
        return None
    parts = {_local(each.tag): each for each in token}
    if not {"Username", "Password", "Nonce", "Created"} <= parts.keys():
        return None
    if not parts["Password"].get("Type", "").endswith("#PasswordDigest"):
        return None
    try:
        digest, nonce = (
            base64.b64decode(parts[name].text or "", validate=True) for name in ("Password", "Nonce")
        )
    except (binascii.Error, ValueError):
        return None
    return Signature(parts["Username"].text or "", digest, nonce, parts["Created"].text or "")


def is_signed(signature: Signature | None, user: str, password: str, now: datetime) -> bool:
    """Whether this signature is of this password and of this hour, by the camera's own clock."""
    if signature is None or signature.user != user:
        return False
    try:
        created = datetime.fromisoformat(signature.created)
    except ValueError:
        return False
    if created.tzinfo is None or abs(created - now) > WINDOW:
        return False
    signed = signature.nonce + signature.created.encode() + password.encode()
    right = hashlib.sha1(signed, usedforsecurity=False).digest()
    return hmac.compare_digest(right, signature.digest)


def text(body: ET.Element, name: str) -> str:
    """The text of the first element of that name, empty without it."""
    return next(((each.text or "").strip() for each in body.iter() if _local(each.tag) == name), "")


def attribute(body: ET.Element, name: str, key: str) -> float:
    """A number of the first element of that name, 0 without it. Raises Fault."""
    told = next((each.get(key, "0") for each in body.iter() if _local(each.tag) == name), "0")
    try:
        number = float(told)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Fault(400, "InvalidArgVal", f"{name}: no number")
    return number


def answer_of(inner: str) -> bytes:
    """An answer's envelope."""
    return f"{_HEAD}{inner}{_TAIL}".encode()


def fault_of(fault: Fault) -> bytes:
    """A fault's envelope."""
    side = "Receiver" if fault.status >= 500 else "Sender"
    return answer_of(
        f"<s:Fault><s:Code><s:Value>s:{side}</s:Value><s:Subcode><s:Value>ter:{fault.code}</s:Value></s:Subcode></s:Code>"
        f"<s:Reason><s:Text xml:lang='en'>{escape(fault.reason)}</s:Text></s:Reason></s:Fault>"
    )

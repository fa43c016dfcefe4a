"""Digest (RFC 7616, and 2069 as old clients answer) and Basic authentication (RFC 2326 §14: as in HTTP).

Nonces are given by the caller: nothing here draws one or knows for how long it is good.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')

# The only algorithm that ffmpeg, GStreamer and old recorders all speak.
_ALGORITHM = "MD5"


@dataclass(frozen=True)
class Credentials:
    """Who may look. `basic`: Basic is offered too, as careless cameras do."""

    user: str
    password: str = field(repr=False)
    realm: str = "Veilleur"
    basic: bool = False


def challenges(credentials: Credentials, nonce: str) -> list[str]:
    """The values of WWW-Authenticate, the strongest first."""
    digest = f'Digest realm="{credentials.realm}", nonce="{nonce}", algorithm={_ALGORITHM}, qop="auth"'
    return [digest, f'Basic realm="{credentials.realm}"'] if credentials.basic else [digest]


def admits(credentials: Credentials, nonce: str, method: str, url: str, authorization: str | None) -> bool:
    """Whether this Authorization header proves the password for this request."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() == "basic" and credentials.basic:
        return _basic(credentials, rest.strip())
    if scheme.lower() == "digest":
        return _digest(credentials, nonce, method, url, rest)
    return False


def _basic(credentials: Credentials, token: str) -> bool:
    try:
        given = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given, f"{credentials.user}:{credentials.password}".encode())


def _digest(credentials: Credentials, nonce: str, method: str, url: str, rest: str) -> bool:
    given = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
    if (
        given.get("username") != credentials.user
        or given.get("realm") != credentials.realm
        or given.get("nonce") != nonce
        or given.get("algorithm", _ALGORITHM).upper() != _ALGORITHM
        or given.get("uri", "").rstrip("/") != url.rstrip("/")
    ):
        return False
    secret = _md5(f"{credentials.user}:{credentials.realm}:{credentials.password}")
    request = _md5(f"{method}:{given['uri']}")
    if "qop" in given:
        if given["qop"] != "auth":
            return False
        middle = f"{nonce}:{given.get('nc', '')}:{given.get('cnonce', '')}:auth"
    else:
        middle = nonce  # RFC 2069: clients of the first generation
    return hmac.compare_digest(
        _md5(f"{secret}:{middle}:{request}"), _ascii(given.get("response", "").lower())
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _ascii(text: str) -> str:
    """compare_digest takes ASCII only; anything else is wrong anyway."""
    return text if text.isascii() else ""

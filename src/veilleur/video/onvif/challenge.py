"""Answering an HTTP or RTSP challenge: Digest (RFC 7616, RFC 2617), and Basic only where the password is not bare."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable

_SCHEMES = re.compile(r"(?:^|,\s*)(?=(?:Digest|Basic)\b)", re.IGNORECASE)
_PART = re.compile(r'([A-Za-z]{1,20})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^\s,"]{1,1000}))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


class Credentials:
    """A user and a password that answer challenges. The password is in no representation.

    `clear`: it may be sent in Basic over a line that is not encrypted; no, unless a person said so for this device.
    """

    def __init__(self, user: str | None, password: str | None, *, clear: bool = False) -> None:
        self.user = user
        self.password = password or ""
        self.clear = clear
        self._challenge: dict[str, str] | None = None
        self._basic = False
        self._count = 0
        self._tries = 0

    def __repr__(self) -> str:
        return f"Credentials({self.user!r})"

    def challenged(self, headers: Iterable[str], *, encrypted: bool) -> bool:
        """Takes the WWW-Authenticate headers of a refusal; whether trying again with `header` makes sense.

        The same challenge twice means a wrong password, unless the server says that its nonce was stale.
        """
        if self.user is None:
            return False
        digests, basic = _challenges(headers)
        if digests:
            best = max(digests, key=lambda each: each.get("algorithm", "MD5").upper() == "SHA-256")
            self._challenge, self._count = best, 0
            self._tries += 1
            return self._tries == 1 or (self._tries == 2 and best.get("stale", "").lower() == "true")
        self._tries += 1
        self._basic = basic and (encrypted or self.clear)
        return self._basic and self._tries == 1

    def answered(self) -> None:
        """The server was content: its next challenge is a new one, not a second refusal (some challenge each method)."""
        self._tries = 0

    def copy(self) -> Credentials:
        """The same user, who tried nothing yet: one request's, or one conversation's."""
        return Credentials(self.user, self.password, clear=self.clear)

    def header(self, method: str, uri: str) -> str | None:
        """The Authorization header of a request, None before any challenge."""
        if self._challenge is not None:
            self._count += 1
            return _digest(self._challenge, self.user or "", self.password, f"{method}:{uri}", self._count)
        if self._basic:
            pair = f"{self.user}:{self.password}".encode()
            return f"Basic {base64.b64encode(pair).decode()}"
        return None


def _challenges(headers: Iterable[str]) -> tuple[list[dict[str, str]], bool]:
    """The Digest challenges that we can answer, and whether Basic is offered."""
    digests, basic = [], False
    for header in headers:
        for challenge in _SCHEMES.split(header[:4000]):
            scheme, _, rest = challenge.strip().partition(" ")
            if scheme.lower() == "basic":
                basic = True
            elif scheme.lower() == "digest":
                parts = {key.lower(): quoted or bare for key, quoted, bare in _PART.findall(rest)}
                if "nonce" in parts and parts.get("algorithm", "MD5").upper() in _HASHES:
                    digests.append(parts)
    return digests, basic


def _digest(parts: dict[str, str], user: str, password: str, asked: str, count: int) -> str:
    algorithm = parts.get("algorithm", "MD5").upper()

    def hashed(text: str) -> str:
        return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = parts.get("realm", ""), parts["nonce"]
    first = hashed(f"{user}:{realm}:{password}")
    second = hashed(asked)
    uri = asked.partition(":")[2]
    said = [f'username="{_quoted(user)}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if "auth" in [each.strip() for each in parts.get("qop", "").split(",")]:
        cnonce, number = secrets.token_hex(8), f"{count:08x}"
        response = hashed(f"{first}:{nonce}:{number}:{cnonce}:auth:{second}")
        said += ["qop=auth", f"nc={number}", f'cnonce="{cnonce}"']
    else:
        response = hashed(f"{first}:{nonce}:{second}")
    said.append(f'response="{response}"')
    if "algorithm" in parts:
        said.append(f"algorithm={algorithm}")
    if "opaque" in parts:
        said.append(f'opaque="{parts["opaque"]}"')
    return "Digest " + ", ".join(said)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

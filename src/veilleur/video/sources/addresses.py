"""A camera's address, checked before anything is opened, and never told with its password."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from veilleur.video.model import Address, SourceError, StreamName

PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
MAX_URL = 2048
"""Characters; the longest URL seen of a recorder's replay is under 400."""


@dataclass(frozen=True)
class Target:
    """An address of a stream: `url` may be told, `secret_url` (with user and password) is for the demuxer only."""

    scheme: str
    host: str
    port: int
    url: str
    secret_url: str

    def __repr__(self) -> str:
        return f"Target({self.url})"


def target_of(address: Address, stream: StreamName) -> Target:
    """The network address of a stream of the camera. SourceError `unsupported` when it is none."""
    url = address.main if stream == "main" or address.sub is None else address.sub
    if len(url) > MAX_URL or not re.fullmatch(r"[!-~]+", url):
        raise SourceError("unsupported", "the address of the camera is no URL")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    if not host or parts.scheme not in PORTS:
        raise SourceError("unsupported", "the address of a camera begins with rtsp, rtsps, http or https")
    if "@" in parts.netloc:
        raise SourceError("unsupported", "the user and the password have their own fields")
    secret = url
    if address.user:
        credentials = f"{quote(address.user, safe='')}:{quote(address.password or '', safe='')}"
        secret = urlunsplit(parts._replace(netloc=f"{credentials}@{parts.netloc}"))
    return Target(parts.scheme, host, port or PORTS[parts.scheme], url, secret)


def resolved(target: Target) -> tuple[str, int]:
    """The numeric address and port. SourceError `unreachable` when the name is not known."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    if not found:
        raise SourceError("unreachable", f"no address is known for {target.host}")
    return str(found[0][4][0]), target.port

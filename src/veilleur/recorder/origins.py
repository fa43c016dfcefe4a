"""Whose pages may connect here: the desk's own. A name that was rebound to us is refused by its Host."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Origins:
    """`desk`: HOST:PORT it listens on; `desk_url`: where it is reached from outside; `names`: hosts it answers to."""

    desk: str
    desk_url: str | None = None
    names: tuple[str, ...] = ()
    ours: str | None = None
    """Where browsers reach this listener, when set (a proxy's name)."""

    def is_host(self, host: str) -> bool:
        """Whether we answer to this Host header: localhost, an address, or a name that was set."""
        name = _host(f"//{host}")
        known = {each.lower() for each in (*self.names, *_hosts(self.ours), *_hosts(self.desk_url))}
        return name in ("localhost", *known) or _is_address(name)

    def is_desk(self, origin: str | None, host: str) -> bool:
        """Whether a page of this Origin is the desk's. None: no browser's page; it needs a ticket all the same."""
        if origin is None:
            return True
        scheme, name, port = _place(origin)
        if scheme not in ("http", "https") or not name:
            return False
        if self.desk_url is not None and _place(origin) == _place(self.desk_url):
            return True
        if name in {each.lower() for each in self.names}:
            return True
        same = name == _host(f"//{host}") or (name in LOOPBACK and _host(f"//{host}") in LOOPBACK)
        return same and port == _place(f"//{self.desk}")[2]


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _hosts(url: str | None) -> tuple[str, ...]:
    return (_host(url),) if url else ()


def _place(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, (parts.hostname or "").lower(), port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

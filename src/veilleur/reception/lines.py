"""Named reception lines, and where a frame came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from veilleur.reception.limits import Limits
from veilleur.settings import LineSettings, split_address

TRANSPORTS = ("tcp", "udp")


@dataclass(frozen=True)
class Line:
    """A reception line: panels are known by it and their account (practice P9). Port 0: any free one.

    `share_port` (SO_REUSEPORT) lets several receptions of one centre serve the port. It is off by default: a
    second centre started by mistake on the same port would silently take half of the alarms.
    """

    name: str
    host: str
    port: int
    transports: tuple[str, ...] = TRANSPORTS
    limits: Limits = field(default_factory=Limits)
    share_port: bool = False

    @classmethod
    def read(cls, settings: LineSettings) -> Line:
        """A line as the settings name it."""
        host, port = split_address(settings.listen)
        return cls(settings.name, host, port, tuple(settings.transports), share_port=settings.share_port)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where bytes came from. `peer` is the address without its port: what panels and paths are known by."""

    line: str
    transport: str
    peer: str


def peer_address(address: tuple[object, ...] | None) -> str:
    """A socket's peer as it is shown and compared; IPv4 inside IPv6 is shown as IPv4."""
    host = str(address[0]) if address else "?"
    return host.removeprefix("::ffff:") if "." in host else host

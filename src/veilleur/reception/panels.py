"""A panel as the reception knows it: how to open its frames, and which frame proves which of its paths."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from veilleur.protocols.dc09 import TimePolicy

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Proof:
    """What a frame shows of the way it took; `g` is its network-path block (2021 edition)."""

    transport: str
    receiver: str | None
    prefix: str | None
    peer: str
    g: str | None


@dataclass(frozen=True, slots=True)
class PathRule:
    """A path and what a frame must show to prove it alive (the receiver's rule 8). Nothing asked: any frame."""

    id: int
    transport: str | None = None
    receiver: str | None = None
    prefix: str | None = None
    network: Network | None = None
    g: str | None = None

    @classmethod
    def read(cls, path_id: int, match: Mapping[str, Any]) -> PathRule:
        """A path's `match` as the import wrote it; `peer` is an address or a network (203.0.113.0/24)."""
        return cls(
            path_id,
            transport=_text(match.get("transport")),
            receiver=_number(match.get("receiver")),
            prefix=_number(match.get("prefix")),
            network=_network(match.get("peer")),
            g=_text(match.get("g")),
        )

    @property
    def specific(self) -> bool:
        """Whether it asks for anything."""
        asked = (self.transport, self.receiver, self.prefix, self.network, self.g)
        return any(each is not None for each in asked)

    def proved_by(self, proof: Proof) -> bool:
        """Whether the frame came this way."""
        return (
            (self.transport is None or self.transport == proof.transport)
            and (self.receiver is None or self.receiver == _number(proof.receiver))
            and (self.prefix is None or self.prefix == _number(proof.prefix))
            and (self.g is None or (proof.g is not None and self.g == _text(proof.g)))
            and (self.network is None or _inside(proof.peer, self.network))
        )


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel in service. `keyed` with `key` None: its key cannot be opened here, so nothing of it can be."""

    id: int
    site_id: int
    canonical: str
    line: str | None
    keyed: bool
    key: bytes | None = field(repr=False)
    time_policy: TimePolicy
    timezone: ZoneInfo
    clear_allowed: bool
    duplicate_seconds: int
    paths: tuple[PathRule, ...]
    any_path: int | None = field(init=False)
    """The id of the path that every frame proves; None when it depends on the frame."""

    def __post_init__(self) -> None:
        open_to_all = self.paths[0].id if self.paths and not self.paths[0].specific else None
        object.__setattr__(self, "any_path", open_to_all)

    def path_of(self, proof: Proof) -> int | None:
        """The id of the path that a frame proves: a path that asks for something first, else the one that
        takes all."""
        return next((path.id for path in self.paths if path.proved_by(proof)), None)


def ordered_paths(paths: Iterable[PathRule]) -> tuple[PathRule, ...]:
    """Paths in the order in which they are tried."""
    return tuple(sorted(paths, key=lambda path: (not path.specific, path.id)))


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip().lower()


def _number(value: object) -> str | None:
    """R and L compare as numbers written in hexadecimal: «01» is «1»."""
    return None if value is None else str(value).strip().upper().lstrip("0") or "0"


def _network(value: object) -> Network | None:
    return None if value is None else ipaddress.ip_network(str(value).strip(), strict=False)


def _inside(peer: str, network: Network) -> bool:
    try:
        return ipaddress.ip_address(peer) in network
    except ValueError:
        return False

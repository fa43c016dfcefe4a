"""Who may stay connected. Newcomers are let in; when room is short the oldest stranger leaves.

A stranger is a connection that has not delivered a valid frame of a known account; its peer is exempt from the
limit per peer once one of its connections has (a concentrator carries 5,000 panels behind one address).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol

from veilleur.reception.limits import MAX_KNOWN_PEERS, Limits


class Guest(Protocol):
    """A connection as the doorkeeper sees it."""

    @property
    def peer(self) -> str:
        """Its address."""

    def dismiss(self, reason: str) -> None:
        """Ends it now; `reason` is the kind of trouble it is counted under."""


@dataclass
class Doorkeeper:
    """Counts the connections of a process; `capacity` is what the system allows."""

    capacity: int
    _guests: set[Guest] = field(default_factory=set)
    _strangers: OrderedDict[Guest, None] = field(default_factory=OrderedDict)
    _by_peer: dict[str, OrderedDict[Guest, None]] = field(default_factory=dict)
    _known_peers: OrderedDict[str, None] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return len(self._guests)

    @property
    def strangers(self) -> int:
        """How many have proved nothing yet."""
        return len(self._strangers)

    def admit(self, guest: Guest, limits: Limits) -> bool:
        """Lets a newcomer in, dismissing the oldest stranger if room is short; False: only known panels are left."""
        if len(self._guests) >= min(limits.connections, self.capacity) and not self._make_room():
            return False
        peers = self._by_peer.setdefault(guest.peer, OrderedDict())
        if guest.peer not in self._known_peers and len(peers) >= limits.strangers_per_peer:
            self._dismiss(next(iter(peers)), "too_many_of_peer")
            peers = self._by_peer.setdefault(guest.peer, OrderedDict())
        self._guests.add(guest)
        self._strangers[guest] = peers[guest] = None
        return True

    def recognise(self, guest: Guest) -> None:
        """A valid frame of a known account came: neither the connection nor its peer are strangers any more."""
        self._forget_stranger(guest)
        self._known_peers[guest.peer] = None
        self._known_peers.move_to_end(guest.peer)
        if len(self._known_peers) > MAX_KNOWN_PEERS:
            self._known_peers.popitem(last=False)

    def leave(self, guest: Guest) -> None:
        """The connection ended."""
        self._guests.discard(guest)
        self._forget_stranger(guest)

    def everybody(self) -> list[Guest]:
        """All connections, for sweeping and for the end."""
        return list(self._guests)

    def _make_room(self) -> bool:
        if not self._strangers:
            return False
        self._dismiss(next(iter(self._strangers)), "too_many")
        return True

    def _dismiss(self, guest: Guest, reason: str) -> None:
        self.leave(guest)
        guest.dismiss(reason)

    def _forget_stranger(self, guest: Guest) -> None:
        self._strangers.pop(guest, None)
        peers = self._by_peer.get(guest.peer)
        if peers is not None:
            peers.pop(guest, None)
            if not peers:
                del self._by_peer[guest.peer]

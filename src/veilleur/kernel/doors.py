"""Listening sockets that outlive the process that serves them.

Who keeps the roles alive opens the sockets once and hands them to each process it starts. Two processes then share one
queue: whoever connects while one takes over from the other, or while one that died is being started again, waits in
that queue and is served; nobody is refused. Separate sockets on one port (SO_REUSEPORT) have a queue each, and Linux
resets what waits in the queue of one that closes (net.ipv4.tcp_migrate_req = 0).
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from veilleur.kernel.errors import SettingsError

DOORS_VARIABLE = "VEILLEUR_DOORS"
BACKLOG = 1024

Sockets = Mapping[str, Sequence[socket.socket]]
"""By name: «http», «R1/tcp», «R1/udp». A host name may stand for several addresses."""


@dataclass
class Doors:
    """The sockets of a centre, each under the name of what is behind it."""

    opened: dict[str, list[socket.socket]] = field(default_factory=dict)

    def open(self, name: str, host: str, port: int, *, udp: bool = False, shared: bool = False) -> int:
        """Opens a door; returns its port (another than asked when 0 is asked). `shared`: with SO_REUSEPORT.

        Raises SettingsError when the address cannot be had, AddressBusyError when somebody has it.
        """
        kind = socket.SOCK_DGRAM if udp else socket.SOCK_STREAM
        sockets = self.opened.setdefault(name, [])
        try:
            found = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)
            for family, _, _, _, address in dict.fromkeys(found):
                door = socket.socket(family, kind)
                sockets.append(door)
                _bind(door, (address[0], port, *address[2:]), shared=shared)
                port = int(door.getsockname()[1])
        except OSError as error:
            self.close([name])
            fault = AddressBusyError if error.errno == errno.EADDRINUSE else SettingsError
            raise fault(
                f"{name} cannot listen on {host}:{port} ({error.strerror or error}): free the port or choose another.",
                name=name,
            ) from error
        return port

    def numbers(self, names: Iterable[str]) -> dict[str, list[int]]:
        """The descriptors behind these doors."""
        return {name: [door.fileno() for door in self.opened[name]] for name in names if name in self.opened}

    def close(self, names: Iterable[str] | None = None) -> None:
        """Closes these doors, or all, here: for others who hold them they stay open."""
        for name in list(self.opened if names is None else names):
            for door in self.opened.pop(name, []):
                door.close()


class AddressBusyError(SettingsError):
    """Another process listens there."""


def keep_trying(attempt: Callable[[], int], again: Callable[[], bool]) -> int:
    """Opens a door that a process which is just ending may still hold; `again` waits and says whether to go on."""
    while True:
        try:
            return attempt()
        except AddressBusyError:
            if not again():
                raise


def handed(numbers: Mapping[str, Sequence[int]]) -> dict[str, str]:
    """The environment that tells a child which descriptors it was given."""
    return {DOORS_VARIABLE: json.dumps(numbers)} if numbers else {}


def inherited() -> dict[str, list[socket.socket]]:
    """The doors this process was handed; none when it was started by itself. Their descriptors are taken once."""
    said = os.environ.pop(DOORS_VARIABLE, "")
    return {
        name: [socket.socket(fileno=number) for number in numbers]
        for name, numbers in (json.loads(said) if said else {}).items()
    }


def _bind(door: socket.socket, address: tuple[object, ...], *, shared: bool) -> None:
    if door.type == socket.SOCK_STREAM:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if door.family == socket.AF_INET6:
        with suppress(OSError):
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    door.bind(address)
    door.setblocking(False)
    if door.type == socket.SOCK_STREAM:
        door.listen(BACKLOG)

"""Finding the socket that the demuxer opened, so that another thread can end a read that waits on a silent camera.

The demuxer tells nobody its socket and its own interruption knows only delays. The sockets of this process that are
connected to the camera are listed before and after opening, one opening at a time per camera address; the new one is
kept as a duplicate. Where the system does not list its descriptors, a close waits for the read's own delay.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_OPENING: dict[tuple[str, int], threading.Lock] = {}
_GUARD = threading.Lock()
_LISTING = "/dev/fd"


class Line:
    """The connection that was opened inside `watching`; `cut()` ends it, from any thread, once or many times."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._cut = False

    @property
    def known(self) -> bool:
        """Whether there is a socket to cut."""
        return bool(self._sockets)

    def take(self, sockets: list[socket.socket]) -> None:
        """Keeps the sockets; cuts them at once when `cut` came first."""
        self._sockets = sockets
        if self._cut:
            self.cut()

    def cut(self) -> None:
        """A read that waits on it returns now."""
        self._cut = True
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Gives the duplicate back; the demuxer has closed its own."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            each.close()


@contextmanager
def watching(peer: tuple[str, int]) -> Iterator[Line]:
    """Notes the socket to `peer` (a numeric address and a port) that the body opens, if it ends well."""
    with _GUARD:
        lock = _OPENING.setdefault(peer, threading.Lock())
    line = Line()
    with lock:
        before = {inode for inode, _ in _connected(peer, keep=False)}
        yield line
        line.take([kept for inode, kept in _connected(peer, keep=True, but=before) if kept is not None])


def _connected(
    peer: tuple[str, int], *, keep: bool, but: set[int] | None = None
) -> Iterator[tuple[int, socket.socket | None]]:
    """Inodes (and duplicates) of this process's TCP sockets connected to `peer`, except those of `but`."""
    try:
        names = os.listdir(_LISTING)  # noqa: PTH208 — names are enough
    except OSError:
        return
    for name in names:
        with suppress(OSError, ValueError):
            about = os.fstat(int(name))
            if not stat.S_ISSOCK(about.st_mode) or about.st_ino in (but or ()):
                continue
            twin = socket.socket(fileno=os.dup(int(name)))
            if twin.getpeername()[:2] == peer and os.fstat(twin.fileno()).st_ino == about.st_ino:
                yield about.st_ino, twin if keep else None
                if keep:
                    continue
            twin.close()

"""One supervisor per data directory: an flock that dies with its process, so it is never stale."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from veilleur.db.embedded.errors import DataDirHeldError
from veilleur.kernel.clock import Clock


class DataDirLock:
    """The lock of one data directory; the file says who holds it, the flock decides."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self, clock: Clock) -> None:
        """Takes the lock, or raises DataDirHeldError with the sentence that says who has it."""
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _describe(os.read(fd, 4096))
            os.close(fd)
            raise DataDirHeldError(
                f"The data directory {self._path.parent} is already in use by {holder}: "
                f"stop that one, or choose another data directory.",
                data_dir=str(self._path.parent),
                holder=holder,
            ) from None
        note = {"pid": os.getpid(), "since": clock.now().isoformat(timespec="seconds")}
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(note).encode(), 0)
        self._fd = fd

    def release(self) -> None:
        """Gives the lock back; does nothing when it is not held. The file stays: removing it would race."""
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None


def _describe(note: bytes) -> str:
    try:
        told = json.loads(note)
        return f"another Veilleur (process {told['pid']}, since {told['since']})"
    except (ValueError, TypeError, KeyError):
        return "another Veilleur"

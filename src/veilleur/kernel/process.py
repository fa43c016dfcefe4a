"""What a child process owes its parent: to die with it."""

from __future__ import annotations

import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Asks Linux to end this process when its parent ends; ends at once if the parent is already gone."""
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    except (OSError, AttributeError):  # not Linux: the supervisor's ordered stop has to do
        return
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGTERM)

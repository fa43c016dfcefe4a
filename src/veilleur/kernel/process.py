"""What a process owes others: to die with its parent, to let alarms pass."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import suppress
from pathlib import Path

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


AUTOGROUP = Path("/proc/self/autogroup")


def take_turn(niceness: int) -> int:
    """Asks for a place in the queue for the processors (-20: first, 19: last); the place it has then.

    Less than 0 needs root or CAP_SYS_NICE: without it the place stays as it was. Where Linux shares the processors between
    sessions first (autogroup), the session asks too, when it is this process's own.
    """
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
        if os.getsid(0) == os.getpid():
            with suppress(OSError):  # no autogroup here, or asked a moment ago
                AUTOGROUP.write_text(str(niceness), encoding="ascii")
    return os.getpriority(os.PRIO_PROCESS, 0)

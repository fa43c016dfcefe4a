"""Starts programs that die with us.

PR_SET_PDEATHSIG fires when the *thread* that forked ends, not the process: one thread, kept for as long as
the supervisor, does every start, so that `EmbeddedPostgres.start()` may be called from any passing thread.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from veilleur.db.embedded.accounts import Account

_LAUNCHER = Path(__file__).with_name("launch.py")
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}
"""All that PostgreSQL sees of our environment: no PG* variable, no secret."""


class Spawner:
    """One thread that starts programs as `account`, in `cwd`, and lives until `close()`."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="postgres-parent")

    def spawn(
        self, argv: Sequence[str], *, cwd: Path, output: IO[bytes], death_signal: signal.Signals
    ) -> subprocess.Popen[bytes]:
        """Starts `argv`; its pid is the returned one. It gets `death_signal` when this process dies."""
        order = {
            "cwd": str(cwd),
            "user": self._account.name,
            "uid": self._account.uid,
            "gid": self._account.gid,
            "parent": os.getpid(),
            "death_signal": int(death_signal),
            "argv": list(argv),
        }
        command = [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(order)]
        return self._thread.submit(_popen, command, output).result()

    def close(self) -> None:
        """Ends the thread; whatever it started and still runs gets its death signal."""
        self._thread.shutdown(wait=True)


def _popen(command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=_ENVIRONMENT
    )

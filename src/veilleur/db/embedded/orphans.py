"""What an earlier PostgreSQL left behind, cleared by the one who holds the data directory's lock.

PostgreSQL refuses to start beside a `postmaster.pid` whose number is alive, even when after a reboot that
number belongs to something else; and backends may outlive by a moment a postmaster killed with SIGKILL. We
hold the lock, hence whatever still stands in the cluster folder is an orphan: it is asked to stop, and waited
for.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

from veilleur.db.embedded.errors import StartFailedError
from veilleur.db.embedded.waiting import wait_until
from veilleur.kernel.clock import Clock

ORPHAN_SECONDS = 30.0
"""How long an orphan may take to finish (a fast shutdown writes one checkpoint)."""


def clear_leftovers(cluster: Path, socket: Path, clock: Clock) -> None:
    """Stops an orphan PostgreSQL of `cluster`, then removes the stale pid and socket files.

    Raises StartFailedError, with the process to look at, when one does not end.
    """
    recorded = recorded_pid(cluster)
    if recorded in standing_in(cluster, socket.parent):
        os.kill(recorded, signal.SIGINT)
    if not wait_until(lambda: not standing_in(cluster, socket.parent), ORPHAN_SECONDS, clock):
        pids = ", ".join(str(pid) for pid in sorted(standing_in(cluster, socket.parent)))
        raise StartFailedError(
            f"An earlier PostgreSQL (process {pids}) still uses {cluster} and does not stop: "
            f"stop it (kill -QUIT {pids.replace(',', '')}), then start again.",
            pids=pids,
        )
    # A number that is alive but is no PostgreSQL of ours was given again by the system. A dead one is left to
    # PostgreSQL, which then also looks at the shared memory named in the file.
    if recorded is not None and Path(f"/proc/{recorded}").exists():
        (cluster / "postmaster.pid").unlink(missing_ok=True)
    for leftover in (socket, socket.with_name(socket.name + ".lock")):
        leftover.unlink(missing_ok=True)


def recorded_pid(cluster: Path) -> int | None:
    """The postmaster's pid according to `postmaster.pid`; None when there is none that can be read."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def standing_in(cluster: Path, socket_folder: Path) -> set[int]:
    """The processes whose working directory is `cluster`: PostgreSQL's all stand there.

    Where the system hides working directories (a container's root without CAP_SYS_PTRACE), a postmaster
    is known by the socket folder in its command line.
    """
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if (entry / "cwd").samefile(cluster) and _is_postgres(entry):
                found.add(int(entry.name))
        except PermissionError:
            if _is_postgres(entry) and os.fsencode(socket_folder) in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
        except OSError:
            continue
    return found


def _is_postgres(entry: Path) -> bool:
    """By its name; a zombie, waiting for an init that does not reap, is nothing any more."""
    try:
        name, _, state = (entry / "stat").read_text().partition("(")[2].rpartition(") ")
    except OSError:
        return False
    return name in {"postgres", "postmaster"} and not state.startswith("Z")

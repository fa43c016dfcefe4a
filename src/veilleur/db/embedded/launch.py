"""Becomes PostgreSQL: run as a program of its own, never imported by the others.

A `preexec_fn` runs Python between fork and exec, which can hang in a process that has threads; this little
program is exec'ed instead, prepares itself, then execs PostgreSQL under the same pid. Argument: one JSON
object with cwd, user, uid, gid, parent, death_signal, argv.
"""

import ctypes
import json
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Enters the folder, leaves root, asks to die with the parent, and execs."""
    order = json.loads(sys.argv[1])
    libc = ctypes.CDLL(None, use_errno=True)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.setsid()  # a Ctrl-C on the terminal is our supervisor's to order, not PostgreSQL's to see first
    os.umask(0o077)
    os.chdir(order["cwd"])  # before leaving root: its parents may be closed to the account
    if os.geteuid() == 0:
        os.initgroups(order["user"], order["gid"])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    # After setuid, which clears it. The signal comes at the death of the *thread* that forked us (spawn.py).
    if libc.prctl(PR_SET_PDEATHSIG, order["death_signal"], 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != order["parent"]:
        raise SystemExit("The process that started PostgreSQL is gone already.")
    os.execv(order["argv"][0], order["argv"])  # noqa: S606 - that is its whole purpose


if __name__ == "__main__":
    main()

"""Runs one act as the ordinary user `nobody`: `python as_nobody.py ACT ARGUMENT`; started as root.

Everything is imported before root is left, since the interpreter may stand in root's own home.
"""

import os
import pwd
import sys
from pathlib import Path

import psycopg

from veilleur.db.embedded import APP_ROLE, SUPERUSER, EmbeddedPostgres, attach


def start(data_dir: str) -> None:
    """Starts a cluster as this user and looks at it."""
    with EmbeddedPostgres(Path(data_dir)) as cluster:
        with psycopg.connect(attach(Path(data_dir)).dsn(APP_ROLE)) as connection:
            print("role", connection.execute("SELECT current_user").fetchone()[0])
        with psycopg.connect(cluster.dsn(SUPERUSER)) as connection:
            print("told", connection.execute("SHOW data_directory").fetchone()[0])
        print("owner", cluster.places.cluster.owner())


def connect(dsn: str) -> None:
    """Tries to come in."""
    try:
        psycopg.connect(dsn).close()
    except psycopg.OperationalError as fault:
        print("refused", fault)
    else:
        print("entered")


def reachable(program: Path) -> bool:
    """Whether any account may run this program."""
    real = program.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (real, *real.parents))


if __name__ == "__main__":
    if not reachable(Path(sys.executable)):
        sys.executable = "/usr/bin/python3"  # the launcher needs the standard library only
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    os.environ["HOME"] = "/nonexistent"
    {"start": start, "connect": connect}[sys.argv[1]](sys.argv[2])

"""A copy of the running cluster, the stream of its write-ahead log, and a new cluster from both.

PostgreSQL's own tools do the work: `pg_basebackup` copies while the centre runs, `pg_verifybackup` checks every
file against the manifest, `pg_receivewal` follows the write-ahead log as it is written. All three come from the
folder that runs the cluster. A cluster goes back to any moment after a copy as long as the log since then is kept.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.attach import RunningCluster
from veilleur.db.embedded.binaries import Binaries
from veilleur.db.embedded.config import SUPERUSER
from veilleur.db.embedded.errors import BackupError, StartFailedError
from veilleur.db.embedded.places import PORT, Places, prepare
from veilleur.db.embedded.supervisor import EmbeddedPostgres
from veilleur.db.embedded.waiting import wait_until
from veilleur.kernel.clock import Clock

SLOT = "veilleur_wal"
"""The replication slot that keeps the write-ahead log until the stream has it (at most max_slot_wal_keep_size)."""

RESTORED_WAL = "restored_wal"
"""Inside a cluster being restored: the log it replays. Removed once it stands."""

REPLAY_SECONDS = 4 * 3600.0
"""A day of write-ahead log replays within this on a slow disk."""

_SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
_HISTORY = re.compile(r"[0-9A-F]{8}\.history")
_START = re.compile(r"START WAL LOCATION: .* \(file (?P<segment>[0-9A-F]{24})\)")


@dataclass(frozen=True)
class Recovery:
    """Where a restored cluster stopped."""

    timeline: int
    last_commit: datetime | None
    """UTC; None when nothing was replayed beyond the copy."""


def take_base(running: RunningCluster, binaries: Binaries, folder: Path) -> None:
    """Copies the running cluster into the new `folder`, synced to the disk, with the log it needs to stand.

    The centre goes on meanwhile. Shows its progress on a terminal. Raises BackupError with PostgreSQL's words.
    """
    terminal = sys.stderr.isatty()
    _run(
        binaries.program("pg_basebackup"),
        *_connection(running),
        f"--pgdata={folder}",
        "--wal-method=stream",
        "--checkpoint=fast",
        "--manifest-checksums=SHA256",
        *(["--progress"] if terminal else []),
        shown=terminal,
    )
    verify_base(binaries, folder)


def verify_base(binaries: Binaries, folder: Path) -> None:
    """Reads every file of a copy and compares it with the manifest. Raises BackupError."""
    _run(binaries.program("pg_verifybackup"), "--exit-on-error", "--quiet", str(folder))


def stream_command(running: RunningCluster, binaries: Binaries, archive: Path) -> list[str]:
    """The program that follows the log into `archive`, a folder per timeline, for as long as it runs.

    Makes the replication slot when there is none. What is committed reaches the folder within the second.
    """
    with psycopg.connect(running.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        timeline: int = connection.execute("SELECT timeline_id FROM pg_control_checkpoint()").fetchall()[0][0]
        lost = connection.execute(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s AND wal_status = 'lost'", [SLOT]
        ).fetchone()
        if lost:  # the stream was away for too long: the log has a hole, and a new copy is needed
            connection.execute("SELECT pg_drop_replication_slot(%s)", [SLOT])
        if not connection.execute(
            "SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", [SLOT]
        ).fetchone():
            connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [SLOT])
    folder = archive / f"{timeline:08X}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        binaries.program("pg_receivewal"),
        *_connection(running),
        f"--directory={folder}",
        f"--slot={SLOT}",
        "--synchronous",
        "--no-loop",
    ]


def stop_keeping_log(running: RunningCluster) -> None:
    """Drops the slot, so that the cluster keeps no log for a stream that is not wanted any more."""
    with psycopg.connect(running.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {} AND NOT active"
            ).format(sql.Literal(SLOT))
        )


def first_segment(base: Path) -> str:
    """The first segment of the log that a copy needs. Raises BackupError when `base` is no copy."""
    try:
        found = _START.search((base / "backup_label").read_text())
    except OSError as fault:
        raise BackupError(f"{base} holds no copy of a cluster ({fault}).") from fault
    if found is None:
        raise BackupError(f"{base / 'backup_label'} does not say where the copy begins.")
    return found["segment"]


def prune_log(archive: Path, oldest: str) -> int:
    """Removes the segments older than `oldest`, of every timeline. Returns how many."""
    old = [
        path for path in _log_files(archive) if _SEGMENT.fullmatch(path.name) and path.name[8:24] < oldest[8:]
    ]
    for path in old:
        path.unlink()
    return len(old)


def put_back(
    base: Path, places: Places, binaries: Binaries, *, archive: Path | None, user: str | None
) -> None:
    """Makes the cluster of `places` from a copy, with the log to replay inside it. Nothing runs yet.

    A cut leaves no half cluster. Raises BackupError when a cluster is there already.
    """
    if places.cluster.exists():
        raise BackupError(f"{places.data} holds a cluster already: choose an empty data directory.")
    account = account_for(user)
    verify_base(binaries, base)
    segment = first_segment(base)
    prepare(places, account)
    shutil.rmtree(places.staging, ignore_errors=True)
    shutil.copytree(base, places.staging, symlinks=True)
    log = places.staging / RESTORED_WAL
    log.mkdir(mode=0o700)
    for path in _log_files(archive) if archive else ():
        if _HISTORY.fullmatch(path.name) or path.name[8:24] >= segment[8:]:
            target = log / path.name.removesuffix(".partial")
            if not path.name.endswith(".partial") or not target.exists():
                shutil.copyfile(path, target)
    (places.staging / "recovery.signal").touch()
    for folder, _, names in os.walk(places.staging):
        account.give(Path(folder), 0o700)
        for name in names:
            account.give(Path(folder) / name, 0o600)
    places.staging.rename(places.cluster)


def replay(
    places: Places, *, until: datetime | None, user: str | None, bin_dir: Path | None, clock: Clock
) -> Recovery:
    """Starts the cluster that `put_back` made, replays its log up to `until` (UTC; None: all of it), and stops it.

    Raises BackupError when the log ends before `until`.
    """
    options = {
        "restore_command": f'cp "{RESTORED_WAL}/%f" "%p"',
        "recovery_target_action": "promote",
        "recovery_target_timeline": "latest",
    }
    if until is not None:
        options["recovery_target_time"] = f"{until:%Y-%m-%d %H:%M:%S.%f}+00"
    try:
        with (
            EmbeddedPostgres(
                places.data, user=user, bin_dir=bin_dir, clock=clock, options=options
            ) as cluster,
            psycopg.connect(cluster.dsn(SUPERUSER, "postgres"), autocommit=True) as connection,
        ):
            if not wait_until(lambda: _stands(connection), REPLAY_SECONDS, clock):
                raise BackupError(f"The log is not replayed within {REPLAY_SECONDS / 3600:.0f} hours.")
            connection.execute("CHECKPOINT")
            row = connection.execute(
                "SELECT (SELECT timeline_id FROM pg_control_checkpoint()), pg_last_xact_replay_timestamp()"
            ).fetchall()[0]
    except StartFailedError as fault:
        raise BackupError(
            f"The cluster cannot be brought to that moment: {fault.message} Name a moment after the copy was "
            f"made and before the end of the log."
        ) from fault
    shutil.rmtree(places.cluster / RESTORED_WAL)
    return Recovery(row[0], row[1])


def _stands(connection: psycopg.Connection) -> bool:
    return not connection.execute("SELECT pg_is_in_recovery()").fetchall()[0][0]


def _log_files(archive: Path) -> Iterator[Path]:
    """Whole segments first, so that they win over the same one half written."""
    if not archive.is_dir():
        raise BackupError(f"{archive} is no folder of write-ahead log.")
    files = [
        path for path in archive.glob("*/*") if _SEGMENT.fullmatch(path.name) or _HISTORY.fullmatch(path.name)
    ]
    yield from sorted(files, key=lambda path: (path.name.endswith(".partial"), path.name))


def _connection(running: RunningCluster) -> list[str]:
    return [f"--host={running.socket_folder}", f"--port={PORT}", f"--username={SUPERUSER}", "--no-password"]


def _run(*argv: str, shown: bool = False) -> None:
    done = subprocess.run(
        argv,
        check=False,
        stdout=None if shown else subprocess.PIPE,
        stderr=None if shown else subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        words = " / ".join((done.stdout or "see above").strip().splitlines()[-3:])
        raise BackupError(f"{Path(argv[0]).name} failed: {words}")

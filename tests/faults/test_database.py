"""The database is away, held, or full while a storm runs (issue 3 «Faults»): silence towards panels, never a loss."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
import pytest

from tests.acceptance.centre import Centre, centre_up, enter
from tests.contract.test_processes import postmaster, wait
from tests.faults.storm import Storm, account, query
from tests.faults.test_kills import CALM, furnish, still_whole
from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, SUPERUSER, NotRunningError, attach

AWAY = 60.0  # seconds
DISK = 700  # MB of the small disk: a fresh cluster takes some 120, its log up to 80 ahead of need


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with a site for each panel of the storm."""
    with centre_up(tmp_path_factory.mktemp("database") / "data") as running:
        furnish(running)
        yield running


@contextmanager
def suspended(centre: Centre) -> Iterator[None]:
    """PostgreSQL stops in its tracks, sockets open: worse than dead, since nothing is refused."""
    pid = postmaster(centre)
    assert pid is not None
    everybody = [psutil.Process(pid), *psutil.Process(pid).children()]
    for process in everybody:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in everybody:
            os.kill(process.pid, signal.SIGCONT)


@pytest.mark.parametrize("seconds", [8.0, pytest.param(AWAY, marks=pytest.mark.long)])
def test_the_database_is_away(centre: Centre, seconds: float) -> None:
    with Storm(centre, sequence=1000 if seconds < AWAY else 2000) as storm:
        time.sleep(CALM)
        with suspended(centre):
            time.sleep(1)  # what was committed just before may still be acknowledged
            before = len(storm.acknowledged)
            time.sleep(seconds - 1)
            assert len(storm.acknowledged) == before, "acknowledged, and could not be committed"
            assert centre.health()[0] == 503, "a monitor hears «no», not nothing"
            if seconds == AWAY:  # a command says so, and ends
                told = centre.run("signals", "--json", check=False)
                assert (told.returncode, told.stdout) == (1, ""), told.stdout
                assert "does not answer" in told.stderr or "ne répond pas" in told.stderr
        time.sleep(CALM)
    still_whole(centre, storm)


def test_a_long_transaction_holds_nothing_up(centre: Centre) -> None:
    """A transaction that took an entry's number and does not end: the others are sealed, it comes later; none is lost."""
    dsn = attach(centre.data_dir).dsn(OWNER_ROLE)
    with Storm(centre, sequence=4000) as storm, psycopg.connect(dsn) as slow:
        (held,) = slow.execute(
            "INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, organisation, touched, leaf) "
            "SELECT nextval('entry_id_seq'), kind, version, happened_at, entered_at, actor_kind, organisation, "
            "touched, leaf FROM entry WHERE kind = 'logbook.key' LIMIT 1 RETURNING id"
        ).fetchall()[0]
        slow.execute(
            "INSERT INTO entry_payload SELECT %s, salt, body, search FROM entry_payload p JOIN entry e "
            "ON e.id = p.payload_of WHERE e.kind = 'logbook.key' LIMIT 1",
            [held],
        )
        time.sleep(CALM)
        sealed = "SELECT max(position) AS n FROM entry_position"
        decided = "SELECT count(*) AS n FROM signal WHERE decided_at IS NOT NULL"
        was_sealed, was_decided = (
            query(centre.data_dir, sealed)[0]["n"],
            query(centre.data_dir, decided)[0]["n"],
        )
        time.sleep(3 * CALM)
        assert query(centre.data_dir, sealed)[0]["n"] > was_sealed
        assert query(centre.data_dir, decided)[0]["n"] > was_decided
        assert not query(centre.data_dir, "SELECT 1 FROM entry_position WHERE entry_id = %s", held)
        slow.rollback()
    still_whole(centre, storm)


@contextmanager
def careless(centre: Centre) -> Iterator[None]:
    """Somebody tells PostgreSQL not to write for good, while the centre runs; sessions are made anew, as after a fault."""
    dsn = attach(centre.data_dir).dsn(SUPERUSER, "postgres")

    def tell(order: LiteralString) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(order)
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [APP_ROLE]
            )

    tell("ALTER SYSTEM SET fsync = off")
    try:
        yield
    finally:
        tell("ALTER SYSTEM RESET fsync")


def test_a_database_that_may_forget_is_not_believed(centre: Centre) -> None:
    """Law 2: with fsync off nothing is acknowledged, no link test either: panels take their second path."""
    panel = centre.panel(account(2), sequence=7000)
    assert centre.say(panel, "301")
    assert centre.alive(panel)
    with careless(centre):
        wait(lambda: centre.health()[0] == 503)
        assert b'"ACK"' not in centre.answer(panel, "130", "091")  # zones that no storm says
        assert not centre.alive(panel)
        said = enter("doctor", "--data-dir", str(centre.data_dir))
        assert said.returncode == 1
        assert "fsync" in said.stdout
    wait(lambda: centre.health()[0] == 200)
    assert centre.say(panel, "130", number="092")
    assert centre.alive(panel)
    told = query(
        centre.data_dir, "SELECT events->0->>'zone' AS zone FROM signal WHERE account = %s", account(2)
    )
    assert {row["zone"] for row in told} >= {"092"}
    assert "091" not in {row["zone"] for row in told}, "stored, by a database that does not keep it"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(
            f"NOT TESTED: a full disk; this account may not mount one ({made.stderr.decode().strip()})"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(centre: Centre) -> None:
    """Makes the database want more room than there is."""
    with psycopg.connect(attach(centre.data_dir).dsn(OWNER_ROLE), autocommit=True) as connection:
        connection.execute("CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 200000)")


@pytest.mark.long
def test_the_disk_is_full(small_disk: Path) -> None:
    """Nothing is acknowledged that has no room; the centre lives on, and goes on by itself once there is room."""
    with centre_up(small_disk / "data") as centre:
        furnish(centre)
        with Storm(centre, sequence=6000) as storm:
            time.sleep(CALM)
            filler = small_disk / "filler"
            subprocess.run(
                ["dd", "if=/dev/zero", f"of={filler}", "bs=1M", "status=none"],
                check=False,
                capture_output=True,
            )
            end, silent = time.monotonic() + 60, False
            # Room that PostgreSQL has already taken is used up first: big tables are what fills a disk.
            while not silent and time.monotonic() < end:
                before = len(storm.acknowledged)
                time.sleep(5)
                silent = len(storm.acknowledged) == before
                with suppress(psycopg.Error, NotRunningError):
                    fill(centre)
            assert silent, "acknowledged on a full disk"
            assert centre.process.poll() is None, (small_disk / "up.log").read_text()[-3000:]
            filler.unlink()
            wait(lambda: centre.health()[0] == 200)
            time.sleep(CALM)
        still_whole(centre, storm)

"""What dies, and what is left: the postmaster, its supervisor, a thread, a machine."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest

from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, EmbeddedPostgres
from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.spawn import Spawner
from veilleur.db.embedded.waiting import wait_until
from veilleur.kernel.clock import SystemClock

HERE = Path(__file__).parent


def until(reached, seconds=20.0):
    return wait_until(reached, seconds, SystemClock())


def no_permission(*_):
    raise PermissionError("as in a container without CAP_SYS_PTRACE")


def kill_postmaster(cluster):
    os.kill(cluster.pid, signal.SIGKILL)
    assert until(lambda: cluster.poll() is not None)


def gone(process):
    """Ended, though perhaps not yet reaped by this machine's init."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_restart_after_kill_9_keeps_what_was_committed(own_cluster):
    with psycopg.connect(own_cluster.dsn(OWNER_ROLE)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    for _ in range(2):
        kill_postmaster(own_cluster)
        assert not own_cluster.is_ready()
        own_cluster.restart()
        assert own_cluster.poll() is None
        with psycopg.connect(own_cluster.dsn(OWNER_ROLE)) as connection:
            assert connection.execute("SELECT n FROM kept").fetchone() == (7,)


def test_restart_waits_for_the_backends_of_a_killed_postmaster(own_cluster):
    with psycopg.connect(own_cluster.dsn(APP_ROLE)) as connection:
        ready = threading.Event()

        def sleep():
            ready.set()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT pg_sleep(60)")

        busy = threading.Thread(target=sleep)
        busy.start()
        ready.wait()
        kill_postmaster(own_cluster)
        own_cluster.restart()
        assert own_cluster.is_ready()
        busy.join(20)
        assert not busy.is_alive()


def test_restart_of_a_living_one(own_cluster):
    before = own_cluster.pid
    own_cluster.restart()
    assert own_cluster.is_ready()
    assert own_cluster.pid != before


def test_a_stale_pid_file_whose_number_was_given_again(own_cluster, tmp_path):
    own_cluster.stop()
    spawner = Spawner(account_for(None))
    with (tmp_path / "out").open("wb") as out:
        other = spawner.spawn(["/bin/sleep", "60"], cwd=Path("/"), output=out, death_signal=signal.SIGKILL)
    try:
        stale = own_cluster.places.cluster / "postmaster.pid"
        stale.write_text(f"{other.pid}\n{own_cluster.places.cluster}\n1700000000\n5432\n/tmp\n\n")
        own_cluster.start()
        assert own_cluster.is_ready()
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
        spawner.close()


def test_a_stale_pid_file_of_a_dead_number(own_cluster):
    kill_postmaster(own_cluster)
    own_cluster.stop()
    assert (own_cluster.places.cluster / "postmaster.pid").exists()
    own_cluster.start()
    assert own_cluster.is_ready()


def test_postgres_dies_with_a_killed_supervisor_and_the_next_one_takes_over(tmp_path):
    data = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, str(HERE / "supervise.py"), str(data)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        postmaster = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    with EmbeddedPostgres(data) as cluster:
        assert cluster.is_ready()
        assert cluster.pid != postmaster.pid
        assert gone(postmaster)


@pytest.mark.parametrize("hidden", [False, True], ids=["seen", "working directories hidden"])
def test_an_orphan_left_by_a_killed_supervisor_is_stopped_first(tmp_path, monkeypatch, hidden):
    data = tmp_path / "data"
    with subprocess.Popen(
        [sys.executable, str(HERE / "supervise.py"), str(data)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        postmaster = psutil.Process(int(supervisor.stdout.readline()))
        postmaster.suspend()  # its death signal waits: it outlives its supervisor
        supervisor.kill()
    if hidden:
        monkeypatch.setattr(Path, "samefile", no_permission)
    threading.Timer(0.5, postmaster.resume).start()
    with EmbeddedPostgres(data) as cluster:
        assert cluster.is_ready()
        assert gone(postmaster)


def test_postgres_outlives_the_thread_that_started_it(tmp_path):
    cluster = EmbeddedPostgres(tmp_path / "data")
    thread = threading.Thread(target=cluster.start)
    thread.start()
    thread.join()
    try:
        assert not until(lambda: cluster.poll() is not None, 0.5)
        assert cluster.is_ready()
    finally:
        cluster.stop()

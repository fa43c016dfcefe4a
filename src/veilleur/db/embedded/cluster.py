"""The cluster on the disk: made once, checked and configured at every start."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess

import psycopg
from psycopg import sql

from veilleur.db.embedded.accounts import Account
from veilleur.db.embedded.binaries import Binaries
from veilleur.db.embedded.config import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    PG_HBA_CONF,
    POSTGRESQL_CONF,
    SUPERUSER,
    pg_ident_conf,
)
from veilleur.db.embedded.errors import StartFailedError, WrongMajorError
from veilleur.db.embedded.places import Places, spoken_path
from veilleur.db.embedded.spawn import Spawner
from veilleur.kernel.errors import SettingsError

INITDB_SECONDS = 180.0
"""A slow disk writes 40 MB and syncs it within this."""


def make_cluster(places: Places, account: Account, binaries: Binaries, spawner: Spawner) -> None:
    """Makes the cluster when there is none; a cut at any moment leaves none rather than half of one."""
    if places.cluster.exists():
        return
    shutil.rmtree(places.staging, ignore_errors=True)
    places.staging.mkdir(mode=0o700)
    account.give(places.staging, 0o700)
    argv = [
        binaries.program("initdb"),
        f"--pgdata={spoken_path(places.staging, account)}",
        f"--username={SUPERUSER}",
        "--auth=peer",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
    ]
    with places.start_log.open("wb") as log:
        process = spawner.spawn(argv, cwd=places.staging, output=log, death_signal=signal.SIGKILL)
        try:
            code = process.wait(INITDB_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
    if code != 0:
        raise StartFailedError(f"initdb failed in {places.data}: {last_words(places)}")
    places.staging.rename(places.cluster)


def check_cluster(places: Places, account: Account, binaries: Binaries) -> None:
    """Refuses a cluster of another major version (WrongMajorError) or of another account (SettingsError)."""
    try:
        major = (places.cluster / "PG_VERSION").read_text().strip()
        owner = places.cluster.stat().st_uid
    except OSError as fault:
        raise SettingsError(
            f"{places.cluster} is no PostgreSQL data directory that this account can read ({fault}): "
            f"choose another data directory, or start Veilleur under the account that made it."
        ) from fault
    if major != str(binaries.major):
        raise WrongMajorError(
            f"{places.cluster} was made by PostgreSQL {major} and this Veilleur runs {binaries.version}. "
            f"Either set the folder of PostgreSQL's binaries to those of version {major}, or move the data "
            f"over: dump it with version {major} (pg_dumpall), put the folder aside, start Veilleur, load "
            f"the dump.",
            found=major,
            expected=str(binaries.major),
        )
    if owner != account.uid:
        name = _account_name(owner)
        raise SettingsError(
            f"{places.cluster} belongs to «{name}» and PostgreSQL would run as «{account.name}»: set the "
            f"account to «{name}», or give the folder over (chown -R {account.name} {places.cluster}).",
            owner=name,
        )


def configure(places: Places, account: Account) -> None:
    """Writes the configuration files; they stay readable to PostgreSQL's account only.

    The folder is that account's: written as new files, so that no link planted there leads root elsewhere.
    """
    texts = {
        "postgresql.conf": POSTGRESQL_CONF,
        "pg_hba.conf": PG_HBA_CONF,
        "pg_ident.conf": pg_ident_conf({"root", account.process_user}),
    }
    for name, text in texts.items():
        path = places.cluster / name
        path.unlink(missing_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            if account.drops:
                os.fchown(fd, account.uid, account.gid)
            file.write(text)


def ensure_roles(superuser_dsn: str) -> None:
    """Creates the two roles and the database when they are missing; costs milliseconds when they are not.

    A cluster that still replays its log writes nothing: it has what its copy had, and is left alone.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        if connection.execute("SELECT pg_is_in_recovery()").fetchall()[0][0]:
            return
        rows = connection.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s)", [[OWNER_ROLE, APP_ROLE]]
        )
        present = {row[0] for row in rows}
        for role in (OWNER_ROLE, APP_ROLE):
            if role not in present:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        # So that a migration which is held up can say by whom.
        connection.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(sql.Identifier(OWNER_ROLE)))
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found is None:
            create_database(connection, DATABASE)


def create_database(connection: psycopg.Connection, name: str, template: str | None = None) -> None:
    """Creates a database of the owner role, open to the application role only (superuser, autocommit).

    Nobody else connects to it and the application may not even create temporary tables in it.
    """
    query = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER_ROLE))
    if template is not None:
        query += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    connection.execute(query)
    connection.execute(
        sql.SQL("REVOKE ALL ON DATABASE {0} FROM PUBLIC; GRANT CONNECT ON DATABASE {0} TO {1}").format(
            sql.Identifier(name), sql.Identifier(APP_ROLE)
        )
    )


def last_words(places: Places) -> str:
    """The end of what PostgreSQL said before it opened its own log, on one line, and where the rest is."""
    try:
        lines = places.start_log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"{' / '.join(lines[-4:]) or 'it says nothing'} (see also {places.logs})"


def _account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)

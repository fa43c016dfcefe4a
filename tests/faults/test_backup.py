"""The machine is gone: a centre comes back from its backup and from the log that followed it (issue 3 «Keep»)."""

from __future__ import annotations

import os
import shutil
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.centre import Centre, centre_up, enter
from veilleur.db.embedded import SUPERUSER, attach

SITES = Path(__file__).parents[1] / "contract" / "sites.yaml"
ACCOUNT = "2345"


@dataclass(frozen=True)
class Ruins:
    """What is left of a destroyed centre, and what it had acknowledged."""

    backups: Path
    wal: Path
    keys: Path
    early: list[str]
    late: list[str]
    between: datetime


def tokens(data_dir: Path) -> list[str]:
    """What distinguishes each stored signal: its number in the panel's sequence."""
    said = enter("signals", "--json", "--data-dir", str(data_dir))
    assert said.returncode == 0, said
    return [line.split('"sequence": ')[1].split(",")[0] for line in said.stdout.splitlines()]


@pytest.fixture(scope="module")
def ruins(tmp_path_factory: pytest.TempPathFactory) -> Ruins:
    """A centre that took alarms before its backup, after it, and after a moment to come back to; then its disk died."""
    place = tmp_path_factory.mktemp("ruins")
    data, backups, wal = place / "data", place / "backups", place / "wal"
    data.mkdir()
    (data / "veilleur.toml").write_text(f'wal_archive = "{wal}"\n')
    with centre_up(data) as centre:
        assert enter("sites", "import", str(SITES), "--strict", "--data-dir", str(data)).returncode == 0
        panel = centre.panel(ACCOUNT)
        assert centre.say(panel, "130", number="015")
        said = centre.told("backup", str(backups))
        assert "Les clés ne sont PAS dedans" in said
        assert centre.say(panel, "602")
        early = tokens(data)
        time.sleep(1)
        between = datetime.now(UTC)
        time.sleep(1)
        assert centre.say(panel, "137", number="016")
        late = tokens(data)
        followed(centre)
        shutil.copytree(data / "keys", place / "keys")
        os.kill(centre.process.pid, signal.SIGKILL)
        centre.process.wait(30)
        end = time.monotonic() + 30
        while (data / "postgres" / "postmaster.pid").exists() and time.monotonic() < end:
            time.sleep(0.1)
        shutil.rmtree(data)
    return Ruins(backups, wal, place / "keys", early, late, between)


def followed(centre: Centre) -> None:
    """Waits until the stream has reached what is committed; the database itself says how far it is."""
    dsn = attach(centre.data_dir).dsn(SUPERUSER, "postgres")
    with psycopg.connect(dsn, autocommit=True) as connection:
        here = connection.execute("SELECT pg_current_wal_flush_lsn()").fetchall()[0][0]
        end = time.monotonic() + 20
        query = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= %s"
        while not connection.execute(query, [here]).fetchall()[0][0]:
            assert time.monotonic() < end, "the log is not followed"
            time.sleep(0.1)


def only_backup(ruins: Ruins) -> Path:
    (backup,) = ruins.backups.iterdir()
    return backup


def restored(ruins: Ruins, data: Path, *more: str) -> str:
    said = enter(
        *("restore", str(only_backup(ruins)), "--keys", str(ruins.keys), *more),
        *("--data-dir", str(data)),
    )
    assert said.returncode == 0, said
    return said.stdout


def test_everything_acknowledged_comes_back_and_the_centre_runs_again(ruins: Ruins, tmp_path: Path) -> None:
    data = tmp_path / "data"
    said = restored(ruins, data, "--wal", str(ruins.wal))
    assert "conforme" in said
    assert tokens(data) == ruins.late
    assert enter("logbook", "verify", "--data-dir", str(data)).returncode == 0
    with centre_up(data) as centre:
        assert centre.say(centre.panel(ACCOUNT, sequence=500), "130", number="017")
        assert len(tokens(data)) == len(ruins.late) + 1
        kinds = [line["kind"] for line in centre.lines("logbook", "--json")]
        assert "centre.backed_up" in kinds
        assert "centre.restored" in kinds
        incidents = centre.lines("incidents", "--json")
        assert incidents
        # and it can be backed up again: the new log is beside the old one
        assert "Sauvegarde faite" in centre.told("backup", str(tmp_path / "again"), "--with-keys")
    assert enter("logbook", "verify", "--data-dir", str(data)).returncode == 0


def test_it_comes_back_as_it_was_at_a_moment(ruins: Ruins, tmp_path: Path) -> None:
    data = tmp_path / "data"
    restored(ruins, data, "--wal", str(ruins.wal), "--until", ruins.between.isoformat())
    assert tokens(data) == ruins.early


def test_a_backup_alone_goes_back_to_its_own_moment(ruins: Ruins, tmp_path: Path) -> None:
    data = tmp_path / "data"
    restored(ruins, data)
    assert tokens(data) == ruins.early[:1]


def test_what_cannot_be_restored_is_said(ruins: Ruins, tmp_path: Path) -> None:
    backup, data = only_backup(ruins), tmp_path / "data"

    def refused(*argv: str) -> str:
        said = enter("restore", *argv, "--data-dir", str(data))
        assert said.returncode == 1, said
        assert not (data / "postgres").exists()
        return " ".join(said.stderr.split())  # as it was said, before it was folded to the terminal

    assert "ne contient pas les clés" in refused(str(backup))
    assert "demande --wal" in refused(str(backup), "--until", "2026-11-23T02:14:07Z")
    assert "n’a pas de fuseau" in refused(
        str(backup), "--until", "2026-11-23T02:14:07", "--wal", str(ruins.wal)
    )
    assert "pas une sauvegarde de Veilleur" in refused(str(ruins.wal))
    known = ("--keys", str(ruins.keys))
    before = ("--until", "2020-01-01T00:00:00Z", "--wal", str(ruins.wal))
    assert "ne peut pas revenir plus tôt" in refused(str(backup), *known, *before)

    spoilt = tmp_path / "spoilt"
    shutil.copytree(backup, spoilt)
    victim = spoilt / "base" / "global" / "pg_filenode.map"
    bytes_there = bytearray(victim.read_bytes())
    bytes_there[100] ^= 1
    victim.write_bytes(bytes_there)
    assert "pg_verifybackup a échoué" in refused(str(spoilt), *known)

    data.mkdir()
    (data / "postgres").mkdir()
    said = enter("restore", str(backup), *known, "--data-dir", str(data))
    assert said.returncode == 1
    assert "contient déjà une base" in said.stderr


def test_old_backups_go_with_the_log_that_only_they_needed(ruins: Ruins, tmp_path: Path) -> None:
    data, into = tmp_path / "data", tmp_path / "into"
    restored(ruins, data)
    for _ in range(2):
        said = enter("backup", str(into), "--keep", "1", "--with-keys", "--data-dir", str(data))
        assert said.returncode == 0, said
        time.sleep(1.1)  # a folder is named by its second
    assert len(list(into.iterdir())) == 1

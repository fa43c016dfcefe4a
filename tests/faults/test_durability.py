"""Law 2 as the database counts it: each batch that was acknowledged was synced to the disk on its own account."""

from __future__ import annotations

import time
from pathlib import Path

import psycopg
import pytest

from tests.acceptance.centre import centre_up
from tests.faults.storm import Storm, query
from tests.faults.test_kills import furnish
from veilleur.db.embedded import SUPERUSER, attach

#: PostgreSQL 18 counts the log's fsync in pg_stat_io; a backend reports at most once a second, and when it ends.
SYNCS = "SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'"


def syncs(data_dir: Path) -> int:
    with psycopg.connect(attach(data_dir).dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        return int(connection.execute(SYNCS).fetchall()[0][0])


@pytest.mark.long
def test_every_batch_is_synced(tmp_path: Path) -> None:
    with centre_up(tmp_path / "data") as centre:
        furnish(centre)
        before = syncs(centre.data_dir)
        first = query(centre.data_dir, "SELECT count(*) AS n FROM intake_batch")[0]["n"]
        with Storm(centre, sequence=1000) as storm:
            time.sleep(6)
        time.sleep(3)
        batches = query(centre.data_dir, "SELECT count(*) AS n FROM intake_batch")[0]["n"] - first
        assert len(storm.acknowledged) > 50
        assert batches > 20
        assert syncs(centre.data_dir) - before >= batches

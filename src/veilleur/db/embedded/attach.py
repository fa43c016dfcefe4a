"""Reaching a cluster that another process supervises."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq
from psycopg.conninfo import make_conninfo

from veilleur.db.embedded.config import DATABASE, SUPERUSER
from veilleur.db.embedded.errors import NotRunningError
from veilleur.db.embedded.places import PORT, Places, places_in

PING_SECONDS = 2
"""The least that libpq knows of."""


@dataclass(frozen=True)
class RunningCluster:
    """Where a cluster listens; makes connection strings for it."""

    socket_folder: Path

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """A libpq conninfo for `role` (OWNER_ROLE, APP_ROLE…) over the unix socket; it holds no secret."""
        return make_conninfo(
            host=str(self.socket_folder), port=PORT, user=role, dbname=database, connect_timeout=10
        )

    def is_ready(self) -> bool:
        """Whether the server accepts connections at this moment. One that stands still is told within 2 s."""
        conninfo = make_conninfo(self.dsn(SUPERUSER, "postgres"), connect_timeout=PING_SECONDS).encode()
        return pq.PGconn.ping(conninfo) == pq.Ping.OK


def attach(data_dir: Path) -> RunningCluster:
    """The running cluster of `data_dir`, supervised by another process.

    Raises NotRunningError when none runs there, or when it is not ready to answer.
    """
    places = places_in(data_dir)
    cluster = _written(places)
    if cluster is None:
        raise NotRunningError(
            f"No Veilleur runs in the data directory {places.data}: start it (veilleur up --data-dir "
            f"{places.data}), or name the right directory.",
            data_dir=str(places.data),
        )
    if not cluster.is_ready():
        raise NotRunningError(
            f"The database of {places.data} does not answer (socket {cluster.socket_folder}): either "
            f"Veilleur was cut there and must be started again, or it is another account's or container's.",
            data_dir=str(places.data),
        )
    return cluster


def announced(data_dir: Path) -> bool:
    """Whether a supervisor has said that its cluster answers: one that does not any more is stuck, or is being restarted."""
    return _written(places_in(data_dir)) is not None


def announce(places: Places, cluster: RunningCluster) -> None:
    """Writes, at once or not at all, the file that `attach` reads."""
    draft = places.runtime.with_suffix(".json.new")
    draft.write_text(json.dumps({"socket_folder": str(cluster.socket_folder), "supervisor": os.getpid()}))
    draft.chmod(0o644)
    draft.replace(places.runtime)


def _written(places: Places) -> RunningCluster | None:
    try:
        return RunningCluster(Path(json.loads(places.runtime.read_text())["socket_folder"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""The embedded PostgreSQL: a private cluster in the data directory, started and stopped with Veilleur.

Whoever runs the centre uses `EmbeddedPostgres`; a command beside it `attach` or `ensure_running`. Why `peer`
authentication and no password: see `config`. How closed parents and long paths are passed:
`places.spoken_path`.
"""

from veilleur.db.embedded.attach import RunningCluster, attach
from veilleur.db.embedded.config import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER
from veilleur.db.embedded.errors import (
    BackupError,
    DataDirHeldError,
    NotRunningError,
    StartFailedError,
    UnsafeDatabaseError,
    WrongMajorError,
)
from veilleur.db.embedded.supervisor import EmbeddedPostgres, ensure_running

__all__ = [
    "APP_ROLE",
    "DATABASE",
    "OWNER_ROLE",
    "SUPERUSER",
    "BackupError",
    "DataDirHeldError",
    "EmbeddedPostgres",
    "NotRunningError",
    "RunningCluster",
    "StartFailedError",
    "UnsafeDatabaseError",
    "WrongMajorError",
    "attach",
    "ensure_running",
]

"""What can go wrong with the embedded PostgreSQL; each sentence says what to do."""

from __future__ import annotations

from typing import ClassVar

from veilleur.kernel.errors import ConflictError, SettingsError, UnavailableError


class DataDirHeldError(ConflictError):
    """Another Veilleur supervises this data directory."""

    code: ClassVar[str] = "data_dir_held"


class WrongMajorError(SettingsError):
    """The cluster was made by another major version of PostgreSQL."""

    code: ClassVar[str] = "postgres_wrong_major"


class NotRunningError(UnavailableError):
    """No embedded PostgreSQL runs in this data directory."""

    code: ClassVar[str] = "postgres_not_running"


class StartFailedError(UnavailableError):
    """The embedded PostgreSQL does not start."""

    code: ClassVar[str] = "postgres_start_failed"


class UnsafeDatabaseError(UnavailableError):
    """The database may forget what it has committed: nothing may be acknowledged."""

    code: ClassVar[str] = "unsafe_database"

"""What can go wrong with the embedded PostgreSQL; each message says what to do.

They are met on the command line and in the logs, never by the API: the codes stay those of their parents.
"""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, SettingsError, UnavailableError


class DataDirHeldError(ConflictError):
    """Another Veilleur supervises this data directory."""


class WrongMajorError(SettingsError):
    """The cluster was made by another major version of PostgreSQL."""


class NotRunningError(UnavailableError):
    """No embedded PostgreSQL runs in this data directory."""


class StartFailedError(UnavailableError):
    """The embedded PostgreSQL does not start."""


class UnsafeDatabaseError(UnavailableError):
    """The database may forget what it has committed: nothing may be acknowledged."""


class BackupError(UnavailableError):
    """A copy of the cluster could not be made, checked or put back."""

"""Which schemas this version can work on: not older than it needs, not past what it knows.

Migrations only add (expand) while versions overlap; what an older version used is taken away by a migration that says
`phase = "contract"` and runs once nobody needs it. Such a migration raises the *floor*: the oldest revision that a
version must know to work on this database (table `schema_floor`). So version n works on the schema of n+1 as long as
n+1 has taken nothing away, and says so clearly once it has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from veilleur import __version__
from veilleur.kernel.errors import SettingsError, UnavailableError

VERSIONS = Path(__file__).parent / "migrations" / "versions"

CONTRACT_LOCK = 8_201_602
"""Advisory lock: shared by whoever joins the centre, exclusive while something is taken away."""

_CONTRACT = re.compile(r'^phase = "contract"$', re.MULTILINE)
_FILE = re.compile(r"(?P<number>\d{4})_\w+\.py")


@dataclass(frozen=True)
class Revision:
    """One migration: its four digits, and whether it takes something away."""

    number: str
    contract: bool


def revisions(folder: Path = VERSIONS) -> tuple[Revision, ...]:
    """The migrations of a folder in their order. Read as text: a role need not load them to know their numbers."""
    found = ((path, _FILE.fullmatch(path.name)) for path in sorted(folder.glob("*.py")))
    return tuple(
        Revision(match["number"], _CONTRACT.search(path.read_text("utf-8")) is not None)
        for path, match in found
        if match is not None
    )


@dataclass(frozen=True)
class Known:
    """What a version knows: its last revision, and the last one that it cannot do without."""

    head: str
    needed: str

    @classmethod
    def of(cls, shipped: tuple[Revision, ...]) -> Known:
        """A version works with and without the contract migrations that end its list."""
        return cls(shipped[-1].number, next(each.number for each in reversed(shipped) if not each.contract))


def known() -> Known:
    """What this version knows."""
    return Known.of(revisions())


class SchemaTooOldError(UnavailableError):
    """The database waits for its migrations."""


class SchemaTooNewError(SettingsError):
    """The database has lost what this version needs."""


def current(connection: psycopg.Connection[Any]) -> str | None:
    """The revision of the database; None when it holds no schema yet."""
    row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None


def floor(connection: psycopg.Connection[Any]) -> str:
    """The oldest revision that whoever works here must know; "0000" when nothing was ever taken away."""
    row = connection.execute("SELECT to_regclass('schema_floor') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return "0000"
    found = connection.execute("SELECT max(revision) FROM schema_floor").fetchone()
    return str(found[0]) if found and found[0] else "0000"


def refuse_foreign_schema(connection: psycopg.Connection[Any], ours: Known | None = None) -> None:
    """Refuses a schema that this version (`ours`: what it knows) cannot work on, and that one only.

    Raises SchemaTooOldError (migrations wait), SchemaTooNewError (something it needs was taken away).
    """
    ours = ours or known()
    here = current(connection)
    if here is None or here < ours.needed:
        raise SchemaTooOldError(
            f"The database is at schema {here or 'none'} and version {__version__} needs {ours.needed}: "
            "run «veilleur upgrade» of this version (or start it with «veilleur up»), which brings it up.",
            found=here,
            needed=ours.needed,
        )
    lowest = floor(connection)
    if lowest > ours.head:
        raise SchemaTooNewError(
            f"The database is at schema {here}, made by a later version; version {__version__} knows {ours.head} and "
            f"what it needs was taken away by {lowest}: start the later version, or restore a backup made before it.",
            found=here,
            floor=lowest,
            known=ours.head,
        )

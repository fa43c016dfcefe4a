"""`veilleur doctor`: says what is wrong with this machine or centre, and how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from veilleur.composition import Context
from veilleur.db.embedded.checks import refuse_unsafe
from veilleur.kernel.errors import VeilleurError
from veilleur.settings import split_address

LOW_DISK = 2 * 1024**3  # bytes: under this a busy night of signals and write-ahead log may not fit
MAX_OPEN_FILES = 20_000  # 10,000 idle panels, the desks, the database: reception must not run out first


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` empty: it is well."""

    what: str
    mend: str = ""


def look(context: Context) -> Iterator[Finding]:
    """Every check, in the order a person would mend them."""
    for check in CHECKS:
        yield from check(context)


def python(_context: Context) -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        f"Python {version}", "" if sys.version_info >= (3, 11) else "Installez Python 3.11 ou plus récent."
    )


def disk(context: Context) -> Iterator[Finding]:
    """Room and right to write."""
    place = _existing(context.data_dir)
    free = shutil.disk_usage(place).free
    mend = "" if free > LOW_DISK else f"Libérez de la place sur {place} : moins de 2 Gio restent."
    yield Finding(f"Disque : {free / 1024**3:.0f} Gio libres", mend)
    if not os.access(place, os.W_OK):
        yield Finding(f"Dossier {place}", "Donnez le droit d’y écrire à l’utilisateur qui lance Veilleur.")


def files(_context: Context) -> Iterator[Finding]:
    """How many sockets reception may hold."""
    import resource  # noqa: PLC0415  # POSIX only

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    mend = (
        ""
        if hard >= MAX_OPEN_FILES
        else f"Portez la limite de fichiers ouverts à {MAX_OPEN_FILES} (ulimit -n)."
    )
    yield Finding(f"Fichiers ouverts : {hard} au plus", mend)


def key_files(context: Context) -> Iterator[Finding]:
    """Key files: present together with the data, readable by their owner only."""
    folder = context.keys.folder
    if not folder.exists():
        yield Finding("Clés : seront créées au premier démarrage")
        return
    for path in sorted(folder.glob("*.key")):
        open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
        yield Finding(f"Clé {path.name}", f"chmod 600 {path}" if open_to_others else "")


def database(context: Context) -> Iterator[Finding]:
    """The store answers, keeps what it is told, and has the schema of this version."""
    if not context.data_dir.exists() and context.settings.database_url is None:
        yield Finding("Base de données : sera créée au premier démarrage")
        return
    try:
        with psycopg.connect(context.app_dsn, connect_timeout=5) as connection:
            refuse_unsafe(connection)
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            yield Finding(f"Base de données : répond, schéma {row[0] if row else 'absent'}")
    except VeilleurError as error:
        yield Finding("Base de données", error.message)
    except psycopg.Error as error:
        yield Finding("Base de données", f"Elle ne répond pas : {str(error).strip().splitlines()[0]}")


def ports(context: Context) -> Iterator[Finding]:
    """The addresses are free, or held by a running centre."""
    for label, address in (("Poste", context.settings.http), ("Réception R1", context.settings.dc09)):
        host, port = split_address(address)
        with socket.socket() as probe:
            taken = probe.connect_ex((host, port)) == 0
        yield Finding(f"{label} {address} : {'occupé (un centre tourne ?)' if taken else 'libre'}")


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (python, disk, files, key_files, database, ports)


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command()
    def doctor(
        ctx: typer.Context,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Say what is wrong with this machine or centre, and how to mend it."""
        findings = list(look(ctx.obj.at(data_dir)))
        for finding in findings:
            typer.echo(
                f"{'✗' if finding.mend else '✓'} {finding.what}{' — ' + finding.mend if finding.mend else ''}"
            )
        if any(finding.mend for finding in findings):
            raise typer.Exit(1)

"""`veilleur backup`, `veilleur restore`: a centre survives its machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from veilleur.backups import Backup, keep_last, make_backup, restore
from veilleur.composition import Context
from veilleur.db.embedded import attach
from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.backup import stream_command
from veilleur.db.embedded.binaries import find_binaries
from veilleur.kernel.errors import InvalidError, SettingsError
from veilleur.logbook.verifying import verify

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory (VEILLEUR_DATA_DIR).")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands to the command line."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
    app.command("wal", hidden=True)(wal_command)


def backup_command(
    ctx: typer.Context,
    into: Annotated[Path, typer.Argument(help="Where backups are put: another disk or machine.")],
    *,
    with_keys: Annotated[
        bool,
        typer.Option(
            "--with-keys", help="Put the key files in: whoever has the backup then reads the code words."
        ),
    ] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="Remove all but the last KEEP backups.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Copy the whole centre, while it runs, into a new folder."""
    context: Context = ctx.obj.existing(data_dir)
    made = make_backup(context, into, with_keys=with_keys)
    typer.echo(f"Sauvegarde faite et vérifiée : {made}")
    if with_keys:
        typer.echo("Les clés sont dedans : gardez ce dossier comme elles.")
    else:
        typer.echo(f"Les clés ne sont PAS dedans : gardez ailleurs une copie de {context.data_dir / 'keys'}.")
    if context.settings.wal_archive is None:
        typer.echo(
            "Ce qui suivra n’est pas suivi (réglage wal_archive) : on reviendra à cet instant seulement."
        )
    if keep is not None:
        gone, segments = keep_last(into, keep, context.settings.wal_archive)
        typer.echo(f"Anciennes sauvegardes retirées : {len(gone)} ; fichiers de journal : {segments}.")


def restore_command(
    ctx: typer.Context,
    backup: Annotated[Path, typer.Argument(help="The folder of one backup.", exists=True, file_okay=False)],
    *,
    wal: Annotated[
        Path | None, typer.Option(help="The folder of the setting wal_archive: what followed the backup.")
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(help="Stop at this moment, RFC 3339, e.g. 2026-11-23T02:14:07Z; absent: the end."),
    ] = None,
    keys: Annotated[
        Path | None, typer.Option(help="The folder of the key files, when the backup has none.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Make an empty data directory a centre again from a backup."""
    context: Context = ctx.obj.at(data_dir)
    moment = _moment(until) if until else None
    if moment is not None and wal is None:
        raise InvalidError("--until needs --wal: a backup alone goes back to its own moment only.")
    found = restore(context, backup, archive=wal, until=moment, keys=keys)
    report = verify(context.app_dsn)
    typer.echo(
        f"Centre rétabli dans {context.data_dir} d’après la sauvegarde du {Backup.of(backup).made_at}."
    )
    if found.last_commit is not None:
        typer.echo(f"Dernière écriture retrouvée : {found.last_commit.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}.")
    typer.echo(
        f"Main courante : {report.size} entrées scellées, {'conforme' if report.sound else 'NON CONFORME'} "
        "(comparez avec vos empreintes extérieures : veilleur logbook verify --checkpoint …)."
    )
    if not report.sound:
        raise typer.Exit(1)


def wal_command(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """Follow the write-ahead log into the folder of the setting wal_archive, until stopped (`up` starts this)."""
    context: Context = ctx.obj.at(data_dir)
    settings = context.settings
    if settings.wal_archive is None or settings.database_url is not None:
        raise SettingsError(
            "Set wal_archive (with the embedded database) to have the write-ahead log followed."
        )
    binaries = find_binaries(settings.postgres_bin, account_for(settings.postgres_user))
    argv = stream_command(attach(context.data_dir), binaries, settings.wal_archive.expanduser().resolve())
    os.execv(argv[0], argv)  # noqa: S606 - this process becomes the stream


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidError(f"«{text}» is no moment; write for instance 2026-11-23T02:14:07Z.") from None
    if moment.tzinfo is None:
        raise InvalidError(f"«{text}» lacks its zone; write for instance 2026-11-23T02:14:07Z.")
    return moment.astimezone(UTC)

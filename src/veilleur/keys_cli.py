"""`veilleur keys`: rotation of the sealing keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veilleur.composition import Context
from veilleur.features.cameras.rotation import reseal_passwords
from veilleur.features.sites.commands import reseal_secrets
from veilleur.logbook.act import Act, Actor

RESEAL_BATCH = 200  # secrets a transaction


def add_to(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    keys = typer.Typer(help="The centre's key files.", no_args_is_help=True)
    app.add_typer(keys, name="keys")

    @keys.command()
    def rotate(
        ctx: typer.Context,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Add a new key to each ring and seal every stored secret again with it."""
        context: Context = ctx.obj.existing(data_dir)
        context.keys.panels.add_key()
        context.keys.contacts.add_key()
        context.keys.cameras.add_key()
        database, count = context.database(), 0
        while True:  # a batch a transaction: sites are locked a moment, alarms never wait for a rotation
            with database.write() as session:
                act = Act(session, context.clock.now(), Actor("cli", name="veilleur keys rotate"))
                done = reseal_secrets(act, context.keys, most=RESEAL_BATCH)
                done += reseal_passwords(act, context.keys.cameras, most=RESEAL_BATCH)
            count += done
            if not done:
                break
        typer.echo(f"{count} secrets scellés sous une clé neuve ; sauvegardez {context.keys.folder}.")

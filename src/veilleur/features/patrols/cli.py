"""`veilleur patrols import FILE`: the rounds of a file, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from veilleur.features.patrols.planning import MOST_BYTES, import_patrols, read_file
from veilleur.kernel.errors import VeilleurError
from veilleur.locale.terminal import mistake, told
from veilleur.logbook.act import Act, Actor

patrols_app = typer.Typer(help="Video rounds: import.", no_args_is_help=True)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(patrols_app, name="patrols")


@patrols_app.command("import")
def import_rounds(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A YAML file with «patrols:» at its top.")],
    *,
    data_dir: DataDir = None,
) -> None:
    """Make the rounds those of the file; one that it no longer holds is removed. Safe to repeat."""
    context = ctx.obj.at(data_dir)
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1).decode()
        forms = read_file(content)
        with context.database().write() as session:
            actor = Actor("import", name="veilleur patrols import")
            done = import_patrols(Act(session, context.clock.now(), actor), forms)
    except (OSError, UnicodeDecodeError, VeilleurError) as error:
        said = mistake(error) if isinstance(error, VeilleurError) else told(str(error))
        typer.echo(f"✗ {file} : {said}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"+{done.added} ~{done.changed} -{done.removed} ={done.same}")

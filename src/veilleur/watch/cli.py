"""`veilleur replay`: what decide() says today of signals that are stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ids import LARGEST
from veilleur.watch.replay import replay


def add_to(app: typer.Typer) -> None:
    """Adds the watch's commands to the command line."""
    app.command("replay")(replay_command)


def replay_command(
    ctx: typer.Context,
    site: Annotated[str | None, typer.Option(help="The site's reference, e.g. S-0001.")] = None,
    signal: Annotated[int | None, typer.Option(min=1, max=LARGEST, help="One signal, by its id.")] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="The data directory.", show_default=False)
    ] = None,
) -> None:
    """Decide stored signals again, from the first, and print what would be done; nothing is written.

    One JSON object a line. Dossiers are imagined as if nobody had touched them; today's file of the site is used.
    """
    if (site is None) == (signal is None):
        raise InvalidError("Say what to replay: --site REFERENCE or --signal ID.", field="site")
    database = ctx.obj.existing(data_dir).database()
    for line in replay(database, site=site, signal=signal):
        typer.echo(json.dumps(line.as_json(), ensure_ascii=False, default=str))

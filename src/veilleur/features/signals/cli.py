"""`veilleur signals --json`: what was received, one object a line (contract, ARCHITECTURE.md §7)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from veilleur.db.engine import Database
from veilleur.features.signals.positions import position_signals, unpositioned
from veilleur.features.signals.queries import signals_after
from veilleur.features.signals.views import signal_line
from veilleur.kernel.ids import LARGEST

#: A running sealer places a signal within a blink; after these looks it is shown without its position.
LOOKS = 40
LOOK_SECONDS = 0.05


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command("signals")
    def signals(
        ctx: typer.Context,
        *,
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object a line (the only form).")
        ] = False,
        account: Annotated[str | None, typer.Option(help="Only this account, as a panel writes it.")] = None,
        after: Annotated[
            int, typer.Option(min=0, max=LARGEST, help="Only signals behind this position.")
        ] = 0,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Print the signals received, in the order of their positions; times are RFC 3339 UTC."""
        del as_json
        database = ctx.obj.existing(data_dir).database()
        settle_positions(database)
        with database.read() as session:
            for signal in signals_after(session, after, account):
                typer.echo(json.dumps(signal_line(signal), ensure_ascii=False))


def settle_positions(database: Database) -> None:
    """Sees that every signal committed before has its position, whether or not a sealer is at work."""
    looks = 0
    while looks < LOOKS:
        with database.engine.begin() as connection:
            placed = position_signals(connection)
            if placed == 0 or (placed is None and not unpositioned(connection)):
                return
        if placed is None:
            looks += 1
            time.sleep(LOOK_SECONDS)

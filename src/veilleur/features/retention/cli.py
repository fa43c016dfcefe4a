"""`veilleur retention`: what is kept, how long, on what ground, and what is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Protocol

import typer

from veilleur.db.engine import Database
from veilleur.features.retention.commands import apply_retention
from veilleur.features.retention.model import Rules, shipped_rules
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor


class RetentionSettings(Protocol):
    """The centre's own durations."""

    @property
    def retention(self) -> dict[str, int]:
        """Class → days."""


class CommandContext(Protocol):
    """What the composition gives to commands (`ctx.obj`)."""

    @property
    def clock(self) -> Clock:
        """The injected clock."""

    @property
    def settings(self) -> RetentionSettings:
        """The settings."""

    def database(self) -> Database:
        """The application's database."""


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command("retention")(retention_command)


def retention_command(
    ctx: typer.Context,
    *,
    apply: Annotated[
        bool, typer.Option("--apply", help="Erase now what is over; the worker does it every night.")
    ] = False,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="The data directory (VEILLEUR_DATA_DIR).")
    ] = None,
) -> None:
    """Say how long personal data are kept and on what ground."""
    context: CommandContext = (ctx.obj.existing if apply else ctx.obj.at)(data_dir)
    rules: Rules = shipped_rules().with_days(context.settings.retention)
    for one in rules.classes.values():
        typer.echo(f"{one.name:<18} {one.days:>5} jours  {one.basis}")
    if not apply:
        return
    database = context.database()

    @contextmanager
    def transaction() -> Iterator[Act]:
        with database.write() as session:
            yield Act(session, context.clock.now(), Actor("cli", name="veilleur retention"))

    done = apply_retention(transaction, rules, context.clock.now())
    said = ", ".join(f"{name} {count}" for name, count in done.items())
    typer.echo(f"Effacé : {said}." if said else "Rien n’est à effacer.")

"""`veilleur upgrade`: this version takes over a running centre, one role after the other, and no panel is refused."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from veilleur import __version__
from veilleur.composition import Context
from veilleur.db.embedded.waiting import wait_until
from veilleur.db.migrate import Upgraded
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.errors import UnavailableError
from veilleur.logbook.act import Act, Actor
from veilleur.upgrades import Progress, Request, ask, progress_of, take_back

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory (VEILLEUR_DATA_DIR).")]

TAKEN = 10.0  # seconds for a running `up` to take the request: it looks twice a second
WHOLE = 900.0  # seconds for all roles: each has a minute to be ready and ten seconds to leave


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""
    app.command("upgrade")(upgrade_command)


def upgrade_command(
    ctx: typer.Context,
    *,
    schema_only: Annotated[
        bool,
        typer.Option(
            "--schema-only",
            help="Migrate, and replace nothing: roles on other machines, under another supervisor.",
        ),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the running centre to this version: the schema, then each role in its turn, without a gap."""
    context: Context = ctx.obj.at(data_dir)
    schema = context.migrate()
    _say_schema(schema)
    if not schema_only:
        request = ask(context.data_dir, sys.executable, __version__)
        try:
            _follow(context.data_dir, request)
        finally:
            take_back(context.data_dir)
    last = context.migrate() if schema.put_off else schema
    if last.after != schema.after:
        _say_schema(last)
    if last.put_off:
        who = " ; ".join(map(str, last.older))
        typer.echo(
            f"Reste la migration {last.put_off}, qui retire ce dont se sert encore : {who}. "
            "Elle passera au prochain «veilleur upgrade» ou au prochain démarrage."
        )
    with context.database().write() as session:
        act = Act(session, context.clock.now(), Actor("cli", name="veilleur upgrade"))
        act.record("centre.upgraded", {"version": __version__, "schema": last.after})


def _say_schema(done: Upgraded) -> None:
    if done.before == done.after:
        typer.echo(f"Schéma {done.after} : rien à ajouter.")
    else:
        typer.echo(f"Schéma {done.before or 'absent'} → {done.after}.")


def _follow(data_dir: Path, request: Request) -> None:
    """Says each role as it is replaced. Raises UnavailableError when it fails or when nobody answers."""
    clock = SystemClock()
    if not wait_until(lambda: progress_of(data_dir, request) is not None, TAKEN, clock):
        raise UnavailableError(
            f"No «veilleur up» of {data_dir} answers, so no role was replaced; the schema is up to date. Start the centre "
            "with this version, or replace by hand the roles that another supervisor keeps (then: --schema-only)."
        )
    said = 0
    seen = Progress(request.id, "taken")

    def over() -> bool:
        nonlocal said, seen
        seen = progress_of(data_dir, request) or seen
        for role in seen.replaced[said:]:
            typer.echo(f"{role} : remplacé (version {request.version}).")
        said = len(seen.replaced)
        return seen.state != "taken"

    if not wait_until(over, WHOLE, clock):
        raise UnavailableError("The roles are not all replaced; the log of «veilleur up» says why.")
    if seen.state == "failed":
        kept = "the roles before it are replaced; it and those after it" if seen.replaced else "all roles"
        raise UnavailableError(
            f"The role {seen.role} of version {request.version} did not take over ({seen.why}): {kept} go on with the "
            "version before. Mend and repeat, or go back with «veilleur upgrade» of the version before."
        )

"""The command line. A user's mistake is one clear sentence and a non-zero exit, never a traceback."""

from __future__ import annotations

import gc

# Before the imports: they make half a million objects that stay, and the default looks them through again and again.
gc.set_threshold(20_000, 20, 20)

import importlib
import os
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from veilleur import __version__
from veilleur.composition import ROLES, Context
from veilleur.mistakes import mistake_of
from veilleur.settings import load_settings

app = typer.Typer(
    name="veilleur",
    help="Veilleur: the complete software of a control room.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(stderr=True)

#: Commands that belong to a part are written beside it; each module holds `app` (a group) or `add_to(app)`.
GROUPS = (
    "veilleur.features.sites.cli",
    "veilleur.features.people.cli",
    "veilleur.features.signals.cli",
    "veilleur.features.incidents.cli",
    "veilleur.features.patrols.cli",
    "veilleur.logbook.cli",
    "veilleur.features.retention.cli",
    "veilleur.watch.cli",
    "veilleur.recorder.cli",
    "veilleur.demo.cli",
    "veilleur.keys_cli",
    "veilleur.backup_cli",
    "veilleur.upgrade_cli",
    "veilleur.doctor",
)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The data directory (VEILLEUR_DATA_DIR).", show_default=False),
]


@app.callback()
def main_options(
    ctx: typer.Context,
    data_dir: DataDir = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Options of every command."""
    if version:
        typer.echo(__version__)
        raise typer.Exit
    ctx.obj = Context(load_settings(data_dir=data_dir))
    ctx.call_on_close(ctx.obj.close)


@app.command()
def up(  # noqa: PLR0917  # typer reads options from the signature
    data_dir: DataDir = None,
    http: Annotated[
        str | None, typer.Option(help="HOST:PORT of the desk.", show_default="127.0.0.1:8600")
    ] = None,
    dc09: Annotated[
        str | None, typer.Option(help="HOST:PORT of reception line R1.", show_default="127.0.0.1:10009")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Add the demonstration town.")] = False,
    at: Annotated[
        str | None, typer.Option(help="With --demo on fresh data: the town's time, e.g. mardi-02:40.")
    ] = None,
    footage: Annotated[
        Path | None,
        typer.Option(help="With --demo: a folder of your own MP4 files, for its cameras to play."),
    ] = None,
) -> None:
    """Start every role on this machine; stop with Ctrl-C."""
    from veilleur.centre import run_centre  # noqa: PLC0415  # the roles' imports are heavy; other commands stay quick

    settings = load_settings(data_dir=data_dir, http=http, dc09=dc09, demo=demo or None, demo_footage=footage)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # until the supervisor has its own
    with suppress(KeyboardInterrupt):
        run_centre(settings, at=at)
    typer.echo("Veilleur est arrêté.")
    _end()


def _leave(*_: object) -> NoReturn:
    """Stopped while it starts: what has begun is undone, once, however often one presses."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@app.command()
def run(
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)} (recorder-2… for more).")],
    data_dir: DataDir = None,
    http: Annotated[str | None, typer.Option(help="HOST:PORT of the desk.")] = None,
    dc09: Annotated[str | None, typer.Option(help="HOST:PORT of reception line R1.")] = None,
) -> None:
    """Start one role."""
    from veilleur.roles import run_role  # noqa: PLC0415

    run_role(role, load_settings(data_dir=data_dir, http=http, dc09=dc09))
    _end()


def _end() -> NoReturn:
    """All that was to be closed is closed: the process ends now, not half a second of tidying its memory later; whoever
    takes over on its sockets waits for that."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(0)


@app.command()
def openapi() -> None:
    """Print the API's OpenAPI document."""
    from veilleur.web.factory import openapi_json  # noqa: PLC0415

    typer.echo(openapi_json())


@cache
def load_groups() -> None:
    """Adds the commands that belong to parts, once."""
    for name in GROUPS:
        module = importlib.import_module(name)
        module.add_to(app)


def main() -> None:
    """Entry point. Roles load no command but their own: they start quicker and smaller."""
    try:
        if sys.argv[1:2] != ["run"]:
            load_groups()
        status = app(standalone_mode=False)
    except BrokenPipeError:  # `veilleur … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        told = mistake_of(error)
        if told is None:
            raise
        for line in told.before:
            typer.echo(line, err=True)
        console.print(f"[bold red]veilleur:[/] {escape(told.sentence)}", highlight=False, soft_wrap=True)
        sys.exit(told.status)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()

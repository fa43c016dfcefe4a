"""`veilleur demo SCENARIO`: stories of the town, at will, beside a running demonstration."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from veilleur.demo.panels import live, play, town_panels
from veilleur.demo.scenarios import SCENARIOS
from veilleur.demo.telephone import Room
from veilleur.demo.town import TOWN, town_lines
from veilleur.kernel.errors import SettingsError
from veilleur.settings import load_settings

NAMES = ", ".join(SCENARIOS)
SCENES = "\n\n".join(f"{name} : {story.title}." for name, story in SCENARIOS.items())
HELP = f"""Play a scenario in the running demonstration: real frames over real sockets.

The scenarios:

{SCENES}
"""

#: Where the town's cameras listen; their ONVIF face is on the next port.
DEFAULT_RTSP = "127.0.0.1:8554"


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command(help=HELP)
    def demo(  # noqa: PLR0917  # typer reads options from the signature
        ctx: typer.Context,
        scenario: Annotated[
            str, typer.Argument(help="One of the scenarios; or panels, cameras: the town's own.")
        ],
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
        dc09: Annotated[str | None, typer.Option(help="HOST:PORT of reception line R1.")] = None,
        rtsp: Annotated[str, typer.Option(help="cameras: HOST:PORT of the town's cameras.")] = DEFAULT_RTSP,
        footage: Annotated[
            Path | None, typer.Option(help="cameras: a folder of MP4 files to play instead of the scenes.")
        ] = None,
    ) -> None:
        context = ctx.obj.at(data_dir)
        if not (context.data_dir / "demo.json").exists():
            raise SettingsError(
                "Ce dossier n’est pas celui d’une démonstration : lancez d’abord «veilleur up --demo» (ou «make run») "
                "et donnez le même --data-dir."
            )
        if scenario == "cameras":
            if find_spec("av") is None:
                raise SettingsError("Les caméras demandent l’option «video» : pip install 'veilleur[video]'.")
            from veilleur.demo.cameras import run_cameras  # noqa: PLC0415  # needs the extra «video»

            asyncio.run(_until_stopped(run_cameras(context.clock, context.data_dir, rtsp, footage)))
            return
        last = context.last_run()
        settings = load_settings(data_dir=context.data_dir, dc09=dc09 or (last.dc09 if last else None))
        panels = town_panels(TOWN, (*settings.reception_lines(), *town_lines(settings)))
        if scenario == "panels":
            asyncio.run(_until_stopped(live(panels, context.clock, context.data_dir)))
            return
        if scenario not in SCENARIOS:
            raise SettingsError(f"«{scenario}» n’est pas un scénario ; il y a : {NAMES}.")
        story = SCENARIOS[scenario]
        typer.echo(f"{story.title}. {story.advice}".strip())
        room = (
            Room(context.database(pool_size=1), context.clock, context.keys.contacts) if story.asked else None
        )
        done = asyncio.run(
            _until_stopped(play(panels, story, context.clock, context.data_dir, echo=typer.echo, room=room))
        )
        typer.echo("Fini." if done else "Interrompu.")


async def _until_stopped(work: Any) -> bool:
    """Whether it came to its end before it was stopped: by SIGTERM, SIGINT, or the end of its terminal."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    stops = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        stops.remove(signal.SIGHUP)  # under nohup it goes on
    for number in stops:
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
        return True
    return False

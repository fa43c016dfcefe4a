"""`veilleur video`: recordings checked against their index, their chain, and the roots in the logbook."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from sqlalchemy import text

from veilleur.db.engine import Database, ReadSession
from veilleur.kernel.errors import NotFoundError, SettingsError
from veilleur.settings import Settings

if TYPE_CHECKING:
    from veilleur.video.checking import CameraReport

# What the logbook says of the chains: one line a camera and day.
ROOTS = text("""
SELECT p.body FROM entry e JOIN entry_payload p ON p.payload_of = e.id WHERE e.kind = 'video.rooted' ORDER BY e.id""")

# Names, for whoever reads the report; removed cameras too.
NAMES = text("SELECT id, reference, name FROM camera")


class CommandContext(Protocol):
    """What the composition gives to commands (`ctx.obj`)."""

    settings: Settings

    @property
    def video_dir(self) -> Path:
        """Where recordings are kept."""

    def existing(self, data_dir: Path | None) -> CommandContext:
        """The same on another data directory; itself for None. Raises SettingsError where there is no centre."""

    def database(self) -> Database:
        """The application's database."""


def roots_of(session: ReadSession) -> dict[str, dict[int, str]]:
    """Camera id → number in the chain → link (hex), as the logbook holds them."""
    found: dict[str, dict[int, str]] = {}
    for (body,) in session.execute(ROOTS):
        said = json.loads(body)["params"]
        found.setdefault(str(said["camera_id"]), {})[int(said["number"])] = str(said["chain"])
    return found


def unlike_roots(folder: Path, camera: str, roots: Mapping[int, str]) -> list[int]:
    """Numbers of the chain whose link is not the one in the logbook; erased ones are judged by what erasing noted."""
    from veilleur.video.index import read_erased  # noqa: PLC0415  # of the extra `video`
    from veilleur.video.store import LocalStore  # noqa: PLC0415

    store = LocalStore(folder)
    links = {one.number: one.segment.chain.hex() for one in store.entries(camera, 0, 2**62)}
    links |= {one.last: one.chain.hex() for one in read_erased(store.camera(camera))}
    return [number for number, chain in roots.items() if number in links and links[number] != chain]


def _count(number: int, word: str) -> str:
    """French: a plural begins at two."""
    return f"{number} {word}{'s' if number > 1 else ''}"


def _size(size: int) -> str:
    """Bytes in the largest unit of which there is one."""
    for unit, name in ((1024**3, "Gio"), (1024**2, "Mio"), (1024, "Kio")):
        if size >= unit:
            return f"{size / unit:.1f}".replace(".", ",") + f" {name}"
    return f"{size} o"


def told(report: CameraReport, name: str, unlike: list[int]) -> Iterator[str]:
    """The lines of one camera."""
    sound = report.sound and not unlike
    what = (_count(report.segments, "fichier"), _size(report.size), _count(len(report.gaps), "interruption"))
    yield f"{'✓' if sound else '✗'} {name} : {', '.join(what)}"
    for word, paths in (
        ("absent", report.missing),
        ("altéré", report.altered),
        ("inconnu de l’index", report.orphans),
    ):
        yield from (f"    {word} : {path}" for path in paths)
    yield from (f"    chaîne rompue au numéro {number}" for number in report.broken)
    yield from (f"    la main courante dit autre chose du numéro {number}" for number in unlike)
    yield from (f"    trou sans raison : {gap.start} – {gap.end} µs" for gap in report.unsaid)
    yield from (f"    réparé après une coupure : {path}" for path in report.repaired)


def add_to(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    video = typer.Typer(help="Recordings.", no_args_is_help=True)
    app.add_typer(video, name="video")

    @video.callback()
    def group() -> None:
        """Recordings."""

    @video.command()
    def check(
        ctx: typer.Context,
        camera: Annotated[
            list[str] | None, typer.Option(help="Reference of a camera; repeat. All without.")
        ] = None,
        quick: Annotated[bool, typer.Option("--quick", help="Sizes only: films are not read.")] = False,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Check recordings: every film against its hash, the chain, the gaps, the roots in the logbook."""
        context: CommandContext = ctx.obj.existing(data_dir)
        try:
            from veilleur.video.checking import check as check_recordings  # noqa: PLC0415
            from veilleur.video.store import LocalStore, ObjectStore  # noqa: PLC0415
        except ImportError:
            raise SettingsError("Video is not installed here: install veilleur[video].") from None
        with context.database().read() as session:
            roots = roots_of(session)
            names = {str(row.id): (row.reference, row.name) for row in session.execute(NAMES)}
        folder = context.video_dir
        known = {reference for reference, _ in names.values()}
        if unknown := [each for each in camera or () if each not in known]:
            raise NotFoundError(
                f"No camera has the reference {unknown[0]}: `veilleur video check` without --camera checks them all."
            )
        wanted = [
            each for each in LocalStore(folder).cameras() if not camera or names.get(each, ("",))[0] in camera
        ]
        remote = ObjectStore(context.settings.video_store) if context.settings.video_store else None
        faults = 0
        for each in wanted:
            [report] = check_recordings(folder, cameras=[each], whole=not quick, remote=remote)
            unlike = unlike_roots(folder, each, roots.get(each, {}))
            faults += not report.sound or bool(unlike)
            for line in told(report, " – ".join(names.get(each, (each, "caméra inconnue"))), unlike):
                typer.echo(line)
        if camera and not wanted:
            typer.echo("Rien n’est enregistré ici de ce qui est demandé.")
        s = "s" if len(wanted) > 1 else ""
        typer.echo(f"{len(wanted)} caméra{s} vérifiée{s}, {faults} avec un défaut.")
        if faults:
            raise typer.Exit(1)

"""`veilleur sites …`: the import and the export of sites.

`ctx.obj` gives `.at(data_dir)`, then `.database()` (a Database), `.keys` and `.clock`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from veilleur.features.sites.commands import accept_connection
from veilleur.features.sites.connecting import MOTIFS, Stand
from veilleur.features.sites.importer import FileRefusedError, ImportReport, import_file
from veilleur.features.sites.importer.export import export
from veilleur.features.sites.importer.report import OUTCOMES
from veilleur.features.sites.queries import site_connection, site_of_reference
from veilleur.locale.render import catalogue, render
from veilleur.locale.terminal import language
from veilleur.logbook.act import Act, Actor

sites_app = typer.Typer(help="Sites: import and export.", no_args_is_help=True)

CLI = Actor("cli", name="veilleur")
#: Told how many sites are done, and of how many.
Told = Callable[[int, int], None]
#: Faults printed; the rejects file holds them all.
MAX_PRINTED = 50

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="The data directory.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(sites_app, name="sites")


@sites_app.command("import")
def import_sites(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The YAML file (docs/reference/import.md).")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; change nothing.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Take all of the file, or nothing.")] = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Where to write what is refused, re-importable; else FILE.rejets.yaml beside it, if something is.",
            show_default=False,
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Import sites and what they refer to. Works beside a running centre; safe to repeat."""
    context = ctx.obj.at(data_dir)
    console = Console(stderr=True)
    with progress_bar(console) as told:
        report = import_file(
            context.database(),
            context.clock,
            context.keys,
            file,
            dry_run=dry_run,
            strict=strict,
            rejects=rejects,
            spare=file.parent / f"{file.stem}.rejets.yaml",
            progress=told,
            actor=Actor("import", name="veilleur sites import"),
            language=language(),
            lines=context.line_names(),
        )
    print_report(report, console)
    if not report.ok:
        raise typer.Exit(1)


@contextmanager
def progress_bar(console: Console) -> Iterator[Told]:
    """A bar on a terminal, nothing elsewhere."""
    columns = (TextColumn("sites"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sites", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_report(report: ImportReport, console: Console) -> None:
    """Faults and notices on standard error, the counts on standard output."""
    lang = language()
    for issue in report.issues[:MAX_PRINTED]:
        console.print(f"[red]✗[/] {escape(issue.sentence(lang))}", highlight=False, soft_wrap=True)
    if len(report.issues) > MAX_PRINTED:
        console.print(f"… +{len(report.issues) - MAX_PRINTED}")
    for notice in report.notices[:MAX_PRINTED]:
        console.print(f"[yellow]![/] {escape(notice.sentence(lang))}", highlight=False, soft_wrap=True)
    words = catalogue(lang, "vocabulary")
    table = Table("", *(words["import_outcome"][outcome] for outcome in OUTCOMES), box=None)
    for section, counter in report.counts.items():
        table.add_row(words["import_section"][section], *(str(counter[outcome]) for outcome in OUTCOMES))
    Console().print(table)
    summary = "import_dry_run" if report.dry_run else "import_done" if report.committed else "import_undone"
    if not report.issues and not any(counter.total() for counter in report.counts.values()):
        summary = "import_empty"
    typer.echo(words["import_summary"][summary])
    if report.rejects is not None:
        said = catalogue(lang, "errors")["import.rejects_written"]
        typer.echo(render(lang, said, {"file": str(report.rejects)}))


def escape(text: str) -> str:
    """A text with brackets of its own."""
    return text.replace("[", "\\[")


@sites_app.command("connection")
def connection(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="The site.")],
    *,
    accept_by: Annotated[
        str | None,
        typer.Option(
            "--accept-by", metavar="NAME", help="Put the site in service: who accepts.", show_default=False
        ),
    ] = None,
    motif: Annotated[
        str | None,
        typer.Option(
            "--motif", help=f"Why, in spite of what is missing: {', '.join(MOTIFS)}.", show_default=False
        ),
    ] = None,
    note: Annotated[str | None, typer.Option("--note", show_default=False)] = None,
    data_dir: DataDir = None,
) -> None:
    """Show the connection of a site: each point tested or never seen; accept it. Exits with 1 while something lacks."""
    context = ctx.obj.existing(data_dir)
    database = context.database()
    with database.read() as session:
        site_id = site_of_reference(session, reference).id
    if accept_by is not None:
        with database.write() as session:
            act = Act(session, context.clock.now(), CLI)
            accept_connection(act, site_id, accepted_by=accept_by, motif=motif, note=note)
    with database.read() as session:
        site = site_of_reference(session, reference)
        stand, _ = site_connection(session, site_id)
    print_connection(site.connection, stand)
    if site.connection == "connecting" and stand.missing:
        raise typer.Exit(1)


def print_connection(state: str, stand: Stand) -> None:
    """The state, each point with where it stands and when it was last tested, then what is missing."""
    lang = language()
    words = catalogue(lang, "vocabulary")
    typer.echo(words["connection"][state])
    table = Table(box=None, show_header=False)
    for row in stand.points:
        tested = row.tested_at or row.seen_at
        when = f"{tested:%Y-%m-%d %H:%M:%SZ}" if tested else "—"
        table.add_row(row.panel, row.number, row.name or "", words["connection_point"][row.state], when)
    for path in stand.paths:
        heard = f"{path.last_seen:%Y-%m-%d %H:%M:%SZ}" if path.last_seen else "—"
        table.add_row(path.panel, "", path.name, "", heard)
    Console().print(table)
    for each in stand.missing:
        typer.echo(f"{words['connection_missing'][each.code]} : {len([item for item in each.items if item])}")


@sites_app.command("export")
def export_sites(
    ctx: typer.Context,
    *,
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="Keys and words in clear: written in the logbook.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to write; else standard output.", show_default=False
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Export everything that an import reads, secrets masked as «***»."""
    context = ctx.obj.existing(data_dir)
    text = export(context.database(), context.keys, clock=context.clock, with_secrets=with_secrets, actor=CLI)
    if output is None:
        typer.echo(text, nl=False)
    else:
        write_private(output, text)


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads, in one step. Raises FileRefusedError."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError as error:
        raise FileRefusedError("unwritable", file=str(path), why=error.strerror) from None

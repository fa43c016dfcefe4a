"""`veilleur logbook`: read, verify, export, prove, erase the main courante."""

from __future__ import annotations

import base64
import getpass
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ids import LARGEST
from veilleur.locale.render import catalogue, render, render_entry
from veilleur.locale.terminal import told
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.building import one_line
from veilleur.logbook.commands import erase
from veilleur.logbook.declaring import declare_texts
from veilleur.logbook.exporting import export_folder, export_lines, sign_what_waits
from veilleur.logbook.frame_proof import proof_of_frame
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.lines import LogLine, lines_after
from veilleur.logbook.notes import read_vkey
from veilleur.logbook.queries import proof_of
from veilleur.logbook.verifying import Report, verify

PAGE = 1_000  # lines read at once
ZONE = "Europe/Paris"  # of the sentences printed here


class LogKeys(Protocol):
    """Where the signing key is."""

    @property
    def log(self) -> Path:
        """The logbook's signing key file."""


class CommandContext(Protocol):
    """What the composition gives to commands (`ctx.obj`)."""

    @property
    def app_dsn(self) -> str:
        """Where the application connects."""

    @property
    def clock(self) -> Clock:
        """The injected clock."""

    @property
    def keys(self) -> LogKeys:
        """The centre's keys."""

    def existing(self, data_dir: Path | None) -> CommandContext:
        """The same on another data directory; itself for None. Raises SettingsError where there is no centre."""

    def database(self) -> Database:
        """The application's database."""


DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The data directory (VEILLEUR_DATA_DIR).", show_default=False),
]


def _known(language: str) -> str:
    if language not in {"fr", "en"}:
        raise typer.BadParameter(told(f"'{language}' is not one of 'fr', 'en'."))
    return language


Language = Annotated[str, typer.Option("--language", help="fr or en.", callback=_known)]

group = typer.Typer(name="logbook", help="The main courante: read, verify, export, prove.")


def add_to(app: typer.Typer) -> None:
    """Adds the group to the command line."""
    app.add_typer(group)


def _context(ctx: typer.Context, data_dir: Path | None) -> CommandContext:
    given: CommandContext = ctx.obj
    return given.existing(data_dir)


@group.callback(invoke_without_command=True)
def read(
    ctx: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    after: Annotated[
        int, typer.Option(min=-1, max=LARGEST, help="Only what was sealed after this position.")
    ] = -1,
    language: Language = "fr",
    data_dir: DataDir = None,
) -> None:
    """Print the sealed entries in their order."""
    ctx.obj = ctx.obj.at(data_dir)
    if ctx.invoked_subcommand is not None:
        return
    for line in read_lines(_context(ctx, None).database(), after):
        sentence = _sentence(line, language)
        if as_json:
            said = {**line.model_dump(mode="json"), "sentence": sentence}
            typer.echo(json.dumps(said, ensure_ascii=False))
        else:
            who = f"{line.actor_name} – " if line.actor_name else ""
            shown = one_line(who + sentence)
            typer.echo(f"{line.position:>8}  {line.happened_at:%Y-%m-%d %H:%M:%S}Z  {shown}")


def read_lines(database: Database, after: int) -> Iterator[LogLine]:
    """Every sealed line after a position, in order; one transaction a page."""
    while True:
        with database.read() as session:
            page = [scoped.line for scoped in lines_after(session, after, limit=PAGE)]
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].position if page[-1].position is not None else after


def _sentence(line: LogLine, language: str) -> str:
    payload = {"params": line.params, "actor_name": line.actor_name}
    return render_entry(language, line.kind, line.version, payload, ZONE)


@group.command("verify")
def verify_command(
    ctx: typer.Context,
    *,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option("--checkpoint", help="A checkpoint kept outside; may be repeated.", exists=True),
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", help="A public key to trust, or its file; may be repeated.")
    ] = None,
    language: Language = "fr",
    data_dir: DataDir = None,
) -> None:
    """Read the whole logbook and say what was altered, removed, re-ordered or erased. Exits with 1 on a fault."""
    report = verify(_context(ctx, data_dir).app_dsn, checkpoint or [], _trusted(key or []))
    for line in report_lines(report, language, key_given=bool(key)):
        typer.echo(line)
    if not report.sound:
        raise typer.Exit(1)


def _trusted(keys: list[str]) -> list[str]:
    trusted = []
    for each in keys:
        text = Path(each).read_text("utf-8", "replace") if Path(each).is_file() else each
        for vkey in text.split():
            try:
                read_vkey(vkey)
            except ValueError:
                raise InvalidError(f"«{vkey}» is not a public key: see «veilleur logbook key».") from None
            trusted.append(vkey)
    return trusted


def report_lines(report: Report, language: str, *, key_given: bool) -> Iterator[str]:
    """What `verify` says, sentence by sentence."""

    def say(code: str, **params: Any) -> str:
        return render(language, catalogue(language, "verify")[code], params, ZONE)

    yield say("summary", size=report.size, entered_at=_time(report.entered_at))
    yield say("root", root=base64.b64encode(report.root).decode())
    yield say("checkpoints", checkpoints=report.checkpoints, signed_size=report.signed_size)
    yield say("frames", batches=report.batches, frames=report.frames)
    if report.purged:
        yield say("purged", batches=report.purged)
    for entry, by in report.erased.items():
        yield say("erased", entry=entry, by=by)
    if not key_given:
        yield say("own_keys")
    if report.vouched is not None:
        kept = report.vouched.checkpoint
        yield say("vouched", name=report.vouched.name, size=kept.size, at=_time(kept.signed_at))
    if report.unvouched_since is None and report.vouched is not None:
        yield say("all_vouched")
    elif report.unvouched_since is not None:
        yield say("unvouched", since=_time(report.unvouched_since))
    if report.sent is None:
        yield say("never_sent")
    else:
        yield say("sent", size=report.sent[0], place=report.sent[1], at=_time(report.sent[2]))
    for finding in report.findings:
        yield say(finding.code, **finding.params)
    if report.count > len(report.findings):
        yield say("more", count=report.count - len(report.findings))
    yield say("sound") if report.sound else say("unsound", count=report.count)


def _time(at: Any) -> str | None:
    return f"{at:%Y-%m-%d %H:%M:%S}Z" if at is not None else None


@group.command("export")
def export_command(
    ctx: typer.Context,
    *,
    to: Annotated[
        Path | None,
        typer.Option(
            help="A new folder, with the verifier and how to use it; absent: the stream alone, printed."
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Export the whole logbook with what verifies it."""
    context = _context(ctx, data_dir)
    with context.database().write() as session:
        declare_texts(Act(session, context.clock.now(), Actor("centre")))
    sign_what_waits(context.app_dsn, context.clock, open_log_key(context.keys.log))
    if to is not None:
        export_folder(context.app_dsn, context.clock, to)
        typer.echo(str(to))
        return
    for line in export_lines(context.app_dsn, context.clock):
        typer.echo(line)


@group.command("proof")
def proof_command(
    ctx: typer.Context,
    *,
    entry: Annotated[int | None, typer.Argument(min=0, max=LARGEST)] = None,
    signal: Annotated[
        int | None, typer.Option(min=0, max=LARGEST, help="One received frame, by its number.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Print the inclusion proof of an entry, or of a received frame, as JSON that the verifier reads."""
    with _context(ctx, data_dir).database().read() as session:
        if entry is not None and signal is None:
            proof = proof_of(session, entry)
        elif signal is not None and entry is None:
            proof = proof_of_frame(session, signal)
        else:
            raise InvalidError("Name one entry, or one signal with --signal.")
    typer.echo(json.dumps(proof.model_dump(mode="json")))


@group.command("key")
def key_command(ctx: typer.Context, data_dir: DataDir = None) -> None:
    """Print the public key: give it to those who must be able to verify."""
    typer.echo(open_log_key(_context(ctx, data_dir).keys.log).vkey)


@group.command("erase")
def erase_command(
    ctx: typer.Context,
    entry: Annotated[int, typer.Argument(min=0, max=LARGEST)],
    *,
    basis: Annotated[str, typer.Option(help="The legal basis, e.g. «RGPD art. 17, demande du 12 mai».")],
    data_dir: DataDir = None,
) -> None:
    """Erase the personal text of an entry; the erasure is itself an entry."""
    context = _context(ctx, data_dir)
    with context.database().write() as session:
        act = Act(session, context.clock.now(), Actor("cli", name=getpass.getuser()))
        typer.echo(erase(act, entry, basis))

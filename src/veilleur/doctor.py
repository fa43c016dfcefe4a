"""`veilleur doctor`: says what is wrong with this machine or centre, and how to mend it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from veilleur.composition import ROLES, Context, Run, recorder_numbers, recorder_role, video_installed
from veilleur.db.embedded.checks import refuse_unsafe
from veilleur.db.status import STALE, role_states
from veilleur.jobs import channels as ways
from veilleur.kernel.errors import VeilleurError
from veilleur.locale.render import word
from veilleur.locale.terminal import told
from veilleur.settings import split_address
from veilleur.watch.ailments import House, examine

LOW_DISK = 2 * 1024**3  # bytes: under this a busy night of signals and write-ahead log may not fit
#: What one connects to, of an address that means «every address».
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # looked up, never bound
MAX_OPEN_FILES = 20_000  # 10,000 idle panels, the desks, the database: reception must not run out first


#: Cameras that somebody should record and nobody does.
UNTAKEN = """
SELECT c.reference, c.name FROM camera c LEFT JOIN camera_lease l ON l.camera_id = c.id AND l.until > clock_timestamp()
WHERE c.removed_at IS NULL AND l.camera_id IS NULL ORDER BY c.reference LIMIT 20"""


#: Panels on a reception line; those of lines that the settings no longer name are never heard there.
PANELS_BY_LINE = """
SELECT n.line, count(*), min(s.reference) FROM panel n JOIN site s ON s.id = n.site_id
WHERE n.removed_at IS NULL AND n.line IS NOT NULL GROUP BY n.line ORDER BY n.line"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` empty: it is well."""

    what: str
    mend: str = ""


def look(context: Context) -> Iterator[Finding]:
    """Every check, in the order a person would mend them."""
    for check in CHECKS:
        yield from check(context)


def python(_context: Context) -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(
        f"Python {version}", "" if sys.version_info >= (3, 11) else "Installez Python 3.11 ou plus récent."
    )


def disk(context: Context) -> Iterator[Finding]:
    """Room and right to write."""
    place = _existing(context.data_dir)
    free = shutil.disk_usage(place).free
    mend = "" if free > LOW_DISK else f"Libérez de la place sur {place} : moins de 2 Gio restent."
    yield Finding(f"Disque : {free / 1024**3:.0f} Gio libres", mend)
    if not os.access(place, os.W_OK):
        yield Finding(f"Dossier {place}", "Donnez le droit d’y écrire à l’utilisateur qui lance Veilleur.")


def files(_context: Context) -> Iterator[Finding]:
    """How many sockets reception may hold."""
    import resource  # noqa: PLC0415  # POSIX only

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    mend = (
        ""
        if hard >= MAX_OPEN_FILES
        else f"Portez la limite de fichiers ouverts à {MAX_OPEN_FILES} (ulimit -n)."
    )
    yield Finding(f"Fichiers ouverts : {hard} au plus", mend)


def key_files(context: Context) -> Iterator[Finding]:
    """Key files: present together with the data, readable by their owner only."""
    folder = context.keys.folder
    if not folder.exists():
        yield Finding("Clés : seront créées au premier démarrage")
        return
    for path in sorted(folder.glob("*.key")):
        open_to_others = stat.S_IMODE(path.stat().st_mode) & 0o077
        yield Finding(f"Clé {path.name}", f"chmod 600 {path}" if open_to_others else "")


def database(context: Context) -> Iterator[Finding]:
    """The store answers, keeps what it is told, and has the schema of this version."""
    if not context.data_dir.exists() and context.settings.database_url is None:
        yield Finding("Base de données : sera créée au premier démarrage")
        return
    try:
        with psycopg.connect(context.app_dsn, connect_timeout=5) as connection:
            refuse_unsafe(connection)
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            yield Finding(f"Base de données : répond, schéma {row[0] if row else 'absent'}")
    except VeilleurError as error:
        yield Finding("Base de données", told(error.message, "fr"))
    except psycopg.Error as error:
        yield Finding("Base de données", f"Elle ne répond pas : {str(error).strip().splitlines()[0]}")


def ports(context: Context) -> Iterator[Finding]:
    """Of a running centre: its roles, and the addresses it listens on. Else: whether the next start finds them free."""
    run = context.last_run()
    states = _roles(context, run) if run is not None else {}
    if run is None or not any(state["age"] < STALE.total_seconds() for state in states.values()):
        for label, address in _addresses(context.settings.http, _wanted(context), _listeners(context)):
            taken = _answers(address)
            mend = "Un autre programme tient cette adresse : arrêtez-le ou choisissez-en une autre."
            yield Finding(f"{label} {address} : {'occupé' if taken else 'libre'}", mend if taken else "")
        return
    roles = (*(role for role in ROLES if role != "recorder"), *run.recorders)
    ready = {role: states.get(role, {}).get("ready", False) for role in roles}
    for role in roles:
        mend = "Il redémarre de lui-même ; s’il retombe, lisez son journal dans le terminal de «veilleur up»."
        yield Finding(f"Rôle {role} : {'prêt' if ready[role] else 'absent'}", "" if ready[role] else mend)
    without = {address for role, address in run.recorders.items() if not ready[role]}
    for label, address in _addresses(run.http, run.lines, run.recorders):
        open_ = _answers(address)
        mend = "Le centre tourne et cette adresse ne répond pas : voyez le pare-feu et le journal."
        if open_ and address in without:
            other = "Le rôle est absent : un autre programme a pris son adresse ; arrêtez-le ou changez-la (video_http)."
            yield Finding(f"{label} {address} : tenue par un autre", other)
            continue
        yield Finding(f"{label} {address} : {'répond' if open_ else 'muet'}", "" if open_ else mend)


def stray_panels(context: Context) -> Iterator[Finding]:
    """Panels whose reception line is not, or no longer, in the settings."""
    known = context.line_names()
    if not context.data_dir.exists() and context.settings.database_url is None:
        return
    try:
        with psycopg.connect(context.app_dsn, connect_timeout=5) as connection:
            rows = connection.execute(PANELS_BY_LINE).fetchall()
    except (psycopg.Error, VeilleurError):
        return  # told of apart
    for line, count, reference in rows:
        if line not in known:
            yield Finding(
                f"Ligne de réception {line} : {count} transmetteur(s), dont celui du site {reference}",
                f"Les réglages ne nomment que {', '.join(known)} : ajoutez la ligne, ou corrigez les fiches.",
            )


def video(context: Context) -> Iterator[Finding]:
    """Recordings: the extra, the folder, and cameras that no recorder has taken."""
    settings = context.settings
    if not settings.recorders:
        return
    if not video_installed():
        yield Finding(
            "Vidéo", "Installez veilleur[video], ou réglez recorders à 0 : aucune caméra n’est enregistrée."
        )
        return
    place = _existing(context.video_dir)
    free = shutil.disk_usage(place).free / 1024**3
    low = free < settings.disk_warning_gib
    mend = f"Libérez de la place sur {place} : les images les plus anciennes seront effacées." if low else ""
    yield Finding(f"Enregistrements : {free:.0f} Gio libres dans {context.video_dir}", mend)
    run = context.last_run()
    if run is None or not _roles(context, run):
        return
    with psycopg.connect(context.app_dsn, connect_timeout=5) as connection:
        rows = connection.execute(UNTAKEN).fetchall()
    for reference, name in rows:
        yield Finding(
            f"Caméra {reference} ({name})",
            "Aucun enregistreur ne l’a prise : augmentez recorders ou cameras_per_recorder.",
        )


def channels(context: Context) -> Iterator[Finding]:
    """The ways out for calls, as far as one can go without calling anybody."""
    for channel in context.settings.channels:
        try:
            ways.examine(channel)
        except ways.ChannelError as fault:
            why = f"{word('fr', 'channel_fault', fault.why)} ({fault})"
            yield Finding(f"Canal {channel.name}", f"{why} : voyez les réglages «channels».")
        else:
            yield Finding(f"Canal {channel.name} : joignable")


def health(context: Context) -> Iterator[Finding]:
    """Of a running centre: what opens a dossier of its own site (its clock, certificates, backups, log followed)."""
    run = context.last_run()
    if run is None or not _roles(context, run):
        return
    found = examine(House(context.database(pool_size=1), context.clock, context.settings))
    for fault in found.values():
        if fault is not None:
            said = word("fr", "internal_code", fault.code)
            yield Finding(said, f"{fault.text} (un dossier du site de la station le dit aussi)")
    if not any(found.values()):
        yield Finding("Santé : heure, certificats, sauvegarde, journal, rien à signaler")


def _addresses(
    http: str, lines: Mapping[str, str], recorders: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    yield "Poste", http
    for name, listen in lines.items():
        yield f"Réception {name}", listen
    for name, listen in recorders.items():
        yield f"Images ({name})", listen


def _listeners(context: Context) -> dict[str, str]:
    settings = context.settings
    return {recorder_role(n): settings.recorder_address(n) for n in recorder_numbers(settings)}


def _wanted(context: Context) -> dict[str, str]:
    return {line.name: line.listen for line in context.settings.reception_lines()}


def _roles(context: Context, run: Run) -> dict[str, dict[str, Any]]:
    """The signs of life of a run; none when the database, told of apart, does not answer."""
    try:
        with psycopg.connect(context.app_dsn, connect_timeout=5) as connection:
            return role_states(connection, run.run, context.clock.now()) if run.run else {}
    except (psycopg.Error, VeilleurError):
        return {}


def _answers(address: str) -> bool:
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(2)
        return probe.connect_ex((EVERYWHERE.get(host, host), port)) == 0


def _existing(path: Path) -> Path:
    return path if path.exists() else _existing(path.parent)


CHECKS: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    python,
    disk,
    files,
    key_files,
    database,
    ports,
    stray_panels,
    video,
    channels,
    health,
)


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command()
    def doctor(
        ctx: typer.Context,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Say what is wrong with this machine or centre, and how to mend it."""
        findings = list(look(ctx.obj.at(data_dir)))
        for finding in findings:
            typer.echo(
                f"{'✗' if finding.mend else '✓'} {finding.what}{' — ' + finding.mend if finding.mend else ''}"
            )
        if any(finding.mend for finding in findings):
            raise typer.Exit(1)

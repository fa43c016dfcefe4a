"""`veilleur up`: one machine, one command. Starts the database, migrates, then keeps the roles alive."""

from __future__ import annotations

import json
from contextlib import ExitStack

import psycopg
import structlog
from rich.console import Console

from veilleur.composition import ROLES, Context, new_run, set_town_clock
from veilleur.db.embedded import EmbeddedPostgres, StartFailedError
from veilleur.db.embedded.backup import stop_keeping_log
from veilleur.db.status import role_states
from veilleur.demo.building import build_town
from veilleur.demo.town import DEMO_PEOPLE, town_lines
from veilleur.kernel.clock import SystemClock
from veilleur.logs import configure_logs
from veilleur.roles import RUN_VARIABLE
from veilleur.settings import Settings
from veilleur.supervisor import Child, Supervisor

log = structlog.get_logger()

LOOK = 0.5  # seconds between looks
AGAIN = 5.0  # seconds before a database that did not start is tried again


def run_centre(settings: Settings, *, at: str | None = None) -> None:
    """Runs every role until Ctrl-C or SIGTERM. Raises VeilleurError when the start is impossible."""
    configure_logs(settings.log_level)
    run = new_run()
    with ExitStack() as stack:
        data_dir = settings.data_dir.expanduser().resolve()
        if settings.demo:
            set_town_clock(data_dir, at)
        embedded: EmbeddedPostgres | None = None
        if settings.database_url is None:
            embedded = stack.enter_context(
                EmbeddedPostgres(data_dir, user=settings.postgres_user, bin_dir=settings.postgres_bin)
            )
        if settings.demo:
            settings = settings.model_copy(update={"lines": (*settings.lines, *town_lines(settings))})
        context = Context(settings)
        stack.callback(context.close)
        context.migrate()
        context.prepare()
        context.note_run(run)
        children = [_child(role, settings) for role in ROLES]
        if embedded is not None:
            if settings.wal_archive is not None:
                children.append(Child("wal", ["wal", "--data-dir", str(data_dir)]))
            else:
                stop_keeping_log(embedded.running)
        if settings.demo:
            build_town(context.database(), context.clock, context.keys)
            children.append(
                Child("panels", ["demo", "panels", "--data-dir", str(data_dir), "--dc09", settings.dc09])
            )
        look = _Look(embedded, context, run)
        Supervisor(children, tick=look, environment=_environment(settings, run)).run()


def _child(role: str, settings: Settings) -> Child:
    argv = ["run", role, "--data-dir", str(settings.data_dir.expanduser().resolve())]
    return Child(role, [*argv, "--http", settings.http, "--dc09", settings.dc09])


def _environment(settings: Settings, run: str) -> dict[str, str]:
    """What children read instead of arguments: their run, and the lines that a command line cannot say."""
    lines = json.dumps([line.model_dump() for line in settings.lines])
    return {RUN_VARIABLE: run, "VEILLEUR_LINES": lines}


class _Look:
    """What the supervisor does between two looks at its children: revive the database, say once that all is ready."""

    def __init__(self, embedded: EmbeddedPostgres | None, context: Context, run: str) -> None:
        self._embedded, self._context, self._run = embedded, context, run
        self._clock, self._next, self._announced = SystemClock(), 0.0, False

    def __call__(self) -> None:
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + LOOK
        if self._embedded is not None and self._embedded.poll() is not None:
            self._revive(self._embedded)
        if not self._announced and self._ready():
            self._announced = True
            announce(self._context.settings)

    def _revive(self, embedded: EmbeddedPostgres) -> None:
        """Starts the database again; where it cannot start (a full disk), tries again at a later look, for ever."""
        log.error("database_died")
        try:
            embedded.restart()
        except (StartFailedError, OSError) as fault:
            log.error("database_does_not_start", fault=str(fault), again_in=AGAIN)  # noqa: TRY400  # no trace: it is retried
            self._next = self._clock.monotonic() + AGAIN

    def _ready(self) -> bool:
        try:
            with psycopg.connect(self._context.app_dsn) as connection:
                states = role_states(connection, self._run, self._context.clock.now())
        except psycopg.Error:
            return False
        return all(states.get(role, {}).get("ready") for role in ROLES)


def announce(settings: Settings) -> None:
    """Says on the terminal what a person needs to know at start."""
    console = Console()
    console.print(f"\n[bold]Veilleur[/] est prêt : [bold cyan]http://{settings.http}[/]")
    for line in settings.reception_lines():
        console.print(
            f"  Réception {line.name} : DC-09, {' et '.join(t.upper() for t in line.transports)} {line.listen}"
        )
    if settings.demo:
        console.print("  [bold]DÉMONSTRATION[/] — identifiants (identifiant / mot de passe) :")
        for person in DEMO_PEOPLE:
            console.print(f"    {person.login} / {person.password}   {person.label}")
    else:
        console.print("  Premier utilisateur : veilleur user add --help")
    console.print("  Ctrl-C pour tout arrêter.\n")

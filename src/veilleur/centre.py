"""`veilleur up`: one machine, one command. Starts the database, migrates, then keeps the roles alive."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

import psycopg
import structlog

from veilleur.announcing import Announcer
from veilleur.composition import (
    Context,
    new_run,
    recorder_numbers,
    recorder_role,
    roles_of,
    set_town_clock,
    video_installed,
)
from veilleur.db.embedded import EmbeddedPostgres, StartFailedError
from veilleur.db.embedded.backup import stop_keeping_log
from veilleur.db.status import is_ready, role_states
from veilleur.demo.building import build_town
from veilleur.demo.town import CAMERAS, town_channels, town_lines
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.doors import Doors, keep_trying
from veilleur.kernel.errors import SettingsError
from veilleur.logs import configure_logs
from veilleur.reception.lines import Line
from veilleur.roles import RUN_VARIABLE
from veilleur.settings import Settings, split_address
from veilleur.supervisor import PATIENCE, Child, Replacement, Supervisor
from veilleur.upgrades import Progress, Request, taken, tell

log = structlog.get_logger()

LOOK = 0.5  # seconds between looks
AGAIN = 5.0  # seconds before a database that did not start is tried again
PORTS_TRIED = 100  # by a demonstration that looks for a free one for its pictures


def run_centre(settings: Settings, *, at: str | None = None) -> None:
    """Runs every role until Ctrl-C or SIGTERM. Raises VeilleurError when the start is impossible."""
    configure_logs(settings.log_level)
    run = new_run()
    with ExitStack() as stack:
        data_dir = settings.data_dir.expanduser().resolve()
        if settings.demo:
            _check_footage(settings)
            set_town_clock(data_dir, at)
        embedded: EmbeddedPostgres | None = None
        if settings.database_url is None:
            embedded = stack.enter_context(
                EmbeddedPostgres(data_dir, user=settings.postgres_user, bin_dir=settings.postgres_bin)
            )
        if settings.demo:
            settings = beside_another(settings).model_copy(
                update={
                    "lines": (*settings.lines, *town_lines(settings)),
                    "channels": (*settings.channels, *town_channels(settings)),
                    "cameras_per_recorder": max(settings.cameras_per_recorder, CAMERAS),
                }
            )
        context = Context(settings)
        stack.callback(context.close)
        migrated = context.migrate()
        log.info("schema", before=migrated.before, after=migrated.after, put_off=migrated.put_off)
        context.prepare()
        if settings.recorders and not video_installed():
            log.warning("no_video", why="the extra veilleur[video] is not installed: no camera is recorded")
        doors = open_doors(settings)
        stack.callback(doors.close)
        shut = open_video_doors(settings, doors)
        context.note_run(run)
        children = [_child(role, settings) for role in roles_of(settings)]
        if embedded is not None:
            if settings.wal_archive is not None:
                children.append(Child("wal", ["wal", "--data-dir", str(data_dir)], overlaps=False))
            else:
                stop_keeping_log(embedded.running)
        if settings.demo:
            build_town(context.database(), context.clock, context.keys, settings.demo_rtsp)
            children = [*_town_cameras(settings), *children, _town_panels(settings)]
        supervisor = Supervisor(children, environment=_environment(settings, run), doors=doors)
        supervisor.tick = _Look(embedded, context, run, supervisor, Announcer(settings, SystemClock(), shut))
        supervisor.run()


def _town_panels(settings: Settings) -> Child:
    place = str(settings.data_dir.expanduser().resolve())
    return Child("panels", ["demo", "panels", "--data-dir", place, "--dc09", settings.dc09], overlaps=False)


def _town_cameras(settings: Settings) -> list[Child]:
    """The town's cameras, where there are recorders; they begin before those who look at them."""
    if not recorder_numbers(settings):
        return []
    place = str(settings.data_dir.expanduser().resolve())
    argv = ["demo", "cameras", "--data-dir", place, "--rtsp", settings.demo_rtsp]
    if settings.demo_footage is not None:
        argv += ["--footage", str(settings.demo_footage.expanduser().resolve())]
    return [Child("cameras", argv, overlaps=False)]


def _check_footage(settings: Settings) -> None:
    """Before anything starts. Raises SettingsError."""
    folder = settings.demo_footage
    if folder is not None and not any(folder.expanduser().glob("*.mp4")):
        raise SettingsError(f"{folder} : aucun fichier .mp4 dans ce dossier (--footage).")


def open_doors(settings: Settings) -> Doors:
    """Every socket that the roles of this centre listen on; the roles are handed theirs.

    A role of a centre that was just killed may still hold one for its last seconds. Raises SettingsError.
    """
    doors, clock = Doors(), SystemClock()
    limit = clock.monotonic() + PATIENCE

    def again() -> bool:
        time.sleep(LOOK)
        return clock.monotonic() < limit

    host, port = split_address(settings.http)
    keep_trying(lambda: doors.open("http", host, port), again)
    for line in map(Line.read, settings.reception_lines()):
        port = line.port
        for transport in sorted(line.transports):  # TCP first: port 0 is then the same for both
            asked = port

            def attempt(line: Line = line, transport: str = transport, asked: int = asked) -> int:
                udp = transport == "udp"
                return doors.open(
                    f"{line.name}/{transport}", line.host, asked, udp=udp, shared=line.share_port
                )

            port = keep_trying(attempt, again)
    return doors


def open_video_doors(settings: Settings, doors: Doors) -> dict[str, SettingsError]:
    """The sockets of the recorders; the roles whose address could not be had, and why.

    Alarms do not wait for pictures: such a recorder goes on asking for its address by itself.
    """
    shut: dict[str, SettingsError] = {}
    for number in recorder_numbers(settings):
        host, port = split_address(settings.recorder_address(number))
        try:
            doors.open(_video_door(number), host, port)
        except SettingsError as fault:
            log.error("no_door_for_pictures", why=fault.message)  # noqa: TRY400  # a plain sentence
            shut[recorder_role(number)] = fault
    return shut


def beside_another(settings: Settings) -> Settings:
    """A demonstration beside another centre: its pictures have the first free ports from the usual one, unless set."""
    numbers = recorder_numbers(settings)
    if not numbers or "video_http" in settings.model_fields_set:
        return settings
    host, usual = split_address(settings.video_http)
    for port in range(usual, usual + PORTS_TRIED, len(numbers)):
        tried, doors = settings.model_copy(update={"video_http": f"{host}:{port}"}), Doors()
        try:
            for number in numbers:
                doors.open(_video_door(number), *split_address(tried.recorder_address(number)))
        except SettingsError:
            continue
        else:
            return tried
        finally:
            doors.close()
    return settings


def _video_door(number: int) -> str:
    return recorder_role(number).replace("recorder", "video")


def _child(role: str, settings: Settings) -> Child:
    argv = ["run", role, "--data-dir", str(settings.data_dir.expanduser().resolve())]
    doors = {
        "desk": ["http"],
        "reception": [
            f"{line.name}/{kind}" for line in settings.reception_lines() for kind in line.transports
        ],
    }
    doors |= {recorder_role(number): [_video_door(number)] for number in recorder_numbers(settings)}
    return Child(role, [*argv, "--http", settings.http, "--dc09", settings.dc09], doors.get(role, ()))


def _environment(settings: Settings, run: str) -> dict[str, str]:
    """What children read instead of arguments: their run, and the lines that a command line cannot say. The town's own
    channel is in no file."""
    lines = json.dumps([line.model_dump() for line in settings.lines])
    cameras = str(settings.cameras_per_recorder)
    told = {RUN_VARIABLE: run, "VEILLEUR_LINES": lines, "VEILLEUR_CAMERAS_PER_RECORDER": cameras}
    if settings.demo:
        told["VEILLEUR_VIDEO_HTTP"] = settings.video_http
        told["VEILLEUR_CHANNELS"] = json.dumps([each.model_dump(mode="json") for each in settings.channels])
    return told


class _Look:
    """What the supervisor does between two looks at its children: revive the database, say what is ready and what not,
    begin to replace the roles when `veilleur upgrade` asks."""

    def __init__(
        self,
        embedded: EmbeddedPostgres | None,
        context: Context,
        run: str,
        supervisor: Supervisor,
        announcer: Announcer,
    ) -> None:
        self._embedded, self._context, self._run = embedded, context, run
        self._supervisor, self._announcer = supervisor, announcer
        self._clock, self._next = SystemClock(), 0.0

    def __call__(self) -> None:
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + LOOK
        if self._embedded is not None and self._embedded.poll() is not None:
            self._revive(self._embedded)
        if not self._announcer.over:
            self._announcer.look(self._ready())
        if self._supervisor.replacement is None and (request := taken(self._context.data_dir)):
            self._replace(request)

    def _replace(self, request: Request) -> None:
        log.info("upgrade", version=request.version, python=request.python)
        data_dir, progress = self._context.data_dir, Progress(request.id, "taken")
        tell(data_dir, progress)

        def told(said: str, role: str, why: str) -> None:
            nonlocal progress
            progress = progress.after(said, role, why)
            tell(data_dir, progress)

        self._supervisor.replacement = Replacement(
            self._supervisor, request.python, ready=self._takes_over, told=told
        )

    def _takes_over(self, role: str, pid: int) -> bool:
        try:
            with psycopg.connect(self._context.app_dsn, connect_timeout=3) as connection:
                return is_ready(connection, role, f"{self._run}/{pid}", self._context.clock.now())
        except psycopg.Error:
            return False

    def _revive(self, embedded: EmbeddedPostgres) -> None:
        """Starts the database again; where it cannot start (a full disk), tries again at a later look, for ever."""
        log.error("database_died")
        try:
            embedded.restart()
        except (StartFailedError, OSError) as fault:
            log.error("database_does_not_start", fault=str(fault), again_in=AGAIN)  # noqa: TRY400  # no trace: it is retried
            self._next = self._clock.monotonic() + AGAIN

    def _ready(self) -> list[str]:
        """The roles of this run that say that they are ready."""
        try:
            with psycopg.connect(self._context.app_dsn) as connection:
                states = role_states(connection, self._run, self._context.clock.now())
        except psycopg.Error:
            return []
        return [role for role, state in states.items() if state["ready"]]

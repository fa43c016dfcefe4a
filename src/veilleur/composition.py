"""The only module that builds objects and wires roles."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, RunningCluster, ensure_running
from veilleur.db.embedded.places import Places
from veilleur.db.engine import Database, open_database
from veilleur.db.metadata import load_tables
from veilleur.db.migrate import Upgraded, has_schema, upgrade
from veilleur.db.presence import join
from veilleur.db.schema import refuse_foreign_schema
from veilleur.db.status import ask_the_hour, centre_mark, role_states
from veilleur.features.cameras.secrets import CameraRing
from veilleur.kernel.clock import Clock, GuardedClock, ShiftedClock, SystemClock
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.ports import DeskFacts
from veilleur.kernel.sealing import KeyRing
from veilleur.keyring import Keys
from veilleur.settings import Settings, load_settings
from veilleur.web.services import DeskServices, Health

ROLES = ("watch", "reception", "desk", "worker", "recorder")
VIDEO_MODULES = (
    "av",
    "numpy",
    "PIL",
    "websockets",
)  # of the extra veilleur[video]: without them nothing records
ALONE = "alone"  # the run of a role started by itself
DESK_POOL = 15  # connections of a desk process: its thread pool waits rather than the database
TOWN_FILE = "demo.json"  # the town's clock: the same for every process and every run on this data
RUN_FILE = "run.json"  # where the running centre listens
TOWN_ZONE = ZoneInfo("Europe/Paris")
TOWN_START = (2, 55)  # Monday 02:55, so that the consigne «mardi 2 h–3 h» says it does not apply


@dataclass(frozen=True)
class Run:
    """One run of `veilleur up`: its name in leases and signs of life, and where it listens. `lines`: name → address."""

    run: str
    http: str
    dc09: str
    lines: Mapping[str, str]
    recorders: Mapping[str, str] = field(default_factory=dict)
    """Role of each recorder → HOST:PORT of its listener."""


@dataclass
class Context:
    """What a command of the command line, or a role, is given: settings and what they open, each at first use."""

    settings: Settings
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def data_dir(self) -> Path:
        """The data directory, absolute."""
        return self.settings.data_dir.expanduser().resolve()

    @cached_property
    def clock(self) -> Clock:
        """The machine's clock, or the demonstration town's when the data are the town's."""
        return ShiftedClock(self.shift) if self.shift else SystemClock()

    @cached_property
    def shift(self) -> timedelta:
        """What the town's clock is ahead of the world's; zero for a real centre."""
        town = self.data_dir / TOWN_FILE
        return timedelta(seconds=json.loads(town.read_text())["offset_seconds"] if town.exists() else 0)

    @cached_property
    def guarded_clock(self) -> GuardedClock:
        """A role's clock, which a step of the machine's does not move: set right now, then by the role's pulse."""
        guarded = GuardedClock(self.clock, self.shift)
        ask_the_hour(self.app_dsn, guarded)
        return guarded

    @cached_property
    def owner_dsn(self) -> str:
        """Where migrations connect."""
        return self._dsn(OWNER_ROLE)

    @cached_property
    def app_dsn(self) -> str:
        """Where the application connects."""
        return self._dsn(APP_ROLE)

    def _dsn(self, role: str) -> str:
        settings = self.settings
        if settings.database_url:
            if role == OWNER_ROLE and not settings.database_owner_url:
                raise SettingsError(
                    "Set VEILLEUR_DATABASE_OWNER_URL beside VEILLEUR_DATABASE_URL: migrations need it."
                )
            return settings.database_url if role == APP_ROLE else str(settings.database_owner_url)
        return self.cluster.dsn(role)

    @cached_property
    def cluster(self) -> RunningCluster:
        """The embedded cluster: the running one, else started for the length of the command."""
        settings = self.settings
        return self.stack.enter_context(
            ensure_running(self.data_dir, user=settings.postgres_user, bin_dir=settings.postgres_bin)
        )

    def database(self, *, pool_size: int = 5) -> Database:
        """The application's database; the embedded one is started for the length of the command if none runs."""
        load_tables()
        if not has_schema(self.app_dsn):
            self.migrate()
        with psycopg.connect(self.app_dsn) as connection:
            refuse_foreign_schema(connection)
        opened = open_database(self.app_dsn, pool_size=pool_size)
        self.stack.callback(opened.close)
        return opened

    @property
    def video_dir(self) -> Path:
        """Where recordings are kept, absolute."""
        chosen = self.settings.video_dir
        return chosen.expanduser().resolve() if chosen is not None else self.data_dir / "video"

    @cached_property
    def keys(self) -> Keys:
        """The key files under DATA/keys."""
        return Keys(self.data_dir / "keys")

    def at(self, data_dir: Path | None) -> Context:
        """The same, for another data directory (`--data-dir` after the command)."""
        if data_dir is None or data_dir == self.settings.data_dir:
            return self
        other = Context(load_settings(data_dir=data_dir))  # with the veilleur.toml of that directory
        self.stack.callback(other.close)
        return other

    def prepare(self) -> None:
        """What a centre needs before its roles start: its folder and its keys."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.keys.make()

    def existing(self, data_dir: Path | None) -> Context:
        """As `at`, for a command that reads: raises SettingsError where no centre was made, a name mistyped perhaps."""
        found = self.at(data_dir)
        place = found.data_dir
        fresh = not place.exists() or (place.is_dir() and not Places(place).cluster.is_dir())
        if fresh and not found.settings.database_url:
            raise SettingsError(
                f"There is no centre in {place}: correct --data-dir, or make one there with "
                f"`veilleur up --data-dir {place}`."
            )
        return found

    def desk_services(self, holder: str) -> DeskServices:
        """What one desk process is built from."""
        run = holder.partition("/")[0]
        database = self.database(pool_size=DESK_POOL)
        with psycopg.connect(self.app_dsn, connect_timeout=10) as connection:
            mark = centre_mark(connection)
        return DeskServices(
            database=database,
            clock=self.clock,
            provide={KeyRing: self.keys.contacts, CameraRing: CameraRing(self.keys.cameras)},
            facts=DeskFacts(demo=(self.data_dir / TOWN_FILE).exists()),
            centre=mark,
            secure_cookies=self.settings.secure_cookies,
            allowed_hosts=self.settings.allowed_hosts,
            metrics_token=self._metrics_token(),
            pictures_from=self._pictures_from(),
            health=lambda: self.health(run),
        )

    def _pictures_from(self) -> tuple[str, ...]:
        """What a page of the desk may connect to: each recorder's listener, over HTTP and WebSocket."""
        urls = [self.settings.recorder_url(number) for number in recorder_numbers(self.settings)]
        origins = dict.fromkeys("/".join(url.split("/")[:3]) for url in urls)
        for everywhere in (
            "//0.0.0.0:",
            "//[::]:",
        ):  # listened on, never connected to: the host is the desk's
            origins = {origin.replace(everywhere, "//*:"): None for origin in origins}
        return tuple(each for origin in origins for each in (origin, "ws" + origin.removeprefix("http")))

    def _metrics_token(self) -> str | None:
        """The token of `/metrics`, from its file. Raises SettingsError."""
        file = self.settings.metrics_token_file
        if file is None:
            return None
        try:
            said = file.expanduser().read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as fault:
            raise SettingsError(f"The token file {file} cannot be read ({fault}).") from None
        if len(said) < 16:
            raise SettingsError(f"The token in {file} is shorter than 16 characters.")
        return said

    def health(self, run: str) -> Health:
        """Whether every role that this run of `up` started is alive and ready."""
        with psycopg.connect(self.app_dsn, connect_timeout=3) as connection:
            states = role_states(connection, run, self.clock.now())
        expected = roles_of(self.settings) if run != ALONE else ("desk",)
        roles = {
            role: states.get(role, {"ready": False}) for role in (*expected, *(states.keys() - set(expected)))
        }
        return Health(ready=all(roles[role]["ready"] for role in expected), roles=roles)

    def line_names(self) -> list[str]:
        """The reception lines that there are: those of the settings, and of the last run (a demonstration has more)."""
        run = self.last_run()
        named = [line.name for line in self.settings.reception_lines()]
        return list(dict.fromkeys([*named, *(run.lines if run is not None else ())]))

    def last_run(self) -> Run | None:
        """The running (or last) `veilleur up` of this data; None when there was none."""
        file = self.data_dir / RUN_FILE
        if not file.exists():
            return None
        said = json.loads(file.read_text())
        lines = said.get("lines", {"R1": said["dc09"]})
        return Run(said.get("run", ""), said["http"], said["dc09"], lines, said.get("recorders", {}))

    def note_run(self, run: str) -> None:
        """Leaves the name and the addresses of this run for commands beside it."""
        lines = {line.name: line.listen for line in self.settings.reception_lines()}
        recorders = {
            recorder_role(number): self.settings.recorder_address(number)
            for number in recorder_numbers(self.settings)
        }
        noted = Run(run, self.settings.http, self.settings.dc09, lines, recorders)
        (self.data_dir / RUN_FILE).write_text(json.dumps(asdict(noted)))

    def migrate(self) -> Upgraded:
        """Brings the schema up to this version, beside a centre that works on it (db/migrate.py).

        Raises MigrationBlockedError, OlderVersionLivesError, and what `refuse_foreign_schema` raises.
        """
        done = upgrade(self.owner_dsn, clock=self.guarded_clock)
        with psycopg.connect(self.owner_dsn) as connection:
            refuse_foreign_schema(connection)
        return done

    def join(self, role: str, holder: str, succeeds: str | None) -> None:
        """Enters a role among those that work on this database, its clock set right; fresh data are migrated first.

        Raises psycopg.OperationalError while the database is away, and what `refuse_foreign_schema` raises.
        """
        if not has_schema(self.app_dsn):
            self.migrate()
        self.clock = self.guarded_clock
        with psycopg.connect(self.app_dsn, autocommit=True, connect_timeout=5) as connection:
            join(connection, role, holder, self.clock.now(), {"succeeds": succeeds} if succeeds else {})

    def close(self) -> None:
        """Closes what was opened, last first."""
        self.stack.close()


def video_installed() -> bool:
    """Whether the extra `veilleur[video]` is there."""
    return all(find_spec(name) is not None for name in VIDEO_MODULES)


def recorder_numbers(settings: Settings) -> range:
    """The recorders of this machine, from 1; none without the extra."""
    return range(1, (settings.recorders if video_installed() else 0) + 1)


def recorder_role(number: int) -> str:
    """«recorder» for the first, «recorder-2»…: each has its own sign of life and its own door."""
    return "recorder" if number == 1 else f"recorder-{number}"


def roles_of(settings: Settings) -> tuple[str, ...]:
    """Every role that `veilleur up` keeps alive on this machine, in the order of their start."""
    recorders = (recorder_role(number) for number in recorder_numbers(settings))
    return (*(role for role in ROLES if role != "recorder"), *recorders)


def set_town_clock(data_dir: Path, at: str | None = None) -> None:
    """Gives fresh data the town's clock: Monday 02:55 local time, or `at` = «mardi-02:40»."""
    file = data_dir / TOWN_FILE
    if file.exists():
        return
    now = SystemClock().now()
    day, hour, minute = 0, *TOWN_START
    if at:
        day, hour, minute = parse_town_time(at)
    local = now.astimezone(TOWN_ZONE)
    target = (local - timedelta(days=(local.weekday() - day) % 7)).replace(
        hour=hour, minute=minute, second=0, microsecond=0
    )
    data_dir.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"offset_seconds": (target - now).total_seconds(), "seed": 1}))


DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def parse_town_time(text: str) -> tuple[int, int, int]:
    """«mardi-02:40» → (1, 2, 40). Raises SettingsError."""
    day, _, hour = text.partition("-")
    try:
        hours, minutes = (int(part) for part in hour.split(":"))
        return DAYS.index(day.lower()), hours % 24, minutes % 60
    except ValueError:
        raise SettingsError(f"«{text}» is not a day and an hour; write for instance mardi-02:40.") from None


def new_run() -> str:
    """The name of one run of `veilleur up`."""
    return secrets.token_hex(4)


def holder_name(run: str) -> str:
    """Who a process is in leases, watermarks and signs of life."""
    return f"{run}/{os.getpid()}"

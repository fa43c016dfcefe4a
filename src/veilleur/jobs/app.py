"""The job queue's application (Procrastinate): its tasks, and what they are given.

A task is a synchronous function run in a thread; it opens its own transactions. Whoever asks for one calls
`db.queue.defer(session, "veilleur:name", **ids)` inside its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from procrastinate import App, JobContext, PsycopgConnector

from veilleur.db.engine import CONNECT_ARGS, Database
from veilleur.features.cameras.commands import watch_authorisations
from veilleur.features.continuity.commands import TASK as CALL_OUT
from veilleur.features.people.commands import warn_of_title_ends
from veilleur.features.retention.commands import apply_retention
from veilleur.features.retention.model import Rules, shipped_rules
from veilleur.jobs.calling_out import call_out
from veilleur.jobs.heartbeat import beat
from veilleur.jobs.purge import purge
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.leaving import send_daily
from veilleur.settings import Outside

log = structlog.get_logger()

POOL = 4  # connections: the listener, the fetcher and those that finish jobs
KEPT_HOURS = 24 * 30  # failed jobs are kept that long for whoever looks into them


@dataclass(frozen=True)
class Tools:
    """What tasks work with. `checkpoint_dir`: the folder that leaves the machine, when one is set."""

    database: Database
    clock: Clock
    checkpoint_dir: Path | None
    data_dir: Path
    retention: Rules = field(default_factory=shipped_rules)
    outside: Outside = field(default_factory=Outside)


def tools_of(context: JobContext) -> Tools:
    """The tools that `run_worker` gave to the job."""
    tools = context.additional_context["tools"]
    assert isinstance(tools, Tools)
    return tools


def purge_rows(context: JobContext, timestamp: int) -> dict[str, int]:
    """Every five minutes: sweeps what is over."""
    tools = tools_of(context)
    removed = purge(tools.database, tools.clock.now())
    if removed:
        log.info("purged", rows=removed)
    return removed


def send_checkpoint(context: JobContext, timestamp: int) -> str | None:
    """Every hour: makes sure that one checkpoint a day has left the machine, when a folder is set."""
    tools = tools_of(context)
    if tools.checkpoint_dir is None:
        return None
    with tools.database.write() as session:
        act = Act(session, tools.clock.now(), Actor("centre"))
        gone = send_daily(act, tools.checkpoint_dir)
    if gone is None:
        return None
    if gone.fault:
        log.warning("checkpoint_refused", place=str(tools.checkpoint_dir), error=gone.fault)
    return str(gone.path)


def keep_no_longer(context: JobContext, timestamp: int) -> dict[str, int]:
    """Every night: empties and removes what the rules of retention keep no longer."""
    tools = tools_of(context)

    @contextmanager
    def transaction() -> Iterator[Act]:
        with tools.database.write() as session:
            yield Act(session, tools.clock.now(), Actor("centre", name="Veilleur"))

    done = apply_retention(transaction, tools.retention, tools.clock.now())
    if done:
        log.info("kept_no_longer", **done)
    return done


async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Every night: forgets jobs that ended long ago, the failed ones too."""
    await context.app.job_manager.delete_old_jobs(
        KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )


def warn_of_titles(context: JobContext, timestamp: int) -> int:
    """Every hour: tells, once each, the titles that end in 6, 4 and 3 months (S4)."""
    tools = tools_of(context)
    with tools.database.write() as session:
        warned = warn_of_title_ends(Act(session, tools.clock.now(), Actor("centre", name="Veilleur")))
    if warned:
        log.info("titles_end_soon", titles=len(warned))
    return len(warned)


def watch_the_authorisations(context: JobContext, timestamp: int) -> int:
    """Every hour: tells the ends of authorisations of vidéoprotection, suspends and resumes their cameras."""
    tools = tools_of(context)
    with tools.database.write() as session:
        act = Act(session, tools.clock.now(), Actor("centre", name="Veilleur"))
        moved = watch_authorisations(act)
    if moved:
        log.info("authorisations_end_soon", authorisations=len(moved))
    return len(moved)


def heartbeat(context: JobContext, timestamp: int) -> bool:
    """Every minute: says outside that the chain is verified."""
    tools = tools_of(context)
    return beat(tools.database, tools.clock, tools.outside)


#: Tasks that the clock asks for: name → (cron line, function). Their lock lets one run at a time, their
#: queueing lock lets one wait.
PERIODIC: dict[str, tuple[str, Callable[..., object]]] = {
    "veilleur:heartbeat": ("* * * * *", heartbeat),
    "veilleur:purge": ("*/5 * * * *", purge_rows),
    "veilleur:send_checkpoint": ("7 * * * *", send_checkpoint),
    "veilleur:warn_of_titles": ("13 * * * *", warn_of_titles),
    "veilleur:watch_authorisations": ("17 * * * *", watch_the_authorisations),
    "veilleur:keep_no_longer": ("43 2 * * *", keep_no_longer),
    "veilleur:forget_jobs": ("23 3 * * *", forget_jobs),
}


def build_app(dsn: str) -> App:
    """The application on a database: a conninfo or URL of the application's role. Made anew for each opening."""
    app = App(connector=PsycopgConnector(conninfo=dsn, kwargs=CONNECT_ARGS, min_size=1, max_size=POOL))
    for name, (cron, function) in PERIODIC.items():
        task = app.task(name=name, pass_context=True, lock=name, queueing_lock=name)(function)
        app.periodic(cron=cron)(task)
    app.task(name=CALL_OUT, pass_context=True)(call_out)
    return app

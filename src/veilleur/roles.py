"""Runs one role in this process: what `veilleur run ROLE` does."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog

from veilleur.composition import ALONE, Context, holder_name, video_installed
from veilleur.db.status import Pulse
from veilleur.kernel.doors import inherited
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.process import die_with_parent
from veilleur.logs import configure_logs
from veilleur.settings import Settings, split_address, split_ports

log = structlog.get_logger()

RUN_VARIABLE = "VEILLEUR_RUN"  # the run of `up` this role belongs to
PARENT_VARIABLE = "VEILLEUR_PARENT_PID"
PREDECESSOR_VARIABLE = "VEILLEUR_PREDECESSOR_PID"  # whom this process replaces, while that one still works
AGAIN = 1.0  # seconds before a database that is away is tried again


def run_role(role: str, settings: Settings) -> None:
    """Runs a role until SIGTERM or SIGINT. Raises SettingsError for an unknown role."""
    kind, _, number = role.partition("-")
    runner = RUNNERS.get(kind)
    if runner is None or (number and not (kind == "recorder" and number.isdecimal())):
        raise SettingsError(f"«{role}» is not a role; the roles are {', '.join(RUNNERS)}.")
    configure_logs(settings.log_level, role=role)
    if parent := os.environ.get(PARENT_VARIABLE):
        die_with_parent(int(parent))
    context = Context(settings)
    try:
        holder = holder_name(os.environ.get(RUN_VARIABLE, ALONE))
        _join(context, role, holder)
        runner(context, holder) if kind != "recorder" else run_recorder_role(context, holder, role)
    finally:
        context.close()


def _join(context: Context, role: str, holder: str) -> None:
    """Waits for the database, then for nothing: a schema that is not for this version is refused in one sentence."""
    while True:
        try:
            context.join(role, holder, _predecessor(holder))
        except psycopg.OperationalError as error:
            log.warning("database_away", error=str(error).strip().splitlines()[:1])
            time.sleep(AGAIN)
        else:
            return


def _predecessor(holder: str) -> str | None:
    pid = os.environ.get(PREDECESSOR_VARIABLE)
    return f"{holder.rpartition('/')[0]}/{pid}" if pid else None


def _pulse(context: Context, role: str, holder: str, health: Callable[[], dict[str, Any]]) -> Pulse:
    pulse = Pulse(context.app_dsn, context.guarded_clock, role, holder, health, succeeds=_predecessor(holder))
    pulse.start()
    return pulse


def _stop_event() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run_watch_role(context: Context, holder: str) -> None:
    """The watch and, as its second loop with its own lease, the sealer."""
    from veilleur.logbook.sealer import run_sealer  # noqa: PLC0415  # one role's imports are not another's
    from veilleur.watch.house import cares_of  # noqa: PLC0415
    from veilleur.watch.loop import run_watch  # noqa: PLC0415

    stop = _stop_event()
    database = context.database(pool_size=6)
    sealer = threading.Thread(
        target=run_sealer,
        args=(context.app_dsn, context.clock, context.keys.log, holder, stop),
        name="sealer",
    )
    sealer.start()
    pulse = _pulse(
        context, "watch", holder, lambda: {"sealer": sealer.is_alive(), "ready": sealer.is_alive()}
    )
    try:
        run_watch(database, context.clock, holder, stop, cares_of(database, context.clock, context.settings))
    finally:
        stop.set()
        sealer.join(timeout=10)
        pulse.stop()


def run_reception_role(context: Context, holder: str) -> None:
    """Sockets of panels."""
    import uvloop  # noqa: PLC0415

    from veilleur.reception.role import run_reception  # noqa: PLC0415

    async def serve() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await run_reception(
            dsn=context.app_dsn,
            lines=context.settings.reception_lines(),
            keys=context.keys.panels,
            clock=context.clock,
            holder=holder,
            stop=stop,
            report=health.update,
            doors=doors,
        )

    doors = inherited()
    health: dict[str, Any] = {"ready": False}
    pulse = _pulse(context, "reception", holder, lambda: dict(health))
    try:
        uvloop.run(serve())
    finally:
        pulse.stop()


def _no_cut_short(record: logging.LogRecord) -> bool:
    """At the end a request that hangs is cut short: expected, and no fault to trace."""
    fault = record.exc_info[1] if record.exc_info else None
    return not (isinstance(fault, asyncio.CancelledError) or record.getMessage().startswith("Cancel "))


def run_desk_role(context: Context, holder: str) -> None:
    """The HTTP API, the stream and the web desk."""
    import uvicorn  # noqa: PLC0415

    from veilleur.web.factory import create_app  # noqa: PLC0415

    host, port = split_address(context.settings.http)
    app = create_app(context.desk_services(holder))

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.feed.let_go()  # else each open screen would hold the process back until the time is up
            logging.getLogger("uvicorn.error").addFilter(_no_cut_short)
            await super().shutdown(sockets)

    server = Server(
        uvicorn.Config(
            app, host=host, port=port, log_config=None, access_log=False, timeout_graceful_shutdown=3
        )
    )
    _stop_event()  # uvicorn raises the signal again once it has stopped: there is a goodbye to say
    pulse = _pulse(context, "desk", holder, lambda: {"ready": server.started})
    try:
        server.run(sockets=inherited().get("http"))
    finally:
        pulse.stop()


def run_worker_role(context: Context, holder: str) -> None:
    """Jobs: purges, checkpoints that leave the machine."""
    from veilleur.features.retention.model import shipped_rules  # noqa: PLC0415
    from veilleur.jobs.worker import run_worker  # noqa: PLC0415

    pulse = _pulse(context, "worker", holder, dict)
    try:
        asyncio.run(
            run_worker(
                context.app_dsn,
                context.clock,
                context.settings.checkpoint_dir,
                context.data_dir,
                shipped_rules().with_days(context.settings.retention),
                context.settings.outside(),
            )
        )
    finally:
        pulse.stop()


def run_recorder_role(context: Context, holder: str, role: str = "recorder") -> None:
    """Cameras: recorded, looked at, served to browsers by a listener of its own. «recorder-2» is the second here."""
    if not video_installed():
        raise SettingsError("Video is not installed here: install veilleur[video].")
    from veilleur.recorder.role import FtpPlace, Place, run_recorder  # noqa: PLC0415

    settings = context.settings
    number = int(role.partition("-")[2] or 1)
    ftp = settings.recorder_ftp(number)
    place = Place(
        number=number,
        url=settings.recorder_url(number),
        listen=split_address(settings.recorder_address(number)),
        folder=context.video_dir,
        store=settings.video_store,
        cameras=settings.cameras_per_recorder,
        desk=settings.http,
        desk_url=settings.public_url,
        allowed_hosts=settings.allowed_hosts,
        disk_warning=int(settings.disk_warning_gib * 1024**3),
        ftp=FtpPlace(
            ftp,
            split_ports(settings.video_ftp_ports),
            settings.video_ftp_address,
            settings.video_ftp_certificate,
            settings.video_ftp_clear,
        )
        if ftp is not None
        else None,
    )
    health: dict[str, Any] = {"ready": False}
    stop = _stop_event()
    pulse = _pulse(context, role, holder, lambda: dict(health))
    try:
        run_recorder(
            context.database(pool_size=6),
            context.clock,
            context.keys.cameras,
            place,
            holder=holder,
            stop=stop,
            report=health.update,
            doors=inherited().get("video" if number == 1 else f"video-{number}"),
            predecessor=_predecessor_pid(),
        )
    finally:
        pulse.stop()


def _predecessor_pid() -> int | None:
    said = os.environ.get(PREDECESSOR_VARIABLE)
    return int(said) if said else None


RUNNERS: dict[str, Callable[[Context, str], None]] = {
    "watch": run_watch_role,
    "reception": run_reception_role,
    "desk": run_desk_role,
    "worker": run_worker_role,
    "recorder": run_recorder_role,
}

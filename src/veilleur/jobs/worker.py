"""The `worker` role: runs jobs until told to stop, and begins again when the database comes back."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path

import psycopg
import structlog
from procrastinate import exceptions

from veilleur.db.engine import open_database
from veilleur.features.retention.model import Rules, shipped_rules
from veilleur.jobs.app import Tools, build_app
from veilleur.kernel.clock import Clock
from veilleur.settings import Outside

log = structlog.get_logger()

CONCURRENCY = 8  # jobs at once: slow gateways do not hold the other calls of an escalation
GRACE = 5.0  # seconds left to running jobs at stop; what is not done is done again
RETRY = 1.0  # seconds between attempts while the database is away


async def run_worker(  # noqa: PLR0917  # what the role is given, in the order of Tools
    dsn: str,
    clock: Clock,
    checkpoint_dir: Path | None,
    data_dir: Path,
    retention: Rules | None = None,
    outside: Outside | None = None,
) -> None:
    """Runs jobs until SIGTERM or SIGINT. `dsn` is the application role's."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    database = open_database(dsn, pool_size=CONCURRENCY)
    tools = Tools(
        database, clock, checkpoint_dir, data_dir, retention or shipped_rules(), outside or Outside()
    )
    try:
        while not stop.is_set():
            try:
                await _work(dsn, tools, stop)
            except (psycopg.Error, exceptions.ConnectorException, OSError) as error:
                log.warning("worker_interrupted", error=str(error).splitlines()[:1])
            if not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), RETRY)
    finally:
        database.close()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _work(dsn: str, tools: Tools, stop: asyncio.Event) -> None:
    working = asyncio.create_task(_run_jobs(dsn, tools))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _run_jobs(dsn: str, tools: Tools) -> None:
    app = build_app(dsn)
    async with app.open_async():
        await app.run_worker_async(
            concurrency=CONCURRENCY,
            install_signal_handlers=False,
            shutdown_graceful_timeout=GRACE,
            delete_jobs="successful",
            additional_context={"tools": tools},
        )

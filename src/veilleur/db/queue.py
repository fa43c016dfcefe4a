"""Deferring jobs: a row of the queue, written by the caller's own transaction.

A job exists if and only if what asked for it was committed. Its arguments are ids: the job reads what it
needs when it runs. The tasks themselves are in `jobs/`, which lies above those who defer.
"""

from __future__ import annotations

from datetime import datetime

from procrastinate import App, SyncPsycopgConnector

from veilleur.db.engine import WriteSession

#: Never opened: each job goes through the connection of its transaction.
QUEUE = App(connector=SyncPsycopgConnector())


def defer(
    session: WriteSession,
    task: str,
    *,
    at: datetime | None = None,
    lock: str | None = None,
    once: str | None = None,
    **ids: int,
) -> int:
    """Asks for a job and returns its id. The worker is told when the transaction commits.

    `task` is the task's name in `jobs.app` (`veilleur:name`). `at` (aware UTC): not before. Jobs of one
    `lock` run one after the other. `once`: raises `procrastinate.exceptions.AlreadyEnqueued` when a job of
    that name still waits (and spoils the transaction).
    """
    raw = session.connection().connection.driver_connection
    deferrer = QUEUE.configure_task(
        task, schedule_at=at, lock=lock, queueing_lock=once, connection=raw, allow_unknown=True
    )
    return deferrer.defer(**ids)

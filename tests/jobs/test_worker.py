"""The worker and its jobs, with the real queue."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from veilleur.db.engine import Database, open_database
from veilleur.db.queue import defer
from veilleur.features.people.commands import create_user, grant_title
from veilleur.jobs.app import Tools, build_app
from veilleur.jobs.purge import BATCH, SWEEPS, purge
from veilleur.jobs.worker import run_worker
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.notes import verify_note
from veilleur.logbook.sealer import seal_once

HOUR = 3600


@pytest.fixture
def opened(database):
    """The application's database, open."""
    db = open_database(database.app_dsn)
    yield db
    db.close()


def waiting(dsn: str) -> list[tuple[str, dict, str]]:
    """Jobs of the queue: task, arguments, status."""
    with psycopg.connect(dsn) as connection:
        return connection.execute(
            "SELECT task_name, args, status::text FROM procrastinate_jobs ORDER BY id"
        ).fetchall()


async def work_until_empty(dsn: str, tools: Tools) -> None:
    """A real worker that stops when the queue is empty."""
    app = build_app(dsn)
    async with app.open_async():
        await app.run_worker_async(
            wait=False,
            install_signal_handlers=False,
            delete_jobs="successful",
            additional_context={"tools": tools},
        )


def record(db: Database, clock: ManualClock, kind: str = "note.written") -> None:
    with db.write() as session:
        Act(session, clock.now(), Actor("cli", name="essai")).record(kind, {"text": "rien à signaler"})


def test_a_job_exists_if_and_only_if_its_transaction_was_committed(database, opened) -> None:
    def defer_and_fail() -> None:
        with opened.write() as session:
            defer(session, "veilleur:purge", timestamp=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        defer_and_fail()
    assert waiting(database.app_dsn) == []
    with opened.write() as session:
        defer(session, "veilleur:purge", timestamp=2)
        assert waiting(database.app_dsn) == []  # not before the commit
    assert waiting(database.app_dsn) == [("veilleur:purge", {"timestamp": 2}, "todo")]


async def test_the_worker_runs_what_was_deferred(database, opened, clock, tmp_path) -> None:
    now = clock.now()
    with psycopg.connect(database.app_dsn) as connection:
        connection.execute(
            "INSERT INTO draft (user_id, key, text, first_key_at, saved_at) VALUES "
            "(1, 'old', 'x', %(old)s, %(old)s), (1, 'new', 'x', %(new)s, %(new)s)",
            {"old": now - timedelta(days=31), "new": now - timedelta(days=29)},
        )
    with opened.write() as session:
        defer(session, "veilleur:purge", timestamp=int(now.timestamp()))
    await work_until_empty(database.app_dsn, Tools(opened, clock, None, tmp_path))
    with psycopg.connect(database.app_dsn) as connection:
        assert connection.execute("SELECT key FROM draft").fetchall() == [("new",)]


async def test_the_worker_warns_of_titles_that_end(database, opened, clock, tmp_path) -> None:
    """S4: told by the worker's hourly look, once."""
    with opened.write() as session:
        act = Act(session, clock.now(), Actor("cli", name="essai"))
        user = create_user(
            act, login="anna", name="Anna", roles=["operator"], password="un long mot de passe"
        )
        ends = (clock.now() + timedelta(days=80)).date()
        card = {"kind": "card", "number": "CAR-1", "activities": ["remote_monitoring"], "expires_on": ends}
        grant_title(act, user, **card)
    for hour in range(2):
        with opened.write() as session:
            defer(session, "veilleur:warn_of_titles", timestamp=hour)
        await work_until_empty(database.app_dsn, Tools(opened, clock, None, tmp_path))
    with psycopg.connect(database.app_dsn) as connection:
        told = connection.execute("SELECT count(*) FROM entry WHERE kind = 'title.ends_soon'").fetchone()
    assert told == (1,)


def test_every_sweep_removes_what_is_over_and_keeps_the_rest(database, opened, clock) -> None:
    now = clock.now()
    old: Callable[[float], object] = lambda hours: now - timedelta(hours=hours)  # noqa: E731
    with psycopg.connect(database.app_dsn) as c:
        answer = "INSERT INTO command_answer "
        answer += "(user_id, route, command_id, body_hash, status, at) VALUES (1, 'r', %s, '', 200, %s)"
        c.execute(answer, ("gone", old(80.1)))
        c.execute(answer, ("kept", old(79.9)))
        window = "INSERT INTO frame_window (key, signal_id, seen_at, until) VALUES (%s, 1, %s, %s)"
        c.execute(window, (b"gone", old(0.2), old(0.1)))
        c.execute(window, (b"kept-recent", old(0.1), old(0.05)))
        c.execute(window, (b"kept-long", old(0.5), now + timedelta(hours=1)))
        trouble = "INSERT INTO reception_trouble "
        trouble += "(line, peer, kind, minute, count, detail) VALUES ('R1', %s, 'bad_key', %s, 1, '{}')"
        c.execute(trouble, ("gone", old(31 * 24)))
        c.execute(trouble, ("kept", old(29 * 24)))
        refusal = "INSERT INTO refusal_count (kind, peer, minute, count, detail, entered) VALUES ('login', %s, %s, 1, '{}', %s)"
        c.execute(refusal, ("gone", old(8 * 24), True))
        c.execute(refusal, ("kept", old(8 * 24), False))
        c.execute("INSERT INTO path_seen (path_id, last_seen, holder) VALUES (7, %s, 'a')", (old(25),))
        c.execute("INSERT INTO path_seen (path_id, last_seen, holder) VALUES (8, %s, 'a')", (old(1),))
        mark = "INSERT INTO reception_watermark "
        mark += "(holder, lines, started_at, flushed_at, stopped_at) VALUES (%s, '{R1}', %s, %s, %s)"
        c.execute(mark, ("gone", old(30), old(26), old(26)))
        c.execute(mark, ("kept", old(30), old(26), None))
    removed = purge(opened, now)
    assert set(removed.values()) == {1}
    assert len(removed) == 6
    with psycopg.connect(database.app_dsn) as c:
        assert c.execute("SELECT command_id FROM command_answer").fetchall() == [("kept",)]
        keys = {bytes(row[0]) for row in c.execute("SELECT key FROM frame_window").fetchall()}
        assert keys == {b"kept-recent", b"kept-long"}
        assert c.execute("SELECT peer FROM reception_trouble").fetchall() == [("kept",)]
        assert c.execute("SELECT peer FROM refusal_count").fetchall() == [("kept",)]
        assert c.execute("SELECT path_id FROM path_seen").fetchall() == [(8,)]
        assert c.execute("SELECT holder FROM reception_watermark").fetchall() == [("kept",)]
    assert purge(opened, now) == {}


def test_ended_web_sessions_go_and_live_ones_stay(database, opened, clock) -> None:
    now = clock.now()
    with opened.write() as session:
        act = Act(session, now, Actor("cli", name="essai"))
        entry = act.record("user.added", {"login": "a"})
        connection = session.connection().connection.driver_connection
        user = connection.execute(
            "INSERT INTO user_account (login, name, sort_key, password_hash, roles, perimeter, language, entry_id) "
            "VALUES ('a', 'A', 'a', '', '{operator}', '{}', 'fr', %s) RETURNING id",
            (entry,),
        ).fetchone()[0]
        for name, ends in ((b"gone", now - timedelta(seconds=1)), (b"kept", now + timedelta(hours=1))):
            connection.execute(
                "INSERT INTO web_session (token_hash, user_id, csrf, peer, created_at, last_seen, last_act, ends_at) "
                "VALUES (%s, %s, '', '', %s, %s, %s, %s)",
                (name, user, now, now, now, ends),
            )
    assert purge(opened, now) == {"ended web sessions": 1}


def test_a_backlog_longer_than_a_batch_goes_whole(database, opened, clock) -> None:
    with psycopg.connect(database.app_dsn) as c:
        c.execute(
            "INSERT INTO login_throttle (subject, failures, next_try_at) SELECT n::text, 1, %s FROM generate_series(1, %s) n",
            (clock.now() - timedelta(days=2), BATCH + 3),
        )
    assert purge(opened, clock.now()) == {"slow-downs of logins": BATCH + 3}


def test_every_sweep_names_a_table_that_exists(database) -> None:
    with psycopg.connect(database.app_dsn) as c:
        tables = {row[0] for row in c.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert {one.table for one in SWEEPS} <= tables


async def test_one_checkpoint_a_day_leaves_the_machine(database, opened, clock, tmp_path) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    key = open_log_key(tmp_path / "log.key")
    tools = Tools(opened, clock, folder, tmp_path)

    async def hour() -> None:
        with opened.write() as session:
            defer(session, "veilleur:send_checkpoint", timestamp=int(clock.now().timestamp()))
        await work_until_empty(database.app_dsn, tools)
        clock.advance(HOUR)

    await hour()
    assert list(folder.iterdir()) == []  # nothing is signed yet
    record(opened, clock)
    seal_once(database.app_dsn, clock, key)
    await hour()
    await hour()
    sent = sorted(folder.glob("checkpoint-*.txt"))
    assert [path.name for path in sent] == ["checkpoint-000000000001.txt"]
    assert verify_note(sent[0].read_text("utf-8"), key.vkey).size == 1
    assert (folder / "veilleur-cle-publique.txt").read_text().strip() == key.vkey
    clock.advance(24 * HOUR)
    seal_once(database.app_dsn, clock, key)  # the entry «checkpoint.sent» made it grow
    await hour()
    assert [verify_note(p.read_text("utf-8"), key.vkey).size for p in sorted(folder.glob("check*"))] == [1, 2]
    with psycopg.connect(database.app_dsn) as c:
        assert c.execute("SELECT size FROM checkpoint_sent ORDER BY size").fetchall() == [(1,), (2,)]
        kinds = [row[0] for row in c.execute("SELECT kind FROM entry ORDER BY id").fetchall()]
    assert kinds == ["note.written", "checkpoint.sent", "checkpoint.sent"]


async def test_a_folder_that_is_not_there_is_told_once_a_day_and_never_made(
    database, opened, clock, tmp_path
) -> None:
    record(opened, clock)
    seal_once(database.app_dsn, clock, open_log_key(tmp_path / "log.key"))
    tools = Tools(opened, clock, tmp_path / "unmounted", tmp_path)
    for _ in range(3):
        with opened.write() as session:
            defer(session, "veilleur:send_checkpoint", timestamp=int(clock.now().timestamp()))
        await work_until_empty(database.app_dsn, tools)
        clock.advance(HOUR)
    assert not (tmp_path / "unmounted").exists()
    with psycopg.connect(database.app_dsn) as c:
        assert c.execute("SELECT count(*) FROM entry WHERE kind = 'checkpoint.refused'").fetchone() == (1,)
        assert c.execute("SELECT count(*) FROM checkpoint_sent").fetchone() == (0,)


async def test_the_role_works_until_sigterm(database, opened, clock, tmp_path) -> None:
    role = asyncio.create_task(run_worker(database.app_dsn, clock, None, tmp_path))
    with opened.write() as session:
        defer(session, "veilleur:purge", timestamp=1)
    end = time.monotonic() + 15
    while any(args == {"timestamp": 1} for _, args, _ in waiting(database.app_dsn)):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(role, 15)


async def test_the_role_waits_for_a_database_that_is_away(database, opened, clock, tmp_path) -> None:
    role = asyncio.create_task(run_worker(database.app_dsn, clock, None, tmp_path))

    def sessions() -> int:
        with psycopg.connect(database.owner_dsn) as c:
            return c.execute(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '1 minute'"
            ).fetchone()[0]

    end = time.monotonic() + 20
    while not sessions():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    with psycopg.connect(database.app_dsn) as c:  # the role's own sessions may be cut by the role
        c.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
        )
    with opened.write() as session:
        defer(session, "veilleur:purge", timestamp=77)
    end = time.monotonic() + 30
    while any(args == {"timestamp": 77} for _, args, _ in waiting(database.app_dsn)):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(role, 15)

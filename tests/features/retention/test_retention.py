"""A name that was planted everywhere is nowhere once its time is over; what is kept still proves itself (issue 3 «Keep»)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import ARRAY, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from tests.features.handling.conftest import room  # noqa: F401  # the fixture
from tests.features.handling.room import Room
from veilleur.db.base import Base
from veilleur.db.metadata import load_tables
from veilleur.features.handling import commands as handling
from veilleur.features.retention.commands import OVER, apply_retention
from veilleur.features.retention.model import LONGEST, shipped_rules
from veilleur.jobs.purge import purge
from veilleur.kernel.errors import SettingsError
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.commands import write_entry
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.sealer import seal_once
from veilleur.logbook.verifying import verify

PLANT = Path(__file__).with_name("plant.sql")
NEEDLE = "Zéphyrine Quintefeuille"
YEARS = timedelta(days=5 * 366 + 2)


def kept_columns() -> dict[str, set[str]]:
    """Every text, list and JSON column of every table of ours."""
    load_tables()
    return {
        table.name: {c.name for c in table.columns if isinstance(c.type, Text | ARRAY | JSONB)}
        for table in Base.metadata.tables.values()
    }


def test_every_column_that_may_hold_a_name_is_thought_of() -> None:
    rules = shipped_rules()
    told: dict[str, set[str]] = {}
    for table, columns in rules.plain.items():
        told.setdefault(table, set()).update(columns)
    sealed = {
        "code_word",
        "duress_word",
        "lat",
        "lon",
        "password_sealed",
        "before",
        "after",
    }  # bytes and numbers, emptied all the same
    for personal in rules.personal:
        assert personal.kept_as in rules.classes
        assert not told.get(personal.table, set()) & set(personal.columns), personal.table
        told.setdefault(personal.table, set()).update(set(personal.columns) - sealed)
    whole = {*rules.rows, *rules.swept}
    kept = {table: columns for table, columns in kept_columns().items() if columns and table not in whole}
    assert {table: columns for table, columns in told.items() if columns} == kept, (
        "say in rules.toml what it holds"
    )
    assert whole <= set(kept_columns())
    for personal in rules.personal:
        assert personal.kept_as == "dossier" or personal.table in OVER


@contextmanager
def doing(room: Room) -> Iterator[Act]:  # noqa: F811
    with room.database.write() as session:
        yield Act(session, room.clock.now(), Actor("centre", name="Veilleur"))


def plant(room: Room) -> int:  # noqa: F811
    """Lives a dossier, then writes the name in every personal column of every row there is, and beside."""
    incident = room.open()
    call = room.start(incident)
    room.word(call, "lilas")
    room.end(call, "answered", understood="offence")
    room.settle()
    room.do("Ana", handling.start_call, incident, target="site")
    with doing(room) as act:
        write_entry(act, f"Ronde faite avec {NEEDLE}")
        entry = act.record("log.entry", {"text": NEEDLE})
        given = {
            "entry": entry,
            "at": room.clock.now(),
            "name": NEEDLE,
            "incident": incident,
            "site": room.site_id,
        }
        for statement in PLANT.read_text("utf-8").split(";\n"):
            if not statement.strip():
                continue
            act.session.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})
        for personal in shipped_rules().personal:
            columns = Base.metadata.tables[personal.table].columns
            for name in personal.columns:
                kind = columns[name].type
                if isinstance(kind, Text):
                    value = f":name{' || id' if columns[name].unique else ''}"
                elif isinstance(kind, JSONB) and name != "procedure":
                    value = "jsonb_build_object('text', cast(:name AS text))"
                else:
                    continue
                query = f'UPDATE "{personal.table}" SET "{name}" = {value}, entry_id = :entry'
                act.session.execute(text(query), {"name": NEEDLE, "entry": entry})
    return incident


def found(dsn: str) -> dict[str, int]:
    """In how many rows of each table the name is, in letters or in bytes."""
    counts = {}
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind = 'r' AND n.nspname = 'public'"
        ).fetchall()
        for (table,) in tables:
            query = sql.SQL(
                "SELECT count(*) FROM {} t WHERE t::text ILIKE %s OR t::text ILIKE %s OR t::text ILIKE %s"
            ).format(sql.SQL(table))
            needles = (NEEDLE, "zephyrine", NEEDLE.encode().hex())
            (row,) = connection.execute(query, [f"%{needle}%" for needle in needles]).fetchall()
            if row[0]:
                counts[table] = row[0]
    return counts


def seal(room: Room, database, tmp_path: Path) -> None:  # noqa: F811
    seal_once(database.app_dsn, room.clock, open_log_key(tmp_path / "log.key"))


def test_a_planted_name_is_nowhere_afterwards(room: Room, database, tmp_path: Path) -> None:  # noqa: F811
    rules = shipped_rules()
    incident = plant(room)
    planted = found(database.owner_dsn)
    assert {personal.table for personal in rules.personal} - {"title"} <= set(planted)
    assert {"entry_payload", "draft", "signal"} <= set(planted)

    seal(room, database, tmp_path)
    room.clock.advance(timedelta(days=30).total_seconds())
    assert apply_retention(lambda: doing(room), rules, room.clock.now()) == {}
    assert found(database.owner_dsn) == planted

    room.clock.advance(YEARS.total_seconds())
    purge(room.database, room.clock.now())
    done = apply_retention(lambda: doing(room), rules, room.clock.now())
    assert done["dossiers"] == 1
    assert done["signals"] == 1
    assert found(database.owner_dsn) == {}

    # What is left: the dossier’s outcome and times, the tree, and why the rest is gone.
    assert room.incident(incident).closed_at is not None
    assert any("Données personnelles" in sentence or "effacé" in sentence for sentence in room.sentences())
    seal(room, database, tmp_path)
    assert verify(database.app_dsn).sound
    assert apply_retention(lambda: doing(room), rules, room.clock.now()) == {}


def test_an_open_dossier_and_its_signals_stay(room: Room, database) -> None:  # noqa: F811
    incident = room.open()
    with doing(room) as act:
        act.session.execute(
            text(
                "INSERT INTO signal (id, batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, "
                "events, encrypted, decided_at) OVERRIDING SYSTEM VALUE VALUES (1, 1, :at, 'R1', 'tcp', '127.0.0.1', "
                "'dc09', 'SIA-DCS', '', 'accepted', '[]', false, :at)"
            ),
            {"at": room.clock.now()},
        )
    room.clock.advance(YEARS.total_seconds())
    done = apply_retention(lambda: doing(room), shipped_rules(), room.clock.now())
    assert "dossiers" not in done
    assert "signals" not in done
    assert "incident.opened" in " ".join(room.entries(incident)) or room.entries(incident)


def test_a_centre_sets_its_own_days_within_bounds() -> None:
    rules = shipped_rules().with_days({"signals": 400})
    assert rules.classes["signals"].days == 400
    assert rules.classes["dossier"].days == shipped_rules().classes["dossier"].days
    by_law = ({"images": 31}, {"viewings": 1096})
    for wrong in ({"photographs": 30}, {"signals": 0}, {"signals": LONGEST + 1}, *by_law):
        with pytest.raises(SettingsError):
            shipped_rules().with_days(wrong)

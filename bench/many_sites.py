"""A hundred thousand supervised panels, put into the tables by COPY: by the command of anybody it would take minutes.

The rows are those that `veilleur sites import` writes, keys sealed for their own panel, all under one entry of the
logbook; only the entries per site are left out.
"""

from __future__ import annotations

import json

import psycopg

from bench.centre import Store
from bench.nulls import KEY, account
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.sealing import open_key_ring, panel_key_row
from veilleur.logbook.building import Actor, Subject, build_entry

SITE = (
    *(
        "id",
        "reference",
        "name",
        "sort_key",
        "kind",
        "country",
        "timezone",
        "connection",
        "services",
        "codes",
    ),
    *("schedule", "area_groups", "search", "entry_id"),
)
PANEL = (
    *(
        "id",
        "site_id",
        "account",
        "canonical",
        "key_sealed",
        "time_policy",
        "clear_allowed",
        "duplicate_seconds",
    ),
    *("sends_restores", "adopted", "entry_id"),
)
PATH = (
    "id",
    "panel_id",
    "name",
    "interval",
    "reporting",
    "match",
    "carrier",
    "state",
    "state_since",
    "entry_id",
)
ENTRY = (
    "id",
    "kind",
    "version",
    "happened_at",
    "entered_at",
    "actor_kind",
    "actor_id",
    "organisation",
    "touched",
    "leaf",
)
DAY = 86_400


def add(kept: Store, first: int, count: int, brief: int = 0, silence: int = 0) -> None:
    """Sites with one panel and one path each, keys sealed, paths up. The first `brief` ones are lost after `silence`
    seconds without a sign, the others after two days."""
    clock, ring = SystemClock(), open_key_ring(kept.data_dir / "keys" / "panel.key")
    now = clock.now()
    with psycopg.connect(kept.app_dsn) as connection, connection.cursor() as cursor:

        def numbers(table: str, wanted: int) -> list[int]:
            asked = "SELECT nextval(%s) FROM generate_series(1, %s)"
            return [row[0] for row in cursor.execute(asked, [f"{table}_id_seq", wanted])]

        (entry_id,) = numbers("entry", 1)
        built = build_entry(
            entry_id,
            "log.entry",
            {"text": f"{count} sites chargés par le banc d’essai"},
            now=now,
            actor=Actor("user", 1, "Banc Essai"),
            subject=Subject(),
        )
        with cursor.copy(f"COPY entry ({', '.join(ENTRY)}) FROM STDIN") as copy:
            row = (built.id, built.kind, built.version, built.happened_at, built.entered_at)
            copy.write_row((*row, "user", 1, "centre", "{}", built.leaf))
        with cursor.copy("COPY entry_payload (payload_of, salt, body, search) FROM STDIN") as copy:
            copy.write_row((built.id, built.salt, built.body, built.search))
        sites, panels, paths = (numbers(table, count) for table in ("site", "panel", "panel_path"))
        with cursor.copy(f"COPY site ({', '.join(SITE)}) FROM STDIN") as copy:
            for n, site in enumerate(sites, first):
                words = (f"N-{n:06d}", f"Site {n}", f"site {n:06d}", "professional", "FR", "Europe/Paris")
                copy.write_row((site, *words, "in_service", "{}", "[]", "[]", "{}", f"site {n}", entry_id))
        with cursor.copy(f"COPY panel ({', '.join(PANEL)}) FROM STDIN") as copy:
            for n, (site, panel) in enumerate(zip(sites, panels, strict=True), first):
                sealed = ring.seal(KEY, panel_key_row(panel))
                rest = ("standard", False, 60, "unknown", False, entry_id)
                copy.write_row((panel, site, account(n), account(n), sealed, *rest))
        with cursor.copy(f"COPY panel_path ({', '.join(PATH)}) FROM STDIN") as copy:
            for n, (panel, path) in enumerate(zip(panels, paths, strict=True)):
                interval, reporting = (silence // 2, silence) if n < brief else (DAY, None)
                copy.write_row(
                    (
                        path,
                        panel,
                        "ip",
                        interval,
                        reporting,
                        json.dumps({}),
                        "Opérateur A",
                        "up",
                        now,
                        entry_id,
                    )
                )
        with cursor.copy("COPY path_seen (path_id, last_seen, holder) FROM STDIN") as copy:
            for path in paths:
                copy.write_row((path, now, "bench"))
        cursor.execute("NOTIFY veilleur_sites")
    with psycopg.connect(kept.owner_dsn, autocommit=True) as connection:
        connection.execute("ANALYZE")

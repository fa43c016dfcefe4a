"""`signals --json`: the contract of ARCHITECTURE.md §7, with a sealer at work and without."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg
import typer
from typer.testing import CliRunner

from tests.features.signals.conftest import Dial
from tests.reception.reception_house import plant_panel
from veilleur.db.engine import Database, open_database
from veilleur.features.signals import cli
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.sealer import SEALER_LOCK
from veilleur.protocols import dc09

SECRET = "00112233445566778899AABBCCDDEEFF"


def cid(sequence: int, account: str = "1234", **more: Any) -> bytes:
    data = dc09.cid_data(account, "130", area="01", number="015")
    return dc09.build_frame("ADM-CID", sequence=sequence, account=account, data=data, **more)


@dataclass
class Given:
    """What a command is given (composition.Context), as far as this one asks."""

    opened: Database

    def at(self, _: object) -> Given:
        return self

    existing = at

    def database(self) -> Database:
        return self.opened


def printed(database: Any, *arguments: str) -> list[dict[str, Any]]:
    app = typer.Typer()
    app.callback()(lambda: None)
    cli.add_to(app)
    opened = open_database(database.app_dsn, pool_size=2)
    try:
        done = CliRunner().invoke(
            app, ["signals", "--json", *arguments], obj=Given(opened), catch_exceptions=False
        )
    finally:
        opened.close()
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_line_is_what_the_contract_says(database: Any, clock: ManualClock, dial: Dial) -> None:
    plant_panel(database.app_dsn, clock, "1234")
    frame = cid(1, extended=[("K", SECRET), ("I", "Quai de livraison")])
    dial([frame, frame])
    (line,) = printed(database)
    assert line == {
        "id": line["id"],
        "position": 1,
        "received_at": "2026-11-23T02:14:07Z",
        "line": "R1",
        "account": "1234",
        "protocol": "dc09",
        "token": "ADM-CID",
        "sequence": "0001",
        "verdict": "accepted",
        "copies": 1,
        "peer": "127.0.0.1",
        "raw": frame.replace(SECRET.encode(), b"*" * 32).hex(),
        "events": [
            {"category": "intrusion", "code": "130", "qualifier": "new", "area": "01", "zone": "015", "user": None,
             "text": None, "extended": {"K": "*" * 32, "I": "Quai de livraison"}}
        ],
    }  # fmt: skip


def test_accounts_and_positions_choose(database: Any, clock: ManualClock, dial: Dial) -> None:
    plant_panel(database.app_dsn, clock, "001234")
    dial([cid(1), cid(2, "BEEF"), cid(3, "1234")])
    assert [line["position"] for line in printed(database)] == [1, 2, 3]
    assert [line["sequence"] for line in printed(database, "--account", "0001234")] == ["0001", "0003"]
    assert [line["sequence"] for line in printed(database, "--after", "1")] == ["0002", "0003"]
    assert printed(database, "--after", "3") == []
    dial([cid(4)])
    assert [line["position"] for line in printed(database, "--after", "3")] == [4]


def test_what_is_stored_is_shown_even_when_a_sealer_hangs(
    database: Any, clock: ManualClock, dial: Dial
) -> None:
    """Stored and acknowledged must be readable at once: without position, rather than not at all."""
    dial([cid(1)])
    with psycopg.connect(database.app_dsn) as sealer:
        sealer.execute("SELECT pg_advisory_lock(%s)", (SEALER_LOCK,))
        (line,) = printed(database)
        assert line["position"] is None
    (line,) = printed(database)
    assert line["position"] == 1


def test_a_late_commit_is_never_behind_a_reader(database: Any, clock: ManualClock, dial: Dial) -> None:
    """«No cursor over a sequence»: the lower id that commits last gets the higher position."""
    insert = (
        "INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events, "
        "encrypted) VALUES (1, now(), 'R1', 'tcp', '203.0.113.7', 'dc09', %s, '', 'accepted', '[]', false)"
    )
    with psycopg.connect(database.app_dsn) as slow:
        slow.execute(insert, ("SLOW",))
        dial([cid(1)])
        assert [(line["token"], line["position"]) for line in printed(database)] == [("ADM-CID", 1)]
        slow.commit()
    lines = printed(database, "--after", "1")
    assert [(line["token"], line["position"]) for line in lines] == [("SLOW", 2)]
    assert lines[0]["id"] < printed(database)[0]["id"]

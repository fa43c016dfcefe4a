"""An adopted account: what it said while nobody knew it is examined, late, and never rewritten."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.watch.watch_stage import cid
from veilleur.features.signals.commands import adopt_ghost
from veilleur.features.signals.tables import Ghost
from veilleur.locale.render import render_entry

GHOST = """
INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, account, canonical, raw, verdict,
                    events, encrypted, decided_at)
VALUES (0, %(at)s, %(line)s, 'tcp', '127.0.0.1:4', 'dc09', 'ADM-CID', '9999', '9999', 'frame', 'ghost', %(events)s,
        false, %(at)s) RETURNING id"""


@pytest.fixture
def unknown(station) -> Any:
    """An account that dials before its site knows it: `said(event, hours_ago)`."""
    with station.database.write() as session:
        ghost = Ghost(
            line="R1", canonical="9999", account="9999", peer="127.0.0.1", count=1, last_signal_id=1
        )
        ghost.first_seen = ghost.last_seen = station.clock.now()
        session.add(ghost)
        session.flush()
        ghost_id = ghost.id

    def said(event: Any, *, hours: float = 0, line: str = "R1") -> int:
        row = {
            **{name: getattr(event, name) for name in ("code", "area", "zone", "user", "text")},
            "extended": {},
        }
        row |= {"category": str(event.category), "qualifier": str(event.qualifier)}
        values = {
            "at": station.clock.now() - timedelta(hours=hours),
            "line": line,
            "events": json.dumps([row]),
        }
        with psycopg.connect(station.database.dsn, autocommit=True) as own:
            return int(own.execute(GHOST, values).fetchone()[0])  # type: ignore[index]

    said.ghost = ghost_id  # type: ignore[attr-defined]
    return said


def adopt(station, unknown) -> None:
    with station.act() as act:
        adopt_ghost(act, unknown.ghost, station.site_id)
    station.deadlines().run_due()
    station.decide_all()


def test_une_alarme_recue_avant_l_adoption_ouvre_un_dossier_marque(station, unknown):
    before = unknown(cid("1130", "007"), hours=1)
    adopt(station, unknown)
    (opened,) = station.incidents()
    assert (opened.category, opened.priority) == ("intrusion", 3)
    assert "late" in opened.headline["marks"]
    assert opened.ringing_since is not None
    assert station.value("SELECT verdict FROM signal WHERE id = :id", id=before) == "ghost", "never rewritten"
    events = station.column("SELECT events FROM signal WHERE site_id = :s", s=station.site_id)
    assert events[0][0]["extended"]["late"] == (station.clock.now() - timedelta(hours=1)).isoformat()


def test_un_defaut_fini_avant_l_adoption_ne_laisse_rien_a_faire(station, unknown):
    unknown(cid("1301", "000"), hours=2)
    unknown(cid("3301", "000"), hours=1)
    adopt(station, unknown)
    assert station.incidents() == []
    (closed,) = station.incidents(closed=True)
    assert closed.outcome == "restored"


def test_une_alarme_de_plus_d_un_jour_se_dit_et_ne_sonne_pas(station, unknown):
    unknown(cid("1130", "007"), hours=25)
    adopt(station, unknown)
    assert station.incidents(closed=True) == []
    (body,) = station.column(
        "SELECT p.body FROM entry_payload p JOIN entry e ON e.id = p.payload_of WHERE e.kind = 'signal.examined_late'"
    )
    said = render_entry("fr", "signal.examined_late", 1, json.loads(body))
    assert said.startswith("Transmetteur 9999 : 1 signal reçu quand il était inconnu, du 22/11/2026")
    assert said.endswith("les plus récents seulement : 0")


def test_les_tests_cycliques_et_les_autres_lignes_n_y_sont_pas(station, unknown):
    unknown(cid("1602", "000"), hours=1)
    unknown(cid("1130", "007"), hours=1, line="R2")
    adopt(station, unknown)
    assert station.incidents(closed=True) == []
    assert station.value("SELECT count(*) FROM signal WHERE site_id = :s", s=station.site_id) == 0


def test_rien_de_dit_avant_rien_d_ecrit(station, unknown):
    adopt(station, unknown)
    assert "signal.examined_late" not in station.kinds()


def test_une_seule_fois(station, unknown):
    unknown(cid("1130", "007"), hours=1)
    adopt(station, unknown)
    station.deadlines().run_due()
    station.decide_all()
    assert len(station.incidents(closed=True)) == 1

"""A test asked for on the telephone: the duress word (P1), and what a test changes on the dossiers of the site."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.features.handling.room import Room
from tests.features.handling.test_http import Seat, seat  # noqa: F401  # the fixture
from veilleur.features.incidents.model import PointRef
from veilleur.features.incidents.queries import dossier_row
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites import commands as sites
from veilleur.features.sites.commands import Asking, TestScope
from veilleur.features.sites.tables import OnTest
from veilleur.locale.render import catalogue
from veilleur.logbook.tables import Entry


def ask(seat: Seat, typed: str) -> tuple[int, dict[str, object]]:  # noqa: F811
    until = (seat.room.clock.now() + timedelta(hours=1)).isoformat()
    body = {
        "until": until,
        "asked_by": "Gérante",
        "typed": typed,
        "contact_id": seat.room.contacts["Gérante"],
    }
    answer = seat.browser.post(f"/api/sites/{seat.room.site_id}/on-test", body)
    return answer.status_code, answer.json()


def dossiers(room: Room) -> list[Incident]:
    with room.read() as session:
        return list(session.scalars(select(Incident).order_by(Incident.id)))


def test_le_mot_de_contrainte_ouvre_un_dossier_tenu_et_muet(seat: Seat) -> None:  # noqa: F811
    status, answer = ask(seat, "orage")
    (incident,) = dossiers(seat.room)
    assert (status, answer["code"]) == (409, "on_test_duress")
    assert answer["params"] == {"incident": incident.id, "reference": incident.reference}
    assert (incident.family, incident.category, incident.priority) == ("person", "duress", 1)
    assert (incident.duress, incident.duress_locked) == (True, True)
    assert incident.owner_id is not None
    assert incident.ringing_since is None, "rien ne sonne"
    assert incident.headline["marks"] == ["silent"]
    with seat.room.read() as session:
        assert session.scalars(select(OnTest)).all() == [], "rien n’est mis en essai"
    assert "orage" not in seat.room.everything_written()
    assert any("CONTRAINTE entendue" in line for line in seat.room.sentences())
    (clue,) = seat.browser.get(f"/api/incidents/{incident.id}/handling").json()["clues"]
    assert (clue["kind"], clue["origin"], clue["who"], clue["text"]) == (
        "duress_word",
        "call",
        "Gérante",
        None,
    )
    assert clue["abilities"] == [], "un fait entendu ne se retire pas"


def test_ce_que_l_abonne_entend_est_la_phrase_de_toujours() -> None:
    for language in ("fr", "en"):
        closing = catalogue(language, "texts")["call.closing"]
        assert closing in catalogue(language, "errors")["on_test_duress"]


def test_le_dossier_ouvert_tourne_a_la_contrainte(seat: Seat) -> None:  # noqa: F811
    dossier = seat.dossier()
    before = seat.room.incident(dossier)
    assert ask(seat, "tempete")[1]["params"]["incident"] == dossier  # type: ignore[index]
    after = seat.room.incident(dossier)
    assert (after.duress, after.duress_locked, after.priority) == (True, True, 1)
    assert after.owner_id == before.owner_id
    assert after.entry_id > before.entry_id
    assert len(dossiers(seat.room)) == 1
    again = ask(seat, "orage")
    assert (again[0], len(dossiers(seat.room))) == (409, 1)


def test_un_dossier_que_personne_ne_tient_est_tenu_par_qui_a_entendu(seat: Seat) -> None:  # noqa: F811
    dossier = seat.room.open(taken_by=None)
    ask(seat, "orage")
    held = seat.room.incident(dossier)
    assert held.owner_id is not None
    assert held.ringing_since is None


def test_a_cote_d_un_defaut_un_dossier_s_ouvre(seat: Seat) -> None:  # noqa: F811
    defaut = seat.room.open(
        point=PointRef("panel:1", "centrale", "power", None, None),
        family="technical", category="power", priority=5, procedure_event="power",
    )  # fmt: skip
    ask(seat, "orage")
    assert not seat.room.incident(defaut).duress
    assert [row.category for row in dossiers(seat.room)] == ["power", "duress"]


def test_prolonger_avec_le_mot_de_contrainte_fait_de_meme(seat: Seat) -> None:  # noqa: F811
    until = (seat.room.clock.now() + timedelta(hours=2)).isoformat()
    answer = seat.browser.post(
        f"/api/sites/{seat.room.site_id}/on-test/1/extend",
        {"until": until, "asked_by": "Gérante", "typed": "orage"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "on_test_duress")
    assert [row.duress for row in dossiers(seat.room)] == [True]


def test_un_mot_faux_n_ouvre_rien(seat: Seat) -> None:  # noqa: F811
    status, answer = ask(seat, "marguerite")
    assert (status, answer["code"]) == (403, "word_refused")
    assert dossiers(seat.room) == []


#: From the night of the room's clock to its morning: a test asked for by day needs no call-back (P10).
TO_MORNING = 9 * 3600


@pytest.fixture
def asking(room: Room) -> Asking:
    room.clock.advance(TO_MORNING)
    return Asking("Technicien", word="right", lead=True)


def version(room: Room, incident_id: int) -> tuple[int, bool]:
    """The version of a dossier's row, and whether it says «en essai»."""
    with room.read() as session:
        row = dossier_row(session, incident_id, room.clock.now())
        return row["version"], row["on_test"]


def touched(room: Room) -> list[int]:
    """The dossiers that the last entry moved."""
    with room.read() as session:
        entry = session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
        return list((entry.touched or {}).get("incident", []))


def test_un_essai_avance_la_version_des_dossiers_ouverts(room: Room, asking: Asking) -> None:
    dossier = room.open()
    first = version(room, dossier)
    until = room.clock.now() + timedelta(hours=1)
    test = room.do("Chef", sites.start_on_test, room.site_id, TestScope(), until, asking)
    started = version(room, dossier)
    assert (first[1], started[1]) == (False, True)
    assert started[0] > first[0]
    assert touched(room) == [dossier]
    room.do("Chef", sites.extend_on_test, room.site_id, test, until + timedelta(hours=1), asking)
    extended = version(room, dossier)
    assert extended[0] > started[0]
    room.do("Chef", sites.end_on_test, room.site_id, test, "vu")
    ended = version(room, dossier)
    assert ended[0] > extended[0]
    assert not ended[1]
    assert touched(room) == [dossier]


def test_la_fin_a_l_heure_dite_aussi(room: Room, asking: Asking) -> None:
    dossier = room.open()
    until = room.clock.now() + timedelta(minutes=30)
    test = room.do("Chef", sites.start_on_test, room.site_id, TestScope(), until, asking)
    started = version(room, dossier)
    room.clock.advance(1801)
    assert room.do("watch", sites.end_on_test_due, test)
    assert version(room, dossier)[0] > started[0]
    assert not version(room, dossier)[1]


def test_sans_dossier_ouvert_rien_ne_bouge(room: Room, asking: Asking) -> None:
    until = room.clock.now() + timedelta(minutes=30)
    room.do("Chef", sites.start_on_test, room.site_id, TestScope(), until, asking)
    assert touched(room) == []

"""The same over HTTP, as the desk does it: need 4 in few requests, P6 in every answer, the report under the strict CSP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.features.handling.room import RESERVED, Room
from tests.web.serving import Browser, serve
from veilleur.kernel.sealing import KeyRing


@dataclass
class Seat:
    """An operator at his post, over HTTP, and the room behind."""

    room: Room
    browser: Browser

    def post(self, path: str, body: object = None, status: int = 200) -> dict[str, object]:
        answer = self.browser.post(path, body)
        assert answer.status_code == status, answer.text
        found: dict[str, object] = answer.json()
        return found

    def dossier(self) -> int:
        incident_id = self.room.open(taken_by=None)
        self.post(f"/api/incidents/{incident_id}/take")
        return incident_id


@pytest.fixture
def seat(room: Room) -> Iterator[Seat]:
    with serve(room.database, room.clock, room.database.dsn, provide={KeyRing: room.ring}) as desk:
        desk.room.user("operatrice")
        post = desk.room.post()
        browser = desk.browser("operatrice")
        assert browser.post(f"/api/posts/{post}/take", {"motif": None}).status_code == 204
        yield Seat(room, browser)


def test_un_appel_du_depart_a_la_fin(seat: Seat) -> None:
    dossier = seat.dossier()
    started = seat.browser.post(
        f"/api/incidents/{dossier}/calls", {"target": "contact", "contact_id": seat.room.contacts["Gérante"]}
    )
    assert "Quai de livraison" not in started.text
    call = started.json()
    assert (call["phase"], call["abilities"]) == ("word", ["word", "reveal", "result", "undo"])
    path = f"/api/incidents/{dossier}/calls/{call['id']}"
    assert seat.post(f"{path}/result", {"result": "answered"}, 409)["code"] == "call_word_first"
    assert seat.post(f"{path}/word", {}, 422)["code"] == "invalid"
    assert seat.post(f"{path}/word", {"typed": "lila"})["near"] is True
    heard = seat.post(f"{path}/word", {"typed": "Lilas"})
    assert (heard["phase"], heard["person"]) == ("facts", "Gérante")
    ended = seat.post(f"{path}/result", {"result": "answered", "understood": "mistake"})
    assert ended["abilities"] == ["undo"]
    assert seat.post(f"{path}/undo")["result"] is None


def test_le_mot_revele_n_est_que_dans_sa_reponse(seat: Seat) -> None:
    dossier = seat.dossier()
    call = seat.post(
        f"/api/incidents/{dossier}/calls", {"target": "contact", "contact_id": seat.room.contacts["Gérante"]}
    )
    shown = seat.post(f"/api/incidents/{dossier}/calls/{call['id']}/reveal", {})
    assert (shown["code_word"], shown["duress_word"]) == ("lilas", "orage")
    assert "lilas" not in seat.browser.get(f"/api/incidents/{dossier}/handling").text
    assert "lilas" not in seat.browser.get(f"/api/incidents/{dossier}").text


def test_un_client_appelle_sans_dossier(seat: Seat) -> None:
    """Need 4: one request to enter the call, one for the word, one for what he asked."""
    call = seat.post(
        f"/api/sites/{seat.room.site_id}/incoming",
        {"caller": "Mme Essai", "contact_id": seat.room.contacts["Gérante"]},
    )
    assert call["abilities"] == ["word", "reveal", "result", "undo"]
    assert "act" in seat.post(f"/api/calls/{call['id']}/word", {"typed": "lilas"})["abilities"]  # type: ignore[operator]
    noted = seat.post(f"/api/calls/{call['id']}/act", {"act": "note", "note": "Livraison à 5 h"})
    assert noted["asked"] == "note"


def test_l_avis_a_justifier_puis_lu(seat: Seat) -> None:
    dossier = seat.dossier()
    police = {"service": "police", "door": "goods", "directory_id": seat.room.directory["police"]}
    refused = seat.post(f"/api/incidents/{dossier}/service-calls", police, 409)
    assert refused["code"] == "to_justify"
    seat.post(f"/api/incidents/{dossier}/clues", {"kind": "image", "text": "Une personne force le rideau"})
    answer = seat.browser.post(f"/api/incidents/{dossier}/service-calls", police)
    assert RESERVED in answer.text
    number = answer.json()["service_calls"][0]["id"]
    done = seat.browser.post(
        f"/api/incidents/{dossier}/service-calls/{number}/done",
        {"outcome": "coming", "reached": "Brigadier", "call_back_given": True},
    )
    assert RESERVED not in done.text
    assert done.json()["service_calls"][0]["call_back_given"] == "+33199000001"


def test_les_etapes_d_un_agent(seat: Seat) -> None:
    dossier = seat.dossier()
    agent = seat.room.responders["Rondier 7"]
    seat.post(f"/api/incidents/{dossier}/interventions", {"responder_id": agent})
    found = seat.browser.get(f"/api/incidents/{dossier}/handling").json()["interventions"][0]
    path = f"/api/incidents/{dossier}/interventions/{found['id']}"
    assert found["abilities"] == ["accepted", "refused", "no-answer", "cancelled"]
    assert seat.post(f"{path}/on-site", {}, 409)["code"] == "intervention_state"
    assert seat.post(f"{path}/flown", {}, 404)["code"] == "not_found"
    stages = [("accepted", {"minutes": 20}), ("on-the-way", {}), ("on-site", {}), ("warned", {})]
    for stage, body in [*stages, ("finding", {"finding": "nothing"}), ("done", {})]:
        seat.post(f"{path}/{stage}", body)
    assert (
        seat.browser.get(f"/api/incidents/{dossier}/handling").json()["interventions"][0]["state"] == "done"
    )


@pytest.mark.parametrize("audience", ["customer", "prefect", "internal"])
def test_le_compte_rendu_porte_le_nonce_de_sa_reponse(seat: Seat, audience: str) -> None:
    dossier = seat.dossier()
    answer = seat.browser.get(f"/api/incidents/{dossier}/report?for={audience}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found = re.search(r"style-src 'self' 'nonce-([^']+)'", answer.headers["content-security-policy"])
    assert found is not None
    assert f'<style nonce="{found[1]}">' in answer.text
    assert seat.browser.get(f"/api/incidents/{dossier}/report?for=press").status_code == 422

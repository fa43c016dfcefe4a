"""Station non tenue, from the empty room to who takes the call: real posts, real worker, real servers (P7, need 2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.continuity.outside import Gateway, Mail, gateway, mail_server, program
from tests.features.people.conftest import Room, room
from tests.jobs.test_worker import work_until_empty
from tests.web.serving import serve
from veilleur.features.sites.tables import Centre, OnCall
from veilleur.jobs.app import Tools
from veilleur.settings import ChannelSettings, Outside
from veilleur.watch.lease import acquire
from veilleur.watch.station import Station

__all__ = ["room"]


@dataclass
class House:
    """The room, its watch's look at it, its worker, and what is outside."""

    room: Room
    station: Station
    tools: Tools
    mail: Mail
    gateway: Gateway
    folder: Path
    dsn: str
    post: int
    ana: bytes

    def alive(self) -> None:
        """Ana's screen gives a sign of life; she herself does nothing."""
        with self.room.database.write() as session:
            session.execute(text("UPDATE web_session SET last_seen = :now"), {"now": self.room.clock.now()})

    def after(self, seconds: int, *, alive: bool = False) -> bool:
        """The watch's look some seconds later; whether the station is held."""
        self.room.clock.advance(seconds)
        if alive:
            self.alive()
        return self.station.look()

    async def work(self) -> None:
        await work_until_empty(self.dsn, self.tools)

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Entries of the station and of calls, in order."""
        query = (
            "SELECT kind, body FROM entry JOIN entry_payload ON payload_of = id "
            "WHERE kind LIKE 'station.%' OR kind LIKE 'escalation.%' ORDER BY id"
        )
        with self.room.database.read() as session:
            rows = session.execute(text(query)).all()
        return [(row.kind, json.loads(bytes(row.body))["params"]) for row in rows]

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told()]

    def rules(self, **station: Any) -> None:
        with self.room.database.write() as session:
            act = self.room.act(session)
            entry = act.record("centre.changed", {})
            house = session.get_one(Centre, 1)
            house.settings, house.entry_id = {"station": station}, entry

    def one(self, query: str) -> Any:
        with self.room.database.read() as session:
            return session.execute(text(query)).scalar()


@pytest.fixture
def house(database: Any, room: Room, tmp_path: Path) -> Iterator[House]:
    """Ana sits at post 1; on call are Garance by mail and SMS, Octave by a program, and a backup centre by mail."""
    with ExitStack() as stack:
        mail, sms = stack.enter_context(mail_server()), stack.enter_context(gateway())
        out = tmp_path / "relais.txt"
        script = program(tmp_path, f'printf "%s|%s\\n" "$VEILLEUR_TO" "$VEILLEUR_TEXT" >> {out}')
        channels = (
            ChannelSettings(name="courriel", kind="mail", server=mail.address, tls="none", timeout=5),
            ChannelSettings(name="sms", kind="http", url=f"{sms.url}/envoi?vers={{to}}", timeout=5),
            ChannelSettings(name="relais", kind="script", program=script, timeout=5),
        )
        people = (
            ("G", "Garance", "person", 1, [("courriel", "garance@exemple.test"), ("sms", "+33639980001")]),
            ("O", "Octave", "person", 2, [("relais", "sirène")]),
            ("B", "Station de secours", "centre", 1, [("courriel", "secours@exemple.test")]),
        )
        with room.database.write() as session:
            entry = room.act(session).record("centre.imported", {})
            session.add(Centre(id=1, name="Station d’essai", settings={}, entry_id=entry))
            for reference, name, kind, rank, ways in people:
                said = [{"channel": channel, "to": to} for channel, to in ways]
                row = OnCall(reference=reference, name=name, kind=kind, rank=rank, ways=said, entry_id=entry)
                session.add(row)
        room.user("ana")
        post, ana = room.post(), room.login("ana")
        held = acquire(room.database, "watch", "test", ttl=3600)
        assert held is not None
        outside = Outside(channels, "https://veilleur.exemple.test/")
        tools = Tools(room.database, room.clock, None, tmp_path, outside=outside)
        station = Station(room.database, room.clock, held)
        yield House(room, station, tools, mail, sms, tmp_path, database.app_dsn, post, ana)


def test_une_salle_qui_n_a_jamais_ete_tenue_n_appelle_personne(house: House) -> None:
    assert house.after(3600)
    assert house.told() == []


def test_un_poste_video_ne_tient_pas_la_station(house: House) -> None:
    house.room.user("vera", activities=["video"])
    video = house.room.post("Mur", kind="video")
    house.room.take(house.ana, house.post)
    assert house.after(1, alive=True)
    vera = house.room.login("vera")
    house.room.take(vera, video, motif="ronde")
    with house.room.database.write() as session:
        session.execute(text("DELETE FROM web_session WHERE post_id = :post"), {"post": house.post})
    for _ in range(3):
        held = house.after(30, alive=True)
    assert not held


async def test_un_poste_muet_60_s_appelle_l_astreinte_par_tous_ses_moyens(house: House) -> None:
    house.room.take(house.ana, house.post)
    assert house.after(1)
    assert house.after(59), "the screen has been dead for 59 s"
    assert not house.after(12)
    await house.work()
    begun = dict(house.told())
    assert begun["station.unheld"]["since"] == "2026-11-23T02:14:08+00:00"
    assert begun["escalation.begun"]["reason"] == "unheld"
    assert sorted(house.mail.to) == [["garance@exemple.test"], ["secours@exemple.test"]]
    mine = next(mail for mail, to in zip(house.mail.taken, house.mail.to, strict=True) if "garance" in to[0])
    assert mine["Subject"] == "Veilleur – Station d’essai : station non tenue"
    assert "depuis 03:14:08" in mine.get_content()
    assert "Prendre l’appel : https://veilleur.exemple.test/astreinte/" in mine.get_content()
    ((method, path, headers, body),) = house.gateway.asked
    assert (method, path, headers["Content-Type"]) == (
        "POST",
        "/envoi?vers=%2B33639980001",
        "application/json",
    )
    assert body["to"] == "+33639980001"
    assert body["text"].startswith("Station d’essai : station non tenue")
    assert house.kinds().count("escalation.told") == 3
    assert not (house.folder / "relais.txt").exists(), "Octave comes next, and not yet"


async def test_sans_reponse_le_suivant_et_un_canal_en_panne_se_dit(house: House) -> None:
    house.gateway.status, house.mail.refuses = 503, 100
    house.room.take(house.ana, house.post)
    house.after(1)
    house.after(61)
    await house.work()
    failed = [facts for kind, facts in house.told() if kind == "escalation.not_told"]
    assert {(facts["name"], facts["channel"], facts["why"]) for facts in failed} == {
        ("Garance", "courriel", "refused"),
        ("Garance", "sms", "refused"),
        ("Station de secours", "courriel", "refused"),
    }
    assert house.mail.tries == 6, "three attempts each"
    house.after(1)
    await house.work()
    assert (house.folder / "relais.txt").read_text("utf-8").startswith("sirène|Station d’essai")
    assert house.kinds().count("escalation.calling") == 3


async def test_le_lien_du_message_se_prend_une_fois(house: House) -> None:
    house.room.take(house.ana, house.post)
    house.after(1)
    house.after(61)
    await house.work()
    link = house.gateway.asked[0][3]["text"].rpartition("/astreinte/")[2]
    with serve(house.room.database, house.room.clock, house.dsn) as desk:
        browser = desk.browser()
        page = browser.get(f"/astreinte/{link}")
        assert (page.status_code, "station non tenue" in page.text) == (200, True)
        assert "escalation.taken" not in house.kinds(), "to read takes nothing: mail scanners read"
        taken = browser.http.post(f"/astreinte/{link}")
        assert (taken.status_code, "Garance a pris l’appel" in taken.text) == (200, True)
        assert browser.http.post(f"/astreinte/{link}").status_code == 404
        assert browser.get(f"/astreinte/{'x' * 43}").status_code == 404
    assert house.told()[-1] == ("escalation.taken", {"name": "Garance", "channel": "sms"})
    assert link not in str(house.one("SELECT string_agg(c::text, '') FROM call_out c"))
    for _ in range(3):
        house.after(200)
    assert house.kinds().count("escalation.calling") == 2, "nobody else while she comes"
    house.after(400)
    assert house.kinds()[-2:] == ["escalation.not_arrived", "escalation.calling"]


async def test_prendre_un_poste_met_fin_a_tout(house: House) -> None:
    house.rules(stop_acknowledging=True)
    house.room.take(house.ana, house.post)
    house.after(1)
    house.after(61)
    assert house.one("SELECT withheld FROM station_state")
    house.room.take(house.ana, house.post)
    assert house.after(1, alive=True)
    await house.work()
    assert house.kinds()[-3:] == ["station.held", "station.acknowledging_resumed", "escalation.ended"]
    assert house.mail.taken == [], "what had not left yet does not leave any more"
    assert not house.one("SELECT withheld FROM station_state")


def test_un_ecran_vivant_sans_personne_ne_tient_pas_la_station(house: House) -> None:
    house.rules(awake_within=600)
    house.room.take(house.ana, house.post)
    assert house.after(1, alive=True)
    for _ in range(11):
        assert house.after(50, alive=True)
    assert house.after(40, alive=True), "a key 591 s ago"
    assert house.after(40, alive=True), "asleep, and not yet missed for 60 s"
    assert not house.after(30, alive=True)


def test_une_touche_suffit(house: House) -> None:
    house.rules(awake_within=600)
    with serve(house.room.database, house.room.clock, house.dsn) as desk:
        browser = desk.browser("ana")
        assert browser.post(f"/api/posts/{house.post}/take").status_code == 204
        for _ in range(5):
            house.room.clock.advance(290)
            assert browser.post("/api/me/awake").status_code == 204
            assert house.station.look()


def test_quelqu_un_qui_se_connecte_peut_prendre_l_appel(house: House) -> None:
    with serve(house.room.database, house.room.clock, house.dsn) as desk:
        browser = desk.browser("ana")
        assert browser.post("/api/station/answer").json()["code"] == "nobody_called"
        browser.post(f"/api/posts/{house.post}/take")
        house.after(1)
        house.after(61)
        assert browser.post("/api/station/answer").status_code == 204
    assert house.told()[-1] == ("escalation.taken", {"name": "Ana", "channel": None})


def test_une_urgence_que_personne_ne_prend_appelle_le_chef_puis_la_station(house: House) -> None:
    from tests.desk.town import Town

    town = Town(house.room)
    with house.room.database.write() as session:
        session.execute(text("SELECT 1"))
    town.sites = [_site(house)]
    town.sites.append(town.sites[0])
    town.act("open", 0)
    house.room.take(house.ana, house.post)
    assert house.after(1, alive=True)
    assert house.told() == []
    _level(house, town.incidents[0], 2)
    assert house.after(1, alive=True)
    assert [facts["name"] for kind, facts in house.told() if kind == "escalation.calling"] == ["Garance"]
    _level(house, town.incidents[0], 3)
    house.after(1, alive=True)
    assert house.kinds()[-2:] == ["escalation.widened", "escalation.calling"]
    assert house.told()[-1][1]["kind"] == "centre"
    house.room.user("bruno")
    town.users = {"ana": 1, "bruno": 2}
    assert town.act("take", 0)
    house.after(1, alive=True)
    assert house.told()[-1][0] == "escalation.ended"


def _site(house: House) -> tuple[int, int, str]:
    from veilleur.features.sites.commands import ensure_centre_site

    with house.room.database.write() as session:
        return ensure_centre_site(house.room.act(session)), 0, ""


def _level(house: House, incident_id: int, level: int) -> None:
    """As the «untaken» deadline leaves it; its own tests are in watch/test_deadlines.py."""
    with house.room.database.write() as session:
        entry = house.room.act(session).record("incident.untaken", {})
        session.execute(
            text("UPDATE incident SET escalation = :level, entry_id = :entry WHERE id = :id"),
            {"level": level, "entry": entry, "id": incident_id},
        )


async def test_un_role_worker_mort_n_arrete_pas_les_appels(house: House) -> None:
    house.room.take(house.ana, house.post)
    house.after(1)
    house.after(61)
    house.after(151)
    failed = [facts["why"] for kind, facts in house.told() if kind == "escalation.not_told"]
    assert failed == ["worker_silent"] * 3
    assert house.kinds()[-1] == "escalation.calling"

"""The on-call list tried in the daytime: a real message, its link answered, and no alarm of it (P7)."""

from __future__ import annotations

from tests.continuity.test_station import House, house
from tests.features.people.conftest import room
from tests.web.serving import serve

__all__ = ["house", "room"]


async def test_un_essai_part_par_tous_les_moyens_et_se_confirme(house: House) -> None:
    house.room.user("chef", "lead")
    with serve(house.room.database, house.room.clock, house.dsn) as desk:
        chef = desk.browser("chef")
        people = chef.get("/api/on-call").json()["people"]
        assert [(one["name"], one["kind"]) for one in people] == [
            ("Garance", "person"),
            ("Octave", "person"),
            ("Station de secours", "centre"),
        ]
        assert chef.post(f"/api/on-call/{people[0]['id']}/try").status_code == 204
        await house.work()
        assert house.mail.taken[0]["Subject"].endswith("ESSAI de l’appel d’astreinte, confirmez seulement")
        link = house.gateway.asked[0][3]["text"].rpartition("/astreinte/")[2]
        answered = chef.http.post(f"/astreinte/{link}")
        assert "Il n’y a rien d’autre à faire" in answered.text
        assert chef.http.post(f"/astreinte/{link}").status_code == 404
        ways = {way["channel"]: way["last"] for way in chef.get("/api/on-call").json()["people"][0]["ways"]}
    assert (ways["sms"]["state"], ways["courriel"]["state"], ways["sms"]["reason"]) == (
        "answered",
        "sent",
        "trial",
    )
    assert house.told()[-1] == ("escalation.trial_answered", {"name": "Garance", "channel": "sms"})
    assert "escalation.begun" not in house.kinds()


async def test_un_essai_n_est_ni_un_appel_ni_un_obstacle(house: House) -> None:
    """Nobody comes for a trial; the station is not «being called»; a real call goes out beside an unanswered trial."""
    house.room.user("chef", "lead")
    house.room.take(house.ana, house.post)
    assert house.after(1)
    with serve(house.room.database, house.room.clock, house.dsn) as desk:
        chef = desk.browser("chef")
        octave = chef.get("/api/on-call").json()["people"][1]["id"]
        assert chef.post(f"/api/on-call/{octave}/try").status_code == 204
        assert chef.post(f"/api/on-call/{octave}/try").status_code == 204  # again: the one before is over
        assert chef.post("/api/station/answer").json()["code"] == "nobody_called"
        house.room.clock.advance(61)
        assert not house.station.look()
        assert "escalation.begun" in house.kinds()
        assert chef.post(f"/api/on-call/{octave}/try").json()["code"] == "real_call"
        assert chef.post("/api/on-call/999/try").status_code == 404
        ana = desk.browser("ana")
        assert ana.get("/api/on-call").status_code == 403
        assert ana.post(f"/api/on-call/{octave}/try").status_code == 403
    assert house.one("SELECT count(*) FROM escalation WHERE reason = 'trial' AND ended_at IS NULL") == 1

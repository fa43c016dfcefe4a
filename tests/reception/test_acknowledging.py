"""A station that nobody holds stays silent towards panels, if the house has it so; and only then (P7, intake.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg

from tests.reception.reception_house import House
from veilleur.db.engine import open_database
from veilleur.features.people import commands, posts, sessions
from veilleur.features.people.queries import reader_of
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.act import Act, Actor
from veilleur.protocols import dc09

PASSWORD = "mot de passe de test"


def alarm(sequence: int) -> bytes:
    data = dc09.cid_data("1234", "130", qualifier="1", area="01", number="001")
    return dc09.build_frame("ADM-CID", sequence=sequence, account="1234", data=data)


NULL = dc09.build_frame("NULL", sequence=1, account="1234")


def state(house: House, clock: ManualClock, *, withheld: bool, ago: float = 0) -> None:
    """What the watch leaves after its look."""
    with psycopg.connect(house.dsn) as connection:
        connection.execute(
            "INSERT INTO station_state (id, judged_at, withheld, awake_seconds) VALUES (1, %s, %s, 0) "
            "ON CONFLICT (id) DO UPDATE SET judged_at = excluded.judged_at, withheld = excluded.withheld",
            (clock.now() - timedelta(seconds=ago), withheld),
        )
        connection.execute("NOTIFY veilleur_station")


async def test_personne_ne_tient_la_station_rien_n_est_acquitte_et_tout_est_garde(
    house: House, clock: ManualClock
) -> None:
    await house.panel("1234")
    assert b'"ACK"' in (await house.dial(alarm(1)) or b"")
    state(house, clock, withheld=True)
    await house.until(lambda: house.reception.acknowledging.withheld)
    panel = await house.connect()
    assert await panel.silence(alarm(2))
    assert await panel.silence(NULL), "its link is down too: the panel takes its second receiver at once"
    assert [row["sequence"] for row in house.signals()] == ["0001", "0002"], "kept: who comes back sees it"
    assert house.reception.health()["acknowledges"] is False
    assert house.reception.health()["silenced"] == 2
    state(house, clock, withheld=False)
    await house.until(lambda: not house.reception.acknowledging.withheld)
    assert b'"ACK"' in (await panel.ask(alarm(2)) or b""), (
        "what it sends again is a copy, and is acknowledged"
    )
    assert len(house.signals()) == 2


async def test_une_veille_muette_ne_fait_taire_personne(house: House, clock: ManualClock) -> None:
    await house.panel("1234")
    state(house, clock, withheld=True)
    await house.until(lambda: house.reception.acknowledging.withheld)
    clock.advance(16)
    await house.until(lambda: not house.reception.acknowledging.withheld)
    assert b'"ACK"' in (await house.dial(alarm(1)) or b"")


async def test_une_base_muette_ne_fait_taire_personne(house: House, clock: ManualClock) -> None:
    state(house, clock, withheld=True)
    acknowledging = house.reception.acknowledging
    await house.until(lambda: acknowledging.withheld)
    acknowledging._read_at -= 5
    assert not acknowledging.withheld


async def test_prendre_un_poste_suffit_sans_attendre_la_veille(
    house: House, clock: ManualClock, database: Any
) -> None:
    await house.panel("1234")
    state(house, clock, withheld=True)
    await house.until(lambda: house.reception.acknowledging.withheld)
    opened = open_database(database.app_dsn, pool_size=1)
    with opened.write() as session:
        act = Act(session, clock.now(), Actor("cli"))
        user = commands.create_user(act, login="ana", name="Ana", roles=("operator",), password=PASSWORD)
        card = {"kind": "card", "number": "CAR-1", "activities": ["remote_monitoring"]}
        facts = {**card, "issued_on": clock.now().date()}
        commands.grant_title(act, user, **facts)
        post = posts.create_post(act, name="Poste 1", kind="remote_monitoring")
    person = sessions.authenticate(opened, clock, login="ana", password=PASSWORD, peer="192.0.2.1")
    with opened.write() as session:
        act = Act(session, clock.now(), sessions.actor_of(person))
        key = sessions.open_session(act, person, password=PASSWORD, peer="192.0.2.1").session_hash
    with opened.write() as session:
        act = Act(session, clock.now(), Actor("user", user, "Ana"))
        found = reader_of(session, key, clock.now(), sessions.IDLE)
        assert found is not None
        posts.take_post(act, found.reader, post, motif=None, session_hash=key)
    await house.until(lambda: not house.reception.acknowledging.withheld)
    assert b'"ACK"' in (await house.dial(alarm(1)) or b"")
    opened.close()

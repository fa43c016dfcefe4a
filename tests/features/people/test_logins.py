"""Logins: slow-down that is never a lock-out, refusals counted and entered once a minute, passwords kept well."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select, text

from tests.features.people.conftest import PASSWORD, Room
from veilleur.features.people import commands, sessions
from veilleur.features.people.refusals import OTHERS, PEERS_A_MINUTE, count_refusal, enter_refusals
from veilleur.features.people.tables import LoginThrottle, RefusalCount, User, WebSession
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Actor


def attempt(room: Room, login: str, password: str, peer: str) -> str:
    try:
        sessions.authenticate(room.database, room.clock, login=login, password=password, peer=peer)
    except (sessions.BadLoginError, sessions.TooSoonError) as error:
        return error.code
    return "ok"


def test_failures_slow_down_and_waiting_lets_in(room: Room) -> None:
    room.user("anna")
    answers = [attempt(room, "anna", "faux", "192.0.2.1") for _ in range(5)]
    assert answers == ["bad_login"] * 4 + ["too_soon"]
    assert attempt(room, "anna", PASSWORD, "192.0.2.1") == "too_soon"
    room.clock.advance(1.1)
    assert attempt(room, "anna", PASSWORD, "192.0.2.1") == "ok"
    assert attempt(room, "anna", "faux", "192.0.2.1") == "bad_login"


def test_a_stranger_who_guesses_elsewhere_does_not_slow_the_owners_workstation(room: Room) -> None:
    room.user("anna")
    assert attempt(room, "ANNA ", PASSWORD, "192.0.2.1") == "ok"
    for _ in range(12):
        attempt(room, "anna", "faux", "198.51.100.7")
        room.clock.advance(0.5)
    assert attempt(room, "anna", "faux", "198.51.100.7") == "too_soon"
    assert attempt(room, "anna", PASSWORD, "192.0.2.1") == "ok"


def test_a_peer_who_tries_many_logins_is_slowed(room: Room) -> None:
    answers = [attempt(room, f"inconnu{n}", "faux", "198.51.100.7") for n in range(23)]
    assert answers[:20] == ["bad_login"] * 20
    assert answers[-1] == "too_soon"
    assert attempt(room, "inconnu", "faux", "203.0.113.5") == "bad_login"


def test_the_throttle_table_is_bounded(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "THROTTLE_ROWS", 10)
    room.user("anna")
    attempt(room, "anna", PASSWORD, "192.0.2.1")
    for n in range(30):
        room.clock.advance(1)
        attempt(room, f"inconnu{n}", "faux", f"198.51.100.{n}")
    with room.database.read() as session:
        subjects = set(session.scalars(select(LoginThrottle.subject)))
    assert len(subjects) == 10
    assert "pair:anna@192.0.2.1" in subjects


def test_refusals_are_one_entry_per_peer_and_minute_with_a_count(room: Room) -> None:
    for n in range(7):
        attempt(room, f"x{n % 2}", "faux", "198.51.100.7")
    attempt(room, "x0", "faux", "203.0.113.5")

    def enter() -> int:
        with room.database.write() as session:
            return enter_refusals(room.act(session, Actor("centre")))

    assert enter() == 0
    room.clock.advance(60)
    assert enter() == 2
    assert enter() == 0
    with room.database.read() as session:
        rows = session.execute(
            text("SELECT body FROM entry JOIN entry_payload ON payload_of = id WHERE kind = 'access.refused'")
        ).scalars()
        params = {p["peer"]: p for p in (json.loads(bytes(body))["params"] for body in rows)}
    assert params["198.51.100.7"]["count"] == 7
    assert sorted(params["198.51.100.7"]["logins"]) == ["x0", "x1"]
    assert params["203.0.113.5"]["count"] == 1


def test_peers_beyond_the_bound_share_one_count(room: Room) -> None:
    with room.database.write() as session:
        for n in range(PEERS_A_MINUTE + 20):
            count_refusal(session, kind="login", peer=f"peer{n}", now=room.clock.now(), login=None)
        rows = session.scalars(select(func.count()).select_from(RefusalCount)).one()
        shared = session.scalars(select(RefusalCount.count).where(RefusalCount.peer == OTHERS)).one()
    assert rows == PEERS_A_MINUTE + 1
    assert shared == 20


def test_passwords_and_cookies_are_not_stored(room: Room) -> None:
    room.user("anna")
    room.login("anna")
    with room.database.read() as session:
        stored = session.scalars(select(User.password_hash)).one()
        web = session.scalars(select(WebSession)).one()
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert len(web.token_hash) == 32


def test_a_short_password_is_refused(room: Room) -> None:
    with pytest.raises(InvalidError), room.database.write() as session:
        commands.create_user(
            room.act(session), login="bref", name="Bref", roles=["operator"], password="trop court"
        )


def test_changing_the_password_ends_the_other_sessions(room: Room) -> None:
    user = room.user("anna")
    here, elsewhere = room.login("anna"), room.login("anna", "192.0.2.9")
    with pytest.raises(commands.WrongPasswordError), room.database.write() as session:
        commands.change_password(room.act(session), user, present="faux", new="une phrase nouvelle")
    with room.database.write() as session:
        commands.change_password(
            room.act(session), user, present=PASSWORD, new="une phrase nouvelle", keep_session=here
        )
    with room.database.read() as session:
        assert list(session.scalars(select(WebSession.token_hash))) == [here]
    assert elsewhere != here
    assert attempt(room, "anna", "une phrase nouvelle", "192.0.2.1") == "ok"


def test_a_login_is_taken_once(room: Room) -> None:
    room.user("anna")
    with pytest.raises(commands.LoginTakenError):
        room.user("Anna")


def test_housekeeping_forgets_what_has_ended(room: Room) -> None:
    room.user("anna")
    room.login("anna")
    attempt(room, "inconnu", "faux", "198.51.100.7")
    room.clock.advance(3 * 3600)
    with room.database.write() as session:
        enter_refusals(room.act(session, Actor("centre")))
        sessions.forget_the_old(session, room.clock.now())
    with room.database.read() as session:
        assert list(session.scalars(select(WebSession.token_hash))) == []
        assert list(session.scalars(select(LoginThrottle.subject))) == ["pair:anna@192.0.2.1"]
        assert list(session.scalars(select(RefusalCount.peer))) == []

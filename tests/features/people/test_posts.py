"""Prise de poste, relève, changement rapide: a title is asked for, and no station is ever unmanned by a rule."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from tests.features.people.conftest import PASSWORD, Room
from veilleur.features.people import commands, posts, sessions
from veilleur.features.people.model import TitleRefusedError
from veilleur.features.people.queries import live_posts, post_views, reader_of
from veilleur.features.people.tables import Post, Title
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Actor

#: The clock's day is 2026-11-23, 03:14 in Paris.


def kinds(room: Room) -> list[str]:
    with room.database.read() as session:
        return list(session.execute(text("SELECT kind FROM entry ORDER BY id")).scalars())


def holder(room: Room, post_id: int) -> int | None:
    with room.database.read() as session:
        return session.scalars(select(Post.holder_id).where(Post.id == post_id)).one()


def test_taking_a_post_is_refused_with_the_rules_name(room: Room) -> None:
    room.user("ancien", expires_on=date(2026, 11, 22))
    post = room.post()
    session_hash = room.login("ancien")
    with pytest.raises(TitleRefusedError) as refused:
        room.take(session_hash, post)
    assert refused.value.params["rule"] == "R612-13"
    assert holder(room, post) is None
    assert "post.taken" not in kinds(room)


def test_a_renewal_receipt_lets_work_continue(room: Room) -> None:
    user = room.user("ancien", expires_on=date(2026, 11, 22))
    post = room.post()
    with room.database.write() as session:
        title = session.scalars(select(Title.id).where(Title.user_id == user)).one()
        commands.record_receipt(room.act(session), title, date(2026, 8, 1))
    room.take(room.login("ancien"), post)
    assert holder(room, post) == user


def test_expiry_ejects_nobody_but_no_new_taking_after_the_relief(room: Room) -> None:
    user = room.user("nuit", expires_on=date(2026, 11, 23))
    post = room.post()
    session_hash = room.login("nuit")
    room.take(session_hash, post)
    for _ in range(22 * 4):  # past midnight in Paris, the screen alive all along
        room.clock.advance(900)
        with room.database.write() as session:
            sessions.touch_sessions(session, [session_hash], room.clock.now())
    reader = room.reader(session_hash)
    assert reader.post_id == post
    assert holder(room, post) == user
    assert reader.activities == frozenset()
    with room.database.write() as session:
        posts.leave_post(room.act(session), reader, [], confirmed=False)
    with pytest.raises(TitleRefusedError):
        room.take(room.login("nuit"), post)


def test_the_lead_is_told_once_six_hours_before(room: Room) -> None:
    room.user("nuit", expires_on=date(2026, 11, 23))
    post = room.post()
    room.take(room.login("nuit"), post)

    def warn() -> list[int]:
        with room.database.write() as session:
            return posts.warn_of_ending_titles(room.act(session, Actor("centre")))

    room.clock.advance(14 * 3600)  # 17:14 in Paris: 6 h 46 before
    assert warn() == []
    room.clock.advance(3600)
    assert warn() == [post]
    assert warn() == []
    with room.database.read() as session:
        view = post_views(session, [post], room.clock.now())[0]
    assert view.body["title"]["warned"] is True
    assert kinds(room).count("title.ending") == 1


def test_a_held_post_is_refused_while_its_screen_lives_and_given_when_it_died(room: Room) -> None:
    room.user("anna")
    second = room.user("boris")
    post = room.post()
    room.take(room.login("anna"), post)
    other = room.login("boris", "192.0.2.2")
    with pytest.raises(posts.PostHeldError) as refused:
        room.take(other, post)
    assert refused.value.params["holder"] == "Anna"
    room.clock.advance(11)
    with room.database.read() as session:
        assert live_posts(session, room.clock.now()) == []
    room.take(other, post)
    assert holder(room, post) == second


def test_a_video_post_asks_for_a_motif(room: Room) -> None:
    room.user("csu", kind="designation", activities=["video"])
    post = room.post("CSU 1", "video")
    session_hash = room.login("csu")
    with pytest.raises(InvalidError):
        room.take(session_hash, post, " ")
    room.take(session_hash, post, "Surveillance générale, secteur centre")
    with room.database.read() as session:
        assert post_views(session, [post], room.clock.now())[0].body["motif"].startswith("Surveillance")


def test_leaving_with_open_dossiers_asks_first(room: Room) -> None:
    room.user("anna")
    post = room.post()
    session_hash = room.login("anna")
    room.take(session_hash, post)
    held = [posts.HeldDossier(7, "2026-000007")]
    reader = room.reader(session_hash)
    with pytest.raises(posts.HoldsDossiersError) as asked, room.database.write() as session:
        posts.leave_post(room.act(session), reader, held, confirmed=False)
    assert asked.value.params["dossiers"] == [{"id": 7, "reference": "2026-000007"}]
    assert holder(room, post) is not None
    with room.database.write() as session:
        posts.leave_post(room.act(session), reader, held, confirmed=True)
    assert holder(room, post) is None
    assert room.reader(session_hash).post_id is None


def test_quick_change_seats_the_newcomer_without_an_empty_second(room: Room) -> None:
    first = room.user("anna")
    second = room.user("boris")
    room.user("sans", card=False)
    post = room.post()
    room.take(room.login("anna"), post)
    newcomer = room.login("sans")
    with pytest.raises(TitleRefusedError), room.database.write() as session:
        posts.pass_post(
            room.act(session),
            to_user=room.reader(newcomer).user_id,
            post_id=post,
            from_user=first,
            session_hash=newcomer,
        )
    assert holder(room, post) == first
    good = room.login("boris")
    with room.database.write() as session:
        posts.pass_post(room.act(session), to_user=second, post_id=post, from_user=first, session_hash=good)
    assert holder(room, post) == second
    assert room.reader(good).post_id == post


def test_the_lead_frees_a_post_with_a_reason(room: Room) -> None:
    room.user("anna")
    post = room.post()
    session_hash = room.login("anna")
    room.take(session_hash, post)
    with pytest.raises(InvalidError), room.database.write() as session:
        posts.vacate_post(room.act(session), post, "  ")
    with room.database.write() as session:
        posts.vacate_post(room.act(session), post, "partie sans quitter son poste")
    assert holder(room, post) is None
    assert room.reader(session_hash).post_id is None


def test_a_mute_screen_tells_the_room(room: Room) -> None:
    room.user("anna")
    post = room.post()
    session_hash = room.login("anna")
    room.take(session_hash, post)
    with room.database.read() as session:
        before = post_views(session, [post], room.clock.now())[0]
    with room.database.write() as session:
        posts.report_sound(room.act(session), room.reader(session_hash), ok=False, session_hash=session_hash)
    with room.database.read() as session:
        after = post_views(session, [post], room.clock.now())[0]
    assert before.body["sound_ok"] is None
    assert after.body["sound_ok"] is False
    assert after.version > before.version


def test_a_session_ends_by_silence_and_by_age_but_not_under_a_held_post(room: Room) -> None:
    room.user("anna")
    post = room.post()
    idle, held = room.login("anna"), room.login("anna", "192.0.2.9")
    room.take(held, post)

    def holds(session_hash: bytes) -> bool:
        with room.database.read() as session:
            return reader_of(session, session_hash, room.clock.now(), sessions.IDLE) is not None

    for _ in range(15 * 4):
        room.clock.advance(900)
        with room.database.write() as session:
            sessions.touch_sessions(session, [idle, held], room.clock.now())
    assert not holds(idle)
    assert holds(held)
    room.clock.advance(sessions.IDLE.total_seconds() + 1)
    assert not holds(held)


def test_a_disabled_account_loses_its_sessions_and_its_login(room: Room) -> None:
    user = room.user("anna")
    session_hash = room.login("anna")
    with room.database.write() as session:
        commands.disable_user(room.act(session), user, "départ")
    with room.database.read() as session:
        assert reader_of(session, session_hash, room.clock.now(), sessions.IDLE) is None
    with pytest.raises(sessions.BadLoginError):
        sessions.authenticate(room.database, room.clock, login="anna", password=PASSWORD, peer="192.0.2.1")

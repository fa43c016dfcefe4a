"""En essai is a burglar's tool too (practice P10): who may ask, how long, and what its end must show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from tests.features.sites.test_night import call
from veilleur.features.deadlines.tables import Deadline
from veilleur.features.sites import commands
from veilleur.features.sites.commands import Asking, TestScope
from veilleur.features.sites.errors import (
    CallBackNeededError,
    OnTestEndedError,
    OnTestLengthError,
    OnTestRunningError,
    PointsInAlarmError,
    SecondPersonNeededError,
    TextLengthError,
    WordRefusedError,
)
from veilleur.features.sites.queries import read_site_view
from veilleur.features.sites.tables import OnTest, Panel, Zone
from veilleur.kernel.errors import NotFoundError

SITE = """
sites:
  - reference: S-1
    name: École du Lac
    areas: [{number: 1, name: Classes}, {number: 2, name: Cuisine}]
    panels:
      - account: "22"
        sends_restores: yes
        zones:
          - {number: "001", area: 1, name: Porte}
          - {number: "002", area: 1, name: Couloir}
          - {number: "003", area: 2, name: Cuisine}
    contacts: [{name: Directrice, phone: "+33 6 39 98 00 01", code_word: lilas}]
  - {reference: S-2, name: Autre}
"""
NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)  # midi à Paris
NIGHT = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
WHOLE = TestScope()


@pytest.fixture
def site(world):
    world.taken(SITE)
    world.clock.current = NOON
    return world.site()


def arm(act, site, **areas):
    for number, armed in areas.items():
        commands.set_area_state(act, site.id, number[1:], armed=armed, partial=False, at=act.now, by=None)


ASKINGS = [
    # heure, armé, mot au téléphone, rappel, chef, second, issue
    ("jour", None, "right", None, False, None, None),
    ("jour", True, "right", None, False, None, None),
    ("jour", None, None, None, False, None, SecondPersonNeededError),
    ("jour", None, None, None, True, None, None),
    ("jour", None, None, None, False, "Brun", None),
    ("jour", None, "wrong", None, True, "Brun", WordRefusedError),
    ("jour", None, "duress", None, True, "Brun", WordRefusedError),
    ("nuit", False, "right", None, False, None, None),
    ("nuit", True, "right", None, False, None, CallBackNeededError),
    ("nuit", True, "right", None, True, "Brun", CallBackNeededError),
    ("nuit", True, "right", "registered", False, None, SecondPersonNeededError),
    ("nuit", True, "right", "registered", True, None, None),
    ("nuit", True, "right", "registered", False, "Brun", None),
    ("nuit", True, "right", "new number", True, "Brun", CallBackNeededError),
    ("nuit", True, "right", "wrong word", True, "Brun", WordRefusedError),
    ("nuit", True, None, "registered", True, None, None),
    ("nuit", None, "right", None, True, "Brun", CallBackNeededError),  # jamais dit: présumé en service
]


@pytest.mark.parametrize(("when", "armed", "word", "back", "lead", "second", "outcome"), ASKINGS)
def test_who_may_put_a_site_on_test(world, site, when, armed, word, back, lead, second, outcome):
    world.clock.current = NIGHT if when == "nuit" else NOON
    with world.acting() as act:
        if armed is not None:
            arm(act, site, n1=armed, n2=False)
        call_id = call(act, site, direction="in", target="caller", number=None, word=word) if word else None
        backs = {
            "registered": {},
            "new number": {"number": "+33639980099"},
            "wrong word": {"word": "wrong", "identified": False},
        }
        back_id = call(act, site, **backs[back]) if back else None
        asking = Asking("Technicien", call_id=call_id, call_back_id=back_id, lead=lead, second=second)
        until = act.now + timedelta(hours=1)
        if outcome is not None:
            with pytest.raises(outcome):
                commands.start_on_test(act, site.id, WHOLE, until, asking)
            return
        made = commands.start_on_test(act, site.id, WHOLE, until, asking)
    row = world.rows(OnTest, OnTest.id == made)[0]
    assert row.word_result == ("right" if word else "not_asked")
    assert row.until == until
    assert world.last("on_test.started")["second"] == second


@pytest.mark.parametrize(
    ("hour", "armed_area", "scope", "needed"),
    [
        ("20:59", "n1", WHOLE, False),
        ("21:00", "n1", WHOLE, True),
        ("05:59", "n1", WHOLE, True),
        ("06:00", "n1", WHOLE, False),
        ("02:00", "n1", TestScope(areas=frozenset({"2"})), False),  # le secteur 2 est hors service
        ("02:00", "n1", TestScope(areas=frozenset({"01"})), True),
        ("02:00", "n1", TestScope(areas=frozenset({"1", "2"})), True),
    ],
)
def test_the_night_and_what_is_armed_are_the_site_s(world, site, hour, armed_area, scope, needed):
    local = datetime.fromisoformat(f"2026-11-23 {hour}+01:00")
    world.clock.current = local.astimezone(UTC)
    with world.acting() as act:
        arm(act, site, n1=armed_area == "n1", n2=armed_area == "n2")
        call_id = call(act, site, direction="in", target="caller")
        asking = Asking("Technicien", call_id=call_id)
        if needed:
            with pytest.raises(CallBackNeededError):
                commands.start_on_test(act, site.id, scope, act.now + timedelta(hours=1), asking)
        else:
            commands.start_on_test(act, site.id, scope, act.now + timedelta(hours=1), asking)


def started(act, site, scope=WHOLE, hours=1.0) -> int:
    return commands.start_on_test(
        act, site.id, scope, act.now + timedelta(hours=hours), Asking("Technicien", lead=True)
    )


@pytest.mark.parametrize("hours", [-1, 0, 12.1, 1000])
def test_a_test_ends_and_not_too_late(world, site, hours):
    with world.acting() as act, pytest.raises(OnTestLengthError):
        started(act, site, hours=hours)


def test_the_longest_test_is_a_setting_of_the_centre(world, site):
    world.taken("centre: {name: Station, settings: {on_test: {max_minutes: 30}}}")
    with world.acting() as act:
        with pytest.raises(OnTestLengthError) as refused:
            started(act, site, hours=0.6)
        assert refused.value.params["minutes"] == 30
        started(act, site, hours=0.5)


def test_a_scope_is_put_on_test_once_and_its_deadlines_follow(world, site):
    with world.acting() as act:
        one = started(act, site)
        with pytest.raises(OnTestRunningError):
            started(act, site)
        started(act, site, TestScope(zones=frozenset({"001"})))
        commands.extend_on_test(
            act, site.id, one, act.now + timedelta(hours=3), Asking("Technicien", lead=True)
        )
        with pytest.raises(OnTestLengthError):
            commands.extend_on_test(act, site.id, one, act.now + timedelta(hours=13), Asking("T", lead=True))
        with pytest.raises(SecondPersonNeededError):
            commands.extend_on_test(act, site.id, one, act.now + timedelta(hours=4), Asking("Technicien"))
        with pytest.raises(TextLengthError):
            commands.start_on_test(
                act,
                site.id,
                TestScope(zones=frozenset({"2"})),
                act.now + timedelta(hours=1),
                Asking(" ", lead=True),
            )
        due = act.session.scalars(
            select(Deadline)
            .where(Deadline.subject_id == one, Deadline.done_at.is_(None))
            .order_by(Deadline.due_at)
        ).all()
    assert [(row.kind, row.due_at) for row in due] == [
        ("test_warning", NOON + timedelta(hours=2, minutes=50)),
        ("test_end", NOON + timedelta(hours=3)),
    ]


def test_scope_and_time_decide_what_a_test_covers(world, site):
    panel = world.rows(Panel)[0]
    with world.acting() as act:
        started(act, site, TestScope(panel.id, frozenset({"01"}), frozenset({"1", "002"})))
        view = read_site_view(act.session, site.id)
    now = world.clock.now()
    assert view.tests_of(now, panel.id, "1", "001")
    assert view.tests_of(now, panel.id, "01", "2")
    assert not view.tests_of(now, panel.id, "1", "3")
    assert not view.tests_of(now, panel.id, "2", "1")
    assert not view.tests_of(now, panel.id, None, "1"), "in doubt, treat it"
    assert not view.tests_of(now, panel.id + 1, "1", "1")
    assert not view.tests_of(now + timedelta(hours=1), panel.id, "1", "1")


def hear(act, test_id, zone, qualifier, minutes, category="intrusion"):
    commands.note_on_test(
        act, test_id, point_key=f"zone:{zone.panel_id}:{zone.number}", label=zone.name or zone.shown,
        category=category, qualifier=qualifier, zone_id=zone.id, at=NOON + timedelta(minutes=minutes), signal_id=1,
    )  # fmt: skip


def test_the_end_shows_every_point_and_never_passes_one_in_alarm_in_silence(world, site):
    door, corridor, kitchen = world.rows(Zone)
    with world.acting() as act:
        test = started(act, site)
        hear(act, test, door, "new", 1)
        hear(act, test, door, "restore", 2)
        hear(act, test, corridor, "new", 3)
        hear(act, test, corridor, "restore", 4)
        hear(act, test, corridor, "new", 5)
        with pytest.raises(PointsInAlarmError) as refused:
            commands.end_on_test(act, site.id, test)
        assert refused.value.params == {"points": ["Couloir"]}
        with pytest.raises(PointsInAlarmError):
            commands.end_on_test(act, site.id, test, "  ")
        points = commands.end_on_test(act, site.id, test, "détecteur à remplacer mardi")
        assert [(point.label, point.state, point.alarms) for point in points] == [
            ("Couloir", "in_alarm", 2),
            ("Cuisine", "never_seen", 0),
            ("Porte", "normal", 1),
        ]
        with pytest.raises(OnTestEndedError):
            commands.end_on_test(act, site.id, test, "x")
        with pytest.raises(NotFoundError):
            commands.end_on_test(act, world.site("S-2").id, test, "x")
    told = world.last("on_test.ended")
    assert (told["points"], told["normal"], told["never_seen"], told["in_alarm"]) == (3, 1, 1, ["Couloir"])
    assert [result["state"] for result in world.rows(OnTest)[0].results] == [
        "in_alarm",
        "never_seen",
        "normal",
    ]
    assert kitchen.name == "Cuisine"


def test_a_point_in_alarm_that_told_the_test_nothing_is_no_point_never_seen(world, site):
    """P10: in alarm since before the test, or having broken through it, it stands in the list as what it is."""
    _, corridor, _ = world.rows(Zone)
    with world.acting() as act:
        commands.set_zone_state(act, corridor.id, "alarm", NOON - timedelta(minutes=3))
        test = started(act, site)
        with pytest.raises(PointsInAlarmError) as refused:
            commands.end_on_test(act, site.id, test)
        assert refused.value.params == {"points": ["Couloir"]}
        commands.set_zone_state(act, corridor.id, "normal", NOON + timedelta(minutes=1))
        points = commands.end_on_test(act, site.id, test)
    assert {point.state for point in points} == {"never_seen"}


def test_a_test_alone_leaves_the_points_outside_its_scope_out(world, site):
    with world.acting() as act:
        with pytest.raises(NotFoundError):
            started(act, site, TestScope(areas=frozenset({"77"})))
        test = started(act, site, TestScope(areas=frozenset({"2"})))
        points = commands.end_on_test(act, site.id, test)
    assert [point.label for point in points] == ["Cuisine"]


@pytest.mark.parametrize(
    ("says", "armed_after", "state"),
    [
        ("no", True, "normal"),
        ("no", False, "in_alarm"),
        ("on_disarm", False, "normal"),
        ("no", None, "in_alarm"),
    ],
)
def test_a_panel_that_sends_no_restores_is_back_by_arming(world, site, says, armed_after, state):
    world.taken(SITE.replace("sends_restores: yes", f"sends_restores: {says}"))
    door = world.rows(Zone)[0]
    with world.acting() as act:
        test = started(act, site)
        commands.set_area_state(act, site.id, "1", armed=not armed_after, partial=False, at=NOON, by=None)
        hear(act, test, door, "new", 1)
        if armed_after is not None:
            later = NOON + timedelta(minutes=5)
            commands.set_area_state(act, site.id, "1", armed=armed_after, partial=False, at=later, by=None)
        points = commands.end_on_test(act, site.id, test, "note")
    assert next(point.state for point in points if point.label == "Porte") == state


def test_information_puts_no_point_in_alarm(world, site):
    door = world.rows(Zone)[0]
    with world.acting() as act:
        test = started(act, site)
        hear(act, test, door, "new", 1, category="open_close")
        hear(act, test, door, "status", 2)
        points = commands.end_on_test(act, site.id, test)
    assert points[-1].state == "told"


def test_the_hour_comes_warned_and_ends_the_test_with_its_list(world, site):
    door = world.rows(Zone)[0]
    with world.acting() as act:
        test = started(act, site)
        hear(act, test, door, "new", 1)
        assert not commands.warn_on_test(act, test), "too early"
        assert not commands.end_on_test_due(act, test)
    world.clock.advance(50 * 60)
    with world.acting() as act:
        assert commands.warn_on_test(act, test)
        assert not commands.warn_on_test(act, test), "once"
    world.clock.advance(10 * 60)
    with world.acting() as act:
        assert commands.end_on_test_due(act, test)
        assert not commands.end_on_test_due(act, test), "no longer applies"
        assert not commands.warn_on_test(act, test)
    assert world.last("on_test.expired")["in_alarm"] == ["Porte"], (
        "never silently: the watch opens a dossier for it"
    )
    with world.database.read() as session:
        waiting = session.scalars(
            select(Deadline).where(Deadline.subject_id == test, Deadline.done_at.is_(None))
        ).all()
    assert waiting == []


def test_a_refused_word_leaves_its_trace(world, site):
    with world.acting() as act:
        error = commands.refuse_on_test(act, site.id, Asking("Inconnu", word="duress"))
    assert (error.code, error.params) == ("word_refused", {"word": "duress"})
    assert world.last("on_test.refused")["word"] == "duress"

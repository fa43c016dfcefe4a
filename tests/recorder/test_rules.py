"""What is decided without a camera: permissions, faults with their patience, origins, the bounds of a socket."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from veilleur.recorder.health import RULES, Ailments, Facts
from veilleur.recorder.origins import Origins
from veilleur.recorder.permission import Permission, Standing, permission
from veilleur.recorder.taps import MAX_WAITING, Tap, Taps
from veilleur.video.model import FAULT_KINDS, Frame, StreamInfo

TODAY = date(2026, 11, 28)
ROAD = Standing("public_road", TODAY)
WELL = Facts(
    source="", seen=frozenset(), clock_offset_ms=0, size=(1920, 1080), fps=25.0, regime="public_road",
    lost=False, low=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "alarm", "expected"),
    [
        (ROAD, False, Permission(connect=True, show=True, record=True)),
        (
            replace(ROAD, expires_on=TODAY - timedelta(days=1)),
            False,
            Permission(False, False, False, "forbidden"),
        ),
        (replace(ROAD, expires_on=None), False, Permission(False, False, False, "forbidden")),
        (replace(ROAD, suspended="by_hand"), False, Permission(False, False, False, "suspended")),
        (replace(ROAD, suspended="mask_lost"), False, Permission(True, False, False, "suspended")),
        (Standing("private"), False, Permission(True, True, True)),
        (Standing("private", record=False), False, Permission(True, True, False)),
        (Standing("home"), False, Permission(False, False, False, "forbidden")),
        (Standing("home"), True, Permission(True, True, True)),
    ],
)
def test_what_the_law_lets_a_camera_do(standing: Standing, alarm: bool, expected: Permission) -> None:
    assert permission(standing, today=TODAY, alarm=alarm) == expected


def test_a_home_that_consents_is_shown_and_not_recorded() -> None:
    shown = Permission(connect=True, show=True, record=False, reason="forbidden")
    assert permission(Standing("home"), today=TODAY, alarm=False, consent=True) == shown
    assert permission(Standing("home"), today=TODAY, alarm=True, consent=True).record
    stopped = Standing("home", suspended="by_hand")
    assert not permission(stopped, today=TODAY, alarm=False, consent=True).show


def test_every_fault_has_its_rule_but_the_one_that_papers_tell() -> None:
    assert RULES.keys() == set(FAULT_KINDS) - {"unauthorised"}


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("unreachable", replace(WELL, source="unreachable", seen=None, size=None, fps=None)),
        ("refused", replace(WELL, source="refused", seen=None, size=None, fps=None)),
        ("frozen", replace(WELL, seen=frozenset({"frozen"}))),
        ("dark", replace(WELL, seen=frozenset({"dark"}))),
        ("blurred", replace(WELL, seen=frozenset({"blurred"}))),
        ("moved", replace(WELL, seen=frozenset({"moved"}))),
        ("masked", replace(WELL, seen=frozenset({"masked"}))),
        ("mask_lost", replace(WELL, seen=frozenset({"mask_lost"}))),
        ("clock", replace(WELL, clock_offset_ms=-41_000)),
        ("gap", replace(WELL, lost=True)),
        ("below_floor", replace(WELL, size=(640, 480), narrow=True)),
        ("disk", replace(WELL, low=True)),
    ],
)
def test_a_fault_opens_and_closes_after_looks_that_agree(kind: str, facts: Facts) -> None:
    ailments, looks = Ailments(), RULES[kind].looks
    ends = RULES[kind].ends or looks
    for _ in range(looks - 1):
        assert ailments.look(facts) == ([], [])
    assert ailments.look(WELL) == ([], [])  # one look that says the contrary: counted anew
    for _ in range(looks - 1):
        assert ailments.look(facts) == ([], [])
    assert ailments.look(facts) == ([kind], [])
    for _ in range(100):
        assert ailments.look(facts) == ([], [])
    for _ in range(ends - 1):
        assert ailments.look(WELL) == ([], [])
    assert ailments.look(WELL) == ([], [kind])
    assert ailments.open == set()


def test_what_cannot_be_seen_stays_as_it_is() -> None:
    every = set(RULES)
    ailments = Ailments(set(every))
    for _ in range(100):
        assert ailments.look(Facts(source=None, regime="public_road")) == ([], [])
    assert ailments.open == every
    unsure = replace(WELL, unsure=frozenset({"frozen", "moved"}), low=None)
    for _ in range(100):
        ailments.look(unsure)
    assert ailments.open == {"frozen", "moved", "disk"}, "what was looked at ended, the rest stays"


@pytest.mark.parametrize(
    ("fps", "size", "narrow", "regime", "low"),
    [
        (6.0, (352, 288), False, "public_road", False),
        (5.0, (352, 288), False, "public_road", True),
        (11.9, (704, 576), True, "public_place", False),
        (12.0, (576, 704), True, "public_place", False),
        (10.0, (704, 576), True, "public_place", True),
        (1.0, (160, 120), True, "private", False),
    ],
)
def test_the_floors_of_2007(fps: float, size: tuple[int, int], narrow: bool, regime: str, low: bool) -> None:
    facts = replace(WELL, fps=fps, size=size, narrow=narrow, regime=regime)
    assert RULES["below_floor"].judge(facts) is low


HOUSE = Origins("127.0.0.1:8600", "https://poste.example", ("salle.example",), "https://images.example")


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        (None, "127.0.0.1:8601", True),
        ("http://127.0.0.1:8600", "127.0.0.1:8601", True),
        ("http://localhost:8600", "127.0.0.1:8601", True),
        ("http://192.168.1.5:8600", "192.168.1.5:8601", True),
        ("https://poste.example", "images.example", True),
        ("https://salle.example:444", "127.0.0.1:8601", True),
        ("http://127.0.0.1:9999", "127.0.0.1:8601", False),
        ("http://192.168.1.6:8600", "192.168.1.5:8601", False),
        ("https://poste.example:8443", "images.example", False),
        ("http://poste.example", "images.example", False),
        ("null", "127.0.0.1:8601", False),
        ("file://", "127.0.0.1:8601", False),
        ("http://[", "127.0.0.1:8601", False),
        ("http://poste.example.ailleurs.example", "images.example", False),
    ],
)
def test_whose_pages_may_connect(origin: str | None, host: str, ours: bool) -> None:
    assert HOUSE.is_desk(origin, host) is ours


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("127.0.0.1:8601", True),
        ("localhost:8601", True),
        ("[::1]:8601", True),
        ("images.example", True),
        ("salle.example:8601", True),
        ("piege.example:8601", False),
        ("", False),
        ("[", False),
    ],
)
def test_which_names_we_answer_to(host: str, ours: bool) -> None:
    assert HOUSE.is_host(host) is ours


def test_a_reader_that_falls_behind_goes_on_at_a_keyframe_and_a_newcomer_begins_with_the_gop() -> None:
    taps = Taps()
    taps.begin(StreamInfo("h264", 320, 180, 25, b""))
    slow = taps.join(Tap())

    def put(n: int, *, keyframe: bool) -> None:
        taps.put(Frame(n, keyframe, b"x", 1))

    put(0, keyframe=False)  # nobody can begin with it
    put(1, keyframe=True)
    put(2, keyframe=False)
    newcomer = taps.join(Tap())
    assert [newcomer.wait(0).frame.wall, newcomer.wait(0).frame.wall, newcomer.wait(0)] == [1, 2, None]  # type: ignore[union-attr]
    for n in range(3, MAX_WAITING + 10):
        put(n, keyframe=False)
    put(1000, keyframe=True)
    assert slow.take().frame.wall == 1000  # type: ignore[union-attr]
    assert slow.take() is None
    taps.leave(slow)
    put(1001, keyframe=True)
    assert slow.take() is None

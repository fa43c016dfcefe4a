"""Which frame proves which path (rule 8), and whose clock is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from tests.reception.reception_house import House
from veilleur.kernel.clock import ManualClock
from veilleur.protocols import dc09
from veilleur.reception.drift import ClockWatch
from veilleur.reception.panels import PathRule, Proof, ordered_paths

KEY = b"0123456789ABCDEF"
PROOF = Proof(transport="tcp", receiver="0A", prefix="12", peer="203.0.113.7", g="2")


@pytest.mark.parametrize(
    ("match", "proved"),
    [
        ({}, True),
        ({"transport": "tcp"}, True),
        ({"transport": "udp"}, False),
        ({"receiver": "A"}, True),
        ({"receiver": "B"}, False),
        ({"prefix": "012"}, True),
        ({"prefix": "1"}, False),
        ({"peer": "203.0.113.7"}, True),
        ({"peer": "203.0.113.0/24"}, True),
        ({"peer": "198.51.100.0/24"}, False),
        ({"g": "2"}, True),
        ({"g": "1"}, False),
        ({"transport": "tcp", "g": "1"}, False),
    ],
)
def test_what_a_path_asks_of_a_frame(match: dict[str, str], proved: bool) -> None:
    assert PathRule.read(1, match).proved_by(PROOF) is proved


def test_a_path_that_asks_for_something_goes_before_the_one_that_takes_all() -> None:
    paths = ordered_paths([PathRule.read(1, {}), PathRule.read(2, {"transport": "tcp"})])
    assert [path.id for path in paths] == [2, 1]


def test_absent_receiver_proves_no_receiver() -> None:
    assert not PathRule.read(1, {"receiver": "1"}).proved_by(Proof("tcp", None, None, "203.0.113.7", None))
    assert not PathRule.read(1, {"g": "1"}).proved_by(Proof("tcp", None, None, "?", None))


async def test_each_path_has_its_own_last_seen(house: House) -> None:
    await house.panel(
        "1234",
        paths=[
            {"name": "ip", "match": {"transport": "tcp"}},
            {"name": "radio", "match": {"transport": "udp"}},
        ],
    )
    names = "SELECT name, last_seen, holder FROM path_seen JOIN panel_path p ON p.id = path_id ORDER BY name"
    null = dc09.build_frame("NULL", sequence=0, account="1234")
    assert await house.dial(null) is not None
    await house.until(lambda: [row["name"] for row in house.rows(names)] == ["ip"])
    first = house.clock.now()
    house.clock.advance(100)  # type: ignore[attr-defined]
    await house.until(lambda: house.reception.last_seen.fresh)
    assert await house.datagram(null) is not None
    await house.until(lambda: len(house.rows(names)) == 2)
    assert [(row["name"], row["last_seen"]) for row in house.rows(names)] == [
        ("ip", first), ("radio", house.clock.now()),
    ]  # fmt: skip
    (mark,) = house.rows("SELECT * FROM reception_watermark")
    assert (mark["holder"], mark["lines"], mark["flushed_at"]) == ("test/1", ["R1", "R2"], house.clock.now())


async def test_signs_of_life_wait_for_the_database_and_are_not_lost(house: House) -> None:

    await house.panel("1234")
    with psycopg.connect(house.dsn) as other:
        other.execute("LOCK TABLE path_seen IN EXCLUSIVE MODE")
        assert await house.dial(dc09.build_frame("NULL", sequence=0, account="1234")) is not None
        at = house.clock.now()
        # The flush gives up on the lock; what it held waits for the next one.
        await house.until(lambda: "last_seen.database_away" in house.reception.faults._told)
    await house.until(lambda: house.rows("SELECT last_seen FROM path_seen") == [{"last_seen": at}])


def hear(watch: ClockWatch, drifts: dict[int, float]) -> None:
    for panel, drift in drifts.items():
        watch.heard(panel, drift)


@pytest.mark.parametrize(
    ("drifts", "suspect"),
    [
        (dict.fromkeys(range(6), -3600.0), True),  # all alike: ours
        (dict.fromkeys(range(4), -3600.0), False),  # too few to judge
        ({**dict.fromkeys(range(4), 0.0), **dict.fromkeys(range(4, 7), -3600.0)}, False),  # a minority
        ({n: -3600.0 * (n + 1) for n in range(8)}, False),  # each its own error
        (dict.fromkeys(range(9), -5.0), False),  # inside the window
        ({**dict.fromkeys(range(3), 0.0), **dict.fromkeys(range(3, 9), 90.0)}, True),
    ],
)
def test_when_most_panels_drift_alike_our_clock_is_suspect(drifts: dict[int, float], suspect: bool) -> None:
    watch = ClockWatch(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)))
    hear(watch, drifts)
    assert watch.suspect is suspect
    if suspect:
        low, high = watch.window()
        assert low <= list(drifts.values())[-1] <= high


def test_our_own_nak_coming_back_says_nothing() -> None:
    """Panels that we told our wrong hour repeat it; they must not vouch for it."""
    watch = ClockWatch(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)))
    for panel in range(4):
        watch.heard(panel, -3600.0)
        watch.told(panel)
        watch.heard(panel, 0.0)
    watch.heard(4, -3600.0)
    assert watch.suspect


def test_a_clock_that_is_mended_is_believed_again() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    watch = ClockWatch(clock)
    hear(watch, dict.fromkeys(range(6), -3600.0))
    assert watch.suspect
    hear(watch, dict.fromkeys(range(6), 0.0))
    assert not watch.suspect


async def test_no_nak_storm_when_our_own_clock_jumps(house: House) -> None:
    """ARCHITECTURE «Time»: after a few NAKs panels are accepted with their drift, and health says so."""
    accounts = [f"70{n:02d}" for n in range(12)]
    for account in accounts:
        await house.panel(account, key=KEY)
    right = house.clock.now()
    house.clock.advance(1800)  # type: ignore[attr-defined]
    tokens = []
    for account in accounts:
        frame = dc09.build_frame(
            "ADM-CID",
            sequence=1,
            account=account,
            data=dc09.cid_data(account, "130"),
            timestamp=right,
            key=KEY,
        )
        reply = await house.dial(frame)
        assert reply is not None
        tokens.append(dc09.parse_reply(reply, KEY).token)
    assert tokens == ["NAK"] * 4 + ["ACK"] * 8
    assert house.reception.health()["clock_suspect"]
    assert house.reception.health()["clock_offset"] == -1800
    assert {row["drift"] for row in house.signals()} == {-1800.0}
    assert "clock_suspect" in await house.troubles(clock_suspect=1)

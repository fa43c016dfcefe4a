"""What is erased, and that the chain outlives it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.video.test_segments import START, Recording, frames
from veilleur.kernel.clock import ManualClock
from veilleur.video.checking import check
from veilleur.video.model import Segment
from veilleur.video.repair import repair
from veilleur.video.retention import DAY_US, Hold, Rule, choose, erase
from veilleur.video.store import LocalStore

NOW = 100 * DAY_US


def segment(days_ago: float, size: int = 100) -> Segment:
    """A minute, some days ago."""
    start = NOW - round(days_ago * DAY_US)
    return Segment(start, start + 60_000_000, f"{start}.mp4", size, 1, b"", b"")


def test_age_first_then_the_oldest_above_its_minimum_then_below_and_said_so() -> None:
    segments = {"a": [segment(31), segment(20), segment(5)], "b": [segment(12), segment(3)]}
    rules = {"a": Rule(30, 10), "b": Rule(15, 10)}
    held = [Hold("a", segment(20).start, segment(20).end)]
    assert [(e.camera, e.why) for e in choose(NOW, segments, rules)] == [("a", "age")]
    told = choose(NOW, segments, rules, held, wanted=350)
    assert [(e.camera, e.segment, e.why) for e in told] == [
        ("a", segment(31), "age"),
        ("b", segment(12), "pressure"),
        ("a", segment(5), "below_minimum"),
        ("b", segment(3), "below_minimum"),
    ]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 40), st.integers(1, 1000)), max_size=30),
    st.integers(0, 20_000),
    st.integers(1, 30),
    st.integers(0, 30),
)
def test_rules_that_always_hold(
    some: list[tuple[str, float, int]], wanted: int, maximum: int, minimum: int
) -> None:
    segments = {c: [segment(d, s) for camera, d, s in some if camera == c] for c in "ab"}
    rules = {"a": Rule(maximum, min(minimum, maximum)), "b": Rule(30)}
    hold = Hold("a", NOW - 50 * DAY_US, NOW + DAY_US)
    told = choose(NOW, segments, rules, [hold], wanted=wanted)
    old = [(c, s) for c in "ab" for s in segments[c] if s.start <= NOW - rules[c].maximum * DAY_US]
    assert sorted((e.camera, e.segment.start) for e in told if e.why == "age") == sorted(
        (c, s.start) for c, s in old
    )
    assert all(e.camera == "b" for e in told if e.why != "age"), "a hold resists pressure, not age"
    freed = sum(e.segment.size for e in told)
    everything = sum(s.size for s in segments["b"]) + sum(s.size for c, s in old if c == "a")
    assert freed >= min(wanted, everything)
    order = [("age", "pressure", "below_minimum").index(e.why) for e in told]
    assert order == sorted(order)


def test_erasing_keeps_the_chain_checkable_and_numbers_go_on(tmp_path: Path, clock: ManualClock) -> None:
    one = Recording(tmp_path, clock)
    one.write(frames(1500))  # 02:58:30 … 03:03:30
    one.writer.close("stopped")
    later = one.segments[2].start + 30 * DAY_US
    told = choose(later, {"cam": one.segments}, {"cam": Rule(30)})
    assert [e.segment for e in told] == one.segments[:3]
    assert erase(one.store, told) == told
    report = check(tmp_path)[0]
    assert report.sound, report
    assert report.segments == len(one.segments) - 3
    assert not (tmp_path / "cam/2026-11-23/02/5830.mp4").exists()
    assert repair(one.store, "cam").segments == []
    assert erase(one.store, choose(later + DAY_US, {"cam": one.segments}, {"cam": Rule(30)}))
    assert not list(tmp_path.rglob("*.mp4"))
    assert LocalStore(tmp_path).tail("cam").number == len(one.segments)
    two = Recording(tmp_path, clock)
    two.write(frames(10, START + 3_600_000_000))
    two.writer.close("stopped")
    assert check(tmp_path)[0].sound
    index = next((tmp_path / "cam").rglob("segments"))
    index.unlink()
    assert check(tmp_path)[0].orphans or check(tmp_path)[0].writing

"""The figures and the page over HTTP: who reads them, of which cameras, from rows, faults, checks and the logbook."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from tests.features.cameras.conftest import camera, desk, person, town
from tests.features.sites.conftest import World, world
from tests.web.serving import Desk
from veilleur.features.availability.days import Part, add_part
from veilleur.features.cameras.commands import check_mask, open_fault
from veilleur.features.cameras.tables import CameraMask
from veilleur.features.sites.states import set_path_state
from veilleur.features.sites.tables import Panel, Path
from veilleur.video.model import Gap, to_wall

__all__ = ["desk", "town", "world"]

HOUR = 3_600_000_000


@pytest.fixture
def yesterday(town: World) -> date:
    """The day before, which is over and was measured."""
    return (town.clock.now() - timedelta(days=1)).date()


def measured(
    world: World, camera_id: int, day: date, *gaps: tuple[float, float, str], offset: int | None = None
) -> int:
    """A whole day of a camera, from the centre's midnight; gaps in hours since it."""
    start = to_wall(datetime(day.year, day.month, day.day, tzinfo=UTC))
    lost = [Gap(start + int(a * HOUR), start + int(b * HOUR), reason) for a, b, reason in gaps]
    with world.database.write() as session:
        add_part(session, "http://one", Part(camera_id, day, start, start + 24 * HOUR, lost, offset))
    return start


def utc(world: World) -> None:
    """The centre keeps the hours of UTC."""
    from veilleur.features.sites.tables import Centre

    with world.acting() as act:
        entry = act.record("test.centre")
        act.session.add(Centre(id=1, name="Essai", settings={}, timezone="UTC", entry_id=entry))


def ask(browser: Any, day: date, more: str = "", path: str = "") -> Any:
    return browser.get(f"/api/cameras/availability{path}?from={day}&to={day}{more}")


def test_a_days_share_its_gaps_and_why(desk: Desk, town: World, yesterday: date) -> None:
    utc(town)
    row = camera(town)
    measured(town, row.id, yesterday, (2, 3, "unreachable"), (10, 14, "suspended"), offset=-2500)
    auditor = person(desk, "aude", "auditor", post=False)
    answer = ask(auditor, yesterday)
    assert answer.status_code == 200, answer.text
    told = {each["camera"]["reference"]: each for each in answer.json()["cameras"]}
    one = told["VP-1"]
    assert (one["due"], one["recorded"], one["excused"]) == (20 * 3600, 19 * 3600, 4 * 3600)
    assert one["rate"] == pytest.approx(0.95)
    assert [(gap["seconds"], gap["reason"]) for gap in one["gaps"]] == [
        (3600, "unreachable"),
        (14400, "suspended"),
    ]
    (day,) = one["days"]
    assert (day["gaps"], day["longest"], day["recorded"]) == (2, 14400, 19 * 3600)
    assert one["clock_offset_ms"] == -2500
    assert told["P-1"]["rate"] is None, "nobody has measured it yet"


def test_a_stretch_is_added_once_and_goes_on(town: World, yesterday: date) -> None:
    row = camera(town)
    start = measured(town, row.id, yesterday, (1, 2, "disk"), offset=100)
    measured(town, row.id, yesterday, (3, 4, "disk"), offset=9000)
    from veilleur.features.availability.tables import CameraDay

    (kept,) = town.rows(CameraDay)
    assert kept.missing == [[start + HOUR, start + 2 * HOUR, "disk"]], "measured already"
    after = Part(row.id, yesterday, start + 24 * HOUR, start + 25 * HOUR, (), -300)
    with town.database.write() as session:
        add_part(session, "http://one", after)
    (kept,) = town.rows(CameraDay)
    assert to_wall(kept.until) == start + 25 * HOUR
    assert kept.clock_offset_ms == -300


def test_faults_and_checks_of_legal_masks_are_counted(desk: Desk, town: World) -> None:
    utc(town)
    row, today = camera(town), town.clock.now().date()
    (mask,) = town.rows(CameraMask, CameraMask.kind == "legal")
    with town.acting() as act:
        check_mask(act, mask.id, there=True, proof=None)
        open_fault(act, row.id, "blurred")
    town.clock.advance(3600)
    (one,) = [
        each
        for each in ask(person(desk, "lea", "lead"), today).json()["cameras"]
        if each["camera"]["reference"] == "VP-1"
    ]
    assert (one["masks"]["masks"], one["masks"]["checks"], one["masks"]["lost"]) == (1, 1, 0)
    assert [(each["kind"], each["count"]) for each in one["faults"]] == [("blurred", 1)]


def test_paths_from_the_logbook(desk: Desk, town: World) -> None:
    utc(town)
    with town.acting() as act:
        entry = act.record("test.path")
        panel = act.session.query(Panel).first()
        path = Path(panel_id=panel.id, name="IP", interval=60, match={}, entry_id=entry)
        act.session.add(path)
        act.session.flush()
        set_path_state(act, path.id, "up", act.now)
        path_id = path.id
    town.clock.advance(1800)
    with town.acting() as act:
        set_path_state(act, path_id, "lost", act.now)
    town.clock.advance(600)
    with town.acting() as act:
        set_path_state(act, path_id, "up", act.now)
    town.clock.advance(3000)
    day = town.clock.now().date()
    (one,) = [
        each
        for each in ask(person(desk, "ada", "administrator", post=False), day).json()["paths"]
        if each["path"] == "IP"
    ]
    assert (one["supervised"], one["losses"], one["longest"]) == (True, 1, 600)
    assert (one["known"], one["up"]) == (4500, 3900), "until a quarter of an hour ago"


def test_who_reads_it(desk: Desk, town: World, yesterday: date) -> None:
    assert ask(person(desk, "octave", "operator"), yesterday).status_code == 403
    untitled = person(desk, "lena", "lead", post=False, activities=())
    shown = ask(untitled, yesterday)
    assert [each["camera"]["reference"] for each in shown.json()["cameras"]] == ["H-1", "P-1"], "need 11"


@pytest.mark.parametrize(("first", "last"), [("2026-03-02", "2026-03-01"), ("2026-01-01", "2026-12-31")])
def test_a_period_is_bounded(desk: Desk, town: World, first: str, last: str) -> None:
    auditor = person(desk, "aude", "auditor", post=False)
    assert auditor.get(f"/api/cameras/availability?from={first}&to={last}").status_code == 422


def test_the_page_to_print(desk: Desk, town: World, yesterday: date) -> None:
    utc(town)
    row = camera(town)
    measured(town, row.id, yesterday, (2, 3, "unreachable"), (5, 5.005, "gap"))
    auditor = person(desk, "aude", "auditor", post=False)
    page = unescape(ask(auditor, yesterday, path="/report").text)
    assert "Place Carnot" in page
    assert "95,81 %" in page
    assert "injoignable" in page
    assert "plus d’image" not in page, "a gap of 18 s is in the figures only"
    assert "availability." not in page
    assert "<script" not in page
    alone = unescape(ask(auditor, yesterday, f"&camera={row.id}", "/report").text)
    assert "plus d’image" in alone
    assert f"{yesterday:%d/%m/%Y}" in alone
    assert "Quai" not in alone

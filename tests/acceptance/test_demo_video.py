"""The demonstration of video, as a visitor sees it: a person where the alarm says, a fight one key away."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.acceptance.room import Seat, new_context, watch_errors
from tests.acceptance.test_playback import labels, painted
from tests.acceptance.test_wall import PICTURE, until
from veilleur.composition import Context
from veilleur.demo.camera_controls import CONTROL_FILE
from veilleur.demo.town import DEMO_PEOPLE
from veilleur.features.cameras.tables import Camera
from veilleur.settings import load_settings
from veilleur.video.model import to_wall
from veilleur.video.playback import Playback
from veilleur.video.store import LocalStore

pytestmark = pytest.mark.slow
DEPOT = "Entrepôt du Port, quai 3"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    environment = {
        "VEILLEUR_RECORDERS": "1",
        "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{free_port()}",
        "VEILLEUR_DEMO_RTSP": f"127.0.0.1:{free_port(2)}",
    }
    with centre_up(tmp_path_factory.mktemp("town") / "data", "--demo", environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def seat(chromium: Browser, centre: Centre) -> Iterator[Seat]:
    """Garance at post 1, with the motif that her post offers."""
    garance, context = DEMO_PEOPLE[0], new_context(chromium)
    told = {"login": garance.login, "password": garance.password}
    answer = context.request.post(f"{centre.url}/api/login", data=told, headers={"X-CSRF-Token": "none"})
    assert answer.ok, answer.text()
    seat = Seat(garance.login, centre, context, context.new_page(), "", [])
    seat.sign()
    post = next(each for each in seat.get("/api/me")["posts"] if each["kind"] == "both")
    seat.post(f"/api/posts/{post['id']}/take", {"motif": "surveillance générale"})
    watch_errors(seat.page, seat.errors)
    yield seat
    assert seat.errors == []
    seat.leave()


def burglary(seat: Seat) -> dict[str, Any] | None:
    """The dossier of the opening night."""
    rows = [row for row in seat.incidents_list() if row["site"]["name"] == DEPOT]
    return next((row for row in rows if row["family"] == "intrusion"), None)


def test_the_burglary_shows_a_person_on_the_camera_of_the_point(seat: Seat, centre: Centre) -> None:
    dossier = until(lambda: burglary(seat), "the burglary of the opening night")
    alarm = datetime.fromisoformat(dossier["opened_at"])
    context = Context(load_settings(data_dir=centre.data_dir))
    try:
        with context.database().read() as session:
            camera = session.scalars(select(Camera.id).where(Camera.reference == "S-0001-02")).one()
    finally:
        context.close()
    kept = Playback(LocalStore(centre.data_dir / "video"), str(camera))

    def moved(begin: float, end: float) -> bool:
        hours = (to_wall(alarm + timedelta(seconds=each)) for each in (begin, end))
        return any(0 < one.amount < 255 for one in kept.motion(*hours))

    until(lambda: moved(-3, 30), "motion in the alarm's minute")
    assert not moved(-12, -4), "before, nobody was there"

    seat.post(f"/api/incidents/{dossier['id']}/take")
    shown = seat.get(f"/api/incidents/{dossier['id']}/images")["cameras"]
    assert shown[0]["camera"]["reference"] == "S-0001-02"
    lost = [each["camera"]["reference"] for each in shown if each["lost_before"]]
    page = seat.page
    page.goto(f"{centre.url}/dossier/{dossier['id']}")
    expect(seat.front.first).to_be_visible()
    page.keyboard.press("Digit3")
    first = until(lambda: labels(page), "the clip")[0]
    until(lambda: labels(page)[0] > first + 1, "a clip that plays at once")
    was = sum(painted(page))
    until(lambda: sum(painted(page)) > was + 20, "its film, not its strip")

    def office_lost() -> bool:
        told = seat.get(f"/api/incidents/{dossier['id']}/images")["cameras"]
        return any(each["lost_before"] for each in told if each["camera"]["reference"] == "S-0001-04")

    until(lambda: "S-0001-04" in lost or office_lost(), "the office's camera, lost before: a clue")


def test_a_fight_is_an_event_by_one_key(seat: Seat, centre: Centre) -> None:
    walls = {wall["name"]: wall["id"] for wall in seat.get("/api/layouts")}
    assert set(walls) == {"Presqu’île nuit", "Entrepôt du Port"}
    page = seat.context.new_page()
    page.goto(f"{centre.url}/mur/{walls['Presqu’île nuit']}")
    square = page.locator("[data-tile='0']")
    expect(square).to_contain_text("Place Carnot 1", timeout=PICTURE)
    expect(square.locator("[data-mark=live]")).to_be_visible(timeout=PICTURE)
    argv = [sys.executable, "-m", "veilleur", "demo", "rixe", "--data-dir", str(centre.data_dir)]
    scenario = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    orders = centre.data_dir / CONTROL_FILE
    try:
        until(lambda: told(orders).get("clip") == "rixe", "the fight")
        square.focus()
        page.keyboard.press("F4")
        expect(page.locator("[data-event]")).to_be_focused(timeout=PICTURE)
        page.keyboard.press("1")
        until(lambda: seat.get("/api/events?nature=fight"), "the événement, with its nature")
        assert seat.get("/api/events?nature=fight")[0]["cameras"][0] == "Place Carnot 1"
    finally:
        scenario.send_signal(signal.SIGTERM)
        said, _ = scenario.communicate(timeout=30)
    assert "F4" in said
    assert "clip" not in told(orders), "lifted although it was cut short"
    page.close()


def told(orders: Any) -> dict[str, Any]:
    """What the fight's camera is told."""
    written: dict[str, Any] = json.loads(orders.read_text("utf-8")) if orders.exists() else {}
    return dict(written.get("carnot-1", {}))

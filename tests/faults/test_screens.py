"""Screens in a storm: their cable is pulled, their browsers are killed, eight of them are open (issue 3 «Faults»).

Afterwards a screen shows what the server has: the same dossiers, ringing or not, in the same states.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.centre import PASSWORD, Centre, centre_up, enter
from tests.acceptance.conftest import FLAGS, ROOT, chromium
from tests.acceptance.room import Seat, sit_down
from tests.faults.cable import Cable
from tests.faults.storm import Storm
from tests.faults.test_kills import CALM, furnish, still_whole

__all__ = ["chromium"]  # a fixture
pytestmark = pytest.mark.browser

SIZE = {"width": 1920, "height": 1080}
TALL = SIZE | {"height": 9000}  # every row of the queue is drawn
#: Seconds between two messages of a panel: a dozen a second, beside a browser that draws in software.
GENTLE = 2.0
SOON = 6_000  # ms: five seconds, and the time to look
STALE = 330  # Hz: the desk's own death rattle
ROWS = """() => [...document.querySelectorAll("[role=listbox] [data-incident]")]
  .map((row) => `${row.dataset.incident} ${row.dataset.ringing}`).sort()"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre with a site for each panel of the storm, and somebody to sit there."""
    with centre_up(tmp_path_factory.mktemp("screens") / "data") as running:
        furnish(running)
        here = ("--data-dir", str(running.data_dir))
        for name in ("Poste 1", "Poste 2"):
            assert enter("post", "add", name, *here).returncode == 0
        said = enter(
            *(
                "user",
                "add",
                "claire",
                "--name",
                "Claire Veille",
                "--role",
                "operator",
                "--expires",
                "2099-12-31",
            ),
            *("--card", "CAR-099-2029-05-01-20990000001", *here),
            stdin=f"{PASSWORD}\n",
        )
        assert said.returncode == 0, said
        yield running


@pytest.fixture
def cable(centre: Centre) -> Iterator[Cable]:
    """Between the workstation and the server."""
    host, _, port = centre.http.rpartition(":")
    with Cable(host, int(port)) as plugged:
        yield plugged


def through(cable: Cable, centre: Centre) -> Centre:
    """The centre as it is seen from the other end of the cable."""
    return Centre(centre.data_dir, cable.url.removeprefix("http://"), centre.dc09_port, centre.process)


def told(seat: Seat, centre: Centre) -> list[str]:
    """What the server says of the open dossiers, asked beside the cable."""
    rows = seat.context.request.get(f"{centre.url}/api/snapshot").json()["incidents"]
    return sorted(f"{row['id']} {str(row['ringing_since'] is not None).lower()}" for row in rows)


def shows_all(seat: Seat, centre: Centre, *pages: Page) -> None:
    """Each page shows what the server has, within some seconds."""
    for page in pages or (seat.page,):
        page.set_viewport_size(TALL)
        end = time.monotonic() + 60
        while (shown := page.evaluate(ROWS)) != (wanted := told(seat, centre)) or len(wanted) < 5:
            assert time.monotonic() < end, (wanted, shown)
            page.wait_for_timeout(500)
        page.set_viewport_size(SIZE)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [12.0, 300.0])
def test_a_workstation_is_cut_off(chromium: Browser, centre: Centre, cable: Cable, seconds: float) -> None:
    """Seen and heard within 5 s; back, it goes on from where it was, without a reload and with nothing missing."""
    seat = sit_down(chromium, through(cable, centre), "claire", sound=True)
    seat.press("Escape")  # the gesture without which a browser stays mute
    seat.page.evaluate("window.__same = true")
    with Storm(centre, sequence=1000 if seconds < 100 else 2000, pause=GENTLE) as storm:
        seat.page.wait_for_timeout(CALM * 1000)
        seat.page.evaluate("window.__played.splice(0)")
        cable.pull()
        seat.page.wait_for_selector("[data-state=stale]", timeout=SOON)
        seat.page.wait_for_function(f"window.__played.includes({STALE})", timeout=SOON)
        seat.page.wait_for_timeout(seconds * 1000)
        before = len(cable.requests)
        cable.plug()
        seat.page.wait_for_selector("[data-state=live]", timeout=60_000)
    shows_all(seat, centre)
    assert seat.page.evaluate("window.__same") is True, "reloaded"
    asked = cable.requests[before:]
    assert "GET /" not in asked, "reloaded"
    assert all(int(each.partition("after=")[2]) > 0 for each in asked if each.startswith("GET /api/stream"))
    assert seat.errors == []
    seat.leave()
    still_whole(centre, storm)


@pytest.mark.long
def test_eight_windows_in_a_storm(chromium: Browser, centre: Centre, cable: Cable) -> None:
    """One stream for all; each paints everything."""
    seat = sit_down(chromium, through(cable, centre), "claire")
    windows = [seat.page, *(seat.window() for _ in range(7))]
    for window in windows:
        window.wait_for_selector("[data-state=live]", timeout=90_000)
    with Storm(centre, sequence=3000, pause=GENTLE) as storm:
        seat.page.wait_for_timeout(5 * CALM * 1000)
        for window in windows:
            expect(window.locator("[data-incident]").first).to_be_visible()
    shows_all(seat, centre, *windows)
    assert len([each for each in cable.requests if each.startswith("GET /api/stream")]) == 1
    assert seat.errors == []
    seat.leave()
    still_whole(centre, storm)


@pytest.mark.long
def test_every_browser_is_killed(chromium: Browser, centre: Centre) -> None:
    """SIGKILL of Chromium and all its processes; another browser: the same dossiers, the draft, and it rings again."""
    with Storm(centre, sequence=4000, pause=GENTLE) as storm:
        others = _processes()
        seat = sit_down(_another(chromium), centre, "claire", sound=True)
        seat.page.wait_for_timeout(CALM * 1000)
        incident = next(row for row in seat.incidents_list() if row["state"] == "new")
        seat.post(f"/api/incidents/{incident['id']}/take")
        seat.page.goto(f"{centre.url}/dossier/{incident['id']}")
        expect(seat.page.get_by_text("À moi · pris à")).to_be_visible()
        seat.press("Control+Space")
        seat.page.keyboard.type("Le voisin n’a rien vu")
        seat.page.wait_for_timeout(1_500)
        victims = _processes() - others
        assert victims
        for victim in victims:
            if victim.is_running():
                victim.kill()
        time.sleep(CALM)
        browser = _another(chromium)
        again = sit_down(browser, centre, "claire", sound=True)
        again.press("Escape")
        again.heard()
        again.page.goto(f"{centre.url}/dossier/{incident['id']}")
        expect(again.capture).to_have_value("Le voisin n’a rien vu")
        expect(again.page.get_by_text("À moi · pris à")).to_be_visible()
        storm.stop()
        again.page.goto(centre.url)
        shows_all(again, centre)
        again.leave()
        browser.close()
    still_whole(centre, storm)


def _processes() -> set[psutil.Process]:
    """Every process below this one."""
    return set(psutil.Process().children(recursive=True))


def _another(chromium: Browser) -> Browser:
    path = (ROOT / ".make" / "browser-path").read_text().strip()
    return chromium.browser_type.launch(executable_path=path, args=FLAGS)

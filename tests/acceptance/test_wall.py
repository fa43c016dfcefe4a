"""The wall: real cameras, the real recorder, a real browser; an événement in one key, a round, saved walls."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.acceptance.furnished import TOWN_ROOM, furnish
from tests.acceptance.room import Seat, sit_down, watch_errors
from tests.acceptance.test_axe import THEMES, faults
from tests.recorder.stage import Stage
from tests.video.conftest import film, has_gstreamer, needs, serving
from veilleur.composition import Context
from veilleur.features.sites.tables import Site
from veilleur.settings import load_settings

__all__ = ["film"]
pytestmark = pytest.mark.peer

NAMES = ("Place Carnot 1", "Rue de la République", "Quai nord")
PICTURE = 30_000
"""ms that a first picture may take on a loaded machine."""

FILM = 67
"""s of a film before it begins again: a loop as short as the looks at its health would look frozen."""


class Town:
    """Three cameras of a site, at their places; each may be cut. The second keeps no time: its pictures come in twos.
    `h265`: names of those that send what Chromium does not play. `heard`: what the first one's loudspeaker was told."""

    def __init__(
        self,
        stage: Stage,
        film_of: Callable[..., Path],
        folder: Path,
        stack: ExitStack,
        h265: tuple[str, ...] = (),
    ) -> None:
        self.stage, self.film, self.folder, self.stack, self.h265 = stage, film_of, folder, stack, h265
        self.ids: dict[str, int] = {}
        self.served: dict[str, Any] = {}
        self.heard = folder / "heard.raw"

    def put(self, name: str, lat: float, lon: float) -> int:
        lines = self.folder / f"rtsp-{len(self.ids)}.log"
        own = {0: ("--heard", str(self.heard)), 1: ("--uneven",)}.get(len(self.ids), ())
        film, codec = ("hevc", "h265") if name in self.h265 else ("h264", "h264")
        served = self.stack.enter_context(serving(lines, self.film(film, seconds=FILM), codec, *own))
        made = self.stage.camera(
            served.url(), name=name, sort_key=name, reference=f"CAM-{len(self.ids) + 1}", regime="private",
            authorisation_id=None, lat=lat, lon=lon, bearing=90, fov=60,
        )  # fmt: skip
        self.ids[name], self.served[name] = made, served
        return made


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    port = free_port(2)
    environment = {"VEILLEUR_RECORDERS": "1", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{port}"}
    folder = furnish(tmp_path_factory, TOWN_ROOM, tmp_path_factory.mktemp("wall") / "data")
    with centre_up(folder, environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def town(
    centre: Centre,
    film: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Town]:
    """`H265` of the module: names of the cameras that send H.265."""
    needs(has_gstreamer(), "GStreamer's RTSP server")
    context = Context(load_settings(data_dir=centre.data_dir))
    with ExitStack() as stack:
        stack.callback(context.close)
        stage = Stage(context.database(), context.keys.cameras, centre.data_dir / "video")
        with stage.database.read() as session:
            stage.site = session.scalars(select(Site.id).where(Site.reference == "S-0001")).one()
        h265 = getattr(request.module, "H265", ())
        made = Town(stage, film, tmp_path_factory.mktemp("rtsp"), stack, h265)
        for name, lat, lon in zip(NAMES, (45.75, 45.7504, 45.7509), (4.83, 4.829, 4.8301), strict=True):
            made.put(name, lat, lon)
        for camera in made.ids.values():
            stage.online(camera)
        yield made


@pytest.fixture
def seat(chromium: Browser, centre: Centre, town: Town) -> Iterator[Seat]:
    taken = sit_down(chromium, centre, "claire", post=False)
    free = next(each for each in taken.get("/api/me")["posts"] if each["holder"] is None)
    taken.post(f"/api/posts/{free['id']}/take", {"motif": "surveillance générale"})
    yield taken
    assert taken.errors == []
    taken.leave()


def wall_of(seat: Seat, theme: str = "nuit") -> Page:
    """The wall in a window of its own, with its pictures."""
    page = seat.context.new_page()
    watch_errors(page, seat.errors)
    page.add_init_script(f"localStorage.setItem('veilleur.theme', '{theme}')")
    page.goto(f"{seat.centre.url}/mur")
    expect(tile(page, NAMES[0]).locator("[data-mark=live]")).to_be_visible(timeout=PICTURE)
    return page


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("main").locator("section", has_text=name)


def until(found: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + 60
    while not (seen := found()):
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.1)
    return seen


def test_pictures_move_and_the_register_says_who_looked(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    video = tile(page, NAMES[0]).locator("video").first
    expect(page.locator("[data-mark=live]")).to_have_count(3, timeout=PICTURE)
    was = video.evaluate("v => v.currentTime")
    page.wait_for_function("([v, was]) => v.currentTime > was + 1", arg=[video.element_handle(), was])
    assert video.evaluate("v => v.videoWidth") == 320
    assert video.evaluate("v => v.muted")
    behind = video.evaluate("v => v.buffered.end(v.buffered.length - 1) - v.currentTime")
    assert behind < 1.5, "the picture is put back at the live edge"
    expect(page.get_by_text("3 caméras sur 3")).to_be_visible()

    def looking() -> set[str]:
        chef = seat.get("/api/snapshot")["entries"]
        return {line["kind"] for line in chef}

    assert until(lambda: "viewing.opened" in looking(), "the entry of the viewing")
    page.close()
    until(lambda: "viewing.ended" in looking(), "the end of the viewing")


def test_keys_alone(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    first = page.locator("[data-tile='0']")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-tile='1']")).to_have_attribute("aria-current", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("data-full", "true")
    page.keyboard.press("Escape")
    expect(first).not_to_have_attribute("data-full", "true")
    page.wait_for_timeout(600)  # a letter close behind another key's text is text
    page.keyboard.type("quai")
    field = page.get_by_role("combobox", name="Chercher une caméra")
    expect(field).to_have_value("quai")
    page.keyboard.press("Enter")
    expect(tile(page, NAMES[2])).to_have_attribute("aria-current", "true")
    page.keyboard.press("Alt+ArrowDown")
    current = page.locator("[data-tile][aria-current=true]")
    expect(current).to_contain_text(re.compile("Carnot|République"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Touches")).to_contain_text("Caméra suivante vers le nord")
    page.keyboard.press("Escape")
    page.close()


FOOT = """() => {
  const foot = document.querySelector("footer");
  const notices = document.querySelector("[role=status][aria-live=polite]").getBoundingClientRect();
  const aside = document.querySelector("aside").getBoundingClientRect();
  return {
    over: notices.bottom - foot.getBoundingClientRect().top,
    beside: aside.left - (notices.right - parseFloat(getComputedStyle(
      document.querySelector("[role=status][aria-live=polite]")).maxWidth)),
    cut: [...foot.querySelectorAll("[role=log], [role=group]")].map(
      (box) => box.clientHeight % parseFloat(getComputedStyle(box).lineHeight)),
    hidden: [...foot.querySelectorAll("section")].map((part) => part.scrollHeight - part.clientHeight),
    outside: foot.getBoundingClientRect().bottom - innerHeight,
  };
}"""


def test_the_foot_shows_whole_lines_and_no_notice_covers_it(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    for width, height in ((1920, 1080), (1366, 768), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        seen = page.evaluate(FOOT)
        assert seen["over"] <= 0, "notices end above the foot"
        assert seen["beside"] <= 0, "and stand over the map, beside the pictures"
        assert seen["cut"] == [0, 0]
        assert max(seen["hidden"]) <= 0
        assert seen["outside"] <= 0
    for n in range(12):
        seat.post("/api/logbook", {"text": f"ligne {n}", "age_ms": 0})
    log = page.get_by_role("log", name="Main courante")
    expect(log.locator("p").first).to_contain_text("ligne 11")
    assert log.evaluate("box => box.scrollTop") == 0, "what comes in last is in sight"
    page.close()


CUT = """() => {
  const tile = document.querySelector("[data-tile][aria-current=true]");
  const box = tile.getBoundingClientRect();
  return [...tile.querySelectorAll("button")].filter((button) => {
    const { left, right, top, bottom, width } = button.getBoundingClientRect();
    return width > 0 && (left < box.left || right > box.right || top < box.top || bottom > box.bottom);
  }).map((button) => button.textContent);
}"""


def test_nothing_is_cut_in_the_smallest_of_25_views(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    page.keyboard.press("F3")
    sheet = page.get_by_role("dialog", name="Murs et grilles")
    sheet.get_by_role("button", name="25 : grille de 25 vues").click()
    expect(sheet.get_by_role("checkbox", name="partagé avec la salle")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator("[data-tile='0']").get_by_role("button", name="Événement")).to_be_visible()
    for width, height in ((1920, 1080), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT) == []
    page.close()


def test_an_event_in_one_key_closed_in_three(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    page.locator("[data-tile='0']").focus()
    name = page.locator("[data-tile='0']").get_attribute("aria-label") or ""
    page.keyboard.press("F4")
    card = page.locator("[data-event]")
    expect(card).to_be_focused()
    page.keyboard.press("1")
    expect(card.get_by_role("button", name="Rixe")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("F7")
    page.keyboard.press("2")
    expect(page.locator("[data-service=police]")).to_contain_text("en route")
    page.keyboard.press("Alt+ArrowUp")  # switching follows
    expect(card).to_contain_text("2 caméras suivies")
    assert faults(page) == []
    page.keyboard.press("Control+Enter")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    [line] = seat.get("/api/events?nature=fight")
    assert line["closed_at"] is not None
    assert line["informed"] == ["police"]
    assert any(camera in name for camera in line["cameras"])
    page.keyboard.press("Alt+e")
    expect(page.get_by_role("dialog", name="Événements")).to_contain_text(line["reference"])
    page.keyboard.press("Escape")
    page.close()


def test_a_wall_is_kept_renamed_removed_and_brought_back(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    page.keyboard.press("F3")
    sheet = page.get_by_role("dialog", name="Murs et grilles")
    sheet.get_by_role("button", name="4 : grille de 4 vues").click()
    sheet.get_by_label("Nom du mur").fill("Presqu’île nuit")
    sheet.get_by_role("button", name="Enregistrer comme nouveau mur").click()
    expect(sheet.get_by_role("button", name="Presqu’île nuit à moi")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Mur · Presqu’île nuit")).to_be_visible()
    expect(page.locator("[data-tile]")).to_have_count(4)
    page.keyboard.press("F3")
    sheet.get_by_label("Nom du mur").fill("Presqu’île jour")
    sheet.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(sheet.get_by_role("button", name="Presqu’île jour à moi")).to_be_visible()
    sheet.get_by_role("button", name="Retirer le mur Presqu’île jour").click()
    expect(sheet.get_by_text("Aucun mur enregistré")).to_be_visible()
    sheet.get_by_role("button", name="Annuler le retrait").click()
    expect(sheet.get_by_role("button", name="Presqu’île jour à moi")).to_be_visible()
    assert [each["name"] for each in seat.get("/api/layouts")] == ["Presqu’île jour"]
    page.close()


def test_a_round_by_keys(seat: Seat, chromium: Browser, centre: Centre, town: Town) -> None:
    chef = sit_down(chromium, centre, "chef", post=False)
    views = [{"camera": "CAM-1"}, {"camera": "CAM-2", "look_for": "éclairage"}, {"camera": "CAM-3"}]
    chef.post("/api/patrols", {"reference": "RV-1", "name": "Centre", "times": [], "views": views})
    chef.leave()
    page = wall_of(seat)
    expect(page.get_by_role("button", name="Commencer une ronde")).to_be_visible()
    page.keyboard.press("Alt+p")
    page.keyboard.press("1")
    expect(page.get_by_text("0 sur 3")).to_be_visible()
    clear = page.get_by_role("button", name="R.A.S.")
    expect(clear).to_be_disabled()  # the view was not looked at yet
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(re.compile("Regardez la vue|n’est pas encore là")).first).to_be_visible()
    expect(page.get_by_text("0 sur 3")).to_be_visible()
    expect(page.get_by_role("button", name="Motif : ronde")).to_be_visible()
    expect(clear).to_be_enabled(timeout=PICTURE)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 sur 3")).to_be_visible()
    expect(page.get_by_text("« Rue de la République » : éclairage")).to_be_visible()
    page.keyboard.press("Alt+o")
    page.keyboard.type("lampadaire éteint")
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 sur 3")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("[data-tile='0']").focus()
    page.keyboard.press("F4")  # an événement: the round waits by itself, and nothing is refused
    expect(page.get_by_text("Événement ouvert")).to_be_visible()
    expect(page.get_by_role("button", name="Motif : événement")).to_be_visible()
    expect(page.get_by_role("button", name="Reprendre la ronde")).to_be_visible()
    expect(page.get_by_text("ne le permet pas")).to_have_count(0)
    expect(page.locator("[data-event]")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("[data-event]").get_by_role("button", name="Rixe")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("Control+Enter")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    expect(page.locator("[data-event]")).to_have_count(0)
    page.get_by_role("button", name="Terminer…").click()
    sheet = page.get_by_role("dialog", name="Rondes vidéo")
    sheet.get_by_label("Explication").fill("appelé sur une alarme")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Commencer une ronde")).to_be_visible()
    [patrol] = seat.get("/api/patrols")
    assert patrol["last_run"]["missed"] == 1
    expect(page.get_by_role("button", name="Motif : surveillance générale")).to_be_visible()
    page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_axe(seat: Seat, town: Town, theme: str) -> None:
    page = wall_of(seat, theme)
    assert faults(page) == []
    page.keyboard.press("F3")
    expect(page.get_by_role("dialog", name="Murs et grilles")).to_be_visible()
    assert faults(page) == []
    page.close()


def test_a_dead_camera_says_so_and_since_when(seat: Seat, town: Town) -> None:
    page = wall_of(seat)
    dying = tile(page, NAMES[2])
    expect(dying.locator("[data-mark=live]")).to_be_visible(timeout=PICTURE)
    town.served[NAMES[2]].process.kill()
    expect(dying).to_contain_text(re.compile(r"(IMAGE FIGÉE|Injoignable) depuis \d\d:\d\d"), timeout=PICTURE)
    expect(dying.locator("[data-mark=live]")).to_have_count(0)
    expect(tile(page, NAMES[0]).locator("[data-mark=live]")).to_be_visible()
    page.close()

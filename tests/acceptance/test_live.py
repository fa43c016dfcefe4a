"""Live images in a real browser, with the demonstration's cameras: steering, the ways round a codec, masks, and the ends."""

from __future__ import annotations

import base64
import io
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.acceptance.furnished import TOWN_ROOM, furnish
from tests.acceptance.room import Seat, sit_down, watch_errors
from tests.acceptance.sockets import HOLD, OPEN, WATCH_SOCKETS
from tests.acceptance.test_axe import faults
from tests.recorder.stage import Stage
from tests.video.conftest import needs
from veilleur.composition import Context
from veilleur.demo.cameras import CameraServer, running_cameras
from veilleur.features.sites.tables import Site
from veilleur.kernel.clock import SystemClock
from veilleur.settings import load_settings

TURNS, H265, FREEZES, MASKED = "Place Carnot 1", "Parvis de la gare", "Pont neuf", "Collège"
KEYS = {TURNS: "carnot-1", H265: "gare", FREEZES: "pont", MASKED: "college"}
MASK = [{"x": x, "y": y} for x, y in ((0.1, 0.1), (0.6, 0.1), (0.6, 0.6), (0.1, 0.6))]
PICTURE = 30_000
"""ms that a first picture may take on a loaded machine."""
LATE = 60.0
"""s that anything else may take on one."""

WITHOUT_WEBRTC = "delete window.RTCPeerConnection;"

# Grey of the picture on the screen (16 × 9), whichever element shows it; null: none does.
LOOK = """tile => {
  const shown = [...tile.querySelectorAll("video, canvas")].filter(
    each => !each.hidden && (each.videoWidth || each.width > 300),
  );
  const at = shown.at(-1);
  if (!at) return null;
  const pen = new OffscreenCanvas(16, 9).getContext("2d");
  pen.drawImage(at, 0, 0, 16, 9);
  const seen = pen.getImageData(0, 0, 16, 9).data;
  return Array.from({ length: 144 }, (_, n) => (seen[n * 4] + seen[n * 4 + 1] + seen[n * 4 + 2]) / 3);
}"""
BY_WEBRTC = "tile => [...tile.querySelectorAll('video')].some(each => each.srcObject && !each.hidden && each.videoWidth > 0)"
PLAYS = "tile => Math.max(...[...tile.querySelectorAll('video')].filter(each => !each.hidden).map(each => each.currentTime))"


@dataclass
class Street:
    """A running centre whose cameras are the demonstration's."""

    centre: Centre
    cameras: CameraServer
    ids: dict[str, int]


@contextmanager
def street_up(data: Path, names: tuple[str, ...], **environment: str) -> Iterator[Street]:
    """A centre, its people and these cameras, each recorded."""
    video = {"VEILLEUR_RECORDERS": "1", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{free_port(2)}"}
    with ExitStack() as stack:
        centre = stack.enter_context(centre_up(data, environment=video | environment))
        context = Context(load_settings(data_dir=centre.data_dir))
        stack.callback(context.close)
        cameras = stack.enter_context(running_cameras(SystemClock()))
        stage = Stage(context.database(), context.keys.cameras, centre.data_dir / "video")
        with stage.database.read() as session:
            stage.site = session.scalars(select(Site.id).where(Site.reference == "S-0001")).one()
        ids = {name: put(stage, cameras, name) for name in names}
        for camera in ids.values():
            stage.online(camera)
        yield Street(centre, cameras, ids)


def put(stage: Stage, cameras: CameraServer, name: str) -> int:
    """One of the demonstration's cameras, at the site."""
    key = KEYS[name]
    plan = cameras.cameras[key].plan
    source: dict[str, Any] = {"sub": cameras.url(key, "sub"), "user": plan.user}
    if plan.ptz:
        source["options"] = {"onvif": cameras.onvif_url(key)}
    return stage.camera(
        cameras.url(key), source=source, password=plan.usual.password, name=name, sort_key=name, ptz=plan.ptz,
        reference=key, regime="private", authorisation_id=None, masks=[MASK] if name == MASKED else (),
    )  # fmt: skip


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    data = furnish(tmp_path_factory, TOWN_ROOM, tmp_path_factory.mktemp("live") / "data")
    with street_up(data, (TURNS, H265, FREEZES, MASKED)) as running:
        yield running


@pytest.fixture
def sit(chromium: Browser, street: Street) -> Iterator[Callable[..., Seat]]:
    """`sit("claire")`: at a post that sees images, with her reason to look."""
    seats: list[Seat] = []

    def take(login: str) -> Seat:
        seats.append(at_post(chromium, street.centre, login))
        return seats[-1]

    yield take
    for seat in seats:
        seat.leave()
        assert seat.errors == []


def at_post(chromium: Browser, centre: Centre, login: str) -> Seat:
    seat = sit_down(chromium, centre, login, post=False)
    free = next(each for each in seat.get("/api/me")["posts"] if each["holder"] is None)
    seat.post(f"/api/posts/{free['id']}/take", {"motif": "surveillance générale"})
    return seat


def wall_of(seat: Seat, *scripts: str) -> Page:
    page = seat.context.new_page()
    watch_errors(page, seat.errors)
    for script in scripts:
        page.add_init_script(script)
    page.goto(f"{seat.centre.url}/mur")
    return page


def tile(page: Page, name: str) -> Locator:
    return page.get_by_role("main").locator("section", has_text=name)


def live(page: Page, name: str) -> Locator:
    """A tile whose picture is live."""
    found = tile(page, name)
    expect(found.locator("[data-mark=live]")).to_be_visible(timeout=PICTURE)
    return found


def until(found: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + LATE
    while not (seen := found()):
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.1)
    return seen


def seen(of: Locator) -> Any:
    """The picture on the screen as 9 × 16 greys."""
    grey = until(lambda: of.evaluate(LOOK), "a picture")
    return np.array(grey).reshape(9, 16)


def plays(of: Locator) -> None:
    """The picture goes on."""
    was = of.evaluate(PLAYS)
    until(lambda: of.evaluate(PLAYS) > was + 1, "a picture that moves")


def steer(page: Page, street: Street, shown: Locator, key: str) -> None:
    """Turns the camera by a key that is held, until the head stands elsewhere; the picture shows it."""
    face = street.cameras.face
    assert face is not None
    head = face.heads[KEYS[TURNS]]
    before, was = seen(shown), head.token
    page.keyboard.down(key)
    until(lambda: head.token != was, "the head's turn")
    page.keyboard.up(key)
    until(lambda: np.abs(seen(shown) - before).mean() > 4, "another picture")


def test_a_camera_is_steered_from_the_wall_and_not_by_two(sit: Callable[..., Seat], street: Street) -> None:
    claire, samir = sit("claire"), sit("samir")
    page = wall_of(claire)
    turning = live(page, TURNS)
    turning.click(position={"x": 12, "y": 60})
    expect(turning).to_contain_text("libre")
    until(lambda: turning.evaluate(BY_WEBRTC), "the picture by WebRTC")
    steer(page, street, turning, "Numpad6")
    assert turning.evaluate(BY_WEBRTC)
    expect(turning).to_contain_text("piloté par moi")
    held = claire.get(f"/api/cameras/{street.ids[TURNS]}")["ptz_held_by"]
    assert held["name"] == "Claire"

    other = wall_of(samir)
    refused = live(other, TURNS)
    refused.click(position={"x": 12, "y": 60})
    expect(refused).to_contain_text("piloté par Claire")
    face = street.cameras.face
    assert face is not None
    was = face.heads[KEYS[TURNS]].token
    other.keyboard.down("Numpad4")
    expect(other.get_by_text(f"{TURNS} est pilotée par Claire")).to_be_visible()
    other.keyboard.up("Numpad4")
    assert face.heads[KEYS[TURNS]].token == was
    page.keyboard.press("Digit0")
    expect(turning).to_contain_text("libre")
    expect(refused).to_contain_text("libre")


def test_without_webrtc_a_camera_is_steered_by_its_fragments(
    sit: Callable[..., Seat], street: Street
) -> None:
    page = wall_of(sit("claire"), WITHOUT_WEBRTC)
    turning = live(page, TURNS)
    turning.click(position={"x": 12, "y": 60})
    expect(turning).to_contain_text("libre")
    steer(page, street, turning, "Numpad4")
    assert not turning.evaluate(BY_WEBRTC)
    plays(turning)
    page.keyboard.press("Digit0")
    expect(turning).to_contain_text("libre")


def test_h265_is_shown_as_h264_to_a_browser_that_lacks_it(sit: Callable[..., Seat]) -> None:
    needs(shutil.which("ffmpeg") is not None, "ffmpeg")
    page = wall_of(sit("claire"))
    if page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L93.B0\"')"):
        pytest.skip("this browser plays H.265 itself")
    shown = live(page, H265)
    plays(shown)
    expect(shown.get_by_text("images fixes")).to_have_count(0)
    assert seen(shown).std() > 5


@pytest.mark.long  # a minute: a centre of its own, without ffmpeg
def test_h265_is_shown_picture_by_picture_where_nothing_transcodes(
    chromium: Browser, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    empty = tmp_path / "bin"
    empty.mkdir()
    data = furnish(tmp_path_factory, TOWN_ROOM, tmp_path / "data")
    with street_up(data, (H265,), PATH=str(empty)) as street:
        seat = at_post(chromium, street.centre, "claire")
        page = wall_of(seat)
        if page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L93.B0\"')"):
            pytest.skip("this browser plays H.265 itself")
        shown = live(page, H265)
        expect(shown.get_by_text("images fixes")).to_be_visible()
        assert seen(shown).std() > 5
        label = shown.locator("[data-mark=live]")
        first = label.inner_text()
        until(lambda: label.inner_text() != first, "the next picture")
        assert seat.errors == []
        seat.leave()


def test_a_mask_is_on_the_screen_and_lifted_with_a_motif(sit: Callable[..., Seat], street: Street) -> None:
    claire, chef = sit("claire"), sit("chef")
    page = wall_of(claire)
    shown = live(page, MASKED)
    expect(shown.get_by_text("masqué")).to_be_visible()
    picture = seen(shown)
    assert picture[2:5, 3:9].max() < 8, "all black under the mask"
    assert picture[6:, 10:].mean() > 16

    asked = {"cameras": [street.ids[MASKED]], "kind": "lifted", "motif": "réquisition 12/2026"}
    assert claire.try_post("/api/viewings", asked) in (403, 409) or refused_all(claire, asked)
    assert chef.try_post("/api/viewings", {**asked, "motif": None}) in (400, 409, 422)
    [ticket] = chef.post("/api/viewings", asked)["tickets"]
    assert ticket["masked"] is False
    heard = wall_of(chef).evaluate(OPEN, [ticket["url"], ticket["token"], 3])
    assert heard["said"]["codec"] == "h264"
    film = io.BytesIO(b"".join(base64.b64decode(each) for each in heard["got"]))
    with av.open(film, format="mp4") as container:
        grey = next(iter(container.decode(video=0))).to_ndarray(format="gray")
    height, width = grey.shape
    assert grey[height // 4 : height // 2, width // 4 : width // 2].mean() > 16
    entries = chef.get("/api/snapshot")["entries"]
    assert any("réquisition 12/2026" in str(entry) for entry in entries)


def test_the_chef_lifts_a_mask_from_the_wall_and_nobody_else(
    sit: Callable[..., Seat], street: Street
) -> None:
    """P11: one key, a motif, a bounded time that is seen; put back by the same key; an operator is told whom to ask."""
    claire, chef = sit("claire"), sit("chef")
    page = wall_of(claire)
    live(page, MASKED).click()
    page.keyboard.press("Alt+l")
    dialog = page.get_by_role("dialog", name="Lever le masque")
    expect(dialog.get_by_role("alert")).to_contain_text("réservé au chef de salle")
    expect(dialog.get_by_role("button", name="Lever le masque")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    page = wall_of(chef)
    shown = live(page, MASKED)
    shown.click()
    expect(shown.get_by_role("button", name="Lever le masque…")).to_be_visible()
    page.keyboard.press("Alt+l")
    dialog = page.get_by_role("dialog", name="Lever le masque")
    expect(dialog.get_by_role("button", name="Lever le masque")).to_be_disabled()
    page.keyboard.press("Digit1")
    dialog.get_by_label("Pendant").select_option("2")
    assert faults(page) == []
    dialog.get_by_role("button", name="Lever le masque").click()
    expect(shown.locator("[data-mark=lifted]")).to_contain_text(re.compile(r"Masque levé — [12]:\d\d"))
    expect(shown.get_by_text("masqué", exact=True)).to_have_count(0)
    until(lambda: seen(live(page, MASKED))[2:5, 3:9].mean() > 16, "what is under the mask")
    page.keyboard.press("Alt+l")
    expect(shown.get_by_text("masqué", exact=True)).to_be_visible(timeout=PICTURE)
    until(lambda: seen(live(page, MASKED))[2:5, 3:9].max() < 8, "the mask again")
    expect(shown.locator("[data-mark=lifted]")).to_have_count(0)
    lines = [
        each
        for each in chef.get("/api/viewings")
        if each["kind"] == "lifted" and each["motif"] == "réquisition"
    ]
    assert [each["ended_at"] is not None for each in lines] == [True]


def test_presets_are_kept_renamed_and_deleted_by_keys(sit: Callable[..., Seat], street: Street) -> None:
    page = sit("chef").page
    page.goto(f"{street.centre.url}/cameras/{street.ids[TURNS]}")
    card = page.get_by_role("region", name="Prépositions")
    card.get_by_label("Nom de la position actuelle").fill("Le kiosque")
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Renommer Le kiosque").press("Enter")
    page.keyboard.type("Kiosque nord")
    page.keyboard.press("Enter")
    card.get_by_role("button", name="Supprimer Kiosque nord").press("Enter")
    expect(card.get_by_role("button", name="Supprimer", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(card.get_by_text("Aucune préposition")).to_be_visible()


def refused_all(seat: Seat, asked: dict[str, Any]) -> bool:
    answer = seat.post("/api/viewings", asked)
    return answer["tickets"] == [] and len(answer["refused"]) == 1


def test_a_frozen_camera_says_so_with_its_age(sit: Callable[..., Seat], street: Street) -> None:
    page = wall_of(sit("claire"))
    shown = live(page, FREEZES)
    street.cameras.change(KEYS[FREEZES], frozen="picture")
    try:
        frozen = shown.get_by_text(re.compile(r"IMAGE FIGÉE depuis \d\d:\d\d:\d\d"))
        expect(frozen).to_be_visible(timeout=LATE * 1000)
        expect(shown.locator("[data-mark=live]")).to_have_count(0)
        expect(shown).to_contain_text(re.compile(r"\d:\d\d:\d\d\s*\d+:\d\d"))  # its age
        expect(tile(page, TURNS).locator("[data-mark=live]")).to_be_visible()
    finally:
        street.cameras.change(KEYS[FREEZES])
    expect(shown.locator("[data-mark=live]")).to_be_visible(timeout=LATE * 1000)


def test_the_end_of_a_session_closes_its_pictures(sit: Callable[..., Seat], street: Street) -> None:
    samir = sit("samir")
    page = wall_of(samir, WATCH_SOCKETS)
    live(page, TURNS)
    # The desk may close its own before the recorder does: this one it does not know.
    asked = {"cameras": [street.ids[TURNS]], "kind": "live", "motif": "essai"}
    [ticket] = samir.post("/api/viewings", asked)["tickets"]
    page.evaluate(HOLD, [ticket["url"], ticket["token"]])
    samir.post("/api/logout")
    until(lambda: page.evaluate("window.__closed.includes(4403)"), "the close")
    expect(page.locator("[data-mark=live]")).to_have_count(0, timeout=PICTURE)


def test_a_ticket_opens_one_picture(sit: Callable[..., Seat], street: Street) -> None:
    claire = sit("claire")
    page = wall_of(claire)
    asked = {"cameras": [street.ids[TURNS]], "kind": "live", "motif": "essai"}
    [ticket] = claire.post("/api/viewings", asked)["tickets"]
    once = page.evaluate(OPEN, [ticket["url"], ticket["token"], 2])
    assert once["said"]["type"] == "stream"
    assert len(once["got"]) == 2
    again = page.evaluate(OPEN, [ticket["url"], ticket["token"], 2])
    assert again["code"] == 4401
    assert again["got"] == []
    made_up = page.evaluate(OPEN, [ticket["url"], "a" * 43, 1])
    assert made_up["code"] == 4401

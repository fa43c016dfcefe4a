"""Playback: real recordings of real cameras, replayed in step in a real browser; and the cameras' own pages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat, sit_down
from tests.acceptance.test_axe import THEMES, faults
from tests.acceptance.test_wall import NAMES, PICTURE, Town, centre, film, seat, town

__all__ = ["centre", "film", "seat", "town"]
pytestmark = pytest.mark.peer

H265 = (NAMES[2],)
MOTIF = "recherche d’un véhicule signalé"
HOUR = re.compile(r"ENREGISTRÉ (\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d):(\d\d)\.(\d{3}) · il y a ")
RECORDED = 12
"""s of recording that the tests look back at."""


def labels(page: Page) -> list[float]:
    """Seconds of the day of each picture on screen, as its own label says."""
    found = []
    for text in page.locator("figure[data-camera] b").all_inner_texts():
        if said := HOUR.search(text):
            hour, minute, second, thousandths = (int(said[group]) for group in (4, 5, 6, 7))
            found.append(hour * 3600 + minute * 60 + second + thousandths / 1000)
    return found


PAINTED = """all => all.map(v => {
  const spans = Array.from({length: v.buffered.length}, (_, n) => [v.buffered.start(n), v.buffered.end(n)]);
  const held = spans.some(([from, to]) => from <= v.currentTime && v.currentTime < to && to - from > 1);
  return held && !v.hidden && !v.paused ? v.getVideoPlaybackQuality().totalVideoFrames : 0;
})"""


def painted(page: Page) -> list[int]:
    """Pictures painted by each film on screen; 0 while it does not play, or plays a film full of holes."""
    counted: list[int] = page.locator("figure[data-camera] video").evaluate_all(PAINTED)
    return counted


def until(found: Callable[[], object], what: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.1)


def player(page: Page) -> Locator:
    return page.get_by_role("main", name="Relecture en cours")


def opened(seat: Seat, town: Town, names: tuple[str, ...]) -> Page:
    """A consultation of these cameras, some seconds ago, opened by its form and the keyboard."""
    at = datetime.now(UTC) - timedelta(seconds=RECORDED)
    cameras = ",".join(str(town.ids[name]) for name in names)
    page = seat.page
    page.goto(f"{seat.centre.url}/relecture?cameras={cameras}&at={at.isoformat().replace('+00:00', 'Z')}")
    expect(page.get_by_label("Motif de la consultation")).to_be_focused()
    assert not page.locator("video").count(), "nothing opens before its motif"
    expect(page.get_by_role("group", name=f"Caméras choisies : {len(names)} sur 9")).to_be_visible()
    page.keyboard.type(MOTIF)
    page.keyboard.press("Control+Enter")
    expect(player(page)).to_be_focused()
    until(lambda: len(labels(page)) == len(names), "a picture of each camera")
    return page


@pytest.fixture(scope="module")
def recorded(town: Town) -> Town:
    """The cameras have run for a while."""
    time.sleep(RECORDED + 3)
    return town


def plays(page: Page, what: str) -> None:
    """Waits until each film on screen has painted many pictures more."""
    was = painted(page)
    until(lambda: all(now > before + 20 for now, before in zip(painted(page), was, strict=True)), what, 90)


def test_cameras_play_in_step(seat: Seat, recorded: Town) -> None:
    page = opened(seat, recorded, NAMES)
    expect(page.get_by_text(f"Motif : {MOTIF}")).to_be_visible()
    first = labels(page)
    page.keyboard.press("l")
    until(lambda: min(labels(page), default=0) > max(first) + 1.5, "pictures that move")
    until(lambda: abs(labels(page)[0] - labels(page)[1]) < 0.25, "cameras in step")
    plays(page, "films of all three, the uneven one and the one in H.265 too, and no strip of pictures")
    page.keyboard.press("k")
    page.wait_for_timeout(500)
    kinds = {line["kind"] for line in seat.get("/api/snapshot")["entries"]}
    assert "viewing.opened" in kinds
    page.get_by_role("button", name="Terminer").click()
    expect(page.get_by_label("Motif de la consultation")).to_be_visible()


def test_frame_by_frame_and_backwards(seat: Seat, recorded: Town) -> None:
    page = opened(seat, recorded, NAMES[:1])
    page.keyboard.press("l")
    page.wait_for_timeout(2500)
    page.keyboard.press("k")
    page.wait_for_timeout(800)
    [stood] = labels(page)
    page.keyboard.press(";")
    until(lambda: labels(page)[0] > stood, "the next frame")
    [after] = labels(page)
    assert after - stood < 0.5, "one frame, not a group of pictures"
    page.keyboard.press(",")
    until(lambda: labels(page)[0] == stood, "the same frame again")
    page.keyboard.press("j")
    until(lambda: labels(page)[0] < stood - 1, "pictures backwards")
    page.keyboard.press("k")
    page.keyboard.press("Digit9")  # 32 times backwards is told by its speed
    expect(page.get_by_role("combobox", name="Vitesse")).to_have_value("-32")
    page.keyboard.press("k")


def test_a_passage_is_marked_and_held(seat: Seat, recorded: Town) -> None:
    page = opened(seat, recorded, NAMES[:1])
    page.keyboard.press("r")
    page.keyboard.press("l")
    page.wait_for_timeout(2500)
    page.keyboard.press("k")
    page.keyboard.press("r")
    side = page.get_by_role("complementary", name="Repères et mouvements")
    expect(side.get_by_role("button", name="Geler…").first).to_be_visible()
    page.keyboard.press("g")
    expect(page.get_by_label("Motif du gel")).to_be_focused()
    page.keyboard.type("réquisition attendue")
    page.keyboard.press("Control+Enter")
    expect(side.get_by_text("gelé jusqu’au")).to_be_visible()
    [mark] = seat.get(f"/api/marks?camera={recorded.ids[NAMES[0]]}")
    assert mark["hold"]["reason"] == "réquisition attendue"


@pytest.mark.parametrize("theme", THEMES)
def test_nothing_for_axe_to_say(seat: Seat, recorded: Town, theme: str) -> None:
    seat.page.add_init_script(f"localStorage.setItem('veilleur.theme', '{theme}')")
    seat.page.goto(f"{seat.centre.url}/relecture")
    expect(seat.page.get_by_label("Motif de la consultation")).to_be_visible()
    assert faults(seat.page) == []
    page = opened(seat, recorded, NAMES[:2])
    assert faults(page) == []
    page.goto(f"{seat.centre.url}/cameras")
    expect(page.get_by_role("link", name=NAMES[0])).to_be_visible(timeout=PICTURE)
    assert faults(page) == []
    page.get_by_role("link", name=NAMES[0]).click()
    expect(page.get_by_role("heading", name=NAMES[0])).to_be_visible()
    assert faults(page) == []


def chef_at_a_post(chromium: Browser, centre: Centre) -> Seat:
    chef = sit_down(chromium, centre, "chef", post=False)
    free = next(each for each in chef.get("/api/me")["posts"] if each["holder"] is None)
    chef.post(f"/api/posts/{free['id']}/take", {"motif": "surveillance générale"})
    return chef


def test_a_mask_is_lifted_by_the_chef(chromium: Browser, centre: Centre, recorded: Town) -> None:
    """P11: alone in front, with its motif and its time; put back, nothing of the film is left."""
    chef = chef_at_a_post(chromium, centre)
    camera = recorded.ids[NAMES[2]]
    corners = [{"x": x, "y": y} for x, y in ((0.1, 0.1), (0.6, 0.1), (0.6, 0.6), (0.1, 0.6))]
    mask = {"kind": "role", "name": "Fenêtre", "polygon": corners}
    assert chef.put(f"/api/cameras/{camera}", {"masks": [mask]})["masks"]
    page = opened(chef, recorded, NAMES[2:])
    shown = player(page).locator("figure[data-camera]")
    pictures, film = (
        f"figure => [...figure.querySelectorAll('{kind}')].some(each => !each.hidden && each.{size} > 0)"
        for kind, size in (("img", "naturalWidth"), ("video", "videoWidth"))
    )
    until(lambda: shown.evaluate(pictures), "masked pictures, one by one")
    page.keyboard.press("Alt+l")
    page.keyboard.press("Digit5")
    assert faults(page) == []
    page.keyboard.press("Enter")
    expect(shown.locator("[data-mark=lifted]")).to_contain_text(re.compile(r"Masque levé — [45]:\d\d"))
    until(lambda: shown.evaluate(film), "the film without its mask")
    shown.get_by_role("button", name="Remettre").click()
    expect(shown.get_by_role("button", name="lever le masque")).to_be_visible()
    until(lambda: shown.evaluate(pictures), "masked pictures again")
    assert not shown.evaluate(film), "nothing of the film is left"
    page.get_by_role("button", name="Terminer").click()
    lifted = [each for each in chef.get("/api/viewings") if each["kind"] == "lifted"]
    assert [(each["motif"], each["ended_at"] is None) for each in lifted] == [("contrôle du masque", False)]
    chef.put(f"/api/cameras/{camera}", {"masks": []})
    assert chef.errors == []
    chef.leave()


def test_the_secret_path_of_a_push_is_told_once(chromium: Browser, centre: Centre, recorded: Town) -> None:
    chef = chef_at_a_post(chromium, centre)
    given = {"source": {"kind": "push"}, "regime": "private", "authorisation_id": None}
    camera = recorded.stage.camera("push://", name="Mât de chantier", **given)
    page = chef.page
    page.goto(f"{centre.url}/cameras/{camera}")
    card = page.get_by_role("region", name="Dépôt d’images par la caméra")
    told = []
    for _ in range(2):
        card.get_by_role("button", name="Faire un chemin secret…").press("Enter")
        expect(card.get_by_role("group")).to_contain_text("cesse aussitôt")
        page.keyboard.press("Enter")
        field = card.get_by_label("Chemin secret, montré une seule fois")
        expect(field).to_have_value(re.compile("/push/.{43}"))
        expect(card.get_by_role("group")).to_have_count(0)
        told.append(field.input_value())
    assert told[0] != told[1]
    assert faults(page) == []
    page.reload()
    expect(card).to_be_visible()
    expect(field).to_have_count(0)
    assert chef.errors == []
    chef.leave()


def test_authorisations_on_the_cameras_page(chromium: Browser, centre: Centre, recorded: Town) -> None:
    given = {"source": {"kind": "push"}, "regime": "private", "authorisation_id": None}
    recorded.stage.camera("push://", name="Mât de la carrière", **given)
    chef = chef_at_a_post(chromium, centre)
    page = chef.page
    page.goto(f"{centre.url}/cameras")
    row = page.get_by_role("row", name="Mât de la carrière")
    expect(row).to_contain_text("chez le client")
    expect(row).to_contain_text("aucune image reçue")
    card = page.get_by_role("region", name="Autorisations préfectorales")
    before = len(chef.get("/api/authorisations"))
    ends = (datetime.now(UTC).date() + timedelta(days=100)).isoformat()
    card.get_by_role("button", name="Ajouter une autorisation…").press("Enter")
    for label, said in (
        ("Référence (celle des imports)", "GARE"), ("Système", "Gare"), ("N° de l’arrêté", "2026-12"),
        ("Autorité", "Préfet"), ("Fin (5 ans au plus)", ends),
    ):  # fmt: skip
        card.get_by_label(label).fill(said)
    assert faults(page) == []
    card.get_by_role("button", name="Ajouter", exact=True).press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("finalités de L251-2")
    card.get_by_label("secours aux personnes").check()
    card.get_by_role("button", name="Ajouter", exact=True).press("Enter")
    line = card.get_by_role("listitem").filter(has_text="Gare")
    expect(line).to_contain_text("aucune caméra")
    line.get_by_role("button", name="Renouveler…").press("Enter")
    line.get_by_label("N° du nouvel arrêté").fill("2026-13")
    later = (datetime.now(UTC).date() + timedelta(days=1000)).isoformat()
    line.get_by_label("Fin (5 ans au plus)").fill(later)
    line.get_by_role("button", name="Renouveler", exact=True).press("Enter")
    expect(line).to_contain_text("2026-13")
    said = [each for each in chef.get("/api/authorisations") if each["reference"] == "GARE"]
    assert [(each["expires_on"], each["stage"]) for each in said] == [(later, "running")]
    line.get_by_role("button", name="Clore avant sa fin…").press("Enter")
    line.get_by_label("Motif (retrait").fill("système démonté")
    line.get_by_role("button", name="Clore : ses caméras s’arrêtent").press("Enter")
    expect(line.get_by_role("button", name="Clore avant sa fin…")).to_have_count(0)
    assert len(chef.get("/api/authorisations")) == before + 1
    assert faults(page) == []
    page.goto(f"{centre.url}/mur")
    expect(page.locator("[data-tile='0']")).to_be_focused()
    page.keyboard.type("carrière")
    expect(page.get_by_role("combobox", name="Chercher une caméra")).to_have_value("carrière")
    page.keyboard.press("Enter")
    shown = page.locator("[data-tile][aria-current=true]")
    expect(shown).to_contain_text("Images chez le client")
    expect(shown).to_contain_text("aucune image reçue")
    assert [each for each in chef.errors if "422" not in each] == []
    chef.leave()


def test_the_cameras_of_a_post_are_tested_ticked_and_signed(seat: Seat, town: Town) -> None:
    page = seat.page
    page.goto(seat.centre.url)
    page.get_by_role("button", name="essai caméras").click()
    sign = page.get_by_role("button", name="Signer l’essai")
    expect(sign).to_be_disabled()
    expect(page.get_by_role("radiogroup", name=NAMES[0])).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Sans défaut").click()
    first = page.get_by_role("radiogroup", name=NAMES[0])
    first.get_by_label("défaut", exact=True).check()
    expect(sign).to_be_disabled()
    first.get_by_label(f"Défaut de {NAMES[0]}").fill("toile d’araignée sur la vitre")
    for name in NAMES[1:]:
        until(
            lambda name=name: page.get_by_role("radiogroup", name=name).get_by_label("vue").is_enabled(),
            f"a picture of {name}",
        )
        page.get_by_role("radiogroup", name=name).get_by_label("vue").check()
    expect(page.get_by_text("tout est coché")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("signé à")).to_be_visible()
    expect(page.get_by_role("button", name="essai caméras")).to_have_count(0)
    until(
        lambda: (
            {"camera_check.signed", "camera_check.defect"}
            <= {line["kind"] for line in seat.get("/api/snapshot")["entries"]}
        ),
        "the entries of the test",
    )


def test_playback_goes_on_when_the_recorder_is_back(seat: Seat, centre: Centre, recorded: Town) -> None:
    page = opened(seat, recorded, NAMES[:1])
    page.keyboard.press("l")
    plays(page, "a film")
    [recorder] = [
        child for child in psutil.Process(centre.process.pid).children() if "recorder" in child.cmdline()
    ]
    recorder.kill()
    figure = player(page).locator("figure[data-camera]")
    expect(figure.get_by_role("status")).to_contain_text("reprise en cours", timeout=PICTURE)
    plays(page, "the film again, by sockets that were asked for again")
    expect(figure.get_by_role("status")).to_have_count(0)
    seat.errors.clear()  # the sockets that went away
    page.get_by_role("button", name="Terminer").click()

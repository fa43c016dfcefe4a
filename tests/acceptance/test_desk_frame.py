"""The desk's frame in a real browser: keys, typing, windows, silence, drafts, accessibility (issue 2 §8, U1–U16)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from .centre import Centre, centre_up

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PASSWORD = "veilleur-demo"
ALONE = 800  # ms: more than the silence that a single letter needs on both sides (core/keys.ts)
SOUND_TEST = 20_000  # ms: four patterns, on a busy machine
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = ["/", "/main-courante", "/moniteur", "/salle", "/compte", "/personnes"]

# What was played, by its pitch, and every key that reached the page.
RECORD = """
window.__played = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  window.__played.push(this.frequency.value);
  return start.call(this, at);
};
window.__keys = [];
addEventListener("keydown", (event) => setTimeout(() =>
  window.__keys.push([event.code, event.ctrlKey, event.defaultPrevented])), { capture: true });
"""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """The demonstration centre: its town dials by itself."""
    with centre_up(tmp_path_factory.mktemp("desk") / "data", "--demo") as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The Chromium that scripts/find_browser.py found."""
    path = (ROOT / ".make" / "browser-path").read_text().strip()
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def room(browser: Browser, centre: Centre) -> Iterator[BrowserContext]:
    """A browser whose operator has taken a post with the keyboard alone."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, locale="fr-FR", bypass_csp=True)
    context.add_init_script(RECORD)
    page = context.new_page()
    page.goto(centre.url)
    page.fill("[name=login]", "garance")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Lancer l’essai")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=J’entends", timeout=SOUND_TEST)
    page.keyboard.press("Enter")
    page.wait_for_selector("button:has-text('Prendre le poste'):enabled")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=listbox]")
    page.close()
    yield context
    context.close()


@pytest.fixture
def desk(room: BrowserContext, centre: Centre) -> Iterator[Page]:
    """A window of the desk, live, with at least one dossier in its queue."""
    page = room.new_page()
    page.goto(centre.url)
    page.wait_for_selector("[data-state=live]")
    page.wait_for_selector("[data-incident]", timeout=60_000)
    yield page
    page.close()


def snapshot(page: Page) -> dict[str, Any]:
    """The room as the server sees it."""
    return page.evaluate("fetch('/api/snapshot').then((answer) => answer.json())")


def held(page: Page) -> set[tuple[int, str, int | None]]:
    """Each dossier's state and holder: what no stray key may change."""
    rows = snapshot(page)["incidents"]
    return {(row["id"], row["state"], (row["owner"] or {}).get("id")) for row in rows}


def test_every_key_reaches_the_page(desk: Page) -> None:
    """Browsers keep some keys for themselves; none of ours."""
    desk.focus("#capture")
    wanted = [
        "F1",
        "F2",
        "F4",
        "F5",
        "F6",
        "F7",
        "F8",
        "F9",
        "F10",
        "Control+k",
        "Control+Space",
        "Control+Enter",
    ]
    wanted += [f"Control+{digit}" for digit in range(1, 9)]
    for key in wanted:
        desk.keyboard.press(key)
        desk.keyboard.press("Escape")
    desk.wait_for_function(f"window.__keys.filter(([code]) => code !== 'Escape').length >= {len(wanted)}")
    codes = {(code, ctrl) for code, ctrl, _ in desk.evaluate("window.__keys")}
    for key in wanted:
        plain = key.removeprefix("Control+")
        code = {"k": "KeyK"}.get(plain, f"Digit{plain}" if plain.isdecimal() else plain)
        assert (code, key.startswith("Control+")) in codes
    assert desk.url.endswith("/"), "no key of ours may leave the page"


@pytest.mark.parametrize(
    ("pace", "text"),
    [
        (60, "Non, rien de neuf : le gardien n’a rien vu, 3 portes fermées !"),
        pytest.param(
            150, "Non, rien de neuf : le gardien n’a rien vu, 3 portes fermées !", marks=pytest.mark.long
        ),
        pytest.param(260, "non merci, monsieur, on n’ouvre", marks=pytest.mark.long),
        pytest.param(400, "non merci, on n’a rien", marks=pytest.mark.long),
    ],
)
def test_french_text_typed_anywhere_changes_no_dossier(desk: Page, pace: int, text: str) -> None:
    """U1, desk.md «Keys»: the focus on the queue, on a row's pane, on nothing; by ten fingers or by one (ms a letter)."""
    before = held(desk)
    for place in ("[role=listbox]", "[role=log]", "body"):
        desk.evaluate("(place) => document.querySelector(place).focus?.()", place)
        desk.keyboard.type(text, delay=pace)
        desk.wait_for_timeout(ALONE)
        desk.keyboard.press("Escape")
    after = held(desk)
    assert {row for row in after if row[0] in {id_ for id_, _, _ in before}} == before


def take_next(desk: Page) -> dict[str, Any]:
    """Presses `N` alone in the queue; the row that was taken."""
    desk.focus("[role=listbox]")
    desk.wait_for_timeout(ALONE)  # after typed text a letter is text
    desk.keyboard.press("n")
    desk.wait_for_url("**/dossier/*")
    taken = int(desk.url.rpartition("/")[2])
    desk.wait_for_selector(f"[data-dock='{taken}']:visible")
    return next(row for row in snapshot(desk)["incidents"] if row["id"] == taken)


def test_a_letter_alone_takes_the_next_dossier(desk: Page) -> None:
    """`N` takes the oldest of the highest priority, and it is in the dock."""
    began = {row["id"] for row in snapshot(desk)["incidents"] if row["state"] == "new"}
    taken = take_next(desk)
    assert taken["owner"]["name"].startswith("Garance")
    left = [row for row in snapshot(desk)["incidents"] if row["state"] == "new" and row["id"] in began]
    rank = (taken["priority"], taken["opened_at"])
    assert all(rank <= (row["priority"], row["opened_at"]) for row in left)


def test_a_draft_belongs_to_its_dossier_and_survives_a_reload(desk: Page) -> None:
    """U6: bound at the first key; another dossier has its own; nothing typed is lost."""
    taken = take_next(desk)["id"]
    desk.keyboard.press("Control+Space")
    desk.keyboard.type("Rideau baissé, rien d’ouvert")
    desk.reload()
    desk.wait_for_selector("[data-state=live]")
    assert desk.input_value("#capture") == "Rideau baissé, rien d’ouvert"
    desk.goto(desk.url.split("/dossier/")[0])
    desk.wait_for_selector("[role=listbox]")
    assert desk.input_value("#capture") == "", "the room's own draft is empty"
    desk.click(f"[data-dock='{taken}']:visible")
    desk.wait_for_url(f"**/dossier/{taken}")
    desk.keyboard.press("Control+Space")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[role=log] >> text=Rideau baissé, rien d’ouvert")


def test_eight_windows_share_one_stream(room: BrowserContext, desk: Page, centre: Centre) -> None:
    """Browsers allow six connections per host: the windows share one stream, and all are live."""
    windows = [room.new_page() for _ in range(8)]
    for window in windows:
        window.goto(centre.url)
    for window in windows:
        window.wait_for_selector("[data-state=live]", timeout=15_000)
    port = int(centre.http.rpartition(":")[2])
    open_now = [c for c in psutil.net_connections("tcp") if c.raddr and c.raddr.port == port]
    assert len([c for c in open_now if c.status == "ESTABLISHED"]) <= 6
    for window in windows:
        window.close()


def test_a_silent_server_is_seen_and_heard_within_five_seconds(desk: Page, centre: Centre) -> None:
    """ARCHITECTURE §5: a stale desk says so by itself."""
    desk.keyboard.press("Escape")  # a gesture: the window may sound
    server = next(
        child for child in psutil.Process(centre.process.pid).children() if "desk" in child.cmdline()
    )
    began = time.monotonic()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        desk.wait_for_selector("[data-state=stale]", timeout=5_000)
        desk.wait_for_function("window.__played.includes(330)", timeout=5_000)
        assert time.monotonic() - began < 6  # five, and the time to look
    finally:
        os.kill(server.pid, signal.SIGCONT)
    desk.wait_for_selector("[data-state=live]", timeout=15_000)


@pytest.mark.parametrize("theme", ["nuit", pytest.param("crepuscule", marks=pytest.mark.long), "jour"])
def test_axe_finds_nothing(desk: Page, centre: Centre, theme: str) -> None:
    """WCAG 2.2 AA on every page, in three themes."""
    axe = (ROOT / "desk" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
    desk.evaluate("(theme) => localStorage.setItem('veilleur.theme', theme)", theme)
    found = []
    dossier = f"/dossier/{snapshot(desk)['incidents'][0]['id']}"
    for page in [*PAGES, dossier]:
        desk.goto(centre.url + page)
        desk.wait_for_selector("[data-state=live]")
        desk.wait_for_timeout(400)
        desk.evaluate(axe)
        report = desk.evaluate("(rules) => axe.run(document, { runOnly: rules })", AXE_RULES)
        found += [(page, fault["id"], fault["nodes"][0]["target"]) for fault in report["violations"]]
    assert not found


@pytest.mark.parametrize("width", [1279, 960, 640])
def test_narrow_pages_never_scroll_sideways(desk: Page, centre: Centre, width: int) -> None:
    """U10: down to 640 CSS px (1280 at 200 %) every page fits its width."""
    desk.set_viewport_size({"width": width, "height": 720})
    dossier = f"/dossier/{snapshot(desk)['incidents'][0]['id']}"
    for page in [*PAGES, dossier]:
        desk.goto(centre.url + page)
        desk.wait_for_selector("[data-state=live]")
        over = desk.evaluate(
            "Math.max(...[document.documentElement, ...document.querySelectorAll('header, main, footer')]"
            ".map((part) => part.scrollWidth - part.clientWidth))"
        )
        assert over <= 0, f"{page} at {width}"

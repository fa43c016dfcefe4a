"""What an operator does at a desk, for the browser tests: sits down, reads the screen, types."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import APIResponse, Browser, BrowserContext, Locator, Page, expect

from tests.acceptance.centre import PASSWORD, Centre

DEAD_TIME = 1_000  # ms, more than the desk's own
SOON = 10_000
"""ms that a screen may take under load; nothing here is a measure of speed."""

expect.set_options(timeout=SOON)


NAME_OF_FOCUS = """() => {
  const at = document.activeElement;
  if (at === null || at === document.body) return "";
  const words = at.matches("button, a") ? at.innerText : "";
  const label = at.getAttribute("aria-label") ?? at.closest("label")?.innerText ?? words;
  return label.replace(/\\s+/g, " ").trim();
}"""


@dataclass
class Seat:
    """Somebody in front of a window."""

    login: str
    centre: Centre
    context: BrowserContext
    page: Page
    csrf: str
    errors: list[str]
    keys: list[str] = field(default_factory=list)
    """Every key pressed so far; typed words do not count."""
    gone: bool = False

    @property
    def queue(self) -> Locator:
        """The list of dossiers."""
        return self.page.get_by_role("listbox", name="File des dossiers")

    def row(self, site: str) -> Locator:
        """A dossier's row in the queue."""
        return self.queue.get_by_role("option").filter(has_text=site)

    @property
    def capture(self) -> Locator:
        """The field of the capture bar."""
        return self.page.locator("footer input")

    @property
    def head(self) -> Locator:
        """The name of the site whose dossier is in the centre."""
        return self.page.locator("main h1")

    def get(self, path: str) -> Any:
        """What the server says."""
        answer = self.context.request.get(self.centre.url + path)
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """A command, sent without the screen: to prepare what a test is about."""
        answer = self._post(path, body)
        assert answer.ok, answer.text()
        return answer.json() if answer.text() else None

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """A change, sent without the screen."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": str(uuid.uuid4())}
        answer = self.context.request.put(self.centre.url + path, data=body, headers=headers)
        assert answer.ok, answer.text()
        return answer.json()

    def try_post(self, path: str, body: dict[str, Any] | None = None) -> int:
        """A command that may be refused: its HTTP status."""
        return self._post(path, body).status

    def _post(self, path: str, body: dict[str, Any] | None) -> APIResponse:
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": str(uuid.uuid4())}
        return self.context.request.post(self.centre.url + path, data=body or {}, headers=headers)

    def sign(self) -> None:
        """Learns the token of writes of a session that began by the screen."""
        self.csrf = self.get("/api/me")["csrf"]

    def incidents(self) -> dict[str, dict[str, Any]]:
        """Open dossiers by their site's name, as the server has them."""
        return {row["site"]["name"]: row for row in self.get("/api/snapshot")["incidents"]}

    def incidents_list(self) -> list[dict[str, Any]]:
        """Open dossiers, as the server has them."""
        rows: list[dict[str, Any]] = self.get("/api/snapshot")["incidents"]
        return rows

    def press(self, *keys: str) -> None:
        """Keys, one after the other."""
        for key in keys:
            self.keys.append(key)
            self.page.keyboard.press(key)

    def strike(self, key: str) -> None:
        """A function key, by somebody who has read the card that came: behind its dead time (core/frontKeys.ts)."""
        # Read once it is painted: on a loaded machine the page may be behind what the test saw of its elements.
        self.page.evaluate(
            "new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))"
        )
        self.page.wait_for_timeout(DEAD_TIME)
        self.press(key)

    @property
    def front(self) -> Locator:
        """The card that owns the function keys."""
        return self.page.locator("[data-front]")

    def does(self, what: str) -> None:
        """The function key that stands on the front card's button of these words."""
        button = self.front.get_by_role("button", name=what).first
        expect(button).to_have_attribute("data-hotkey", re.compile("F"))
        self.strike(str(button.get_attribute("data-hotkey")))

    def forward(self, letter: str, card: str) -> None:
        """A letter brings a card in front; the hands leave a field by Escape."""
        expect(self.front.first).to_be_visible()
        if self.page.evaluate("document.activeElement.matches('input, select, textarea')"):
            self.press("Escape")
        self.press(letter)
        expect(self.front.first).to_have_attribute("data-card", re.compile(card))

    def heard(self) -> None:
        """Waits until the window has sounded; forgets what was played."""
        deadline = SOON
        while not self.page.evaluate("window.__played.splice(0).length"):
            assert deadline > 0, "nothing was played"
            self.page.wait_for_timeout(100)
            deadline -= 100

    def take_next(self, site: str) -> None:
        """`N` in the queue, once the screen offers it; the dossier is in the centre, taken."""
        expect(self.page.get_by_role("button", name="prendre le prochain")).to_be_visible()
        self.queue.focus()
        self.page.wait_for_timeout(600)  # a letter close behind typed text is text (core/keys.ts)
        self.press("n")
        expect(self.head).to_have_text(site)
        expect(self.page.get_by_text("À moi · pris à")).to_be_visible()

    def take_first(self) -> None:
        """`N`: whatever comes first."""
        expect(self.page.get_by_role("button", name="prendre le prochain")).to_be_visible()
        self.queue.focus()
        self.press("n")
        expect(self.page.get_by_text("À moi · pris à")).to_be_visible()

    @property
    def focused(self) -> str:
        """What has the focus, as it is named; "" for the page itself."""
        return str(self.page.evaluate(NAME_OF_FOCUS))

    def tab_to(self, name: str, most: int = 80) -> None:
        """Tab until something of that name has the focus: a keyboard's only way."""
        for _ in range(most):
            if name in self.focused:
                return
            self.press("Tab")
        raise AssertionError(f"no way by Tab to «{name}»; the focus is on «{self.focused}»")

    def choose(self, name: str) -> None:
        """Tab to a button, then Enter."""
        self.tab_to(name)
        self.press("Enter")

    def pick(self, field: str, wanted: str) -> None:
        """Tab to a list, then the arrow down to its line."""
        self.tab_to(field)
        for _ in range(40):
            if wanted in str(self.page.evaluate("document.activeElement.selectedOptions[0].text")):
                return
            self.press("ArrowDown")
        raise AssertionError(f"«{field}» has no line «{wanted}»")

    def window(self) -> Page:
        """Another window of the same browser."""
        page = self.context.new_page()
        watch_errors(page, self.errors)
        page.goto(self.centre.url)
        return page

    def leave(self) -> None:
        """Gives the post back; the browser of this person closes, and its storage with it. Twice is once."""
        if not self.gone:
            self.gone = True
            self.try_post("/api/posts/leave")
            self.context.close()


def watch_errors(page: Page, errors: list[str]) -> None:
    """Whatever the page throws, and what its policy refuses, is kept."""
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console",
        lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None,
    )


def new_context(chromium: Browser, width: int = 1920, height: int = 1080, **more: Any) -> BrowserContext:
    """A browser of its own, French, in the centre's time."""
    return chromium.new_context(
        locale="fr-FR", timezone_id="Europe/Paris", viewport={"width": width, "height": height}, **more
    )


# The pitch of every tone that a window lets out: the one door to the loudspeaker is an oscillator's start.
RECORD_SOUND = """
window.__played = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  if (this.context.state === "running") window.__played.push(this.frequency.value);
  return start.call(this, at);
};
"""


def sit_down(
    chromium: Browser, centre: Centre, login: str, *, post: bool = True, sound: bool = False, **size: Any
) -> Seat:
    """Logs in and takes the first free post without the screen, then opens the desk.

    `sound`: what the windows play is kept in `window.__played`.
    """
    context = new_context(chromium, **size)
    if sound:
        context.add_init_script(RECORD_SOUND)
    answer = context.request.post(
        f"{centre.url}/api/login",
        data={"login": login, "password": PASSWORD},
        headers={"X-CSRF-Token": "none"},
    )
    assert answer.ok, answer.text()
    me = context.request.get(f"{centre.url}/api/me").json()
    page = context.new_page()
    seat = Seat(login, centre, context, page, me["csrf"], [])
    if post and me["post"] is None:
        free = next(each for each in me["posts"] if each["holder"] is None)
        seat.post(f"/api/posts/{free['id']}/take", {"motif": None})
    watch_errors(page, seat.errors)
    page.goto(centre.url)
    if post:
        expect(seat.queue).to_be_visible()
    return seat

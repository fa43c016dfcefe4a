"""A furnished centre for each module, a real browser for the session, and operators who sit down at it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.acceptance.centre import Centre, centre_up
from tests.acceptance.furnished import ROOM, furnish
from tests.acceptance.room import Seat, sit_down

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    # A microphone that beeps, and nobody to ask: nothing else of these pages asks for one.
    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser that scripts/find_browser.py found. None: a loud skip, a failure in CI."""
    remembered = ROOT / ".make" / "browser-path"
    if not remembered.exists():
        said = "no browser: run «make test», or .venv/bin/python scripts/find_browser.py"
        if os.environ.get("CI"):
            pytest.fail(said)
        print(f"\n*** {said} ***", file=sys.stderr)
        pytest.skip(said)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=remembered.read_text().strip(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """`veilleur up` with people, posts and the sites of sites.yaml, by the commands of anybody."""
    assert (ROOT / "src/veilleur/web/static/index.html").exists(), "build the desk: scripts/build_desk.py"
    with centre_up(furnish(tmp_path_factory, ROOM, tmp_path_factory.mktemp("room") / "data")) as running:
        yield running


@pytest.fixture
def sit(chromium: Browser, centre: Centre) -> Iterator[Callable[..., Seat]]:
    """`sit("claire")`: a window of hers, at a post, on the desk. Everybody leaves at the end of the test."""
    seats: list[Seat] = []

    def take(login: str, **options: Any) -> Seat:
        seats.append(sit_down(chromium, centre, login, **options))
        return seats[-1]

    yield take
    for seat in seats:
        seat.leave()

"""`up --demo --footage DIR`, as a visitor with films of his own: the wall's pictures move, what is recorded is his film.

`pytest tests/acceptance/test_footage.py --footage DIR`: the folder of MP4 files (H.264) is read, never copied.
"""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.acceptance.room import Seat, new_context, watch_errors
from veilleur.demo.camera_clips import own_footage, read_clip
from veilleur.demo.town import DEMO_PEOPLE
from veilleur.video.films import read_film
from veilleur.video.fragments import HEAD
from veilleur.video.index import Entry
from veilleur.video.store import LocalStore

pytestmark = [pytest.mark.long, pytest.mark.slow]

WALL = "Presqu’île nuit"
PICTURE = 60_000  # ms: sixteen cameras begin together
MINUTE = 55_000_000  # µs: a film that begins at the first keyframe of its minute
PATIENCE = 240.0  # s for a whole minute of each camera, on a loaded machine
FOREVER = 2**62  # µs
PICTURES = range(1, 6)  # types of the NAL units that carry a picture (H.264 table 7-1)
COUNTS = """[...document.querySelectorAll("video")].filter((each) => each.readyState > 1)
  .map((each) => each.getVideoPlaybackQuality().totalVideoFrames)"""


@pytest.fixture(scope="module")
def footage(request: pytest.FixtureRequest) -> Path:
    given = request.config.getoption("--footage")
    if given is None:
        said = (
            "no footage: pytest tests/acceptance/test_footage.py --footage DIR (a folder of MP4 files, H.264)"
        )
        print(f"\n*** {said} ***", file=sys.stderr)
        pytest.skip(said)
    return Path(given)


@pytest.fixture(scope="module")
def centre(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    environment = {
        "VEILLEUR_RECORDERS": "2",
        "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{free_port(2)}",
        "VEILLEUR_DEMO_RTSP": f"127.0.0.1:{free_port(2)}",
    }
    options = ("--demo", "--footage", str(footage))
    with centre_up(tmp_path_factory.mktemp("footage") / "data", *options, environment=environment) as running:
        yield running


@pytest.fixture(scope="module")
def seat(chromium: Browser, centre: Centre) -> Iterator[Seat]:
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


def digests(units: list[bytes]) -> set[bytes]:
    """SHA-256 of each unit that carries a picture. A file may end its last one with another behind a start code, which no
    unit may hold (H.264 §7.4.1): what receives it parts the two."""
    parts = [part for unit in units for part in re.split(rb"\x00*\x00\x00\x01", unit)]
    return {hashlib.sha256(part).digest() for part in parts if part and part[0] & 31 in PICTURES}


def recorded(film: Path) -> set[bytes]:
    """The pictures of a recorded film."""
    data, units = film.read_bytes(), []
    for piece in read_film(film).pieces:
        at, end = piece.offset + HEAD, piece.offset + piece.size
        while at < end:
            size = int.from_bytes(data[at : at + 4], "big")
            units.append(data[at + 4 : at + 4 + size])
            at += 4 + size
    return digests(units)


def minutes(store: LocalStore, camera: str) -> list[Entry]:
    """The whole minutes that were recorded of a camera."""
    return [
        each for each in store.entries(camera, 0, FOREVER) if each.segment.end - each.segment.start >= MINUTE
    ]


def test_the_pictures_of_the_wall_move(seat: Seat, centre: Centre) -> None:
    walls = {wall["name"]: wall for wall in seat.get("/api/layouts")}
    wall = walls[WALL]
    expected = sum(tile["camera"] is not None for tile in wall["tiles"])
    page = seat.context.new_page()
    page.goto(f"{centre.url}/mur/{wall['id']}")
    expect(page.locator("[data-mark=live]")).to_have_count(expected, timeout=PICTURE)
    page.wait_for_function(f"() => {COUNTS}.length >= {expected}", timeout=PICTURE)
    was = page.evaluate(COUNTS)
    page.wait_for_function(
        f"(was) => {COUNTS}.every((count, n) => count > (was[n] ?? 0) + 5)", arg=was, timeout=PICTURE
    )
    page.close()


def test_a_recorded_minute_is_of_the_visitors_film(centre: Centre, footage: Path) -> None:
    theirs = set[bytes]()
    for file in own_footage(footage):
        theirs |= digests([unit for picture in read_clip(file).pictures for unit in picture.units])
    store, end = LocalStore(centre.data_dir / "video"), time.monotonic() + PATIENCE
    while not (whole := [(camera, each) for camera in store.cameras() for each in minutes(store, camera)]):
        assert time.monotonic() < end, "no whole minute was recorded"
        time.sleep(1)
    camera, entry = whole[0]
    pictures = recorded(store.camera(camera) / entry.segment.path)
    assert len(pictures) > 60, "a minute of a film"
    assert pictures <= theirs, "each of them is the visitor's"

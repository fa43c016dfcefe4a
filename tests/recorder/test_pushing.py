"""What a customer's camera pushes over HTTP to a real recorder: kept as received, hashed, entered, bounded, refused."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2 as httpx
import pytest
from PIL import Image
from sqlalchemy import select, text

from tests.recorder.stage import Running, Stage, until
from tests.recorder.test_keeping import entries
from veilleur.features.cameras.reading import camera_health, camera_views
from veilleur.features.cameras.tables import Camera, PulledClip
from veilleur.features.pushes.commands import renew_push_token
from veilleur.locale.render import render_entry
from veilleur.recorder.intake import MAX_PER_MINUTE
from veilleur.video.checking import check
from veilleur.video.playback import Playback
from veilleur.video.remote_limits import MAX_PUSHED
from veilleur.video.store import LocalStore


def jpeg(width: int = 320, height: int = 180, grey: int = 90) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), grey).save(out, "JPEG")
    return out.getvalue()


class Garden:
    """A camera that pushes, its recorder, its address."""

    def __init__(self, stage: Stage, **columns: Any) -> None:
        self.stage = stage
        given: dict[str, Any] = {"regime": "private", "authorisation_id": None, "source": {"kind": "push"}}
        self.camera = stage.camera("push://", **(given | columns))
        self.token = self.renew()
        self.running: Running | None = None

    def renew(self) -> str:
        with self.stage.act() as act:
            return renew_push_token(act, self.camera)

    def push(self, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
        assert self.running is not None
        url = f"{self.running.place.url}/push/{token or self.token}"
        return httpx.post(url, content=body, headers={"content-type": "image/jpeg", **headers}, timeout=30)

    def clips(self) -> list[PulledClip]:
        with self.stage.database.read() as session:
            return list(session.scalars(select(PulledClip).order_by(PulledClip.id)))


def running(garden: Garden) -> Iterator[Garden]:
    with garden.stage.recorder() as recorder:
        garden.running = recorder
        leases = text("SELECT 1 FROM camera_lease WHERE camera_id = :c")

        def leased() -> Any:
            with garden.stage.database.read() as session:
                return session.execute(leases, {"c": garden.camera}).first()

        until(leased, "the lease")
        yield garden


@pytest.fixture
def garden(stage: Stage) -> Iterator[Garden]:
    yield from running(Garden(stage))


def test_a_pushed_picture_is_kept_byte_for_byte_hashed_and_played(garden: Garden) -> None:
    picture = jpeg()
    answer = garden.push(picture)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    (clip,) = garden.clips()
    assert (clip.state, clip.source, clip.size) == ("kept", "HTTP", len(picture))
    assert clip.digest == hashlib.sha256(picture).digest()
    store = LocalStore(garden.stage.folder)
    assert clip.path is not None
    assert picture in (store.camera(str(garden.camera)) / clip.path).read_bytes()
    (entry,) = store.entries(str(garden.camera), 0, 2**62)
    reading = Playback(store, str(garden.camera)).read(entry.segment.start, entry.segment.end)
    assert reading is not None
    assert [payload for _, payload in reading.fragments] == [picture]
    (said,) = entries(garden.stage, "clip.pushed")
    assert "Images déposées par la caméra" in render_entry("fr", "clip.pushed", 1, said)
    assert said["params"]["sha256"] == hashlib.sha256(picture).hexdigest()


def test_a_screen_says_that_it_stays_with_the_customer_and_when_the_last_picture_came(garden: Garden) -> None:
    def told() -> tuple[Any, ...]:
        with garden.stage.database.read() as session:
            now = garden.stage.clock.now()
            (view,) = camera_views(session, [garden.camera], now)
            rows = [health.row for health in camera_health(session, now)]
        state, since, last = (view.body[name] for name in ("state", "since", "last_frame_at"))
        assert rows == ([] if last is None and since is None else [(garden.camera, state, since, last)])
        return state, since, last

    assert told() == ("remote", None, None)
    assert garden.push(jpeg()).status_code == 200
    (clip,) = garden.clips()
    assert told() == ("remote", None, clip.until_at)
    garden.stage.change(Camera, garden.camera, suspended_at=clip.asked_at, suspended_reason="by_hand")
    assert told() == ("suspended", clip.asked_at, clip.until_at)


def test_pushes_follow_each_other_in_one_chain(garden: Garden) -> None:
    for grey in (10, 20, 30):
        assert garden.push(jpeg(grey=grey)).status_code == 200
    (report,) = check(garden.stage.folder)
    assert (report.segments, report.missing, report.altered, report.broken) == (3, [], [], [])
    assert len(garden.clips()) == 3


def test_several_pictures_of_a_form(garden: Garden) -> None:
    one, two = jpeg(), jpeg(160, 90)
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="a"; filename="{name}.jpg"\r\n'.encode()
        + b"Content-Type: image/jpeg\r\n\r\n" + body + b"\r\n"
        for name, body in (("avant", one), ("pendant", two))
    ]  # fmt: skip
    form = {"content-type": "multipart/form-data; boundary=x"}
    assert garden.push(b"".join(parts) + b"--x--\r\n", **form).json() == {"kept": 2}
    (clip,) = garden.clips()
    assert clip.digest == hashlib.sha256(one + two).digest()
    (said,) = entries(garden.stage, "clip.pushed")
    assert (said["params"]["count"], said["params"]["file"]) == (2, "avant.jpg")


def test_who_has_no_token_or_an_old_one_pushes_nothing(garden: Garden) -> None:
    old = garden.token
    garden.token = garden.renew()
    for token in (old, "x", "y" * 500, "%00"):
        assert garden.push(jpeg(), token).status_code == 404
    assert garden.push(jpeg()).status_code == 200
    assert len(garden.clips()) == 1


def test_what_is_no_picture_is_refused_and_nothing_is_kept(garden: Garden) -> None:
    for body in (b"", b"GIF89a", b"\xff\xd8\xff\xe0 torn"):
        assert garden.push(body).status_code == 422
    assert garden.clips() == []


def test_a_body_without_end_is_cut(garden: Garden) -> None:
    def flood() -> Iterator[bytes]:
        for _ in range(MAX_PUSHED // 2**20 + 2):
            yield bytes(2**20)

    with suppress(httpx.TransportError):  # cut while it was still sending
        assert garden.push(flood()).status_code == 413
    assert garden.clips() == []
    assert garden.push(jpeg()).status_code == 200


def test_a_camera_that_never_stops_is_held_back(garden: Garden) -> None:
    codes = [garden.push(b"no picture").status_code for _ in range(MAX_PER_MINUTE + 2)]
    assert codes == [422] * MAX_PER_MINUTE + [429] * 2


def test_a_home_without_an_alarm_keeps_nothing(stage: Stage) -> None:
    garden = Garden(stage, regime="home")
    for each in running(garden):
        assert each.push(jpeg()).status_code == 403
    assert garden.clips() == []


def test_a_suspended_camera_keeps_nothing(garden: Garden) -> None:
    stage = garden.stage
    stage.change(Camera, garden.camera, suspended_at=stage.clock.now(), suspended_reason="by_hand")
    until(lambda: garden.push(jpeg()).status_code == 403, "the refusal")

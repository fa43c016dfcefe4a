"""Speaking through a camera: GStreamer's own server hears it, the logbook tells it, and what must not be heard is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from tests.recorder.stage import SESSION, Socket, Stage, connect, until
from veilleur.features.cameras.reading import camera_views
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.queries import readers_of
from veilleur.features.people.sessions import IDLE
from veilleur.features.talks.commands import Line, ask_to_talk, end_lost
from veilleur.features.talks.tables import Talk
from veilleur.features.viewing.access import Refusal
from veilleur.features.viewing.looking import end_viewing
from veilleur.features.viewing.tables import Viewing
from veilleur.locale.render import render_entry
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.tables import Entry, EntryPayload

pytestmark = pytest.mark.peer

TONE, LOUD = 1000.0, 12_000
RATE = 8000
MESSAGE = 320
"""Samples: two packets."""


def tone(number: int) -> bytes:
    """The n-th message of a tone that goes on."""
    at = np.arange(number * MESSAGE, (number + 1) * MESSAGE)
    return (LOUD * np.sin(2 * np.pi * TONE * at / RATE)).astype("<i2").tobytes()


def loud(heard: Path) -> float:
    """For how many seconds what was heard is loud."""
    samples = np.frombuffer(heard.read_bytes(), "<i2").astype(float)
    return float((samples**2).sum() / (LOUD**2 / 2) / RATE)


def pitch(heard: Path) -> float:
    """The strongest frequency of what was heard."""
    samples = np.frombuffer(heard.read_bytes(), "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples)))) * RATE / len(samples)


def ask(stage: Stage, viewing: int, camera: int) -> Line | Refusal:
    with stage.database.write() as session:
        now = stage.clock.now()
        reader = readers_of(session, [SESSION], now, IDLE)[SESSION].reader
        act = Act(session, now, Actor("user", stage.user, "Ana"))
        return ask_to_talk(act, reader, SESSION, viewing, camera)


def told(stage: Stage, prefix: str = "talk.") -> list[str]:
    """The sentences of the main courante about talks, oldest first."""
    with stage.database.read() as session:
        rows = session.execute(
            select(Entry, EntryPayload.body)
            .join(EntryPayload, EntryPayload.payload_of == Entry.id)
            .where(Entry.kind.startswith(prefix))
            .order_by(Entry.id)
        ).all()
    return [render_entry("fr", entry.kind, entry.version, json.loads(body)) for entry, body in rows]


def talked_by(stage: Stage, camera: int) -> str | None:
    """Who speaks there, as every screen reads it."""
    with stage.database.read() as session:
        [view] = camera_views(session, [camera], stage.clock.now())
    assert view.body["talk"], "found by the recorder: its file says nothing"
    told = view.body["talked_by"]
    return told["name"] if told else None


def end(stage: Stage, viewing: int) -> None:
    with stage.act() as act:
        assert end_viewing(act, viewing, "command")


def threaten(stage: Stage) -> None:
    """A dossier of the site turns to «contrainte»."""
    now = stage.clock.now()
    with stage.act() as act:
        entry = act.record("test.duress")
        act.session.add(
            Incident(
                reference="D-1", site_id=stage.site, group="1", family="intrusion", category="intrusion", priority=1,
                state="taken", headline={}, opened_at=now, limits={}, procedure={}, duress=True, duress_locked=True,
                entry_id=entry,
            )
        )  # fmt: skip


@pytest.fixture
def speaker(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any], tmp_path: Path
) -> Callable[..., Any]:
    """A camera with GStreamer's backchannel: its id, and the file of what it heard."""

    def make(law: str = "mulaw", regime: str = "private", **columns: Any) -> tuple[int, Path, Any]:
        heard = tmp_path / f"heard-{law}.raw"
        access = ("--user", "u", "--password", "p")
        served = rtsp(film("h264"), "h264", "--heard", str(heard), "--law", law, *access)
        camera = stage.camera(served.url(), password="p", regime=regime, **columns)
        return camera, heard, served

    return make


@asynccontextmanager
async def looking(stage: Stage, camera: int) -> AsyncIterator[Socket]:
    """Somebody looks at the camera meanwhile, as who speaks does."""
    async with stage.socket(camera) as live:
        reading = asyncio.create_task(live.closed())
        yield live
        reading.cancel()


async def line(stage: Stage, live: Socket, camera: int) -> Any:
    """A socket to speak on, once the camera is known to have a loudspeaker."""
    given = await asyncio.to_thread(
        until,
        lambda: isinstance(found := ask(stage, live.viewing, camera), Line) and found,
        "the loudspeaker",
    )
    return connect(given.url, given.token)


async def speak(socket: Any, seconds: float, first: int = 0) -> int:
    """A tone as a browser sends it; the number of the next message."""
    last = first + round(seconds * RATE / MESSAGE)
    for number in range(first, last):
        await socket.send(tone(number))
        await asyncio.sleep(MESSAGE / RATE)
    return last


async def test_the_camera_hears_one_voice_at_a_time_and_none_under_duress(
    stage: Stage, speaker: Callable[..., Any]
) -> None:
    camera, heard, served = await asyncio.to_thread(speaker)
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        async with looking(stage, camera) as live:
            async with await line(stage, live, camera) as voice:
                browser = Socket(voice, live.viewing, "")
                said = await speak(voice, 1.5)
                assert (await browser.text("talking"))["camera"] == camera
                for _ in range(40):  # one goes on talking to a camera that is slow to hear
                    if loud(heard) > 1.2:
                        break
                    said = await speak(voice, 0.25, first=said)
                await browser.say(type="end")
                assert (await browser.text("ended"))["why"] == "command"
                assert await browser.closed() == 1000
            assert abs(pitch(heard) - TONE) < 5
            assert 1.2 < loud(heard) < said * MESSAGE / RATE + 0.08, (
                "what was said while the line opened is heard too"
            )
            begun, ended = told(stage)
            assert begun.startswith("Interpellation sonore sur Caméra ")
            assert begun.endswith(" par Ana")
            assert ", par l’opérateur : de " in ended
            assert ended.endswith("le son n’est pas conservé")
            async with await line(stage, live, camera) as voice:
                browser = Socket(voice, live.viewing, "")
                talking = asyncio.create_task(speak(voice, 30))
                await browser.text("talking")
                async with await line(stage, live, camera) as second:
                    other = Socket(second, live.viewing, "")
                    refused = await other.text("refused")
                    assert (refused["code"], refused["params"]) == ("talk_held", {"holder": "Ana"})
                    assert await other.closed() == 1000
                assert await asyncio.to_thread(talked_by, stage, camera) == "Ana"
                await asyncio.to_thread(threaten, stage)
                assert (await browser.text("refused"))["code"] == "talk_duress"
                assert (await browser.text("ended"))["why"] == "forbidden"
                talking.cancel()
            assert await asyncio.to_thread(talked_by, stage, camera) is None
            silent = heard.stat().st_size
            why = await asyncio.to_thread(ask, stage, live.viewing, camera)
            assert isinstance(why, Refusal)
            assert why.code == "talk_duress"
            assert heard.stat().st_size == silent
    assert "interdite en cours" in told(stage)[3]
    assert "contrainte ou agression en cours" in told(stage)[4]
    with stage.database.read() as session:
        rows = session.scalars(select(Talk)).all()
        assert [row.user_id for row in rows if row.ended_at is not None] == [stage.user] * 2
    tracks = {each.rpartition("=")[2] for each in served.asked() if each.startswith("SETUP")}
    assert tracks == {"0", "2"}, "pictures and the voice; the camera's own sound is never set up"


async def test_what_is_no_voice_ends_it(stage: Stage, speaker: Callable[..., Any]) -> None:
    camera, _, served = await asyncio.to_thread(speaker)
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        async with looking(stage, camera) as live:
            for wrong in (b"odd", b"\0" * 4_000, '{"type":"ptz"}'):
                async with await line(stage, live, camera) as voice:
                    browser = Socket(voice, live.viewing, "")
                    await voice.send(tone(0))
                    await browser.text("talking")
                    await voice.send(wrong)
                    assert (await browser.text("ended"))["why"] == "not_understood"
                    assert await browser.closed() == 1009
            async with await line(stage, live, camera) as voice:  # a microphone that died
                browser = Socket(voice, live.viewing, "")
                await browser.text("talking")
                assert (await browser.text("ended"))["why"] == "silence"
            given = await asyncio.to_thread(ask, stage, live.viewing, camera)
            assert isinstance(given, Line)
            for door in ("/live", "/play"):
                async with connect(given.url.replace("/talk", door), given.token) as socket:
                    assert await Socket(socket, 0, "").closed() == 4401
            [(_, url, token)] = await asyncio.to_thread(stage.tickets, camera)
            async with connect(url.replace("/live", "/talk"), token) as socket:
                assert await Socket(socket, 0, "").closed() == 4401
            async with await line(stage, live, camera) as voice:
                browser = Socket(voice, live.viewing, "")
                talking = asyncio.create_task(speak(voice, 30))
                await browser.text("talking")
                await asyncio.to_thread(end, stage, live.viewing)
                assert await browser.closed() == 4403
                talking.cancel()
        await asyncio.to_thread(until, lambda: "images fermées ou droit retiré" in told(stage)[-1], "the end")
        async with looking(stage, camera) as live:
            given = await asyncio.to_thread(ask, stage, live.viewing, camera)
            assert isinstance(given, Line)
            served.process.kill()
            async with connect(given.url, given.token) as voice:
                assert (await Socket(voice, 0, "").text("refused"))["code"] == "talk_unreachable"
    assert "impossible" in told(stage)[-1]
    assert "caméra injoignable" in told(stage)[-1]


async def test_nobody_speaks_through_a_camera_of_public_cctv_nor_one_without_loudspeaker(
    stage: Stage, speaker: Callable[..., Any], film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    public, _, served = await asyncio.to_thread(speaker, "mulaw", "public_road", talk=True)
    deaf = stage.camera(rtsp(film("h264"), "h264").url(), regime="private", talk=True)
    plain = stage.camera(rtsp(film("h264"), "h264").url(), regime="private")
    with stage.recorder():
        for camera in (public, deaf, plain):
            await asyncio.to_thread(stage.online, camera)
        async with looking(stage, public) as live:
            refused = await asyncio.to_thread(ask, stage, live.viewing, public)
            assert isinstance(refused, Refusal)
            assert (refused.code, refused.params["rule"]) == ("talk_regime", "L251-2, R253-1")
        async with looking(stage, plain) as live:
            refused = await asyncio.to_thread(ask, stage, live.viewing, plain)
            assert isinstance(refused, Refusal)
            assert refused.code == "talk_none"
        async with looking(stage, deaf) as live, await line(stage, live, deaf) as voice:
            assert (await Socket(voice, 0, "").text("refused"))["code"] == "talk_none"
        await asyncio.to_thread(
            until,
            lambda: (row := stage.status(deaf)) and row.detail["talk"] is False,
            "the answer of the camera",
        )
    assert not any("stream=2" in each for each in served.asked()), "its voice was never set up"
    assert [each.rpartition(" ")[2] for each in told(stage)] == [
        "vidéoprotection",
        "haut-parleur",
        "haut-parleur",
    ]


def test_a_talk_whose_recorder_died_ends_by_itself_and_frees_the_camera(stage: Stage) -> None:
    camera = stage.camera("rtsp://127.0.0.1:9/cam", regime="private", talk=True)
    begun = stage.clock.now() - timedelta(minutes=5)
    with stage.act() as act:
        entry = act.record("test.talk")
        looked = Viewing(
            user_id=stage.user, session_hash=SESSION, kind="live", motif="essai", cameras=[camera], started_at=begun,
            entry_id=entry,
        )  # fmt: skip
        act.session.add(looked)
        act.session.flush()
        for until_at in (begun + timedelta(seconds=135), stage.clock.now() + timedelta(seconds=60)):
            act.session.add(
                Talk(
                    camera_id=camera, user_id=stage.user, viewing_id=looked.id, started_at=begun, until_at=until_at,
                    entry_id=entry,
                )
            )  # fmt: skip
            camera = stage.camera("rtsp://127.0.0.1:9/cam", regime="private", talk=True)
    with stage.act() as act:
        assert end_lost(act) == 1, "the other one is still spoken"
    [said] = told(stage)
    assert "enregistreur perdu" in said
    assert "2 min 15" in said

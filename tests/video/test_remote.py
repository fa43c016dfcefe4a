"""Pulling from a customer's recorder: by Profile G, by absolute time, by template; its clock, its bad days."""

from __future__ import annotations

import hashlib
import io
import itertools
import socket
import threading
from datetime import UTC, datetime, timedelta

import av
import pytest

from tests.simulators.onvif_device import Behaviour, running_device
from tests.simulators.onvif_h264 import annex_b, clip
from tests.simulators.onvif_replay import Recorder, running_recorder
from tests.simulators.onvif_words import PASSWORD, USER
from veilleur.kernel.clock import SystemClock
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Address, SourceError, to_wall
from veilleur.video.onvif.limits import ANSWER_SECONDS, REACH_SECONDS
from veilleur.video.remote import Budget, pull
from veilleur.video.remote_asking import filled, read_hour

CLOCK = SystemClock()
ALARM = datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC)
STEP = timedelta(milliseconds=100)
LATE = timedelta(seconds=41)


def holding(ahead=timedelta(0), pictures=60, **behaviour):
    """A recorder that holds pictures from 1 s before the alarm (real hour), dated by its own clock."""
    start = ALARM - timedelta(seconds=1) + ahead
    held = [(start + n * STEP, units) for n, units in enumerate(clip(pictures, 10))]
    return Recorder(pictures=held, ahead=ahead, **behaviour)


def address(url, **options):
    return Address("recorder", url, user=USER, password=PASSWORD, options=options)


def ask(url, seconds=3.0, budget=None, **options):
    start = to_wall(ALARM)
    return pull(address(url, **options), start, start + round(seconds * 1_000_000), budget, clock=CLOCK)


def refusal(act, kind):
    with pytest.raises(SourceError) as caught:
        act()
    assert caught.value.kind == kind, caught.value
    assert PASSWORD not in str(caught.value)


def decoded(pulled, frames):
    """The greys of the pictures, by FFmpeg."""
    data = pulled.info.extradata + b"".join(each.data for each in frames)
    with av.open(io.BytesIO(data), format="h264") as container:
        return [int(each.to_ndarray(format="gray")[0, 0]) for each in container.decode(video=0)]


def test_onvif_replay_end_to_end_with_a_clock_41_s_off():
    with running_recorder(holding(LATE)) as recorder:
        start = ALARM + LATE - timedelta(minutes=5)
        behaviour = Behaviour(
            ahead=LATE,
            replay=recorder.url(),
            recordings=[("old", start, start), ("r1", start, start + timedelta(hours=1))],
        )
        with running_device(behaviour) as device:
            pulled = ask(device.url)
            frames = list(pulled.frames())
    assert (pulled.source, pulled.timed, pulled.ended) == ("onvif-replay", "told", "until")
    assert abs(pulled.clock_offset_ms - 41_000) <= 1500
    assert "GetReplayUri" in device.asked
    # Whole seconds are all that the recorder tells of its clock: a picture is dated within a second and a half.
    assert abs(frames[0].wall - to_wall(ALARM)) <= 1_500_000
    play = next(headers for method, _, headers in recorder.asked if method == "PLAY")
    assert play["require"] == "onvif-replay"
    assert play["rate-control"] == "no"
    hour = read_hour(play["range"])
    assert abs(hour - to_wall(ALARM + LATE)) <= 1_500_000, "the recorder is asked for ITS hours"
    assert all(headers.get("require") for method, _, headers in recorder.asked if method == "SETUP")


def test_pictures_are_those_received_and_hashed():
    recorder = holding(bye=True)
    with running_recorder(recorder):
        pulled = ask(recorder.url(), 3.0)
        frames = list(pulled.frames())
    kept = [units for at, units in recorder.pictures if at >= ALARM][: len(frames)]
    assert [each.data for each in frames] == [annex_b(units) for units in kept]
    assert pulled.sha256() == hashlib.sha256(b"".join(each.data for each in frames)).digest()
    assert (pulled.bytes, pulled.count) == (sum(len(each.data) for each in frames), len(frames))
    assert frames[0].keyframe
    assert [each.keyframe for each in frames].count(True) == 3
    assert (pulled.info.codec, pulled.info.width, pulled.info.height, pulled.info.fps) == (
        "h264",
        64,
        48,
        10.0,
    )
    assert [b.wall - a.wall for a, b in itertools.pairwise(frames)] == [100_000] * (len(frames) - 1)
    assert len(set(decoded(pulled, frames))) == 3
    fragmenter = Fragmenter(pulled.info)
    assert fragmenter.init
    assert all(fragmenter.fragment(each) for each in frames)
    assert [headers["transport"] for method, _, headers in recorder.asked if method == "SETUP"] == [
        "RTP/AVP/TCP;unicast;interleaved=0-1"
    ] * 1, "one track: sound is never set up"


def test_rtsp_by_absolute_time_takes_the_offset_from_its_date():
    with running_recorder(holding(-LATE, extension=False)) as recorder:
        pulled = ask(recorder.url())
        frames = list(pulled.frames())
    assert (pulled.source, pulled.timed) == ("rtsp-clock", "told")
    assert abs(pulled.clock_offset_ms + 41_000) <= 1500
    assert abs(frames[0].wall - to_wall(ALARM)) <= 1_500_000
    assert {b.wall - a.wall for a, b in itertools.pairwise(frames)} == {100_000}, "through RTP's turn"
    assert not any("require" in headers for _, _, headers in recorder.asked)


def test_a_template_and_its_zone():
    with running_recorder(holding(ranged=False, extension=False, dates=False)) as recorder:
        pulled = ask(recorder.url("/tracks/101?starttime={start}&endtime={end}"))
        list(pulled.frames())
    assert (pulled.source, pulled.timed, pulled.clock_offset_ms) == ("template", "asked", None)
    assert pulled.first_wall == to_wall(ALARM)
    assert "starttime=20261123T021407Z&endtime=20261123T021410Z" in recorder.asked[0][1]
    dahua = "rtsp://h/cam?starttime={start:%Y_%m_%d_%H_%M_%S}&e={end:%s}"
    assert filled(dahua, to_wall(ALARM), to_wall(ALARM), "Europe/Paris") == (
        f"rtsp://h/cam?starttime=2026_11_23_03_14_07&e={int(ALARM.timestamp())}"
    )


@pytest.mark.parametrize("template", ["rtsp://h/{start:%n}", "rtsp://h/{end:%z%d}"])
def test_templates_hold_hours_only(template):
    refusal(lambda: filled(template, 0, 0), "unsupported")


def test_a_template_is_asked_again_when_the_recorder_tells_its_hour():
    with running_recorder(holding(LATE, ranged=False, extension=False)) as recorder:
        pulled = ask(recorder.url("/tracks/101?starttime={start}&endtime={end}"))
        list(pulled.frames())
    assert abs(pulled.clock_offset_ms - 41_000) <= 1500
    assert "T0214" in recorder.asked[0][1]
    told = next(url for method, url, _ in recorder.asked if method == "PLAY")
    assert "starttime=20261123T02144" in told or "starttime=20261123T02145" in told


def test_the_clock_may_be_read_elsewhere():
    with (
        running_recorder(holding(LATE, dates=False)) as recorder,
        running_device(Behaviour(ahead=LATE)) as device,
    ):
        device.behaviour.snapshot_auth = "none"
        pulled = ask(recorder.url(), clock=f"http://127.0.0.1:{device.port}/")
        pulled.close()
        assert abs(pulled.clock_offset_ms - 41_000) <= 1500
        pulled = ask(recorder.url(), onvif=device.url)
        pulled.close()
        assert abs(pulled.clock_offset_ms - 41_000) <= 1500


def test_parameter_sets_of_the_description_alone():
    with running_recorder(holding(in_band=False)) as recorder:
        pulled = ask(recorder.url())
        frames = list(pulled.frames())
    assert (pulled.info.width, pulled.info.height) == (64, 48)
    assert len(set(decoded(pulled, frames))) == 3


def test_the_first_picture_comes_before_the_last_is_sent():
    with running_recorder(holding(trouble="freeze")) as recorder:
        pulled = ask(recorder.url())
        frames = pulled.frames()
        assert next(frames).keyframe, "though the recorder is silent from its eighth picture on"
        pulled.close()
        assert len(list(frames)) <= 8
        assert pulled.ended == "closed"


def test_a_recorder_that_goes_silent_keeps_what_came():
    with running_recorder(holding(trouble="freeze")) as recorder:
        pulled = ask(recorder.url(), budget=Budget(seconds=1.0))
        assert len(list(pulled.frames())) == 8
        assert pulled.ended == "seconds"


def test_a_line_that_is_cut_keeps_what_came():
    with running_recorder(holding(trouble="cut")) as recorder:
        pulled = ask(recorder.url())
        assert len(list(pulled.frames())) == 8
        assert pulled.ended in {"cut", "end"}


def test_a_recorder_that_has_no_more_says_so():
    with running_recorder(holding(pictures=20)) as recorder:
        pulled = ask(recorder.url())
        assert len(list(pulled.frames())) == 10
        assert pulled.ended == "end"


def test_a_budget_of_bytes():
    with running_recorder(holding()) as recorder:
        pulled = ask(recorder.url(), budget=Budget(bytes=6000))
        frames = list(pulled.frames())
        assert pulled.ended == "bytes"
        assert 6000 <= pulled.bytes < 6000 + len(frames[-1].data) + 1


def test_a_picture_that_misses_a_packet_is_left_out():
    with running_recorder(holding(drop=frozenset({10}))) as recorder:
        pulled = ask(recorder.url())
        frames = list(pulled.frames())
    assert pulled.lost == 1
    assert [each.keyframe for each in frames].count(True) == 2


def test_hours_that_it_does_not_hold():
    with running_recorder(holding(pictures=5)) as recorder:
        refusal(lambda: ask(recorder.url()), "ended")
        with running_device(Behaviour(replay=recorder.url())) as device:
            refusal(lambda: ask(device.url), "ended")


def test_a_wrong_password():
    with running_recorder(holding()) as recorder:
        wrong = Address("recorder", recorder.url(), user=USER, password="autre")
        start = to_wall(ALARM)
        refusal(lambda: pull(wrong, start, start + 1_000_000, clock=CLOCK), "refused")
        assert len(recorder.asked) == 2, "asked once more, and no third time"


def test_unreachable_is_said_within_five_seconds():
    assert max(REACH_SECONDS, ANSWER_SECONDS) <= 5, "the deadlines that end the three cases below"
    refusal(lambda: ask("rtsp://127.0.0.1:9/replay"), "unreachable")
    with running_recorder(holding(trouble="mute")) as recorder:
        refusal(lambda: ask(recorder.url()), "unreachable")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        refusal(
            lambda: ask(f"http://127.0.0.1:{nobody.getsockname()[1]}/onvif/device_service"), "unreachable"
        )


@pytest.mark.parametrize("trouble", ["babble", "endless", "jpeg"])
def test_what_is_no_replay_of_ours(trouble):
    with running_recorder(holding(trouble=trouble)) as recorder:
        refusal(lambda: ask(recorder.url()), "unsupported")


def test_a_monstrous_picture():
    with running_recorder(holding(trouble="monster", pictures=20)) as recorder:
        refusal(lambda: list(ask(recorder.url()).frames()), "unsupported")


@pytest.mark.parametrize("url", ["ftp://h/", "file:///etc/passwd", ""])
def test_addresses_of_no_recorder(url):
    refusal(lambda: ask(url), "unsupported")


def test_a_pull_is_bounded_in_hours():
    with pytest.raises(ValueError, match="an hour"):
        ask("rtsp://127.0.0.1:9/", 3601)
    with pytest.raises(ValueError, match="an hour"):
        ask("rtsp://127.0.0.1:9/", 0)


def test_closing_from_another_thread():
    with running_recorder(holding(trouble="freeze")) as recorder:
        pulled = ask(recorder.url())
        closing = threading.Timer(0.3, pulled.close)
        closing.start()
        assert len(list(pulled.frames())) == 8
        closing.join()
        assert pulled.ended == "closed"

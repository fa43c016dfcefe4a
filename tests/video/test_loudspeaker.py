"""Speech to a camera: G.711 against FFmpeg's, packets, the offer of a description, and cameras that misbehave."""

from __future__ import annotations

import struct
import time

import av
import numpy as np
import pytest

from tests.simulators.onvif_words import PASSWORD, USER
from tests.simulators.rtsp_loudspeaker import SOUND, VIDEO, Camera, running_camera
from veilleur.kernel.clock import SystemClock
from veilleur.video.loudspeaker import Loudspeaker, Offer, has_loudspeaker, read_offer
from veilleur.video.model import Address, SourceError
from veilleur.video.speech import PACKET_BYTES, SILENCE, Packets, encoded

EVERY = np.arange(-32_768, 32_768).astype("<i2").tobytes()
CLOCK = SystemClock()


@pytest.mark.parametrize(("law", "name"), [("PCMU", "pcm_mulaw"), ("PCMA", "pcm_alaw")])
def test_each_sample_in_the_two_laws_comes_back_within_its_step(law: str, name: str) -> None:
    codec = av.CodecContext.create(name, "r")
    codec.sample_rate, codec.layout = 8000, "mono"  # type: ignore[attr-defined]
    [frame] = codec.decode(av.Packet(encoded(law, EVERY)))  # type: ignore[attr-defined]
    back = frame.to_ndarray().reshape(-1).astype(int)
    wanted = np.arange(-32_768, 32_768)
    error = np.abs(back - wanted)
    step = np.maximum(np.abs(wanted) / 16, 16)  # sixteen steps in each octave (G.711)
    inside = np.abs(wanted) < 32_000
    assert (error <= step)[inside].all()
    assert (np.diff(back) >= 0).all(), "louder is never quieter"
    assert len(np.unique(back)) >= 255
    assert encoded(law, SILENCE) == {"PCMU": b"\xff", "PCMA": b"\xd5"}[law] * 160


def test_packets_are_numbered_and_timed_by_their_samples() -> None:
    packets = Packets("PCMU", 0, _sequence=65_535, _stamp=2**32 - 160)
    heads = [struct.unpack(">BBHII", packets.packet(SILENCE)[:12]) for _ in range(3)]
    assert [head[1] for head in heads] == [0x80, 0, 0], "the marker begins a talk"
    assert [head[2] for head in heads] == [65_535, 0, 1]
    assert [head[3] for head in heads] == [2**32 - 160, 0, 160]
    assert len({head[4] for head in heads}) == 1


def address(camera: Camera, password: str | None = PASSWORD) -> Address:
    return Address("rtsp", camera.url(), user=USER, password=password)


def test_the_camera_hears_packets_of_twenty_milliseconds_on_the_channel_it_chose() -> None:
    with running_camera(Camera()) as camera:
        line = Loudspeaker(address(camera), CLOCK)
        assert line.codec == "PCMA"
        pcm = (1000 * np.ones(160)).astype("<i2").tobytes()
        assert len(pcm) == PACKET_BYTES
        for _ in range(3):
            line.say(pcm)
        line.close()
    assert [packet[12:] for packet in camera.heard] == [encoded("PCMA", pcm)] * 3
    assert {packet[1] & 0x7F for packet in camera.heard} == {8}
    granted = [(method, url) for method, url, headers in camera.asked if "authorization" in headers]
    assert granted[:3] == [
        ("DESCRIBE", camera.url()),
        ("SETUP", camera.url() + "/back"),
        ("PLAY", camera.url()),
    ]
    assert not any(url.endswith(("video", "sound")) for _, url, _ in camera.asked)


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [("deaf", "unsupported"), ("busy", "ended"), ("babble", "unsupported"), ("mute", "unreachable")],
)
def test_a_camera_that_does_not_take_us(trouble: str, kind: str) -> None:
    with running_camera(Camera(trouble=trouble)) as camera, pytest.raises(SourceError) as refused:
        Loudspeaker(address(camera), CLOCK)
    assert refused.value.kind == kind


def test_a_wrong_password_is_said() -> None:
    with running_camera(Camera()) as camera, pytest.raises(SourceError) as refused:
        Loudspeaker(address(camera, "wrong"), CLOCK)
    assert refused.value.kind == "refused"


def say_on(line: Loudspeaker) -> None:
    for _ in range(500):
        line.say(SILENCE)
        time.sleep(0.001)


@pytest.mark.parametrize("trouble", ["cut", "bye"])
def test_a_camera_that_ends_the_talk_is_told_by_the_next_packets(trouble: str) -> None:
    with running_camera(Camera(trouble=trouble)) as camera:
        line = Loudspeaker(address(camera), CLOCK)
        with pytest.raises(SourceError) as over:
            say_on(line)
        line.close()
    assert over.value.kind in ("ended", "unreachable")


def test_what_a_camera_chatters_meanwhile_is_read_and_forgotten() -> None:
    with running_camera(Camera(trouble="chatter")) as camera:
        line = Loudspeaker(address(camera), CLOCK)
        say_on(line)
        line.close()
    assert len(camera.heard) >= 499


def test_whether_there_is_a_loudspeaker_is_asked_without_setting_anything_up() -> None:
    with running_camera(Camera()) as camera:
        assert has_loudspeaker(address(camera), CLOCK)
        camera.offer = VIDEO + SOUND
        assert not has_loudspeaker(address(camera), CLOCK)
    assert {method for method, _, _ in camera.asked} == {"DESCRIBE"}
    assert not has_loudspeaker(Address("mjpeg", "http://127.0.0.1:9/video"), CLOCK)


BACK = "m=audio 0 RTP/AVP {}\r\n{}a=control:back\r\na=sendonly\r\n"


@pytest.mark.parametrize(
    ("offer", "found"),
    [
        (BACK.format("0", ""), Offer("back", "PCMU", 0)),
        (BACK.format("8 0", ""), Offer("back", "PCMA", 8)),
        (BACK.format("96", "a=rtpmap:96 pcmu/8000/1\r\n"), Offer("back", "PCMU", 96)),
        (BACK.format("96", "a=rtpmap:96 PCMU/16000\r\n"), None),
        (BACK.format("96", "a=rtpmap:96 MPEG4-GENERIC/16000\r\n"), None),
        (BACK.format("", ""), None),
        (BACK.format("999 x", "a=rtpmap:999 PCMU/8000\r\n"), None),
        (SOUND, None),
        (VIDEO.replace("recvonly", "sendonly"), None),
        ("m=\r\n" + BACK.format("0", ""), Offer("back", "PCMU", 0)),
        ("m=audio\r\na=sendonly\r\n", None),
        ("", None),
        ("\xff\x00" * 500, None),
    ],
)
def test_offers(offer: str, found: Offer | None) -> None:
    body = f"v=0\r\na=control:*\r\n{offer}".encode("latin-1")
    if found is None:
        with pytest.raises(SourceError, match="no loudspeaker"):
            read_offer(body)
    else:
        assert read_offer(body) == found

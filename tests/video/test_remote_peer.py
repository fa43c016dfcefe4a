"""Our RTSP client against servers that others wrote: GStreamer's, with H.264, H.265 and a password by digest."""

from __future__ import annotations

import io

import av
import pytest

from veilleur.kernel.clock import SystemClock
from veilleur.video.model import Address, SourceError, to_wall
from veilleur.video.remote import pull

pytestmark = pytest.mark.peer

CLOCK = SystemClock()


@pytest.mark.parametrize(("codec", "served"), [("h264", "h264"), ("hevc", "h265")])
def test_pictures_of_gstreamer(film, rtsp, codec, served):
    """A live server plays the present whatever the hours; the conversation and the packets are what is tested."""
    server = rtsp(film(codec), served, "--user", "u", "--password", "p'\"ass")
    now = to_wall(CLOCK.now())
    address = Address("recorder", server.url("/cam"), user="u", password="p'\"ass")
    pulled = pull(address, now, now + 2_000_000, clock=CLOCK)
    frames = list(pulled.frames())
    assert pulled.ended == "until"
    assert (pulled.info.codec, pulled.info.width, pulled.info.height) == (codec, 320, 180)
    assert pulled.lost == 0
    assert len([line for line in server.asked() if line.startswith("SETUP")]) == 1, "no sound"
    data = pulled.info.extradata + b"".join(each.data for each in frames)
    with av.open(io.BytesIO(data), format=codec) as container:
        assert len(list(container.decode(video=0))) == len(frames)


def test_a_wrong_password_at_gstreamer(film, rtsp):
    server = rtsp(film("h264"), "h264", "--user", "u", "--password", "p")
    now = to_wall(CLOCK.now())
    with pytest.raises(SourceError) as caught:
        pull(Address("recorder", server.url(), user="u", password="q"), now, now + 1_000_000, clock=CLOCK)
    assert caught.value.kind == "refused"

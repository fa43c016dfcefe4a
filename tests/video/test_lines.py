"""Our own reading of RTSP cameras: pictures as soon as they are whole, lines that disturb no other, hostile cameras."""

from __future__ import annotations

import base64
import itertools
import socket
import threading
from contextlib import suppress

import pytest

from tests.video.rtsp_script import Camera, idr, scripted, slice_of
from veilleur.kernel.clock import ManualClock
from veilleur.video.model import Address, Frame, SourceError
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline, Trust
from veilleur.video.remote_rtp import Depacketiser
from veilleur.video.remote_rtsp import Session
from veilleur.video.sources import lines, open_source
from veilleur.video.sources.parameters import nal_units


def gave(url: str) -> tuple[list[Frame], SourceError]:
    """All that a camera gave to `feed`, and how it ended."""
    frames: list[Frame] = []
    opened = open_source(Address("rtsp", url))
    with pytest.raises(SourceError) as ended:
        opened.feed(frames.append)
    return frames, ended.value


def test_a_picture_is_given_before_the_next_one_begins() -> None:
    """The camera sends its third picture only once somebody has the second, and so on."""
    seen = threading.Semaphore(0)

    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        camera.picture(1, slice_of(1))  # opening waits for two: the first may have been kept for us
        for number in range(2, 5):
            assert seen.acquire(timeout=10), f"picture {number - 1} was held back"
            camera.picture(number, slice_of(number))
        assert seen.acquire(timeout=10)

    with scripted(play) as url:
        opened = open_source(Address("rtsp", url))
        assert (opened.info.codec, opened.info.width, opened.info.height, opened.info.fps) == (
            "h264",
            320,
            180,
            25.0,
        )
        assert opened.dropped_audio
        frames: list[Frame] = []

        def take(frame: Frame) -> None:
            frames.append(frame)
            if not frame.keyframe:
                seen.release()

        with pytest.raises(SourceError) as ended:
            opened.feed(take)
    assert ended.value.kind == "ended"
    assert [nal_units(each.data) for each in frames] == [[idr()], *([slice_of(n)] for n in range(1, 5))]
    assert [each.units for each in frames] == [(len(idr()),), *((len(slice_of(n)),) for n in range(1, 5))]
    assert [each.keyframe for each in frames] == [True, False, False, False, False]
    assert all(a.wall < b.wall for a, b in itertools.pairwise(frames))


def test_a_picture_that_misses_a_packet_is_left_out() -> None:
    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        for number in range(1, 6):
            camera.picture(number, slice_of(number, 6000), drop=1 if number == 3 else None)

    with scripted(play) as url:
        opened, frames = open_source(Address("rtsp", url)), list[Frame]()
        with pytest.raises(SourceError):
            opened.feed(frames.append)
    assert opened.lost() == 1
    assert [nal_units(each.data)[0] for each in frames[1:]] == [slice_of(n, 6000) for n in (1, 2, 4, 5)]


def test_pictures_shown_in_another_order_than_they_come() -> None:
    """I P B B P B B: decoded in the order of coming, each shown at its own time."""
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]

    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        for number in order[1:]:
            camera.picture(number, slice_of(number))

    with scripted(play) as url:
        frames, _ = gave(url)
    assert len(frames) == len(order)
    assert all(a.wall < b.wall for a, b in itertools.pairwise(frames))
    shown = [each.wall + each.offset for each in frames][4:]  # the depth is known by then
    first = min(shown)
    assert [round((at - first) / 40_000) + 4 for at in shown] == order[4:]
    assert all(each.offset >= 0 for each in frames)


def test_what_takes_the_pictures_may_fail_and_close() -> None:
    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        camera.picture(1, slice_of(1))
        camera.line.settimeout(10)
        while camera.line.recv(4096):  # TEARDOWN, then the end
            continue

    def fails(frame: Frame) -> None:
        del frame
        raise ZeroDivisionError

    with scripted(play) as url, pytest.raises(ZeroDivisionError):
        open_source(Address("rtsp", url)).feed(fails)
    with scripted(play) as url:
        opened = open_source(Address("rtsp", url))
        with pytest.raises(SourceError, match="closed"):
            opened.feed(lambda frame: None if frame.keyframe else opened.close())
        frames = opened.frames()
        next(frames)
        with pytest.raises(SourceError, match="closed"):
            next(frames)


def test_pictures_that_nobody_takes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_WAITING", 100_000)
    full = threading.Event()

    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        with suppress(OSError):  # it is hung up on
            for number in range(1, 1000):
                camera.picture(number, slice_of(number))
        full.set()

    with scripted(play) as url:
        opened = open_source(Address("rtsp", url))
        assert full.wait(10)
        taken = []
        with pytest.raises(SourceError, match="not taken"):
            taken.extend(len(each.data) for each in opened.frames())


@pytest.mark.parametrize("what", ["noise", "huge", "bye", "cut"])
def test_a_camera_that_goes_wrong_ends_its_own_stream_only(what: str) -> None:
    stop = threading.Event()

    def well(camera: Camera) -> None:
        camera.picture(0, idr())
        for number in itertools.count(1):
            if stop.wait(0.02):
                return
            camera.picture(number, slice_of(number, 500))

    def badly(camera: Camera) -> None:
        camera.picture(0, idr())
        camera.picture(1, slice_of(1))
        if what == "noise":
            camera.line.sendall(b"GET / HTTP/1.1\r\n\r\n")
        elif what == "bye":
            camera.line.sendall(b"$\x01\x00\x08" + camera.sender.bye())
        elif what == "huge":
            head = b"\x80\x60" + b"\0\x09" + b"\0\0\xff\xff" + b"\0\0\0\7" + b"\x7c"
            for number in range(300):
                part = bytearray(head) + (b"\x81" if number == 0 else b"\x01") + bytes(65_000)
                part[2:4] = (9 + number).to_bytes(2, "big")
                try:
                    camera.line.sendall(b"$\0" + len(part).to_bytes(2, "big") + part)
                except OSError:
                    return
        if what != "cut":
            camera.line.settimeout(10)
            try:
                while camera.line.recv(4096):
                    continue
            except OSError:
                return

    with scripted(well) as good, scripted(badly) as bad:
        sound = open_source(Address("rtsp", good)).frames()
        frames, ended = gave(bad)
        assert len(frames) == 2
        assert ended.kind == ("unsupported" if what in {"noise", "huge"} else "ended")
        assert len(list(itertools.islice(sound, 5))) == 5
        stop.set()
        sound.close()  # type: ignore[attr-defined]


def test_the_session_is_kept_alive_with_what_the_camera_knows(clock: ManualClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"rtsp://127.0.0.1:{door.getsockname()[1]}/cam"
        camera: list[Camera] = []

        def serve() -> None:
            line, _ = door.accept()
            camera.append(Camera(line, session="7;timeout=20"))
            camera[0].converse()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        session = Session(url, Credentials("u", "p"), Trust(), clock)
        deadline = Deadline(clock, 5)
        track = session.describe(deadline)
        session.set_up(track, {}, deadline)
        session.play({}, deadline)
        thread.join(5)
        depacketiser = Depacketiser("h264", 96)
        assert session.ping() == b""
        clock.advance(11)
        first = session.ping()
        assert first.startswith(b"GET_PARAMETER rtsp://")
        assert b"Session: 7\r\n" in first
        assert session.ping() == b"", "once"
        session.received(b"RTSP/1.0 405 Method Not Allowed\r\nCSeq: 4\r\n\r\n", depacketiser)
        clock.advance(11)
        assert session.ping().startswith(b"OPTIONS ")
        challenge = b'WWW-Authenticate: Digest realm="c", nonce="n2", stale=true\r\n'
        session.received(b"RTSP/1.0 401 Unauthorized\r\n" + challenge + b"\r\n", depacketiser)
        again = session.ping()
        assert b'nonce="n2"' in again, "said again at once, with the new nonce"
        session.close()
        camera[0].line.close()


def test_a_camera_that_knows_basic_only() -> None:
    def play(camera: Camera) -> None:
        camera.picture(0, idr())
        camera.picture(1, slice_of(1))

    told = base64.b64encode("bob:s3cr@t/zé".encode()).decode()
    with scripted(play, basic=told) as url:
        opened = open_source(Address("rtsp", url, user="bob", password="s3cr@t/zé"))
        assert len(list(itertools.islice(opened.frames(), 2))) == 2
        opened.close()
    with scripted(play, basic=told) as url, pytest.raises(SourceError) as refused:
        open_source(Address("rtsp", url, user="bob", password="another"))
    assert refused.value.kind == "refused"
    assert "another" not in str(refused.value)


@pytest.mark.peer
def test_packets_by_udp_only_are_read_by_the_demuxer(film, rtsp) -> None:  # type: ignore[no-untyped-def]
    server = rtsp(film("h264"), "h264", "--udp")
    opened = None
    for _ in range(20):  # GStreamer refuses everybody while it puts away what was described and not set up
        with suppress(SourceError):
            opened = open_source(Address("rtsp", server.url()))
            break
        threading.Event().wait(0.5)
    assert opened is not None
    frames = list(itertools.islice(opened.frames(), 10))
    opened.close()
    assert len(frames) == 10
    assert frames[0].keyframe
    assert (opened.info.width, opened.info.height) == (320, 180)

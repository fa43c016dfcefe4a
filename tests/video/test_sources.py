"""Sources against third-party servers: one SETUP, no sound, no password told, a close that works."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.video.conftest import Served, needs
from veilleur.kernel.clock import ManualClock
from veilleur.video.model import Address, Frame, Opened, SourceError, StreamInfo, to_wall
from veilleur.video.sources import open_source
from veilleur.video.sources.packets import Framer
from veilleur.video.sources.parameters import nal_type, nal_units
from veilleur.video.sources.timing import WallTimes

SECRET = "s3cr@t/zé"


def take(opened: Opened, count: int) -> list[Frame]:
    """The first frames; the source is closed."""
    frames = opened.frames()
    try:
        return list(itertools.islice(frames, count))
    finally:
        frames.close()  # type: ignore[attr-defined]


def drained(opened: Opened) -> tuple[list[Frame], SourceError]:
    """All the frames, and how it ended."""
    frames: list[Frame] = []
    try:
        for frame in opened.frames():
            frames.append(frame)  # noqa: PERF402 — those before the end are wanted
    except SourceError as error:
        return frames, error
    raise AssertionError("a stream ends with an error")


def pictures(data: bytes, codec: str) -> list[bytes]:
    """The NAL units that carry pictures."""
    last = 5 if codec == "h264" else 31
    return [unit for unit in nal_units(data) if nal_type(codec, unit) <= last]


@pytest.mark.peer
@pytest.mark.parametrize(("codec", "peer"), [("h264", "h264"), ("hevc", "h265")])
def test_rtsp_gives_every_frame_and_sets_up_no_sound(
    film: Callable[..., Path], rtsp: Callable[..., Served], codec: str, peer: str
) -> None:
    path = film(codec)
    server = rtsp(path, peer, "--once")
    opened = open_source(Address("rtsp", server.url()))
    frames, ended = drained(opened)
    assert ended.kind == "ended"
    assert (opened.info.codec, opened.info.width, opened.info.height) == (codec, 320, 180)
    got = [unit for frame in frames for unit in pictures(frame.data, codec)]
    assert got == pictures(path.read_bytes(), codec)[-len(got) :], "the very bytes of the film"
    assert len(got) >= 95
    assert frames[0].keyframe
    walls = [frame.wall for frame in frames]
    assert all(a < b for a, b in itertools.pairwise(walls))
    setups = [line for line in server.asked() if line.startswith("SETUP")]
    assert len(setups) == 1, setups
    assert setups[0].endswith("stream=0"), "the tone of stream 1 is not even asked"


@pytest.mark.peer
def test_a_wrong_password_is_refused_and_told_nowhere(
    film: Callable[..., Path], rtsp: Callable[..., Served]
) -> None:
    server = rtsp(film("h264"), "h264", "--user", "bob", "--password", SECRET)
    good = open_source(Address("rtsp", server.url(), user="bob", password=SECRET))
    assert len(take(good, 3)) == 3
    for path, password, kind in (("/cam", SECRET + "x", "refused"), ("/none", SECRET, "unsupported")):
        with pytest.raises(SourceError) as raised:
            open_source(Address("rtsp", server.url(path), user="bob", password=password))
        assert raised.value.kind == kind
        whole = "".join(traceback.format_exception(raised.value)) + repr(raised.value.__context__)
        assert "s3cr" not in whole
    assert "s3cr" not in repr(Address("rtsp", server.url(), user="bob", password=SECRET))


def test_nobody_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    for address in (Address("rtsp", f"rtsp://127.0.0.1:{port}/x"), Address("mjpeg", f"http://127.0.0.1:{port}/x"),
                    Address("rtsp", "rtsp://no-such-name.invalid/x"), Address("file", "/no/such/file.mp4")):  # fmt: skip
        with pytest.raises(SourceError) as raised:
            open_source(address)
        assert raised.value.kind == "unreachable", address


@pytest.mark.parametrize(
    "address",
    [
        Address("rtsp", "rtsp://bob:s3cret@127.0.0.1/x"),
        Address("rtsp", "file:///etc/passwd"),
        Address("rtsp", "concat:/etc/passwd"),
        Address("rtsp", "rtsp://host/with space"),
        Address("rtsp", "rtsp://host:99999/"),
        Address("rtsp", "http://host/"),
        Address("mjpeg", "rtsp://host/"),
        Address("rtsp", "rtsp://host/" + "x" * 4000),
        Address("push", "rtsp://host/"),
    ],
)
def test_what_is_no_address_of_a_camera_is_unsupported(address: Address) -> None:
    with pytest.raises(SourceError) as raised:
        open_source(address)
    assert raised.value.kind == "unsupported"
    assert "s3cret" not in str(raised.value)


def test_a_server_that_says_nothing_or_nonsense() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(
            target=lambda: door.accept()[0].sendall(b"RTSP/9 nonsense\r\n\r\n"), daemon=True
        ).start()
        with pytest.raises(SourceError) as raised:
            open_source(Address("rtsp", f"rtsp://127.0.0.1:{door.getsockname()[1]}/x"))
    assert raised.value.kind in ("unsupported", "unreachable")


@pytest.mark.peer
def test_rtsps(film: Callable[..., Path], rtsp: Callable[..., Served], tmp_path: Path) -> None:
    """Cameras sign their own certificates: the line is ciphered, the name is not proved."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera"]
    argv = ["openssl", *made, "-keyout", str(key), "-out", str(certificate)]
    needs(shutil.which("openssl") is not None, "openssl")
    subprocess.run(argv, check=True, capture_output=True)
    certificate.write_text(certificate.read_text() + key.read_text())
    server = rtsp(film("h264"), "h264", "--freeze", "60", "--tls", str(certificate))
    opened = open_source(Address("rtsp", server.url().replace("rtsp:", "rtsps:")))
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(SourceError):
            for _ in opened.frames():
                pass
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    assert not ended.wait(1.0)
    opened.close()
    assert ended.wait(1.0), "a ciphered read that waits ends too"


@pytest.mark.peer
def test_close_from_another_thread_ends_a_read_that_waits(
    film: Callable[..., Path], rtsp: Callable[..., Served]
) -> None:
    """Two streams of one silent device: closing the first leaves the second alone."""
    server = rtsp(film("h264"), "h264", "--freeze", "60", "--copies", "2")
    first = open_source(Address("rtsp", server.url("/cam")))
    second = open_source(Address("rtsp", server.url("/cam1")))
    ends: dict[str, float] = {}
    begun = time.monotonic()

    def read(name: str, opened: Opened) -> None:
        with pytest.raises(SourceError):
            for _ in opened.frames():
                pass
        ends[name] = time.monotonic() - begun

    threads = [threading.Thread(target=read, args=one) for one in (("first", first), ("second", second))]
    for each in threads:
        each.start()
    threads[0].join(2.0)  # both silent by now, and still waiting
    assert not ends
    first.close()
    threads[0].join(1.0)
    assert set(ends) == {"first"}, "within a second, and only that one"
    threads[1].join(10.0)
    assert set(ends) == {"first", "second"}, "silence is noticed by itself"
    second.close()
    first.close()


class _Camera(BaseHTTPRequestHandler):
    """Motion JPEG and snapshots; `/locked` wants a password."""

    pictures: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        if self.path == "/locked" and "Authorization" not in self.headers:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        if self.path == "/snapshot":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.pictures[0])
            return
        if self.path == "/text":
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"hello")
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=--frame")
        self.end_headers()
        for number, picture in enumerate(self.pictures):
            length = f"Content-Length: {len(picture)}\r\n" if number % 2 and self.path != "/huge" else ""
            length = "Content-Length: 999999999\r\n" if self.path == "/huge" and number == 1 else length
            self.wfile.write(
                b"--frame\r\nContent-Type: image/jpeg\r\n" + length.encode() + b"\r\n" + picture + b"\r\n"
            )
        self.wfile.write(b"--frame\r\n")
        if self.path == "/silent":
            time.sleep(8)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def web(jpegs: tuple[bytes, ...]) -> Iterator[str]:
    handler = type("Camera", (_Camera,), {"pictures": jpegs})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def jpegs() -> tuple[bytes, ...]:
    import io

    from PIL import Image

    made = []
    for shade in range(6):
        out = io.BytesIO()
        Image.new("RGB", (320, 180), (shade * 40, 80, 80)).save(out, "JPEG")
        made.append(out.getvalue())
    return tuple(made)


def test_motion_jpeg_and_snapshots(jpegs: tuple[bytes, ...]) -> None:
    with web(jpegs) as url:
        opened = open_source(Address("mjpeg", url + "/motion"))
        assert (opened.info.codec, opened.info.width, opened.info.height) == ("mjpeg", 320, 180)
        assert [frame.data for frame in take(opened, 6)] == list(jpegs)
        shots = take(open_source(Address("snapshot", url + "/snapshot", options={"seconds": 0.2})), 3)
        assert [frame.data for frame in shots] == [jpegs[0]] * 3
        assert len(take(open_source(Address("mjpeg", url + "/locked", user="a", password="b")), 2)) == 2
        for path, kind in (("/locked", "refused"), ("/text", "unsupported")):
            with pytest.raises(SourceError) as raised:
                open_source(Address("mjpeg", url + path))
            assert raised.value.kind == kind
        with pytest.raises(SourceError) as raised:
            for _ in open_source(Address("mjpeg", url + "/huge")).frames():
                pass
        assert raised.value.kind == "unsupported"


def test_a_silent_motion_jpeg_is_closed_from_another_thread(jpegs: tuple[bytes, ...]) -> None:
    with web(jpegs) as url:
        opened = open_source(Address("mjpeg", url + "/silent"))
        ended = threading.Event()

        def read() -> None:
            with pytest.raises(SourceError):
                for _ in opened.frames():
                    pass
            ended.set()

        threading.Thread(target=read, daemon=True).start()
        assert not ended.wait(1.0)
        opened.close()
        assert ended.wait(1.0)


@pytest.mark.peer
def test_a_folder_loops_and_tells_new_parameters(film: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "a.h264").write_bytes(film("h264", seconds=1).read_bytes())
    (tmp_path / "b.h264").write_bytes(film("h264", seconds=1, size="640x360").read_bytes())
    opened = open_source(Address("file", str(tmp_path), options={"paced": False}))
    frames = take(opened, 60)
    assert [(n, frame.info.width) for n, frame in enumerate(frames) if frame.info] == [(25, 640), (50, 320)]
    assert [b.wall - a.wall for a, b in itertools.pairwise(frames)] == [40_000] * 59


def test_wall_times_do_not_tremble_with_arrivals(clock: ManualClock) -> None:
    times, walls = WallTimes(clock), []
    for number in range(500):
        late = (0.0, 0.03, 0.1, 0.02)[number % 4]
        clock.advance(late)
        walls.append(times.of(number * 40_000))
        clock.current -= timedelta(seconds=late)
        clock.advance(0.04)
    steps = [b - a for a, b in itertools.pairwise(walls)]
    assert max(steps) < 44_000
    assert min(steps) > 36_000


def test_a_line_that_stood_still_gives_frames_at_their_own_times(clock: ManualClock) -> None:
    times = WallTimes(clock)
    first = times.of(0)
    clock.advance(3)
    walls = [times.of(n * 40_000) for n in range(1, 75)]
    assert walls == pytest.approx([first + n * 40_000 for n in range(1, 75)], abs=80_000), "a stall of 3 s"
    for n in range(75, 400):
        clock.advance(0.04)
        late = times.of(n * 40_000 - 3_000_000)
    assert late - first == pytest.approx(399 * 40_000, abs=100_000), (
        "a camera that is late for good is followed"
    )


def test_wall_times_follow_a_jump_and_a_stamp_that_stands_still(clock: ManualClock) -> None:
    times = WallTimes(clock)
    first = times.of(0)
    clock.advance(10)
    assert times.of(40_000) - first == 10_000_000, "the stream's own clock had stopped"
    clock.advance(1)
    assert times.of(40_000) - first == 11_000_000, "no timestamps: the arrival"
    clock.current -= timedelta(seconds=30)
    with pytest.raises(SourceError):
        times.of(80_000)


def test_a_frame_is_guessed_to_last_as_long_as_those_before(clock: ManualClock) -> None:
    """A picture that comes 2 ms behind another, or late once, says nothing of how long the next one stays."""
    framer = Framer(StreamInfo("vp9", 64, 48, 25.0, b""), clock, None)
    walls, found = 0, []
    for number in range(200):
        walls += 2_000 if number % 25 == 1 else 400_000 if number == 100 else 80_000
        frame = framer.picture(
            b"x", walls, 0, keyframe=number % 25 == 0, arrival=to_wall(clock.now()) + walls
        )
        assert frame is not None
        found.append(frame.duration)
    assert set(found[10:]) == {80_000}

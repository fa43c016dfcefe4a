"""Recording without decoding: CPU and memory of our recorder's core beside as many `ffmpeg -c copy`, on the same cameras.

python -m bench video_record [--cameras 24] [--seconds 30] [--runs 5] [--each 12] [--servers 2]

The cameras are GStreamer's RTSP server, in processes of their own, looping one film (1080p25, 4 Mbit/s, drawn here). Each run
measures one after the other, in turn: our core, a process for `--each` cameras as the product has them, and a program a camera.
What was recorded is compared with the film, picture by picture (SHA-256). A bare reader of one stream (`bench/bare_line.py`),
the servers' CPU and the pictures recorded of those due say whether the cameras were what was slow.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.bare_line import BareLine
from bench.report import Series, tell
from veilleur.kernel.clock import SystemClock
from veilleur.video.films import read_film
from veilleur.video.fragments import HEAD, Fragmenter
from veilleur.video.hub import Hub
from veilleur.video.model import Address, Frame, Opened, SourceError
from veilleur.video.segments import SegmentWriter
from veilleur.video.sources import open_source
from veilleur.video.sources.parameters import nal_type, nal_units
from veilleur.video.store import LocalStore

QUICK = ("--runs", "1", "--seconds", "10", "--cameras", "4")
SERVER = Path(__file__).parents[1] / "tests" / "video" / "rtsp_peer.py"
SYSTEM_PYTHON = "/usr/bin/python3"
FILM_SECONDS, GOP, BITRATE, FPS = 20, 50, "4M", 25
CAMERAS, EACH, SERVERS = 24, 12, 2  # EACH: as `cameras_per_recorder` of the product
MEMORY, GAP = 500, 250  # MB in all, ms: what is aimed at
PICTURES = range(1, 6)  # types of the NAL units that carry a picture (H.264 table 7-1)
READY = 60.0
SETTLE = 2.0  # seconds before a window: what a server sent at once to who has just come is read


def draw(path: Path) -> None:
    """The film: a test card with noise, 1080p25, 4 Mbit/s."""
    source = f"testsrc2=s=1920x1080:r=25:d={FILM_SECONDS},noise=alls=6:allf=t"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(GOP), "-sc_threshold", "0"]
    rate = ["-b:v", BITRATE, "-maxrate", BITRATE, "-bufsize", BITRATE, "-bsf:v", "h264_metadata=aud=insert"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *encode, *rate, str(path)], check=True
    )


@contextmanager
def cameras(film: Path, count: int, fps: int = FPS, servers: int = 1) -> Iterator[list[str]]:
    """The addresses of so many cameras that play a film, shared among so many servers."""
    running, urls = [], []
    try:
        for share in [len(range(number, count, servers)) for number in range(servers)]:
            argv = [SYSTEM_PYTHON, str(SERVER), str(film), "h264", "--copies", str(share), "--fps", str(fps)]
            process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
            running.append(process)
            port = int((process.stdout.readline() if process.stdout else "").strip() or 0)
            threading.Thread(target=lambda out=process.stdout: [None for _ in out], daemon=True).start()
            urls += [f"rtsp://127.0.0.1:{port}/cam{number or ''}" for number in range(share)]
        yield urls
    finally:
        for process in running:
            process.kill()
            process.wait()


def serving() -> float:
    """Seconds of CPU that the servers of cameras have used."""
    mine = psutil.Process().children()
    return float(sum(sum(each.cpu_times()[:2]) for each in mine if str(SERVER) in each.cmdline()))


def patiently(url: str) -> Opened:
    """A camera, asked again while its server is still busy with the others, as the recorder asks."""
    end = time.monotonic() + READY
    while True:
        try:
            return open_source(Address("rtsp", url))
        except SourceError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


def record(urls: list[str], seconds: float, folder: Path, first: int) -> None:
    """Our recorder's core: the sources' own thread for all. Says «ready», measures from a line of its input on, prints JSON."""
    gaps, counts = [0.0] * len(urls), [0] * len(urls)
    begun, measuring = threading.Barrier(len(urls) + 1), threading.Event()
    sources = []

    def one(number: int, url: str) -> None:
        opened = patiently(url)
        sources.append(opened)
        writer, hub = SegmentWriter(LocalStore(folder), f"cam{first + number}", SystemClock()), Hub()
        fragmenter = Fragmenter(opened.info)
        writer.begin(fragmenter.init)
        hub.begin(opened.info, fragmenter.init, fragmenter.mime)
        last = 0.0

        def take(frame: Frame) -> None:
            nonlocal last
            now = time.monotonic()
            if measuring.is_set():
                gaps[number], counts[number] = max(gaps[number], now - (last or now)), counts[number] + 1
                last = now
            fragment = fragmenter.fragment(frame)
            writer.write(frame, fragment)
            hub.publish(frame, fragment)

        begun.wait()
        try:
            opened.feed(take)
        except SourceError:
            writer.close("stopped")

    threads = [threading.Thread(target=one, args=each) for each in enumerate(urls)]
    for thread in threads:
        thread.start()
    begun.wait(2 * READY)
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    measuring.set()
    time.sleep(seconds)
    measuring.clear()
    after = resource.getrusage(resource.RUSAGE_SELF)
    rss = psutil.Process().memory_full_info().uss / 1e6
    for source in sources:
        source.close()
    for thread in threads:
        thread.join(10)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "mb": rss, "gap": max(gaps), "pictures": sum(counts)}))


def ours(urls: list[str], other: str, seconds: float, folder: Path, each: int) -> dict[str, float]:
    """The core, a process for so many cameras. `other`: a camera that the bare reader has for itself."""
    argv = [sys.executable, "-m", "bench.video_record", "--seconds", str(seconds), "--into", str(folder)]
    with contextlib.ExitStack() as held:
        processes = []
        for first in range(0, len(urls), each):
            more = ["--record", json.dumps(urls[first : first + each]), "--first", str(first)]
            running = subprocess.Popen(
                [*argv, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            held.callback(running.kill)
            processes.append(running)
        for running in processes:
            if running.stdout is None or running.stdout.readline() != "ready\n":
                raise RuntimeError("a recorder did not begin")
        time.sleep(SETTLE)
        with BareLine(other) as line:
            time.sleep(SETTLE)
            begun, served = time.monotonic(), serving()
            for running in processes:
                assert running.stdin is not None
                running.stdin.write("\n")
                running.stdin.flush()
            time.sleep(seconds)
            ended, served = time.monotonic(), serving() - served
        found = [json.loads(running.communicate(timeout=READY)[0]) for running in processes]
    told: dict[str, float] = {key: sum(part[key] for part in found) for key in ("cpu", "mb", "pictures")}
    told |= {"bare": line.longest(begun, ended), "bare_pictures": line.count(begun, ended), "served": served}
    return told | {"gap": max(part["gap"] for part in found)}


def theirs(urls: list[str], seconds: float, folder: Path) -> dict[str, float]:
    """As many ffmpeg: CPU between two instants when all are recording."""
    folder.mkdir()
    running = []
    for number, url in enumerate(urls):
        argv = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-map", "0:v", "-c", "copy"]
        out = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", str(folder / f"{number}.mp4")]
        running.append(psutil.Popen([*argv, *out], stdin=subprocess.DEVNULL))
    end = time.monotonic() + READY
    while time.monotonic() < end and not all(_grown(folder / f"{n}.mp4") for n in range(len(urls))):
        time.sleep(0.2)
    before = sum(sum(each.cpu_times()[:2]) for each in running)
    time.sleep(seconds)
    after = sum(sum(each.cpu_times()[:2]) for each in running)
    used = sum(each.memory_full_info().uss for each in running) / 1e6
    for each in running:
        each.send_signal(signal.SIGINT)
        each.wait(15)
    return {"cpu": after - before, "mb": used}


def _grown(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 1_000_000


def digests(units: list[bytes]) -> list[bytes]:
    """SHA-256 of each NAL unit that carries a picture."""
    return [hashlib.sha256(unit).digest() for unit in units if nal_type("h264", unit) in PICTURES]


def identical(film: Path, folder: Path) -> int:
    """How many pictures were recorded. AssertionError when one is not the film's, or one between two is missing."""
    truth = digests(nal_units(film.read_bytes()))
    place = {digest: number for number, digest in enumerate(truth)}
    total = 0
    for camera in LocalStore(folder).cameras():
        units: list[bytes] = []
        for path in sorted((folder / camera).rglob("*.mp4")):
            data = path.read_bytes()
            for piece in read_film(path).pieces:
                units += prefixed(data[piece.offset + HEAD : piece.offset + piece.size])
        places = [place[digest] for digest in digests(units)]
        steps = {(b - a) % len(truth) for a, b in itertools.pairwise(places)}
        assert steps <= {1}, f"{camera}: pictures are missing"
        total += len(places)
    return total


def prefixed(data: bytes) -> list[bytes]:
    """The NAL units of a sample."""
    units, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return units


def main(argv: list[str]) -> None:
    """Prints the figures, or (`--record`) is the recorder."""
    parser = argparse.ArgumentParser(prog="bench video_record")
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--each", type=int, default=EACH, help="cameras of one recorder")
    parser.add_argument("--servers", type=int, default=SERVERS, help="processes that play the cameras")
    parser.add_argument("--record")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--into", type=Path)
    given = parser.parse_args(argv)
    if given.record:
        record(json.loads(given.record), given.seconds, given.into, given.first)
        return
    if shutil.which("ffmpeg") is None or not Path(SYSTEM_PYTHON).exists():
        print("video_record: needs ffmpeg and GStreamer's RTSP server")
        return
    folder = Path(tempfile.mkdtemp(prefix="veilleur-record-", dir=os.environ.get("BENCH_DIR")))
    own, peer, pictures = [], [], 0
    try:
        film = folder / "film.h264"
        draw(film)
        with cameras(film, given.cameras + 1, FPS, given.servers) as (*urls, other):
            for run in range(given.runs):
                place = folder / str(run)
                place.mkdir()
                own.append(ours(urls, other, given.seconds, place / "own", given.each))
                pictures += identical(film, place / "own")
                shutil.rmtree(place / "own")  # some hundreds of megabytes
                peer.append(theirs(urls, given.seconds, place / "peer"))
                shutil.rmtree(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(given, own, peer, pictures)


def report(
    given: argparse.Namespace, own: list[dict[str, float]], peer: list[dict[str, float]], pictures: int
) -> None:
    """Prints the figures."""
    share, due = 100 / given.seconds / given.cameras, FPS * given.seconds
    title = f"Recording {given.cameras} cameras 1080p{FPS} {BITRATE}bit/s"
    mine, other = f"recorder core, {-(-given.cameras // given.each)} processes", "ffmpeg -c copy"
    tell(
        f"{title}: share of one core per camera",
        [
            Series(mine, "%", tuple(each["cpu"] * share for each in own)),
            Series(other, "%", tuple(each["cpu"] * share for each in peer)),
        ],
        peer=other,
        notes=[f"{pictures} pictures recorded, each the film's, none missing between two (SHA-256)"],
    )
    tell(
        f"{title}: memory in all (aim: under {MEMORY} MB)",
        [Series(name, "MB", tuple(each["mb"] for each in of)) for name, of in ((mine, own), (other, peer))],
        peer=other,
    )
    facts = [
        ("longest time between two packets", "ms", [each["gap"] * 1000 for each in own]),
        ("the same at a bare socket", "ms", [each["bare"] * 1000 for each in own]),
        (
            "pictures that came, of those due",
            "%",
            [100 * each["pictures"] / due / given.cameras for each in own],
        ),
        ("the same at a bare socket, one camera", "%", [100 * each["bare_pictures"] / due for each in own]),
        ("the cameras' servers", "% of a core", [100 * each["served"] / given.seconds for each in own]),
    ]
    tell(
        f"{title}: longest gap (aim: under {GAP} ms), and whether the cameras were what was slow",
        [Series(name, unit, tuple(values), steady=False) for name, unit, values in facts],
    )


if __name__ == "__main__":
    main(sys.argv[1:])

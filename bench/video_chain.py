"""The whole chain of a camera: recorded, hashed, strip of JPEGs, motion by cells, health; CPU beside ffmpeg and motion.

The main stream (1080p25, 4 Mbit/s) is recorded, the sub-stream (640×360, 10 a second) looked at, by our core in one process.
Beside it, in turn on the same streams: as many `ffmpeg -c copy`, which only record; and Debian's `motion`, which looks at the
sub-streams and records the main ones as they come. The cameras are GStreamer's RTSP server, in processes of its own.

python -m bench video_chain [--cameras 6] [--seconds 20] [--runs 5]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from bench.report import Series, tell
from bench.video_record import BITRATE, READY, SYSTEM_PYTHON, cameras, draw, theirs
from veilleur.kernel.clock import SystemClock
from veilleur.video.fragments import Fragmenter
from veilleur.video.hub import Hub
from veilleur.video.looking import Looker, Seen
from veilleur.video.model import Address, Frame, SourceError, Still
from veilleur.video.segments import SegmentWriter
from veilleur.video.sources import open_source
from veilleur.video.store import LocalStore
from veilleur.video.strips import Motion, StripWriter

QUICK = ("--runs", "1", "--seconds", "8", "--cameras", "2")
SUB_FPS, SUB_RATE = 10, "500k"
OURS, COPY, MOTION = "whole chain", "ffmpeg -c copy, recording only", "motion, looking and recording"


def draw_sub(path: Path) -> None:
    """The sub-stream's film: something moves in it."""
    source = f"testsrc2=s=640x360:r={SUB_FPS}:d=20,noise=alls=6:allf=t"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "20", "-sc_threshold", "0"]
    rate = [
        "-b:v",
        SUB_RATE,
        "-maxrate",
        SUB_RATE,
        "-bufsize",
        SUB_RATE,
        "-bsf:v",
        "h264_metadata=aud=insert",
    ]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *encode, *rate, str(path)], check=True
    )


def record(
    store: LocalStore,
    name: str,
    url: str,
    begun: threading.Barrier,
    sources: list[object],
    *,
    eyes: bool = False,
) -> None:
    """A camera's main stream, as the recorder does it. `eyes`: it has no other, and is looked at by its keyframes."""
    opened = open_source(Address("rtsp", url))
    sources.append(opened)
    fragmenter, writer, hub = Fragmenter(opened.info), SegmentWriter(store, name, SystemClock()), Hub()
    writer.begin(fragmenter.init)
    hub.begin(opened.info, fragmenter.init, fragmenter.mime)
    looker = Looker(opened.info, telling(store, name), keyframes=True) if eyes else None

    def take(frame: Frame) -> None:
        fragment = fragmenter.fragment(frame)
        writer.write(frame, fragment)
        hub.publish(frame, fragment)
        if looker is not None:
            looker.feed(frame)

    begun.wait()
    try:
        opened.feed(take)
    except SourceError:
        writer.close("stopped")


def telling(store: LocalStore, name: str) -> Callable[[Seen], None]:
    """Writes what was seen."""
    strips = StripWriter(store, name)

    def seen(told: Seen) -> None:
        if told.jpeg is not None:
            strips.add(Still(told.wall, told.jpeg))
        strips.moved(Motion(told.second, told.grid, told.amount))

    return seen


def look(store: LocalStore, name: str, url: str, begun: threading.Barrier, sources: list[object]) -> None:
    """A camera's sub-stream, as the recorder looks at it."""
    opened = open_source(Address("rtsp", url))
    sources.append(opened)
    looker = Looker(opened.info, telling(store, name))
    begun.wait()
    try:
        opened.feed(looker.feed)
    except SourceError:
        looker.close()


def chain(main: list[str], sub: list[str], seconds: float, folder: Path) -> None:
    """Our core. Prints JSON."""
    store, sources = LocalStore(folder), list[object]()
    begun = threading.Barrier(len(main) + len(sub) + 1)
    work = [(record, n, url, {"eyes": not sub}) for n, url in enumerate(main)]
    work += [(look, n, url, {}) for n, url in enumerate(sub)]
    threads = [
        threading.Thread(target=each, args=(store, f"cam{n}", url, begun, sources), kwargs=more, daemon=True)
        for each, n, url, more in work
    ]
    for thread in threads:
        thread.start()
    begun.wait(READY)
    before = resource.getrusage(resource.RUSAGE_SELF)
    time.sleep(seconds)
    after = resource.getrusage(resource.RUSAGE_SELF)
    used = psutil.Process().memory_full_info().uss / 1e6
    strips = sum(path.stat().st_size for path in folder.rglob("strip"))
    for source in sources:
        source.close()  # type: ignore[attr-defined]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"cpu": cpu, "mb": used, "strip": strips}))


def ours(main: list[str], sub: list[str], seconds: float, folder: Path) -> dict[str, float]:
    """The core in a process of its own."""
    argv = [sys.executable, "-m", "bench.video_chain", "--chain", json.dumps([main, sub])]
    done = subprocess.run(
        [*argv, "--seconds", str(seconds), "--into", str(folder)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout)
    if not found["strip"]:
        raise RuntimeError("no strip was written: the chain was not whole")
    return found


def motion(main: list[str], sub: list[str], seconds: float, folder: Path) -> dict[str, float]:
    """One `motion` for all cameras: looks at the sub-stream, records the main one as it comes, all the time."""
    folder.mkdir()
    lines = ["daemon off", "setup_mode off", "webcontrol_port 0", "log_level 3", f"log_file {folder}/log"]
    for number, high in enumerate(main):
        file = folder / f"camera{number}.conf"
        own = [f"camera_id {number + 1}", f"target_dir {folder}/{number}"]
        if sub:
            own += [
                f"netcam_url {sub[number]}",
                f"netcam_high_url {high}",
                "width 640",
                "height 360",
                f"framerate {SUB_FPS}",
            ]
        else:
            own += [f"netcam_url {high}", "width 1920", "height 1080", "framerate 25"]
        own += ["movie_output on", "movie_passthrough on"]
        own += [
            "emulate_motion on",
            "picture_output off",
            "stream_port 0",
            "movie_codec mp4",
            "netcam_use_tcp on",
        ]
        file.write_text("\n".join(own) + "\n")
        lines.append(f"camera {file}")
    (folder / "motion.conf").write_text("\n".join(lines) + "\n")
    process = psutil.Popen(
        ["motion", "-n", "-c", str(folder / "motion.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + READY
        while time.monotonic() < end and len([p for p in folder.rglob("*.mp4") if p.stat().st_size]) < len(
            main
        ):
            time.sleep(0.5)
        before = sum(process.cpu_times()[:2])
        time.sleep(seconds)
        after = sum(process.cpu_times()[:2])
        recorded = sum(path.stat().st_size for path in folder.rglob("*.mp4"))
        if recorded < 100_000 * len(main):
            raise RuntimeError(f"motion recorded nothing: {(folder / 'log').read_text()[-500:]}")
        return {"cpu": after - before, "mb": process.memory_full_info().uss / 1e6}
    finally:
        process.terminate()
        process.wait(15)


def main(argv: list[str]) -> None:
    """Prints the figures, or (`--chain`) is the core."""
    parser = argparse.ArgumentParser(prog="bench video_chain")
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--chain")
    parser.add_argument("--into", type=Path)
    given = parser.parse_args(argv)
    if given.chain:
        chain(*json.loads(given.chain), given.seconds, given.into)
        return
    if shutil.which("ffmpeg") is None or shutil.which("motion") is None or not Path(SYSTEM_PYTHON).exists():
        print("video_chain: needs ffmpeg, motion and GStreamer's RTSP server")
        return
    folder = Path(tempfile.mkdtemp(prefix="veilleur-chain-", dir=os.environ.get("BENCH_DIR")))
    try:
        film, small = folder / "film.h264", folder / "sub.h264"
        draw(film)
        draw_sub(small)
        with cameras(film, given.cameras, 25) as high, cameras(small, given.cameras, SUB_FPS) as low:
            for name, sub in ((f"a sub-stream of 640×360 at {SUB_FPS}", low), ("no sub-stream", [])):
                compare(name, high, sub, given, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compare(name: str, main: list[str], sub: list[str], given: argparse.Namespace, folder: Path) -> None:
    """Ours, ffmpeg's copies and motion in turn."""
    own, copies, peers = list[dict[str, float]](), list[dict[str, float]](), list[dict[str, float]]()
    for run in range(given.runs):
        place = folder / f"{'sub' if sub else 'main'}{run}"
        place.mkdir()
        own.append(ours(main, sub, given.seconds, place / "own"))
        copies.append(theirs(main, given.seconds, place / "copy"))
        peers.append(motion(main, sub, given.seconds, place / "motion"))
        shutil.rmtree(place, ignore_errors=True)
    share = 100 / given.seconds / len(main)
    series = [
        Series(each, "%", tuple(run["cpu"] * share for run in found))
        for each, found in ((OURS, own), (COPY, copies), (MOTION, peers))
    ]
    tell(
        f"Whole chain of {len(main)} cameras 1080p25 {BITRATE}bit/s with {name}: share of one core per camera",
        series,
        peer=COPY,
        notes=[f"ours is ×{series[0].middle / series[2].middle:.2f} of motion"],
    )


if __name__ == "__main__":
    main(sys.argv[1:])

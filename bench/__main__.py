"""`make bench`: every figure, one after the other, alone on the machine; then var/bench/figures.json and figures.md.

python -m bench [--quick] [NAME…]; `python -m bench NAME --help` says what one figure can be given.
"""

from __future__ import annotations

import importlib
import sys
import time

from bench.report import claim, machine, write

#: In this order; about how long each takes on a machine of two cores, in minutes.
FIGURES = {
    "intake": 3,  # frames acknowledged and stored, beside pysiaalarm and beside the bare database
    "wire": 3,  # open loop: latency from the intended send time
    "supervision": 8,  # link tests over UDP, memory per panel, lost paths noticed
    "paint": 4,  # frame sent → row painted
    "logbook": 8,  # entries sealed; a million verified
    "life": 5,  # start, memory of each role
    "video_record": 8,  # recording beside as many ffmpeg, 24 cameras
    "video_chain": 8,  # recording, strip, motion and health beside ffmpeg and motion
    "video_live": 4,  # camera to screen, first picture, tiles
    "video_mask": 6,  # what a masked tile costs, alone and shared
    "video_scrub": 12,  # a step by hand over the time bar, to the picture
    "video_alarm": 14,  # frame sent → row painted, with and without cameras and wall
    "fuzz": 8,  # a million mutations per codec
}


def main() -> None:
    """Runs the figures named, or all. `--quick`: small numbers, to see that a script works; no figure comes of it."""
    words = sys.argv[1:]
    quick = "--quick" in words
    names = [word for word in words if word in FIGURES]
    given = [word for word in words if word not in FIGURES and word != "--quick"]
    if given and len(names) != 1:
        about = ", ".join(f"{name} ({minutes} min)" for name, minutes in FIGURES.items())
        raise SystemExit(
            f"usage: python -m bench [--quick] [NAME…]\n       python -m bench NAME --help\nNAME: {about}"
        )
    before, begun = {**machine(), "priority": claim()}, time.monotonic()
    for name in names or FIGURES:
        module = importlib.import_module(f"bench.{name}")
        module.main([*(module.QUICK if quick else ()), *given])
    refused = write(before, time.monotonic() - begun)
    if refused and not quick:
        raise SystemExit("Refused, to be taken again on a quiet machine:\n" + "\n".join(refused))


if __name__ == "__main__":
    main()

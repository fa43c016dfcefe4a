"""What a masked tile costs: the recorders' CPU while several watch one sub-stream, masked and not.

Two cameras of the same film, one with a mask of role over a quarter of its picture. The masked small view is decoded,
covered and encoded once for all who watch it; the other is passed on as it comes. Each run: nobody watches, then one and
several on each, in turn. The viewers are bare sockets in this process: no browser, what is told is the recorder's alone.

python -m bench video_mask [--runs 5] [--seconds 12] [--viewers 8]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any

import websockets

from bench.report import Series, tell
from bench.video_wall import Wall, recorders, spent, wall

RUNS, SECONDS, VIEWERS = 5, 12.0, 8
QUICK = ("--runs", "1", "--seconds", "5", "--viewers", "3")
SETTLE = 2.0  # seconds before CPU is looked at: an encoder begins
PLAIN, MASKED = 0, 2  # cameras by their number; 1 turns
BIG = 2**24  # bytes of a message at most
FRAGMENT = 1  # kind of a binary message (docs/design/video.md)


def tickets(held: Wall, camera: int, count: int) -> list[dict[str, Any]]:
    """So many tickets of one camera, by as many viewings."""
    asked = {"cameras": [camera], "kind": "live", "motif": "essai du banc"}
    return [held.post("/api/viewings", asked)["tickets"][0] for _ in range(count)]


async def watch(held: Wall, given: list[dict[str, Any]], seconds: float) -> tuple[float, int]:
    """The recorders' share of a core (%) while these watch; the pictures of the one that had fewest."""
    counts = [0] * len(given)

    async def read(number: int, line: Any) -> None:
        async for said in line:
            if isinstance(said, bytes) and said[0] == FRAGMENT:
                counts[number] += 1

    async with AsyncExitStack() as stack:
        tasks = []
        for number, ticket in enumerate(given):
            url = f"{ticket['url']}?ticket={ticket['token']}&view=sub"
            line = await stack.enter_async_context(
                websockets.connect(url, origin=held.url, max_size=BIG, proxy=None)  # type: ignore[arg-type]
            )
            tasks.append(asyncio.create_task(read(number, line)))
        await asyncio.sleep(SETTLE)
        processes = recorders(held.up)
        counts[:] = [0] * len(given)
        before, begun = spent(processes), time.monotonic()
        await asyncio.sleep(seconds)
        used = 100 * (spent(processes) - before) / (time.monotonic() - begun)
        seen = min(counts, default=0)
        for task in tasks:
            task.cancel()
    return used, seen


def watched(held: Wall, given: list[dict[str, Any]], seconds: float) -> tuple[float, int]:
    """The same, beside the browser's driver, which has its loop in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, watch(held, given, seconds)).result()


def main(argv: list[str]) -> None:
    """Measures each in turn, so many times."""
    parser = argparse.ArgumentParser(prog="bench video_mask")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--viewers", type=int, default=VIEWERS)
    given = parser.parse_args(argv)
    several = f"{given.viewers} viewers"
    cost: dict[str, list[float]] = defaultdict(list)
    rates: dict[str, list[float]] = defaultdict(list)
    with wall(MASKED + 1, masked=[MASKED]) as held:
        ids = {"not masked": held.ids[PLAIN], "masked": held.ids[MASKED]}
        for _ in range(given.runs):
            idle, _ = watched(held, [], given.seconds)
            for kind, camera in ids.items():
                for count, words in ((1, "1 viewer"), (given.viewers, several)):
                    asked = tickets(held, camera, count)
                    if {ticket["masked"] for ticket in asked} != {kind == "masked"}:
                        raise RuntimeError(f"tickets are not {kind}")
                    used, seen = watched(held, asked, given.seconds)
                    cost[f"{kind}, {words}"].append(used - idle)
                    rates[f"{kind}, {words}"].append(seen / given.seconds)
    slowest = min(min(each) for each in rates.values())
    tell(
        "A sub-stream watched by several, 640×360 at 10 a second: the recorder's CPU beyond recording alone",
        [Series(name, "% of a core", tuple(each), steady=name[0] == "m") for name, each in cost.items()],
        peer=f"not masked, {several}",
        notes=[
            f"each viewer had {slowest:.1f} pictures a second or more",
            "tickets said «masked» of the one, not of the other",
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1:])

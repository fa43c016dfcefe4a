"""A reception as a process of its own: what `veilleur run reception` starts, without the rest of the centre.

`--die-before-reply` kills the process (SIGKILL, by itself) between the commit of a signal and its reply.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from pathlib import Path

import uvloop

from veilleur.kernel.clock import SystemClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.reception.lines import Line
from veilleur.reception.receiver import Receiver
from veilleur.reception.role import run_reception


async def serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    told = False

    def report(health: dict[str, object]) -> None:
        nonlocal told
        if health["ready"] and not told:
            told = True
            print(json.dumps(health["addresses"]), flush=True)

    await run_reception(
        dsn=given.dsn,
        lines=[Line("R1", "127.0.0.1", given.port, share_port=given.share)],
        keys=open_key_ring(Path(given.keys)),
        clock=SystemClock(),
        holder=given.holder,
        stop=stop,
        report=report,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dsn", required=True)
    parser.add_argument("--keys", required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--holder", default="program/1")
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--die-before-reply", action="store_true")
    given = parser.parse_args()
    if given.die_before_reply:

        def die(*_: object) -> bytes | None:
            os.kill(os.getpid(), signal.SIGKILL)
            return None

        Receiver._reply = die  # type: ignore[method-assign]
    uvloop.run(serve(given))


if __name__ == "__main__":
    main()

"""The peer: pysiaalarm's receiver with uvloop and an empty callback. It stores nothing. `PORT ACCOUNTS`."""

from __future__ import annotations

import asyncio
import logging
import sys

import uvloop
from pysiaalarm import SIAAccount
from pysiaalarm.aio import SIAClient

from bench.load import ACCOUNTS, account


async def nothing(_event: object) -> None:
    """The empty callback."""


async def main(port: int) -> None:
    """Serves until its parent ends it."""
    accounts = [SIAAccount(account(number)) for number in range(ACCOUNTS)]
    client = SIAClient("127.0.0.1", port, accounts, nothing)
    await client.async_start(backlog=2048)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    uvloop.run(main(int(sys.argv[1])))

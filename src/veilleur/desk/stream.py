"""The desk stream: items, a beat each second, `reset` and `refused`. Resumable by position (SSE)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from fastapi.sse import format_sse_event
from pydantic_core import to_json

from veilleur.desk.feed import LET_GO, Batch, Client, Feed
from veilleur.features.cameras.reading import told_health
from veilleur.kernel.clock import Clock
from veilleur.kernel.ports import Reader
from veilleur.logbook.policy import POLICY

#: Seconds between beats: silence is seen and heard within five (issue 2 §8).
BEAT = 1.0

#: Streams of one process. A browser has one, in a SharedWorker.
STREAMS = 500

#: Streams of one session: a browser's windows share one; a few more for reloads that cross.
STREAMS_A_SESSION = 6


async def messages(feed: Feed, clock: Clock, client: Client, after: int) -> AsyncIterator[bytes]:
    """One client's stream from a position until it ends. Registers the client first, so that nothing is lost
    between what it catches up with and what it is handed."""
    feed.clients.add(client)
    try:
        sent = after
        behind, too_far = await feed.catch_up(after)
        if too_far:
            client.end("reset")
        for past in behind:
            for item in _new(past, client.reader, sent):
                yield item
            sent = past.last
        yield _beat(feed, clock, client, sent)
        due = clock.monotonic() + BEAT
        while client.ended is None:
            batch = client.next()
            if batch is not None:
                for item in _new(batch, client.reader, sent):
                    yield item
                sent = max(sent, batch.last)
            elif clock.monotonic() >= due:
                if feed.fresh:
                    yield _beat(feed, clock, client, sent)
                due = clock.monotonic() + BEAT
            else:
                await _wait(client, due - clock.monotonic())
        if client.ended != LET_GO:
            yield format_sse_event(event=client.ended, data_str="{}")
    finally:
        feed.clients.discard(client)


def _new(batch: Batch, reader: Reader, sent: int) -> list[bytes]:
    return [
        format_sse_event(event="item", id=str(item.position), data_str=item.data)
        for item in batch.items(reader)
        if item.position > sent
    ]


def _beat(feed: Feed, clock: Clock, client: Client, sent: int) -> bytes:
    pulse = feed.pulse
    body = {
        "now": clock.now(),
        "position": sent,
        "sealed_at": pulse.sealed_at,
        "unsealed_since": pulse.unsealed_since,
        "live_posts": pulse.live_posts,
        "station": pulse.station,
        "chain": pulse.chain,
        "cameras": told_health(pulse.cameras, client.reader),
        "gauge": pulse.gauge if POLICY.allows(client.reader, "logbook.read") else None,
    }
    return format_sse_event(event="beat", data_str=to_json(body).decode())


async def _wait(client: Client, seconds: float) -> None:
    client.woken.clear()
    if client.waiting or client.ended:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.01)):
            await client.woken.wait()

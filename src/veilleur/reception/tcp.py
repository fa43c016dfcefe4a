"""TCP shell of a reception line: feed, collect, send, close (house rule 3). Short and persistent links alike."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import cast

from veilleur.kernel.clock import Clock
from veilleur.protocols import dc09
from veilleur.reception.doorkeeper import Doorkeeper
from veilleur.reception.limits import MAX_UNREAD_REPLIES
from veilleur.reception.lines import Line, Origin, peer_address
from veilleur.reception.receiver import Receiver


class Slot:
    """The place of one frame in a connection's order of replies."""

    __slots__ = ("done", "reply")

    def __init__(self) -> None:
        self.done = False
        self.reply: bytes | None = None


class TcpConnection(asyncio.Protocol):
    """One panel, one concentrator or one stranger. Replies leave in the order of the frames."""

    def __init__(self, line: Line, receiver: Receiver, doorkeeper: Doorkeeper, clock: Clock) -> None:
        self._line = line
        self._receiver = receiver
        self._doorkeeper = doorkeeper
        self._clock = clock
        self._framer = dc09.Framer()
        self._inbox: deque[dc09.Frame | dc09.Malformed] = deque()
        self._pending: deque[Slot] = deque()
        self._transport: asyncio.Transport | None = None
        self._origin = Origin(line.name, "tcp", "?")
        self._known = False
        self._ended = False
        self._spoken = False
        self._finishing = False
        self._choked = False
        self._deaf = False
        self._bad = 0
        self._heard = clock.monotonic()
        self._partial_since: float | None = None

    @property
    def peer(self) -> str:
        """The peer's address."""
        return self._origin.peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A peer connected."""
        # uvloop's transport is none of asyncio's classes.
        self._transport = stream = cast(asyncio.Transport, transport)
        self._origin = Origin(self._line.name, "tcp", peer_address(stream.get_extra_info("peername")))
        stream.set_write_buffer_limits(high=MAX_UNREAD_REPLIES)
        if not self._doorkeeper.admit(self, self._line.limits):
            self.dismiss("too_many")

    def data_received(self, data: bytes) -> None:
        """Feed and collect."""
        messages = self._framer.receive_data(data)
        now = self._clock.monotonic()
        if messages:
            # Silence is counted in messages: bytes in drops do not keep a stranger.
            self._heard = now
            self._spoken = True
            self._inbox.extend(messages)
        if not self._framer.buffered:
            self._partial_since = None
        elif self._partial_since is None or messages:
            self._partial_since = now
        self._advance()
        if self._finishing:
            self._finish_when_heard()

    def eof_received(self) -> bool:
        """The peer has said everything; it may still listen to replies."""
        self._ended = True
        self._inbox.extend(self._framer.receive_eof())
        self._advance()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; frames under way are stored all the same, their replies go nowhere."""
        self._ended, self._transport = True, None
        for message in [*self._inbox, *self._framer.receive_eof()]:
            self._receiver.receive(message, self._origin, _nobody)
        self._inbox.clear()
        self._doorkeeper.leave(self)

    def pause_writing(self) -> None:
        """The peer does not read our replies: stop reading it."""
        self._choked = True
        self._set_reading()

    def resume_writing(self) -> None:
        """It reads again."""
        self._choked = False
        self._advance()

    def dismiss(self, reason: str) -> None:
        """Ends the connection at once and counts why."""
        self._receiver.troubles.count(self._origin, reason)
        self.abort()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._inbox.clear()
        if self._transport is not None:
            self._transport.abort()

    def finish(self) -> None:
        """Closes once what was said is answered. Who has said nothing yet, or not all of a frame, is heard first."""
        self._finishing = True
        self._finish_when_heard()

    @property
    def awaited(self) -> bool:
        """Whether it is to finish and its first frame, or the end of one, has not come yet."""
        return self._finishing and not self._ended

    def _finish_when_heard(self) -> None:
        if not self._finishing or not self._spoken or self._framer.buffered:
            return
        self._ended = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
        self._close_when_done()

    def sweep(self, now: float) -> None:
        """Ends a connection that is silent, or keeps a frame unfinished, for too long."""
        limits = self._line.limits
        if self._pending:
            return
        if self._partial_since is not None and now - self._partial_since > limits.partial_seconds:
            self.dismiss("slow")
        elif now - self._heard > (limits.known_seconds if self._known else limits.stranger_seconds):
            self.dismiss("silent")

    def _advance(self) -> None:
        """Hands over what was collected, never more at once than may wait for an answer."""
        while self._inbox and len(self._pending) < self._line.limits.pending and not self._choked:
            self._hand_over(self._inbox.popleft())
        if self._inbox or self._choked or self._deaf:
            self._set_reading()
        if self._ended:
            self._close_when_done()

    def _hand_over(self, message: dc09.Frame | dc09.Malformed) -> None:
        slot = Slot()
        self._pending.append(slot)

        def answered(reply: bytes | None) -> None:
            slot.done, slot.reply = True, reply
            self._send()

        proved = self._receiver.receive(message, self._origin, answered)
        if proved and not self._known and self._transport is not None:
            self._known = True
            self._doorkeeper.recognise(self)
        elif isinstance(message, dc09.Malformed) and not self._known:
            self._bad += 1
            if self._bad > self._line.limits.bad_frames:
                self.dismiss("too_many_bad")

    def _send(self) -> None:
        """Sends what is answered, in the order of the frames."""
        pending, transport = self._pending, self._transport
        replies = b""
        while pending and pending[0].done:
            replies += pending.popleft().reply or b""
        if replies and transport is not None and not transport.is_closing():
            transport.write(replies)
        if self._inbox and len(pending) < self._line.limits.pending // 2:
            asyncio.get_running_loop().call_soon(self._advance)
        if self._ended:
            self._close_when_done()

    def _set_reading(self) -> None:
        transport = self._transport
        if transport is None or transport.is_closing() or self._ended:
            return
        self._deaf = bool(self._inbox) or self._choked
        if self._deaf:
            transport.pause_reading()
        elif not transport.is_reading():
            transport.resume_reading()

    def _close_when_done(self) -> None:
        if self._ended and not self._pending and not self._inbox and self._transport is not None:
            self._transport.close()


def _nobody(reply: bytes | None) -> None:
    """Hears the answer to a peer that is gone."""

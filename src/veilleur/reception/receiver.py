"""From a frame to its answer: look up, open, keep, reply. No socket here and no decision about alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog

from veilleur.kernel import chain
from veilleur.kernel.clock import Clock
from veilleur.protocols import dc09
from veilleur.reception.acknowledging import Acknowledging
from veilleur.reception.answers import TABLE, Answer, Case, Keep, Reply, classify
from veilleur.reception.drift import ClockWatch
from veilleur.reception.intake import Intake
from veilleur.reception.lastseen import LastSeen
from veilleur.reception.limits import (
    GHOST_ACCOUNTS_PER_MINUTE,
    GHOSTS_PER_MINUTE,
    REFUSALS_IN_ALL_PER_MINUTE,
    REFUSALS_PER_MINUTE,
)
from veilleur.reception.lines import Origin
from veilleur.reception.panels import Panel, Proof
from veilleur.reception.quotas import Quota
from veilleur.reception.records import Record, Row, Stored, events_text, window_key
from veilleur.reception.registry import Registry
from veilleur.reception.troubles import EVERYBODY, Troubles

PROTOCOL = "dc09"

#: Rows of one ghost per minute are counted by account, accounts by the minute.
GHOST_DUPLICATE_SECONDS = 60

#: Told once: the bytes to send, or None for silence.
Answered = Callable[[bytes | None], None]

log = structlog.get_logger()


class Arrival(NamedTuple):
    """A valid frame, judged."""

    origin: Origin
    frame: dc09.Frame
    canonical: str
    panel: Panel | None
    opened: dc09.Opened | dc09.Refused
    now: datetime
    case: Case
    answer: Answer
    nonce: str | None
    """The secret of a frame of the built-in dialler; None for every other panel."""

    @property
    def drift(self) -> float | None:
        """Panel minus us, in seconds."""
        return self.opened.drift_seconds


@dataclass
class Receiver:
    """One for all sockets of a process."""

    clock: Clock
    registry: Registry
    intake: Intake
    last_seen: LastSeen
    troubles: Troubles
    clock_watch: ClockWatch
    acknowledging: Acknowledging | None = None
    ghosts: Quota = field(init=False)
    ghost_accounts: Quota = field(init=False)
    refusals: Quota = field(init=False)
    _hour: datetime | None = None

    def __post_init__(self) -> None:
        self.ghosts = Quota(self.clock, GHOSTS_PER_MINUTE, GHOSTS_PER_MINUTE * GHOST_ACCOUNTS_PER_MINUTE)
        self.ghost_accounts = Quota(self.clock, 1, GHOST_ACCOUNTS_PER_MINUTE)
        self.refusals = Quota(self.clock, REFUSALS_PER_MINUTE, REFUSALS_IN_ALL_PER_MINUTE)

    def receive(self, message: dc09.Frame | dc09.Malformed, origin: Origin, answered: Answered) -> bool:
        """Keeps a message and answers it, now or when it is committed. True: it proves a known panel.

        Never raises: a fault of ours is told, counted, and met with silence, so that the panel sends again.
        """
        try:
            if isinstance(message, dc09.Malformed):
                self.troubles.count(origin, message.reason.value, raw=message.raw)
                answered(None)
                return False
            arrival = self._judge(message, origin)
            self._keep(arrival, answered)
        except Exception:  # other panels must notice nothing
            log.exception("reception.fault", line=origin.line, peer=origin.peer)
            self.troubles.count(origin, "fault")
            answered(None)
            return False
        return arrival.answer.proves_panel

    def _now(self) -> datetime:
        """The hour, read once for all frames of one turn of the loop: reading it costs as much as a frame's header."""
        if self._hour is None:
            self._hour = self.clock.now()
            asyncio.get_running_loop().call_soon(self._forget_hour)
        return self._hour

    def _forget_hour(self) -> None:
        self._hour = None

    def _judge(self, frame: dc09.Frame, origin: Origin) -> Arrival:
        canonical = dc09.canonical_account(frame.account or "")
        panel = self.registry.find(origin.line, canonical)
        now = self._now()
        opened = self._open(frame, panel, now)
        if panel is not None and self._hear_clock(origin, frame, panel, opened):
            opened = self._open(frame, panel, now)
        elsewhere = panel is None and self.registry.known_elsewhere(canonical)
        case = classify(frame, panel, opened, elsewhere=elsewhere)
        nonce = None
        if canonical == chain.ACCOUNT and panel is not None and isinstance(opened, dc09.Opened):
            nonce = opened.content.extended.get(chain.BLOCK)
        return Arrival(origin, frame, canonical, panel, opened, now, case, TABLE[case], nonce)

    def _open(self, frame: dc09.Frame, panel: Panel | None, now: datetime) -> dc09.Opened | dc09.Refused:
        if panel is None:
            return dc09.open_frame(frame, key=None, now=now)
        return dc09.open_frame(
            frame,
            key=panel.key,
            now=now,
            policy=panel.time_policy,
            timezone=panel.timezone,
            window=self.clock_watch.window(),
        )

    def _hear_clock(
        self, origin: Origin, frame: dc09.Frame, panel: Panel, opened: dc09.Opened | dc09.Refused
    ) -> bool:
        """Lets an authentic frame judge our clock; True: the window moved, so the frame must be judged again."""
        if not frame.encrypted:
            return False
        drift = opened.drift_seconds
        if drift is None or panel.time_policy is not dc09.TimePolicy.STANDARD:
            return False
        before = self.clock_watch.offset
        self.clock_watch.heard(panel.id, drift)
        if self.clock_watch.suspect:
            everybody = Origin(origin.line, origin.transport, EVERYBODY)
            detail = {"offset": round(self.clock_watch.offset, 1)}
            self.troubles.count(everybody, "clock_suspect", detail=detail)
        return self.clock_watch.offset != before

    def _keep(self, arrival: Arrival, answered: Answered) -> None:
        answer = arrival.answer
        if answer.trouble is not None:
            detail = None if arrival.drift is None else {"drift": round(arrival.drift, 1)}
            self.troubles.count(
                arrival.origin,
                answer.trouble,
                account=arrival.frame.account,
                raw=arrival.frame.raw,
                detail=detail,
            )
        opened = arrival.opened
        if isinstance(opened, dc09.Opened) and opened.content.account not in (None, arrival.frame.account):
            self._compare_accounts(arrival, opened.content.account or "")
        path_id = self._sign_of_life(arrival) if answer.proves_panel else None
        match answer.keep:
            case Keep.ROW if arrival.nonce is not None:  # counted: no signal and no entry each minute
                self._store(arrival, answered, path_id=path_id, stored=False)
            case Keep.ROW:
                self._store(arrival, answered, path_id=path_id)
            case Keep.GHOST:
                self._store_ghost(arrival, answered)
            case Keep.CAPPED if self.refusals.take((arrival.origin.line, arrival.canonical, arrival.case)):
                self._store(arrival, answered, path_id=None)
            case Keep.LAST_SEEN if self.last_seen.fresh and self.intake.available:
                answered(self._reply(arrival, answer.reply))
            case Keep.CAPPED if answer.reply is Reply.NAK and self.intake.available:
                # A NAK acknowledges nothing; without it a panel with a wrong clock would stay shut out.
                answered(self._reply(arrival, answer.reply))
            case _:
                answered(None)

    def _compare_accounts(self, arrival: Arrival, inner: str) -> None:
        """Counts a frame in clear whose data names another account than its header. The header is believed, as in the
        reply; encrypted, it would be a wrong key (rule 6)."""
        if dc09.canonical_account(inner) != arrival.canonical:
            self.troubles.count(
                arrival.origin, "inner_account", account=arrival.frame.account, raw=arrival.frame.raw
            )

    def _sign_of_life(self, arrival: Arrival) -> int | None:
        assert arrival.panel is not None
        path_id = arrival.panel.any_path
        if path_id is None:
            opened, frame, origin = arrival.opened, arrival.frame, arrival.origin
            extended = opened.content.extended if isinstance(opened, dc09.Opened) else {}
            proof = Proof(origin.transport, frame.receiver, frame.prefix, origin.peer, extended.get("G"))
            path_id = arrival.panel.path_of(proof)
        if path_id is not None:
            self.last_seen.seen(path_id, arrival.now)
        return path_id

    def _store_ghost(self, arrival: Arrival, answered: Answered) -> None:
        """Beyond the cap of its account only the ghost's count is written: the ACK still follows a commit.
        Beyond the accounts of a minute nothing is, and nothing is acknowledged."""
        place = (arrival.origin.line, arrival.canonical)
        if not self.ghost_accounts.seen(place) and not self.ghost_accounts.take(place):
            self.troubles.count(arrival.origin, "ghost_flood", account=arrival.frame.account)
            answered(None)
            return
        stored = self.ghosts.take(place)
        if not stored:
            self.troubles.count(arrival.origin, "ghost_capped", account=arrival.frame.account)
        self._store(arrival, answered, path_id=None, stored=stored)

    def _store(
        self, arrival: Arrival, answered: Answered, *, path_id: int | None, stored: bool = True
    ) -> None:
        record = _record(arrival, path_id, stored=stored)

        def done(kept: Stored | None) -> None:
            answered(None if kept is None else self._reply(arrival, arrival.answer.reply))

        if not self.intake.submit(record, done):
            self.troubles.count(arrival.origin, "store_refused", account=arrival.frame.account)
            answered(None)

    def _reply(self, arrival: Arrival, reply: Reply) -> bytes | None:
        if self.acknowledging is not None and self.acknowledging.withheld and arrival.nonce is None:
            # P7: nobody could take an alarm; silence sends the panel to its second receiver. What it said is kept.
            self.acknowledging.silenced += 1
            return None
        match reply:
            case Reply.ACK:
                key = arrival.panel.key if arrival.panel else None
                now = self.clock.now() if arrival.frame.encrypted else arrival.now
                return dc09.ack(arrival.frame, key=key, now=now)
            case Reply.DUH:
                return dc09.duh(arrival.frame)
            case Reply.NAK if not self.clock_watch.suspect:
                if arrival.panel is not None:
                    self.clock_watch.told(arrival.panel.id)
                return dc09.nak(self.clock.now())
            case _:
                return None


def _record(arrival: Arrival, path_id: int | None, *, stored: bool) -> Record:
    """The signal's columns. What was not opened has no events; what was refused keeps them, to be shown."""
    origin, frame, canonical, panel, opened, now, case, answer, nonce = arrival
    believed = opened if isinstance(opened, dc09.Opened) else None
    row = Row(
        now,
        origin.line,
        origin.transport,
        origin.peer,
        PROTOCOL,
        frame.token,
        frame.sequence,
        frame.receiver,
        frame.prefix,
        frame.account,
        canonical,
        frame.raw,
        answer.verdict,
        panel.id if panel else None,
        path_id,
        panel.site_id if panel else None,
        events_text(believed.content.events) if believed else "[]",
        frame.encrypted,
        believed.timestamp if believed else None,
        opened.drift_seconds,
    )
    return Record(
        row,
        window_key(answer.verdict, dc09.dedupe_key(origin.line, frame, believed)) if believed else None,
        panel.duplicate_seconds if panel else GHOST_DUPLICATE_SECONDS,
        case is Case.GHOST,
        stored,
        answer.proves_panel,
        nonce,
    )

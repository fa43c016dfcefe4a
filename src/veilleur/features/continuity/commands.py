"""Everything that changes an escalation, from the watch, from the worker that carries messages, and from people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from veilleur.db.engine import WriteSession
from veilleur.db.queue import defer
from veilleur.features.continuity.model import Next, Person
from veilleur.features.continuity.queries import address_of, open_escalation
from veilleur.features.continuity.tables import TRIAL, CallOut, Escalation
from veilleur.kernel.errors import ConflictError, NotFoundError
from veilleur.kernel.ids import token
from veilleur.logbook.act import Act

#: Attempts of one call; then the next way or the next person.
ATTEMPTS = 3

TASK = "veilleur:call_out"
ROOM = {"centre": [1]}


class NobodyCalledError(ConflictError):
    """Nobody is being called: there is nothing to take up."""

    code = "nobody_called"


@dataclass(frozen=True)
class Order:
    """One message to carry: `to` by `channel`, with the secret of its link, which is stored nowhere else."""

    call_id: int
    name: str
    channel: str
    to: Sequence[str]
    token: str
    reason: str
    since: datetime
    incidents: Sequence[str]
    attempt: int


def begin(act: Act, reason: str, *, since: datetime, incidents: Sequence[str], station: bool) -> Escalation:
    """Somebody outside must come: `reason` unheld | untaken; `station`: backup centres are called too."""
    entry_id = act.record(
        "escalation.begun",
        {"reason": reason, "since": since.isoformat(), "dossiers": list(incidents)},
        touched=ROOM,
    )
    row = Escalation(
        reason=reason,
        opened_at=since,
        incidents=list(incidents),
        station=station,
        step=0,
        entry_id=entry_id,
    )
    act.session.add(row)
    act.session.flush()
    return row


def widen(act: Act, row: Escalation, *, incidents: Sequence[str], station: bool) -> None:
    """More dossiers, or the whole station: entered when something is new."""
    fresh = [each for each in incidents if each not in row.incidents]
    wider = station and not row.station
    if not fresh and not wider:
        return
    row.entry_id = act.record(
        "escalation.widened", {"dossiers": fresh, "station": "station" if wider else None}, touched=ROOM
    )
    row.incidents = [*row.incidents, *fresh]
    row.station = row.station or station


def end(act: Act, row: Escalation, why: str) -> None:
    """`why`: held (somebody can take alarms again) | taken (nothing is left untaken)."""
    facts = {"why": why, "taken_by": row.taken_by, "since": row.opened_at.isoformat()}
    row.entry_id = act.record("escalation.ended", facts, touched=ROOM)
    row.ended_at, row.ended_by = act.now, why


def call(act: Act, row: Escalation, wanted: Next) -> None:
    """Calls whom the rules name, by all their ways at once: one mail alone is not read at 3 a.m."""
    if wanted.forget:
        facts = {"name": row.taken_by}
        row.entry_id = act.record("escalation.not_arrived", facts, touched=ROOM)
        row.taken_at = row.taken_by = None
    if wanted.nobody:
        row.entry_id = act.record("escalation.nobody", {}, touched=ROOM)
        row.step_at = act.now
    for person in wanted.call:
        is_next = person.kind == "person"
        row.entry_id = act.record(
            "escalation.calling",
            {"name": person.name, "kind": person.kind, "channels": list(person.channels)},
            touched=ROOM,
        )
        if is_next and wanted.step is not None:
            row.step, row.step_at = wanted.step, act.now
        ask(act, row, person, row.step if is_next else 0)


def ask(act: Act, row: Escalation, person: Person, step: int) -> None:
    """Somebody is called by all his ways; the worker carries each."""
    for channel in person.channels:
        made = CallOut(
            escalation_id=row.id,
            on_call_id=person.id,
            channel=channel,
            step=step,
            state="waiting",
            asked_at=act.now,
            attempts=0,
        )
        act.session.add(made)
        act.session.flush()
        defer(act.session, TASK, call=made.id)


def give_up_waiting(act: Act, row: Escalation, before: datetime) -> None:
    """Calls that no worker carried out since `before` are failed, so that the next way is tried."""
    query = select(CallOut).where(
        CallOut.escalation_id == row.id,
        CallOut.state.in_(("waiting", "sending")),
        func.coalesce(CallOut.told_at, CallOut.asked_at) < before,
    )
    for stuck in act.session.scalars(query.with_for_update(skip_locked=True)):
        _failed(act, stuck, "worker_silent")


def begin_call(act: Act, call_id: int) -> Order | None:
    """The worker takes a call to carry it out; None when it is carried out, void, or was answered otherwise."""
    row = act.session.get(CallOut, call_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ("waiting", "sending"):
        return None
    case = act.session.get_one(Escalation, row.escalation_id)
    if case.ended_at is not None or case.taken_at is not None:
        row.state, row.fault, row.told_at = "failed", "void", act.now
        return None
    secret = token()
    row.state, row.attempts, row.token_hash = "sending", row.attempts + 1, hash_token(secret)
    name, to = address_of(act.session, row.on_call_id, row.channel)
    return Order(
        row.id, name, row.channel, to, secret, case.reason, case.opened_at, case.incidents, row.attempts
    )


def hash_token(secret: str) -> bytes:
    """What is stored of a link's token."""
    return hashlib.sha256(secret.encode()).digest()


def call_sent(act: Act, call_id: int) -> None:
    """The channel took the message."""
    row = act.session.get_one(CallOut, call_id, with_for_update=True, populate_existing=True)
    if row.state != "sending":
        return
    row.state, row.fault, row.told_at = "sent", None, act.now
    name, _ = address_of(act.session, row.on_call_id, row.channel)
    act.record("escalation.told", {"name": name, "channel": row.channel}, touched=ROOM)


def call_failed(act: Act, call_id: int, why: str) -> bool:
    """The channel refused; True: it may be tried again. `why`: a code of the vocabulary «channel_fault»."""
    row = act.session.get_one(CallOut, call_id, with_for_update=True, populate_existing=True)
    if row.state != "sending":
        return False
    if row.attempts < ATTEMPTS:
        row.state, row.fault, row.told_at = "waiting", why, act.now
        return True
    _failed(act, row, why)
    return False


def _failed(act: Act, row: CallOut, why: str) -> None:
    row.state, row.fault, row.told_at = "failed", why, act.now
    name, _ = address_of(act.session, row.on_call_id, row.channel)
    facts = {"name": name, "channel": row.channel, "why": why, "attempts": row.attempts}
    act.record("escalation.not_told", facts, touched=ROOM)


def call_of_token(act: Act, secret: str) -> CallOut:
    """The call whose link this is, while somebody is still being called. Raises NotFoundError."""
    query = select(CallOut).where(CallOut.token_hash == hash_token(secret)).with_for_update()
    row = act.session.scalars(query).one_or_none()
    if row is None or row.answered_at is not None:
        raise NotFoundError("This link is not known, or has been used.", what="link", id="")
    return row


def taken_by_link(act: Act, secret: str) -> tuple[str, str]:
    """«Pris par»: who was called takes it up by the link of his message, once. Raises NotFoundError.

    His name, and why he was called; by answering a trial he takes up nothing.
    """
    row = call_of_token(act, secret)
    case = act.session.get_one(Escalation, row.escalation_id, with_for_update=True, populate_existing=True)
    name, _ = address_of(act.session, row.on_call_id, row.channel)
    if case.reason == TRIAL:
        facts = {"name": name, "channel": row.channel}
        case.entry_id = act.record("escalation.trial_answered", facts)
        case.ended_at, case.ended_by = act.now, "answered"
    else:
        _taken(act, case, name, row.channel)
    row.state, row.answered_at = "answered", act.now
    return name, case.reason


def taken_by_user(act: Act) -> None:
    """Somebody who is logged in takes it up. Raises NobodyCalledError."""
    case = open_escalation(act.session)
    if case is None:
        raise NobodyCalledError
    _taken(act, case, act.actor.name or "", None)


def _taken(act: Act, case: Escalation, name: str, channel: str | None) -> None:
    if case.ended_at is not None:
        raise NobodyCalledError
    case.entry_id = act.record("escalation.taken", {"name": name, "channel": channel}, touched=ROOM)
    case.taken_at, case.taken_by = act.now, name


def note_painted(session: WriteSession, session_hash: bytes, number: int, now: datetime) -> None:
    """A window of this session painted a round of the built-in dialler. Untraced; no key nor answer of its holder."""
    session.execute(
        text(
            "UPDATE web_session SET painted_round = :number, painted_at = :now WHERE token_hash = :key "
            "AND coalesce(painted_round, 0) < :number AND :number <= (SELECT round FROM chain_state WHERE id = 1)"
        ),
        {"number": number, "now": now, "key": session_hash},
    )

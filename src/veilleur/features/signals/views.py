"""What is shown of signals, ghosts and troubles. Secrets are redacted here: `K` blocks never leave in clear."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from veilleur.features.signals.extended import Detail, noticed, told_details
from veilleur.features.signals.signs import SignOfLife
from veilleur.features.signals.tables import Signal, Trouble
from veilleur.protocols import dc09


class EventShown(BaseModel):
    """One event of a frame, numbers as the panel wrote them."""

    category: str
    code: str
    qualifier: str
    area: str | None
    zone: str | None
    user: str | None
    text: str | None
    extended: dict[str, str]


class FrameSite(BaseModel):
    """The site of the panel that sent it."""

    id: int
    name: str


class FrameView(BaseModel):
    """One received frame: the contract of `signals --json` (ARCHITECTURE.md §7), and what the monitor adds.

    `raw` is hexadecimal, redacted. `position` null: stored a moment ago, not yet placed. `drift`: panel minus us, in
    seconds, when that is worth a word. `details`: what it carried beside its events, told once. `inner_account`: the
    account inside a frame in clear, when it is not its header's.
    """

    id: int
    position: int | None
    received_at: datetime
    line: str
    account: str | None
    protocol: str
    token: str
    sequence: str | None
    verdict: str
    copies: int
    peer: str
    raw: str
    events: list[EventShown]
    site: FrameSite | None
    encrypted: bool
    transport: str
    drift: float | None
    details: list[Detail]
    inner_account: str | None


class TroubleView(BaseModel):
    """What was refused, per line, peer, kind, minute and account. `sample` is hexadecimal, redacted.

    `others`: the accounts beyond the few that are counted by name. `drift`: of the last one, panel minus us, in
    seconds, when that is worth a word.
    """

    line: str
    peer: str
    kind: str
    minute: datetime
    account: str | None
    count: int
    sample: str | None
    others: bool
    drift: float | None


class FramePage(BaseModel):
    """The monitor: frames newest first; `after` is the position to ask from next; troubles of the last minutes;
    `signs`: when paths were last heard, link tests included, which make no frame here."""

    frames: list[FrameView]
    after: int
    troubles: list[TroubleView]
    signs: list[SignOfLife]


class GhostView(BaseModel):
    """An account that no panel has, on the line where it dials."""

    id: int
    line: str
    account: str
    peer: str
    first_seen: datetime
    last_seen: datetime
    count: int
    adoptable: bool
    """Whether a panel may have this account."""


def frame_view(signal: Signal, site: tuple[int, str] | None) -> FrameView:
    """A stored signal as it is shown."""
    return FrameView(
        id=signal.id,
        position=signal.position,
        received_at=signal.received_at,
        line=signal.line,
        account=signal.account,
        protocol=signal.protocol,
        token=signal.token,
        sequence=signal.sequence,
        verdict=signal.verdict,
        copies=signal.copies,
        peer=signal.peer,
        raw=redacted(signal.raw),
        events=[EventShown(**event) for event in signal.events],
        site=None if site is None else FrameSite(id=site[0], name=site[1]),
        encrypted=signal.encrypted,
        transport=signal.transport,
        drift=noticed(signal.drift),
        details=told_details(signal.events),
        inner_account=None if signal.protocol != "dc09" else dc09.other_account(bytes(signal.raw)),
    )


def trouble_views(row: Trouble, canonical: str | None) -> list[TroubleView]:
    """A counter as it is shown: each named account with its own count, then the others. `canonical`: that one only."""
    named: dict[str, int] = row.detail.get("accounts") or ({row.account: row.count} if row.account else {})
    shown: list[tuple[str | None, int]] = [*named.items()]
    if canonical is not None and named:
        shown = [(each, count) for each, count in named.items() if dc09.canonical_account(each) == canonical]
    elif (rest := row.count - sum(named.values())) > 0:
        shown.append((None, rest))
    return [
        TroubleView(
            line=row.line,
            peer=row.peer,
            kind=row.kind,
            minute=row.minute,
            account=account,
            count=count,
            sample=None if row.sample is None else redacted(row.sample),
            others=account is None and bool(named),
            drift=noticed(row.detail.get("drift")) if account == row.account else None,
        )
        for account, count in shown
    ]


def signal_line(signal: Signal) -> dict[str, Any]:
    """One line of `signals --json`, exactly as the contract names it (ARCHITECTURE.md §7); times RFC 3339 UTC."""
    return {
        "id": signal.id,
        "position": signal.position,
        "received_at": signal.received_at.isoformat().replace("+00:00", "Z"),
        "line": signal.line,
        "account": signal.account,
        "protocol": signal.protocol,
        "token": signal.token,
        "sequence": signal.sequence,
        "verdict": signal.verdict,
        "copies": signal.copies,
        "peer": signal.peer,
        "raw": redacted(signal.raw),
        "events": [EventShown(**event).model_dump() for event in signal.events],
    }


def redacted(raw: bytes) -> str:
    """A frame's bytes in hexadecimal, keys (`K` blocks) blanked."""
    return dc09.shown(bytes(raw)).hex()

"""The life of a dossier as a table, and everything that changes its `state` (issue 2 §5, practice P3 and P7).

The manner is h11's `_state.py`: what the table does not hold is refused. docs/design/lifecycle.md is this table
in words; a test keeps them the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from veilleur.features.incidents.errors import AlreadyTakenError, IncidentClosedError, IncidentStateError
from veilleur.features.incidents.tables import Incident


class State(StrEnum):
    """Where a dossier stands; the contract's list (ARCHITECTURE.md §7)."""

    NEW = "new"
    TAKEN = "taken"
    PARKED = "parked"
    TRANSFERRED = "transferred"
    HANDED_UP = "handed_up"
    CLOSING = "closing"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to a dossier's state."""

    TAKE = "take"
    RESUME = "resume"
    TAKE_OVER = "take_over"
    RELEASE = "release"
    PARK = "park"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    HAND_UP = "hand_up"
    BEGIN_CLOSING = "begin_closing"
    KEEP_OPEN = "keep_open"
    CLOSE = "close"
    CLOSE_BY_ITSELF = "close_by_itself"
    WAKE = "wake"
    UNTAKEN = "untaken"
    NO_ACT = "no_act"
    BACK_TO_QUEUE = "back_to_queue"
    PARK_DUE = "park_due"
    OFFER_DUE = "offer_due"
    ORPHANED = "orphaned"
    FOUND = "found"


#: One line per event, in French, for the page that shows the table.
MEANING: Mapping[Event, str] = MappingProxyType(
    {
        Event.TAKE: "prise en compte : une seule personne l’obtient",
        Event.RESUME: "reprise, avant l’heure du rappel, par qui l’a mis en attente",
        Event.TAKE_OVER: "reprise à un collègue, avec un motif",
        Event.RELEASE: "remise dans la file par qui le tient",
        Event.PARK: "mise en attente jusqu’à une heure, avec un motif",
        Event.OFFER: "proposé à un collègue nommé (« je m’absente »)",
        Event.ACCEPT: "le collègue accepte",
        Event.DECLINE: "le collègue refuse, ou l’offre est reprise",
        Event.HAND_UP: "remis au chef de salle",
        Event.BEGIN_CLOSING: "clôture préparée : sa cause est dite, ce qui manque est affiché",
        Event.KEEP_OPEN: "la clôture est abandonnée",
        Event.CLOSE: "clôture par qui le tient",
        Event.CLOSE_BY_ITSELF: "un défaut revenu seul, que personne n’avait pris (P2)",
        Event.WAKE: "réveil : nouveau point, priorité plus haute, signal sur un dossier en attente (P3)",
        Event.UNTAKEN: "personne ne l’a pris dans le délai (P7)",
        Event.NO_ACT: "pris, sans un acte depuis 60 s : sonne de nouveau",
        Event.BACK_TO_QUEUE: "pris, sans un acte depuis 120 s : revient dans la file, par son nom",
        Event.PARK_DUE: "l’heure du rappel est venue",
        Event.OFFER_DUE: "l’offre n’a pas reçu de réponse",
        Event.ORPHANED: "l’écran de qui le tient est muet : sonne aux autres postes, comme orphelin (besoin 2)",
        Event.FOUND: "l’écran de qui le tient est revenu, personne ne l’a repris",
    }
)

_S, _E = State, Event

TABLE: Mapping[State, Mapping[Event, State]] = MappingProxyType(
    {
        _S.NEW: {
            _E.TAKE: _S.TAKEN,
            _E.TAKE_OVER: _S.NEW,
            _E.RELEASE: _S.NEW,
            _E.CLOSE_BY_ITSELF: _S.CLOSED,
            _E.WAKE: _S.NEW,
            _E.UNTAKEN: _S.NEW,
        },
        _S.TAKEN: {
            _E.TAKE_OVER: _S.TAKEN,
            _E.RELEASE: _S.NEW,
            _E.PARK: _S.PARKED,
            _E.OFFER: _S.TRANSFERRED,
            _E.HAND_UP: _S.HANDED_UP,
            _E.BEGIN_CLOSING: _S.CLOSING,
            _E.CLOSE: _S.CLOSED,
            _E.WAKE: _S.NEW,
            _E.NO_ACT: _S.TAKEN,
            _E.ORPHANED: _S.TAKEN,
            _E.FOUND: _S.TAKEN,
            _E.BACK_TO_QUEUE: _S.NEW,
        },
        _S.PARKED: {
            _E.RESUME: _S.TAKEN,
            _E.TAKE_OVER: _S.TAKEN,
            _E.RELEASE: _S.NEW,
            _E.PARK: _S.PARKED,
            _E.OFFER: _S.TRANSFERRED,
            _E.HAND_UP: _S.HANDED_UP,
            _E.WAKE: _S.NEW,
            _E.PARK_DUE: _S.NEW,
            _E.ORPHANED: _S.PARKED,
            _E.FOUND: _S.PARKED,
        },
        _S.TRANSFERRED: {
            _E.ACCEPT: _S.TAKEN,
            _E.DECLINE: _S.TAKEN,
            _E.TAKE_OVER: _S.TAKEN,
            _E.RELEASE: _S.NEW,
            _E.OFFER_DUE: _S.NEW,
            _E.WAKE: _S.NEW,
        },
        _S.HANDED_UP: {
            _E.TAKE: _S.TAKEN,
            _E.UNTAKEN: _S.HANDED_UP,
            _E.WAKE: _S.NEW,
        },
        _S.CLOSING: {
            _E.KEEP_OPEN: _S.TAKEN,
            _E.BEGIN_CLOSING: _S.CLOSING,
            _E.CLOSE: _S.CLOSED,
            _E.TAKE_OVER: _S.TAKEN,
            _E.RELEASE: _S.NEW,
            _E.PARK: _S.PARKED,
            _E.OFFER: _S.TRANSFERRED,
            _E.WAKE: _S.NEW,
            _E.ORPHANED: _S.CLOSING,
            _E.FOUND: _S.CLOSING,
        },
        _S.CLOSED: {},
    }
)

#: Events after which the dossier rings; every other one silences it.
RINGING = frozenset(
    {
        _E.RELEASE,
        _E.HAND_UP,
        _E.WAKE,
        _E.UNTAKEN,
        _E.NO_ACT,
        _E.BACK_TO_QUEUE,
        _E.PARK_DUE,
        _E.OFFER_DUE,
        _E.ORPHANED,
    }
)

#: Why a dossier rings when its holder's screen is silent.
ORPHAN = "orphan"

#: Events that leave nobody holding it. A réveil or a call-back keeps the holder's name: he must take it again.
NOBODY = frozenset({_E.RELEASE, _E.HAND_UP, _E.BACK_TO_QUEUE, _E.OFFER_DUE, _E.CLOSE_BY_ITSELF})


def next_state(state: str, event: Event, *, owner: Mapping[str, object] | None = None) -> State:
    """The state after an event. Raises the ConflictError that says why not; `owner`: {id, name} to tell."""
    found = TABLE[State(state)].get(event)
    if found is not None:
        return found
    if state == State.CLOSED:
        raise IncidentClosedError(event=event.value)
    if event is Event.TAKE:
        raise AlreadyTakenError(owner=dict(owner) if owner else None, state=state)
    raise IncidentStateError(
        f"«{event}» does not apply to a dossier «{state}».", state=state, event=event.value
    )


def born(incident: Incident, now: datetime, *, reason: str | None) -> None:
    """A new dossier: it rings at once with a reason, or is silent (`reason` None)."""
    incident.state = State.NEW
    incident.ringing_since = now if reason else None
    incident.ring_reason = reason
    incident.rings = 1 if reason else 0


def move(
    incident: Incident,
    event: Event,
    now: datetime,
    *,
    reason: str | None = None,
) -> State:
    """Applies an event: the state, and what no other state may keep. Returns the state before.

    `reason` is the ring's, for events that ring. The caller sets what the new state is about (its holder, the
    hour of the call-back, the cause of the closing). Raises a ConflictError.
    """
    before = State(incident.state)
    after = next_state(before, event)
    incident.state = after
    if event in NOBODY:
        incident.returned_from_id = incident.owner_id
        incident.owner_id = None
    _silence_or_ring(incident, event, before, now, reason)
    if after is not State.PARKED:
        incident.parked_until = incident.parked_reason = None
    if after is not State.TRANSFERRED:
        incident.offered_to_id = incident.offered_at = None
    if after not in (State.CLOSING, State.CLOSED):
        incident.outcome = incident.outcome_note = None
    if after is State.CLOSED:
        incident.closed_at = now
    return before


def _silence_or_ring(
    incident: Incident, event: Event, before: State, now: datetime, reason: str | None
) -> None:
    if (
        event is Event.TAKE_OVER and before is State.NEW
    ):  # a relief changes the holder's name, not the ringing
        return
    if event not in RINGING:
        incident.ringing_since = incident.ring_reason = None
        incident.escalation = 0
        return
    waiting = before in (State.NEW, State.HANDED_UP) and incident.ringing_since is not None
    if not waiting:  # a dossier nobody took keeps the clock that already runs against us
        incident.ringing_since = now
        incident.escalation = 0
    incident.ring_reason = reason
    incident.rings += 1


def as_markdown() -> str:
    """The table as docs/design/lifecycle.md shows it."""
    states = list(State)
    lines = [
        "| event | " + " | ".join(states) + " | what it is |",
        "|---" * (len(states) + 2) + "|",
    ]
    for event in Event:
        cells = [str(TABLE[state].get(event, "·")) for state in states]
        rings = " (sonne)" if event in RINGING else ""
        lines.append(f"| `{event}`{rings} | " + " | ".join(cells) + f" | {MEANING[event]} |")
    return "\n".join(lines)

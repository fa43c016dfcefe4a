"""What is to be done next in a dossier, with its countdown: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.tables import Incident


@dataclass(frozen=True)
class CurrentStep:
    """The first current step, as a row needs it. `wording` null: people wrote `label`."""

    key: str
    label: str | None
    wording: str | None
    due_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """An agent the dossier waits for: `agent_answer` or `agent_expected`, and when."""

    key: str
    due_at: datetime | None


def next_act(
    incident: Incident, step: CurrentStep | None, waiting: Waiting | None, now: datetime
) -> dict[str, Any]:
    """The view `next`: {label: {key, text}|null, due_at, late}. «late» is as of `now`."""
    key, text, due_at = _next(incident, step, waiting)
    label = {"key": key, "text": text} if key else None
    return {"label": label, "due_at": due_at, "late": due_at is not None and due_at < now}


#: What a row needs: a code, the words people wrote, the hour.
Said = tuple[str | None, str | None, datetime | None]


def _next(incident: Incident, step: CurrentStep | None, waiting: Waiting | None) -> Said:
    since = incident.ringing_since
    take_by = since + timedelta(seconds=incident.limits["take"]) if since else None
    of_state: dict[str, Said] = {
        State.CLOSED: (None, None, None),
        State.NEW: ("take_again" if incident.taken_at else "take", None, take_by),
        State.HANDED_UP: ("take", None, take_by),
        State.PARKED: (incident.parked_reason, None, incident.parked_until),
        State.TRANSFERRED: ("accept", None, None),
        State.CLOSING: ("close", None, None),
    }
    if incident.state in of_state:
        return of_state[incident.state]
    if incident.warn_agent:
        return "warn_agent", None, None
    return _of_work(incident, step, waiting)


def _of_work(incident: Incident, step: CurrentStep | None, waiting: Waiting | None) -> Said:
    """The step in hand, or the agent when he is due sooner."""
    own: Said = ("close", None, None)
    if step is not None:
        due_at = step.due_at
        if incident.first_act_at is None:
            since = incident.limits.get("act_since")
            begun = datetime.fromisoformat(since) if since else incident.opened_at
            limit = begun + timedelta(seconds=incident.limits["act"])
            due_at = min(limit, due_at) if due_at else limit
        own = (step.wording or step.key, None if step.wording else step.label, due_at)
    if waiting is not None and (
        step is None or (waiting.due_at is not None and (own[2] is None or waiting.due_at < own[2]))
    ):
        return waiting.key, None, waiting.due_at
    return own

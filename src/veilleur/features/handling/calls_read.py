"""Calls as the desk sees them: what to say now, what may follow, whom to call next (practice P6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.calling import NOT_AUTHORISED, state_of, word_told
from veilleur.features.handling.cascade import Candidate, candidates, next_candidate
from veilleur.features.handling.conversation import (
    VOICEMAIL,
    CallState,
    Heard,
    Stage,
)
from veilleur.features.handling.offence import TOLD_MARK
from veilleur.features.handling.policy import POLICY
from veilleur.features.handling.tables import Call
from veilleur.features.handling.views import CallView, HeardView, NextCallView
from veilleur.features.incidents.naming import place_of
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.incidents.views import Text
from veilleur.features.sites.model import ContactView, SiteView
from veilleur.features.sites.tables import Centre
from veilleur.kernel.ports import Reader

#: A stage as the desk names it. «abandoned» reads as ended.
PHASES: Mapping[Stage, str] = {
    Stage.ASKING: "word",
    Stage.FACTS: "facts",
    Stage.LEAVING: "leaving",
    Stage.DURESS: "duress",
    Stage.PLAIN: "open",
    Stage.ENDED: "ended",
    Stage.ABANDONED: "ended",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What may be said of a dossier once the word is right: each point that spoke, in words and in time."""

    house: Centre | None
    site: SiteView
    incident: Incident | None
    points: Sequence[IncidentPoint]
    names: Mapping[int, str]
    reader: Reader
    now: datetime


def calls_of(session: ReadSession, incident_id: int) -> Sequence[Call]:
    """A dossier's calls, the oldest first."""
    return session.scalars(select(Call).where(Call.incident_id == incident_id).order_by(Call.id)).all()


def tried_numbers(calls: Iterable[Call]) -> frozenset[str]:
    """Numbers that we called in a dossier; one begun by mistake and abandoned was not tried."""
    return frozenset(
        call.number for call in calls if call.direction == "out" and call.number and call.undone_at is None
    )


def ranked_contacts(
    site: SiteView, contacts: Iterable[ContactView], calls: Iterable[Call], now: datetime
) -> tuple[Candidate, ...]:
    """Every number of the site's contacts, in the order to call them."""
    made = list(calls)
    reached = {
        call.person_id
        for call in made
        if call.direction == "out" and call.identified and call.undone_at is None and call.person_id
    }
    return candidates(contacts, tried_numbers(made), now, site.timezone, reached)


def next_call(
    site: SiteView, contacts: Iterable[ContactView], calls: Sequence[Call], now: datetime
) -> NextCallView | None:
    """The next number to call. None while a result can still be undone: the cascade waits for it (P6)."""
    if any(call.undone_at is None and not call.settled for call in calls if call.direction == "out"):
        return None
    row = next_candidate(ranked_contacts(site, contacts, calls, now))
    if row is None:
        return None
    return NextCallView(
        contact_id=row.contact_id,
        name=row.name,
        role=row.role,
        rank=row.rank,
        number=row.number,
        number_label=row.number_label,
        available=row.available,
    )


def call_view(call: Call, told: Told) -> CallView:
    """One call for one reader."""
    state = state_of(call)
    stage = state.stage
    return CallView(
        id=call.id,
        incident_id=call.incident_id,
        direction=call.direction,
        target=call.target,
        label=call.label,
        number=call.number,
        contact_id=call.contact_id,
        responder_id=call.responder_id,
        directory_id=call.directory_id,
        step_key=call.step_key,
        started_at=call.started_at,
        ended_at=call.ended_at,
        phase=PHASES[stage],
        say=[text for key in state.sentences for text in (_said(key, told), *_others(key, told))]
        + _not_authorised(call, stage),
        voicemail=_said(VOICEMAIL, told) if stage is Stage.ASKING and call.direction == "out" else None,
        word=word_told(call),
        near=bool(call.heard and call.heard["result"] == Heard.NEAR),
        heard=_heard(call, told),
        tries_left=state.tries_left,
        identified=call.identified,
        person=told.names.get(call.person_id) if call.person_id else None,
        result=call.result,
        understood=call.understood,
        asked=call.asked,
        note=call.note,
        settles_at=call.settles_at,
        settled=call.settled,
        undone_at=call.undone_at,
        results=[result.value for result in state.results],
        meanings=list(state.meanings),
        may_cancel=_may_cancel(call, told),
        abilities=_abilities(call, state, told),
    )


def _said(key: str, told: Told) -> Text:
    """A sentence of the script. Only the one with the facts holds anything of the alarm."""
    params: dict[str, Any] = {"centre": told.house.name if told.house else ""}
    if key == "verify":
        params |= {"site": told.site.name}
    if key == "facts" and told.incident is not None and _by_phone(told):
        key = "facts_told"
        params |= {"site": told.site.name, "at": told.incident.opened_at.isoformat()}
    elif key == "facts":
        incident = told.incident
        headline = incident.headline if incident else {}
        place = place_of(headline)
        unnamed = place is not None and place.startswith("#")
        params |= {
            "site": told.site.name,
            "at": incident.opened_at.isoformat() if incident else None,
            "category": incident.category if incident else None,
            "named": None if unnamed else place,
            "zone": place if unnamed else None,
            "count": incident.signal_count if incident else None,
        }
    return Text(code=f"call.{key}", params=params)


def _by_phone(told: Told) -> bool:
    """Whether a person, and no signal, opened the dossier."""
    return told.incident is not None and TOLD_MARK in told.incident.headline.get("marks", ())


def _others(key: str, told: Told) -> list[Text]:
    """After the facts: every other point that spoke, with its hour."""
    points = told.points[0 if _by_phone(told) else 1 :] if key == "facts" else ()
    return [
        Text(code="call.point", params={"point": point.label, "at": point.first_at.isoformat()})
        for point in points
    ]


def _heard(call: Call, told: Told) -> HeardView | None:
    if call.heard is None:
        return None
    contact = call.heard.get("contact_id")
    return HeardView(
        result=call.heard["result"],
        near_of=call.heard.get("near_of"),
        reason=call.heard.get("reason"),
        person=call.heard.get("person") or (told.names.get(contact) if contact else None),
    )


def _not_authorised(call: Call, stage: Stage) -> list[Text]:
    """For the operator alone, once the word was given: it is right, and its person may no longer identify."""
    if stage is not Stage.LEAVING or word_told(call) != NOT_AUTHORISED or call.heard is None:
        return []
    who = {"person": call.heard.get("person"), "since": call.heard.get("since")}
    return [Text(code="call.not_authorised", params=who)]


def _may_cancel(call: Call, told: Told) -> bool:
    incident = told.incident
    return (
        call.direction == "in"
        and call.word == Heard.RIGHT
        and call.result is None
        and incident is not None
        and incident.family not in ("person", "fire")
        and not incident.duress
    )


def _abilities(call: Call, state: CallState, told: Told) -> list[str]:
    """What this reader may do with the call now."""
    incident = told.incident
    mine = call.direction == "in" or incident is None or incident.owner_id == told.reader.user_id
    if not mine or (incident is not None and incident.closed_at is not None):
        return []
    stage = state.stage
    speaking = stage in (Stage.ASKING, Stage.LEAVING)
    undo = (
        call.settles_at is not None and not call.settled and told.now < call.settles_at
        if stage is Stage.ENDED
        else stage in (Stage.ASKING, Stage.PLAIN) and call.word is None
    )
    fits = {
        "call.word": speaking or stage is Stage.FACTS,
        "call.reveal": speaking,
        "call.result": stage not in (Stage.ENDED, Stage.ABANDONED),
        "call.undo": undo,
        "call.act": call.direction == "in" and stage in (Stage.FACTS, Stage.LEAVING, Stage.DURESS),
    }
    return [name.removeprefix("call.") for name in POLICY.abilities(told.reader, fits) if fits[name]]

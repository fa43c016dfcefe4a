"""Routes of consents: thin."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from veilleur.features.consents import commands, queries
from veilleur.features.consents.policy import POLICY
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents.queries import visible
from veilleur.features.sites.tables import Contact

router = feature_router()


class ConsentAsked(BaseModel):
    """For how many minutes."""

    minutes: Annotated[int, Field(ge=1, le=commands.MOST_MINUTES)]


class ConsentView(BaseModel):
    """A consent that holds."""

    id: int
    person: str
    until: datetime


class Consents(BaseModel):
    """Whether the dossier's site is a home with cameras, the consent that holds, who is on the telephone and may give one."""

    home: bool
    consent: ConsentView | None
    may: str | None


@router.get("/incidents/{incident_id}/consents")
@allow(POLICY, "consent.read")
def read_consents(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> Consents:
    """Where a dossier stands with consents."""
    incident = visible(session, incident_id, reader)
    held = queries.running_consents(session, clock.now(), incident_id=incident_id)
    call = None if incident.duress else queries.call_of_consent(session, incident_id)
    contact = session.get(Contact, call.person_id) if call is not None else None
    return Consents(
        home=queries.has_home_cameras(session, incident.site_id),
        consent=ConsentView(id=held[-1].id, person=held[-1].person, until=held[-1].until) if held else None,
        may=contact.name if contact is not None else None,
    )


@router.post("/incidents/{incident_id}/consents")
@allow(POLICY, "consent.give")
def give(incident_id: int, asked: ConsentAsked, act: ActDep, reader: ReaderDep, clock: ClockDep) -> Consents:
    """The person on the telephone lets us look. 409 `consent_refused` {reason}."""
    visible(act.session, incident_id, reader)
    commands.give_consent(act, incident_id, asked.minutes)
    return read_consents(incident_id, act.session, reader, clock)


@router.post("/incidents/{incident_id}/consents/{consent_id}/withdraw", status_code=204)
@allow(POLICY, "consent.give")
def withdraw(incident_id: int, consent_id: int, act: ActDep, reader: ReaderDep) -> None:
    """He does not want it any more."""
    visible(act.session, incident_id, reader)
    commands.withdraw_consent(act, incident_id, consent_id)

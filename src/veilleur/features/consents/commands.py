"""A consent is written while the person is on the telephone, bounded, and withdrawn by one key."""

from __future__ import annotations

from datetime import timedelta

from veilleur.features.consents.errors import ConsentRefusedError
from veilleur.features.consents.queries import call_of_consent, has_home_cameras, running_consents
from veilleur.features.consents.tables import HomeConsent
from veilleur.features.incidents.case import Case, lock_incident, mark_act, require_holder
from veilleur.features.sites.queries import subject_of
from veilleur.features.sites.tables import Contact
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

#: A look around a home is a matter of minutes; longer is another word of the person's.
MOST_MINUTES = 30


def give_consent(act: Act, incident_id: int, minutes: int) -> int:
    """The person on the telephone lets us look for some minutes; the consent's id. Given again: longer, by a new one.

    Raises InvalidError (minutes), ConsentRefusedError (nobody identified is on the telephone, a duress, a closed
    dossier, no camera of a home), NotYoursError, NotFoundError.
    """
    if not 1 <= minutes <= MOST_MINUTES:
        raise InvalidError("A consent is for 1 to 30 minutes.", field="minutes", most=MOST_MINUTES)
    case = lock_incident(act, incident_id)
    require_holder(case)
    incident = case.incident
    call = call_of_consent(act.session, incident_id)
    reason = _refusal(case)
    if reason is not None or call is None or call.person_id is None:
        raise ConsentRefusedError(reason=reason or "nobody")
    contact = act.session.get_one(Contact, call.person_id)
    until = act.now + timedelta(minutes=minutes)
    entry_id = act.record(
        "consent.given",
        {"person": contact.name, "minutes": minutes, "until": until.isoformat(), "call": call.id},
        subject=subject_of(case.site, incident.id),
    )
    incident.entry_id = entry_id
    mark_act(case)
    for earlier in running_consents(act.session, act.now, incident_id=incident_id):
        earlier.withdrawn_at, earlier.entry_id = act.now, entry_id
    row = HomeConsent(
        incident_id=incident.id,
        site_id=incident.site_id,
        call_id=call.id,
        contact_id=contact.id,
        person=contact.name,
        given_at=act.now,
        until=until,
        entry_id=entry_id,
    )
    act.session.add(row)
    act.session.flush()
    return row.id


def _refusal(case: Case) -> str | None:
    incident = case.incident
    if incident.closed_at is not None:
        return "closed"
    if incident.duress:  # who speaks may be threatened: nothing that he says is free (P1)
        return "duress"
    return None if has_home_cameras(case.act.session, incident.site_id) else "no_home"


def withdraw_consent(act: Act, incident_id: int, consent_id: int) -> None:
    """The person does not want it any more: images stop within two seconds. Raises ConsentRefusedError when it is over."""
    case = lock_incident(act, incident_id)
    require_holder(case)
    row = act.session.get(HomeConsent, consent_id)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such consent in this dossier.", what="consent", id=consent_id)
    if row.withdrawn_at is not None or row.until <= act.now:
        raise ConsentRefusedError(reason="over")
    entry_id = act.record(
        "consent.withdrawn", {"person": row.person}, subject=subject_of(case.site, incident_id)
    )
    case.incident.entry_id = entry_id
    mark_act(case)
    row.withdrawn_at, row.entry_id = act.now, entry_id

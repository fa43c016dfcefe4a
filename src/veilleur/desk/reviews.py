"""The morning's review: what was done by exception and waits for somebody answerable to read it.

Skipped steps, closings without a check and calls without proof (practice, «Naive otherwise» and P4), contacts added at
night on a motif alone, corrected titles. Duty S19: reviewed within 24 hours. Here dossiers, sites and people meet; each
review is an entry, and so is taking it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, or_, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.handling import commands as handling
from veilleur.features.handling.policy import POLICY as HANDLING
from veilleur.features.handling.tables import ServiceCall
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.policy import POLICY as INCIDENTS
from veilleur.features.incidents.procedure import snapshot_steps
from veilleur.features.incidents.tables import Incident, Step
from veilleur.features.people import commands as people
from veilleur.features.people.policy import POLICY as PEOPLE
from veilleur.features.people.queries import user_by_id
from veilleur.features.people.tables import Title, User
from veilleur.features.sites import commands as sites
from veilleur.features.sites.policy import POLICY as SITES
from veilleur.features.sites.tables import Contact, Site
from veilleur.kernel.errors import ForbiddenError, NotFoundError
from veilleur.kernel.ports import Policy, Reader
from veilleur.logbook.act import Act

#: What was reviewed stays in the list this long, so that a slip can be taken back.
SHOWN = timedelta(hours=24)
#: Lines of each half of the list; the count is of all.
LINES = 200


class ReviewIncident(BaseModel):
    """The dossier in which it was done."""

    id: int
    reference: str


class ReviewSite(BaseModel):
    """The site that it concerns."""

    id: int
    name: str


class ReviewItem(BaseModel):
    """One act by exception. `kind`: step | closing | service_call | contact | title; with `id` it names the act.

    `what` and `motif` are words, or codes of the vocabularies `what_list` and `motif_list`. `urgent`: it rings for the
    chef until it is reviewed. `own`: it was the reader's own act; reviewing it will say so.
    """

    kind: str
    id: int
    at: datetime | None
    by: str | None
    incident: ReviewIncident | None
    site: ReviewSite | None
    what: str
    what_list: str | None
    motif: str | None
    motif_list: str | None
    urgent: bool
    own: bool
    reviewed_at: datetime | None
    may_mark: bool


class ReviewList(BaseModel):
    """What waits, oldest first; what was reviewed within a day, newest first. `oldest`: of all that waits."""

    count: int
    oldest: datetime | None
    pending: list[ReviewItem]
    done: list[ReviewItem]


@dataclass(frozen=True)
class Kind:
    """A kind of act by exception: who reviews it, how it is read, how it is marked and taken back.

    `read(session, reader, since)`: those that wait, and those reviewed since.
    """

    policy: Policy
    ability: str
    read: Callable[[ReadSession, Reader, datetime], Iterator[ReviewItem]]
    mark: Callable[[Act, Reader, int, str | None], Any]
    undo: Callable[[Act, Reader, int], Any]

    def may(self, reader: Reader) -> bool:
        """Whether this reader reviews this kind."""
        return self.policy.allows(reader, self.ability)


def review_list(session: ReadSession, reader: Reader, now: datetime) -> ReviewList:
    """What the reader may read of all that waits, in his perimeter."""
    items = [item for kind in KINDS.values() for item in kind.read(session, reader, now - SHOWN)]
    pending = sorted((i for i in items if i.reviewed_at is None), key=_age)
    done = sorted(
        (i for i in items if i.reviewed_at is not None), key=lambda i: str(i.reviewed_at), reverse=True
    )
    return ReviewList(
        count=len(pending),
        oldest=pending[0].at if pending else None,
        pending=pending[:LINES],
        done=done[:LINES],
    )


def _age(item: ReviewItem) -> tuple[float, str, int]:
    return (item.at.timestamp() if item.at else 0.0, item.kind, item.id)


def mark(act: Act, reader: Reader, kind: str, id_: int, note: str | None) -> None:
    """«Relu», with an optional remark. Raises NotFoundError, ForbiddenError, and what the kind's command raises."""
    _kind(reader, kind).mark(act, reader, id_, (note or "").strip() or None)


def undo(act: Act, reader: Reader, kind: str, id_: int) -> None:
    """Takes a review back, by a new entry."""
    _kind(reader, kind).undo(act, reader, id_)


def _kind(reader: Reader, name: str) -> Kind:
    kind = KINDS.get(name)
    if kind is None:
        raise NotFoundError("No such kind of review.", what="review", id=name)
    if not kind.may(reader):
        raise ForbiddenError(ability=kind.ability)
    return kind


def _waiting(reviewed_at: Any, since: datetime) -> ColumnElement[bool]:
    return or_(reviewed_at.is_(None), reviewed_at >= since)


def _steps_query(reader: Reader) -> Select[Step, Incident, str]:
    return (
        select(Step, Incident, Site.name)
        .join(Incident, Incident.id == Step.incident_id)
        .join(Site, Site.id == Incident.site_id)
        .where(Step.review_needed, within(reader.perimeter, Incident))
    )


def _read_steps(session: ReadSession, reader: Reader, since: datetime) -> Iterator[ReviewItem]:
    rows = session.execute(_steps_query(reader).where(_waiting(Step.reviewed_at, since))).all()
    names = _names(session, {step.done_by for step, _, _ in rows if step.done_by is not None})
    for step, incident, site in rows:
        form = next((each for each in snapshot_steps(incident.procedure) if each.key == step.key), None)
        said = (form.label or form.wording) if form else None
        yield ReviewItem(
            kind="step",
            id=step.id,
            at=step.done_at,
            by=names.get(step.done_by or 0),
            incident=ReviewIncident(id=incident.id, reference=incident.reference),
            site=ReviewSite(id=incident.site_id, name=site),
            what=said or step.key,
            what_list=None if said else "step",
            motif=step.motif,
            motif_list="skip_motif",
            urgent=step.urgent_review,
            own=step.done_by == reader.user_id,
            reviewed_at=step.reviewed_at,
            may_mark=INCIDENTS.allows(reader, "incident.review"),
        )


def _step(session: ReadSession, reader: Reader, id_: int) -> Step:
    found = session.execute(_steps_query(reader).where(Step.id == id_)).one_or_none()
    if found is None:
        raise NotFoundError("No such step to review.", what="step", id=id_)
    return found[0]


def _mark_step(act: Act, reader: Reader, id_: int, note: str | None) -> None:
    step = _step(act.session, reader, id_)
    incidents.step_reviewed(act, step.incident_id, step.key, note)


def _undo_step(act: Act, reader: Reader, id_: int) -> None:
    step = _step(act.session, reader, id_)
    incidents.step_review_undone(act, step.incident_id, step.key)


def _closings_query(reader: Reader) -> Select[Incident, str]:
    return (
        select(Incident, Site.name)
        .join(Site, Site.id == Incident.site_id)
        .where(Incident.closing_review, within(reader.perimeter, Incident))
    )


def _read_closings(session: ReadSession, reader: Reader, since: datetime) -> Iterator[ReviewItem]:
    query = _closings_query(reader).where(_waiting(Incident.closing_reviewed_at, since))
    rows = session.execute(query).all()
    names = _names(session, {incident.owner_id for incident, _ in rows if incident.owner_id is not None})
    for incident, site in rows:
        yield ReviewItem(
            kind="closing",
            id=incident.id,
            at=incident.closed_at,
            by=names.get(incident.owner_id or 0),
            incident=ReviewIncident(id=incident.id, reference=incident.reference),
            site=ReviewSite(id=incident.site_id, name=site),
            what=incident.outcome or "",
            what_list="outcome",
            motif=incident.outcome_note,
            motif_list=None,
            urgent=False,
            own=incident.owner_id == reader.user_id,
            reviewed_at=incident.closing_reviewed_at,
            may_mark=INCIDENTS.allows(reader, "incident.review"),
        )


def _closing(session: ReadSession, reader: Reader, id_: int) -> Incident:
    found = session.execute(_closings_query(reader).where(Incident.id == id_)).one_or_none()
    if found is None:
        raise NotFoundError("No such closing to review.", what="closing", id=id_)
    return found[0]


def _mark_closing(act: Act, reader: Reader, id_: int, note: str | None) -> None:
    incidents.closing_reviewed(act, _closing(act.session, reader, id_).id, note)


def _undo_closing(act: Act, reader: Reader, id_: int) -> None:
    incidents.closing_review_undone(act, _closing(act.session, reader, id_).id)


def _calls_query(reader: Reader) -> Select[ServiceCall, Incident, str]:
    return (
        select(ServiceCall, Incident, Site.name)
        .join(Incident, Incident.id == ServiceCall.incident_id)
        .join(Site, Site.id == Incident.site_id)
        .where(ServiceCall.review_needed, within(reader.perimeter, Incident))
    )


def _read_calls(session: ReadSession, reader: Reader, since: datetime) -> Iterator[ReviewItem]:
    rows = session.execute(_calls_query(reader).where(_waiting(ServiceCall.reviewed_at, since)))
    for call, incident, site in rows:
        yield ReviewItem(
            kind="service_call",
            id=call.id,
            at=call.asked_at,
            by=call.asked_by,
            incident=ReviewIncident(id=incident.id, reference=incident.reference),
            site=ReviewSite(id=incident.site_id, name=site),
            what=call.service,
            what_list="public_service",
            motif=call.override_motif or "none",
            motif_list="override_motif" if call.override_motif else "bare_element",
            urgent=False,
            own=call.asked_by == reader.name,
            reviewed_at=call.reviewed_at,
            may_mark=HANDLING.allows(reader, "service_call.review"),
        )


def _call(session: ReadSession, reader: Reader, id_: int) -> ServiceCall:
    found = session.execute(_calls_query(reader).where(ServiceCall.id == id_)).one_or_none()
    if found is None:
        raise NotFoundError("No such call to review.", what="service_call", id=id_)
    return found[0]


def _mark_call(act: Act, reader: Reader, id_: int, note: str | None) -> None:
    call = _call(act.session, reader, id_)
    own = call.asked_by == reader.name
    handling.review_service_call(act, call.incident_id, call.id, note, own=own)


def _undo_call(act: Act, reader: Reader, id_: int) -> None:
    call = _call(act.session, reader, id_)
    handling.undo_service_call_review(act, call.incident_id, call.id)


def _contacts_query(reader: Reader) -> Select[Contact, Site]:
    return (
        select(Contact, Site)
        .join(Site, Site.id == Contact.site_id)
        .where(Contact.provisional_basis == "motif", within(reader.perimeter, Site))
    )


def _read_contacts(session: ReadSession, reader: Reader, since: datetime) -> Iterator[ReviewItem]:
    for contact, site in session.execute(_contacts_query(reader).where(_waiting(Contact.reviewed_at, since))):
        yield ReviewItem(
            kind="contact",
            id=contact.id,
            at=contact.provisional_at,
            by=contact.provisional_by,
            incident=None,
            site=ReviewSite(id=site.id, name=site.name),
            what=contact.name,
            what_list=None,
            motif=contact.provisional_motif,
            motif_list=None,
            urgent=False,
            own=contact.provisional_by == reader.name,
            reviewed_at=contact.reviewed_at,
            may_mark=SITES.allows(reader, "contact.review"),
        )


def _contact(session: ReadSession, reader: Reader, id_: int) -> Contact:
    found = session.execute(_contacts_query(reader).where(Contact.id == id_)).one_or_none()
    if found is None:
        raise NotFoundError("No such contact to review.", what="contact", id=id_)
    return found[0]


def _mark_contact(act: Act, reader: Reader, id_: int, note: str | None) -> None:
    contact = _contact(act.session, reader, id_)
    sites.review_contact(act, contact.id, note=note, own=contact.provisional_by == reader.name)


def _undo_contact(act: Act, reader: Reader, id_: int) -> None:
    sites.undo_contact_review(act, _contact(act.session, reader, id_).id)


def _read_titles(session: ReadSession, reader: Reader, since: datetime) -> Iterator[ReviewItem]:
    query = select(Title, User.name).join(User, User.id == Title.user_id)
    query = query.where(Title.corrected_at.is_not(None), _waiting(Title.reviewed_at, since))
    for title, name in session.execute(query):
        yield ReviewItem(
            kind="title",
            id=title.id,
            at=title.corrected_at,
            by=title.corrected_by,
            incident=None,
            site=None,
            what=f"{name}, n° {title.number}",
            what_list=None,
            motif=title.correction_proof,
            motif_list=None,
            urgent=False,
            own=title.corrected_by == reader.name,
            reviewed_at=title.reviewed_at,
            may_mark=PEOPLE.allows(reader, "title.manage"),
        )


def _mark_title(act: Act, reader: Reader, id_: int, note: str | None) -> None:
    title = act.session.get(Title, id_)
    people.review_title(act, id_, note=note, own=title is not None and title.corrected_by == reader.name)


def _undo_title(act: Act, _: Reader, id_: int) -> None:
    people.undo_title_review(act, id_)


def _names(session: ReadSession, ids: set[int]) -> dict[int, str]:
    return {id_: user_by_id(session, id_).name for id_ in sorted(ids)}


KINDS = {
    "step": Kind(INCIDENTS, "incident.review", _read_steps, _mark_step, _undo_step),
    "closing": Kind(INCIDENTS, "incident.review", _read_closings, _mark_closing, _undo_closing),
    "service_call": Kind(HANDLING, "service_call.review", _read_calls, _mark_call, _undo_call),
    "contact": Kind(SITES, "contact.review", _read_contacts, _mark_contact, _undo_contact),
    "title": Kind(PEOPLE, "title.manage", _read_titles, _mark_title, _undo_title),
}

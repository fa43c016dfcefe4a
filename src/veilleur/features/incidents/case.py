"""A dossier under its site's lock: reading it to change it, recording, and what every act leaves on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.deadlines.commands import cancel
from veilleur.features.incidents.errors import NotYoursError
from veilleur.features.incidents.lifecycle import ORPHAN, Event, move, next_state
from veilleur.features.incidents.limits import CentreLimits, centre_limits, complete, kept_within, raised
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.queries import centre, lock_site, subject_of
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import ForbiddenError, NotFoundError
from veilleur.logbook.act import Act

#: Deadlines about the holder of a dossier: void once he acts, or once somebody else holds it.
HOLDER_DEADLINES = ("no_act", "back_to_queue")


@dataclass(frozen=True)
class Case:
    """A dossier, its locked site and the limits of the house, in one act."""

    act: Act
    incident: Incident
    site: Site

    @property
    def limits(self) -> CentreLimits:
        """The limits of the house, as they are now."""
        return limits_of(self.act.session)

    def reprioritise(self, priority: int, given: Mapping[str, int], at: datetime) -> None:
        """Another priority, from `at` (UTC): what was done is still judged by the limits of its time. `given`: limits that
        are chosen; the house has the others."""
        incident = self.incident
        incident.limits = raised(
            incident.limits,
            complete(self.limits, incident.family, priority, given),
            at,
            taken=incident.taken_at,
            first_act=incident.first_act_at,
        )
        incident.priority = priority

    def record(
        self,
        kind: str,
        params: Mapping[str, Any] | None = None,
        *,
        happened_at: datetime | None = None,
        touched: Mapping[str, list[int]] | None = None,
        version: int = 1,
    ) -> int:
        """Writes one entry about this dossier and moves its version. `reference` is always in its parameters."""
        incident = self.incident
        entry_id = self.act.record(
            kind,
            {"reference": incident.reference, **(params or {})},
            subject=subject_of(self.site, incident.id),
            touched={"incident": [incident.id], **(touched or {})},
            happened_at=happened_at,
            version=version,
        )
        incident.entry_id = entry_id
        return entry_id

    def move(
        self,
        event: Event,
        kind: str,
        params: Mapping[str, Any] | None = None,
        *,
        reason: str | None = None,
        owner: Mapping[str, Any] | None = None,
        happened_at: datetime | None = None,
    ) -> int:
        """Judges an event, writes its entry, then changes the state: in this order, so that no flush of the session
        can write a changed row under its former entry (law 1). `reason` is the ring's. Returns the entry."""
        next_state(self.incident.state, event, owner=owner)
        entry_id = self.record(kind, params, happened_at=happened_at)
        move(self.incident, event, self.act.now, reason=reason)
        return entry_id


def limits_of(session: ReadSession) -> CentreLimits:
    """The limits of the house, as they are now."""
    row = centre(session)
    return centre_limits(row.settings if row is not None else {})


def lock_incident(act: Act, incident_id: int) -> Case:
    """Locks the dossier's site, then reads the dossier as it is now. Raises NotFoundError."""
    session = act.session
    session.flush()
    site_id = session.scalar(select(Incident.site_id).where(Incident.id == incident_id))
    if site_id is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)
    site = lock_site(session, site_id)
    incident = session.scalars(
        select(Incident).where(Incident.id == incident_id).execution_options(populate_existing=True)
    ).one()
    return Case(act, incident, site)


def user_names(session: ReadSession, ids: Iterable[int | None]) -> dict[int, str]:
    """Names of users by id. SQL by name: `people` stands beside this feature, not under it."""
    wanted = sorted({each for each in ids if each is not None})
    if not wanted:
        return {}
    rows = session.execute(text("SELECT id, name FROM user_account WHERE id = ANY(:ids)"), {"ids": wanted})
    return {row.id: row.name for row in rows}


def person(session: ReadSession, user_id: int | None) -> dict[str, Any] | None:
    """A user as errors and entries name him: {id, name}."""
    if user_id is None:
        return None
    return {"id": user_id, "name": user_names(session, [user_id]).get(user_id, "")}


def acting_user(act: Act) -> int:
    """Who acts. Raises ForbiddenError when it is not a person."""
    if act.actor.kind != "user" or act.actor.id is None:
        raise ForbiddenError("Only a person does this.")
    return act.actor.id


def require_holder(case: Case) -> None:
    """The actor must hold the dossier, unless a machine acts. Raises NotYoursError with who holds it."""
    actor, owner = case.act.actor, case.incident.owner_id
    if actor.kind == "user" and owner != actor.id:
        raise NotYoursError(owner=person(case.act.session, owner))


def mark_act(case: Case, *, measured: bool = True) -> None:
    """The holder did something: première action is measured on the first real act, and nothing rings for want of one.

    `measured` False: a sign of life (a note), which is not yet an action on the alarm.
    """
    incident, now = case.incident, case.act.now
    incident.last_act_at = now
    if measured and incident.first_act_at is None:
        incident.first_act_at = now
        incident.limits = kept_within(incident.limits, "first_act")
    cancel(case.act, *HOLDER_DEADLINES, incident_id=incident.id)
    if incident.ring_reason in ("no_act", ORPHAN):
        incident.ringing_since = incident.ring_reason = None


def touch_incident(
    act: Act,
    incident_id: int,
    entry_id: int,
    *,
    acted: bool = True,
    verification: str | None = None,
    warn_agent: bool | None = None,
) -> Incident:
    """A part of the dossier changed by another feature, under the same site lock and by the entry it wrote.

    Moves the dossier's version; `acted` counts as an act of the holder (first act, no more «no act» ring);
    `verification` and `warn_agent` set the dossier's columns of these names when given.
    """
    case = lock_incident(act, incident_id)
    case.incident.entry_id = entry_id
    if acted:
        mark_act(case)
    if verification is not None:
        case.incident.verification = verification
    if warn_agent is not None:
        case.incident.warn_agent = warn_agent
    return case.incident

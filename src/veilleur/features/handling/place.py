"""Where an act of handling takes place: a dossier, or a site whose customer telephones without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from veilleur.features.handling.tables import Call
from veilleur.features.incidents.case import Case, limits_of, lock_incident, mark_act, require_holder
from veilleur.features.incidents.commands import step_done
from veilleur.features.incidents.errors import (
    IncidentClosedError,
    IncidentStateError,
    StepStateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.procedure import snapshot_steps
from veilleur.features.incidents.stepping import DONE, SKIPPED, rows_of
from veilleur.features.sites.model import ContactView
from veilleur.features.sites.queries import centre, current_contacts, lock_site, read_site_view, subject_of
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act


@dataclass(frozen=True)
class Place:
    """A locked site and, when there is one, its dossier."""

    act: Act
    site: Site
    dossier: Case | None

    @property
    def case(self) -> Case:
        """The dossier; only where there must be one."""
        if self.dossier is None:
            raise NotFoundError("This call belongs to no dossier.", what="incident")
        return self.dossier

    @property
    def incident_id(self) -> int | None:
        """The dossier's id, if any."""
        return self.dossier.incident.id if self.dossier else None

    @property
    def settings(self) -> Mapping[str, Any]:
        """The centre's settings."""
        house = centre(self.act.session)
        return house.settings if house else {}

    @property
    def undo_seconds(self) -> int:
        """The centre's delay to undo."""
        return limits_of(self.act.session).undo

    def contacts(self) -> tuple[ContactView, ...]:
        """Those who may be called now, brand's included, by rank."""
        return current_contacts(read_site_view(self.act.session, self.site.id).contacts, self.act.now)

    def contact_name(self, contact_id: int | None) -> str | None:
        """The name of one of them."""
        return next((row.name for row in self.contacts() if row.id == contact_id), None)

    def record(self, kind: str, params: Mapping[str, Any], *, acted: bool) -> int:
        """Writes one entry about this place and moves its version. `acted`: it is an act, counted when its actor holds
        the dossier."""
        if self.dossier is None:
            return self.act.record(
                kind, params, subject=subject_of(self.site), touched={"site": [self.site.id]}
            )
        entry = self.dossier.record(kind, params)
        if acted and self.dossier.incident.owner_id == self.act.actor.id:
            mark_act(self.dossier)
        return entry


def answer_step(place: Place, key: str | None, result: str, entry_id: int, note: str | None = None) -> None:
    """The step that an act was for takes its result, told by the act's own entry.

    What was done is a fact whatever the procedure says: a step already answered, one that has no such result, or a
    dossier handed up meanwhile stays as it is.
    """
    if key is None:
        return
    try:
        step_done(place.act, place.case.incident.id, key, result, note, entry_id=entry_id)
    except (StepStateError, UnknownChoiceError, IncidentStateError, NotFoundError):
        return


def open_step(place: Place, act_kind: str) -> str | None:
    """The first step of this kind that waits for an answer: a call begun from its own card fills it too. A branch not
    taken counts: what was done is a fact."""
    incident = place.case.incident
    kinds = {step.key: step.act for step in snapshot_steps(incident.procedure)}
    waiting = [
        row
        for row in rows_of(place.act.session, incident.id)
        if kinds.get(row.key) == act_kind and row.state not in (DONE, SKIPPED)
    ]
    return next((row.key for row in sorted(waiting, key=lambda row: row.state == "absent")), None)


def place_of_incident(act: Act, incident_id: int) -> Place:
    """The dossier, its site locked. Raises NotFoundError, IncidentClosedError."""
    case = lock_incident(act, incident_id)
    if case.incident.closed_at is not None:
        raise IncidentClosedError(reference=case.incident.reference)
    return Place(act, case.site, case)


def place_of_call(act: Act, call_id: int, *, holder: bool = True) -> tuple[Place, Call]:
    """A call as it is now, its site locked. Raises NotFoundError, NotYoursError, IncidentClosedError."""
    call = act.session.get(Call, call_id)
    if call is None or call.site_id is None:
        raise NotFoundError("No such call.", what="call", id=call_id)
    if call.incident_id is None:
        place = Place(act, lock_site(act.session, call.site_id), None)
    else:
        place = place_of_incident(act, call.incident_id)
        if holder and call.direction == "out":
            require_holder(place.case)
    act.session.refresh(call)
    return place, call

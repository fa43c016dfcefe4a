"""Practice P1: duress of the customer. The dossier turns at once and in silence; what the customer's side could
see or hear is locked until the chef de salle or the outcome of the police call releases it.

The lock itself is a column of the dossier (`duress_locked`), so that incidents' closing and verification obey it too.
"""

from __future__ import annotations

from sqlalchemy import select

from veilleur.features.handling.clues import insert_clue
from veilleur.features.handling.errors import OnTestDuressError
from veilleur.features.handling.place import Place
from veilleur.features.handling.telling import hold_back
from veilleur.features.incidents.case import Case, lock_incident
from veilleur.features.incidents.commands import open_incident, release_duress, take, turn_to_duress
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.commands import Asking
from veilleur.features.sites.queries import lock_site
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Act

#: What may allow, under duress, an act that the customer's side notices: the site's consigne says so, or the
#: police agree. Each is written in the entry of the act.
BASES = ("consigne", "police")

#: Outcomes told by the police after which nobody is under threat any more.
RELEASING_OUTCOMES = frozenset({"arrest", "nothing_found"})

#: Families whose open dossier a duress heard on the telephone turns; beside a fault or a fire a dossier of its own opens.
TURNED = ("intrusion", "person")

#: Put in `headline.marks`: the room sees it, nothing rings.
SILENT_MARK = "silent"


def refuse_under_duress(case: Case, what: str, basis: str | None = None) -> None:
    """Raises DuressLockedError while a duress is locked and no basis allows the act.

    `what`: call | send_agent | recall_agent | message | unjustified | cancel. Recalling an agent, automatic messages and
    «alarme injustifiée» have no basis: only the release opens them. Raises InvalidError on an unknown basis.
    """
    if basis is not None and basis not in BASES:
        raise InvalidError(f"«{basis}» is no basis.", field="basis", value=basis, known=list(BASES))
    if case.incident.duress_locked and (basis is None or what not in ("call", "send_agent")):
        raise DuressLockedError(what=what)


def turn_duress(place: Place, label: str, call_id: int | None = None) -> int:
    """A duress word was heard, told by the act's last entry; the id of the dossier that turned, or that opened for it.

    Without a dossier one opens, held by who heard it, without a ring. `label`: who spoke, in words; `call_id`: on which
    call. The word heard is a clue of the levée de doute (L613-6), with its hour.
    """
    act = place.act
    entry = act.entries[-1]
    if place.dossier is None:
        incident_id = open_incident(act, _opening(place, label), None, None)
        hold(act, incident_id)
        place = Place(act, place.site, lock_incident(act, incident_id))
    else:
        incident_id = place.dossier.incident.id
        turn_to_duress(act, incident_id, entry)
    incident = place.case.incident
    marks = list(incident.headline.get("marks", []))
    if SILENT_MARK not in marks:
        incident.headline = {**incident.headline, "marks": [*marks, SILENT_MARK]}
    insert_clue(place, "duress_word", "" if call_id else label, entry, by_machine=True, call_id=call_id)
    hold_back(place)
    return incident_id


def hold(act: Act, incident_id: int) -> None:
    """Who heard it takes the dossier; a machine holds none."""
    if act.actor.kind == "user" and act.actor.id is not None:
        take(act, incident_id)


def hear_duress_on_test(act: Act, site_id: int, asking: Asking) -> OnTestDuressError:
    """Somebody asks for a test and gives the duress word: nothing is put on test, the dossier turns or opens (P1).

    Turns the most urgent open dossier of the site about an intrusion or a person, whoever holds it; one that nobody
    holds is then held by who heard it. Returns the error to answer with, once this is committed: its sentence is what
    ends the call, the very one of a call whose word was right.
    """
    site = lock_site(act.session, site_id)
    found = act.session.scalar(
        select(Incident)
        .where(Incident.site_id == site_id, Incident.closed_at.is_(None), Incident.family.in_(TURNED))
        .order_by(Incident.duress.desc(), Incident.priority, Incident.opened_at)
        .limit(1)
    )
    dossier = lock_incident(act, found.id) if found is not None else None
    place = Place(act, site, dossier)
    place.record(
        "on_test.duress_heard",
        {"asked_by": asking.asked_by, "contact": place.contact_name(asking.contact_id)},
        acted=True,
    )
    incident_id = turn_duress(place, asking.asked_by)
    if dossier is not None and dossier.incident.owner_id is None:
        hold(act, incident_id)
    incident = act.session.get_one(Incident, incident_id)
    return OnTestDuressError(incident=incident_id, reference=incident.reference)


def _opening(place: Place, label: str) -> Opening:
    return Opening(
        site_id=place.site.id,
        group="main",
        family="person",
        category="duress",
        priority=1,
        needs_operator=True,
        procedure_event="duress",
        limits={},
        headline={
            "code": None, "dialect": "internal", "category": "duress", "qualifier": "new", "zone": None,
            "zone_name": None, "area": None, "user": None, "text": label, "marks": [SILENT_MARK],
        },
        duress=True,
    )  # fmt: skip


def release_by_outcome(case: Case, door: str, outcome: str, entry_id: int) -> None:
    """The police told the outcome of the persons' door: it releases the lock when nobody is threatened any more."""
    if case.incident.duress_locked and door == "persons" and outcome in RELEASING_OUTCOMES:
        release_duress(case.act, case.incident.id, "police_outcome", entry_id=entry_id)

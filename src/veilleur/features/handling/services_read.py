"""Doors, public services and agents as the desk sees them (practice P4; D613-17 to D613-22; duty S11)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.features.handling.doors import (
    BY_HAND,
    GOODS,
    NO_DOOR,
    PERSON_CATEGORIES,
    PERSONS,
    POLICE,
    Door,
)
from veilleur.features.handling.interventions import agents_of
from veilleur.features.handling.picture import Picture, scene_of, standing
from veilleur.features.handling.policy import POLICY
from veilleur.features.handling.scripts import (
    SHORT_NUMBERS,
    Line,
    next_outcomes,
    service_script,
)
from veilleur.features.handling.stages import (
    HELD,
    NOT_LEFT,
    STAGES,
    card_expired,
    next_agent,
    ranked,
)
from veilleur.features.handling.tables import Intervention, ServiceCall
from veilleur.features.handling.telling import last_alarm, to_tell, unaware, under_threat
from veilleur.features.handling.views import (
    AgentView,
    CallbacksView,
    ClueView,
    DoorsView,
    DoorView,
    InterventionView,
    MotifView,
    ProofView,
    ResponderView,
    RuleView,
    ServiceCallView,
    ServiceView,
)
from veilleur.features.incidents.tables import Incident
from veilleur.features.incidents.views import Text
from veilleur.features.sites.queries import directory_for
from veilleur.features.sites.tables import DirectoryEntry, Responder, Site, SiteResponder

#: Services offered; police or gendarmerie by the commune's zone.
OFFERED = (*POLICE, "fire", "medical")
#: Whose matter an alarm is: its services come first on the card. Any other is the police's.
FIRST = {"fire": ("fire", "medical"), "gas": ("fire", "medical"), "medical": ("medical", "fire")}


def clue_views(picture: Picture) -> list[ClueView]:
    """The clues that stand, by their hour."""
    return [
        ClueView(
            id=clue.id,
            kind=clue.kind,
            strength=clue.strength,
            door=clue.door,
            origin=clue.origin,
            who=clue.who,
            text=clue.text,
            finding=clue.finding,
            camera=clue.camera,
            points=list(clue.points),
            by_machine=clue.origin != "operator",
            at=clue.at,
            abilities=picture.able("clue.remove") if clue.origin == "operator" else [],
        )
        for clue in standing(picture)
    ]


def doors_view(pair: tuple[Door, Door]) -> DoorsView:
    """Both doors, for the card."""
    goods, persons = (_door_view(door) for door in pair)
    return DoorsView(goods=goods, persons=persons)


def _door_view(door: Door) -> DoorView:
    rule = door.rule
    return DoorView(
        door=door.door,
        state=door.state,
        proofs=[
            ProofView(kind=kind, label=kind, have=kind in door.proofs, hotkey=BY_HAND.get(kind))
            for kind in door.accepted
        ],
        supports=list(door.supports),
        concrete=door.concrete,
        callbacks=CallbacksView(reached=door.reached, needed=rule.callbacks),
        override_motifs=[MotifView(key=key, label=key) for key in rule.override_motifs],
        rule=RuleView(
            reference=rule.reference,
            since=rule.in_force.isoformat(),
            zone=rule.zone,
            approved_by=rule.approved_by,
        ),
    )


def _texts(lines: Iterable[Line]) -> list[Text]:
    return [Text(code=code, params=params) for code, params in lines]


def offered(incident: Incident) -> tuple[str, ...]:
    """The services in the order of the card: fire to the CODIS, medical to the SAMU (V2), a person under threat to the
    police whatever opened the dossier."""
    first = () if incident.duress else FIRST.get(incident.category, FIRST.get(incident.family, ()))
    return (*first, *(service for service in OFFERED if service not in first))


def services_view(picture: Picture, pair: tuple[Door, Door]) -> list[ServiceView]:
    """Who answers for the commune, with the script to read; a number that is missing is told, never hidden."""
    site = picture.site
    rows = {
        row.service: row
        for row in reversed(directory_for(picture.session, site.commune, OFFERED, site.police_zone))
    }
    found: list[ServiceView] = []
    for service in offered(picture.incident):
        row = rows.get(service)
        if row is None and service not in ("police", "fire", "medical"):
            continue
        if row is None and service == "police" and "gendarmerie" in rows:
            continue
        door = _door_for(picture.incident) if service in POLICE else NO_DOOR
        chosen = pair[1] if door == PERSONS else pair[0]
        scene = scene_of(picture, row, picture.reader.name)
        found.append(
            ServiceView(
                service=service,
                directory_id=row.id if row else None,
                name=row.name if row else None,
                number=None,
                door=door,
                script=_texts(service_script(service, door, scene, concrete=chosen.concrete)),
                missing=None if row else _missing(service, site),
                call_back=scene.call_back,
                checked_on=row.checked_on if row else None,
            )
        )
    return found


def _door_for(incident: Incident) -> str:
    """The door proposed first; the other is one key away. What a refused clear frame claims counts: a hold-up that
    nothing authenticates is still somebody's danger."""
    person = incident.family == "person" or incident.category in PERSON_CATEGORIES
    return PERSONS if person or incident.duress else GOODS


def _missing(service: str, site: Site) -> Text:
    params = {
        "commune": site.town or site.commune,
        "service": service,
        "short": SHORT_NUMBERS[service],
    }
    return Text(code="service.missing_number", params=params)


def service_call_views(picture: Picture) -> list[ServiceCallView]:
    """The dossier's calls to public services. The reserved number is in the running one only, for its holder."""
    rows = picture.session.execute(
        select(ServiceCall, DirectoryEntry)
        .outerjoin(DirectoryEntry, DirectoryEntry.id == ServiceCall.directory_id)
        .where(ServiceCall.incident_id == picture.incident.id)
        .order_by(ServiceCall.id)
    ).all()
    return [_service_call_view(picture, row, directory) for row, directory in rows]


def _service_call_view(
    picture: Picture, row: ServiceCall, directory: DirectoryEntry | None
) -> ServiceCallView:
    running = row.ended_at is None
    shown = None
    if running and picture.mine and POLICY.allows(picture.reader, "service_call.done"):
        shown = directory.number if directory else SHORT_NUMBERS[row.service]
    scene = scene_of(picture, directory, row.asked_by or "")
    script = service_script(
        row.service,
        row.door,
        scene,
        motif=row.override_motif,
        concrete=bool(row.justification.get("concrete")),
    )
    may = picture.able("service_call.done") if next_outcomes(row.service, row.outcome) else []
    if row.review_needed and row.reviewed_at is None:
        may += [name.partition(".")[2] for name in POLICY.abilities(picture.reader, ["service_call.review"])]
    return ServiceCallView(
        id=row.id,
        service=row.service,
        name=directory.name if directory else None,
        number=shown,
        door=row.door,
        justification=row.justification,
        override_motif=row.override_motif,
        review_needed=row.review_needed and row.reviewed_at is None,
        reached=row.reached,
        call_back_given=row.call_back_given,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        outcome_at=row.outcome_at,
        next_outcomes=list(next_outcomes(row.service, row.outcome)),
        note=row.outcome_note,
        script=_texts(script) if running else [],
        abilities=may,
    )


#: Stage → the route's verb that leads to it.
VERBS = {
    "accepted": "accepted",
    "refused": "refused",
    "no_answer": "no-answer",
    "on_the_way": "on-the-way",
    "held": "held",
    "on_site": "on-site",
    "finding": "finding",
    "done": "done",
    "cancelled": "cancelled",
}


def intervention_views(picture: Picture) -> list[InterventionView]:
    """Agents asked for this dossier, the first asked first."""
    rows = picture.session.execute(
        select(Intervention, Responder, SiteResponder.keys)
        .join(Responder, Responder.id == Intervention.responder_id)
        .outerjoin(
            SiteResponder,
            (SiteResponder.responder_id == Intervention.responder_id)
            & (SiteResponder.site_id == picture.site.id),
        )
        .where(Intervention.incident_id == picture.incident.id)
        .order_by(Intervention.id)
    ).all()
    warn = _to_warn(picture, [row for row, _, _ in rows])
    threat = under_threat(picture.session, picture.site.id)
    return [
        _intervention_view(picture, row, agent, keys, warn=row.id in warn, threat=threat)
        for row, agent, keys in rows
    ]


def _to_warn(picture: Picture, rows: Sequence[Intervention]) -> frozenset[int]:
    """Who is still to be told of something new; everybody who is engaged when it came from another dossier."""
    if not picture.incident.warn_agent:
        return frozenset()
    last = last_alarm(picture.session, picture.incident.id)
    telling = to_tell(picture.session, picture.site.id)
    there = [row for row in rows if row.state in telling]
    return frozenset(row.id for row in [row for row in there if unaware(row, last)] or there)


def _intervention_view(
    picture: Picture, row: Intervention, agent: Responder, keys: str | None, *, warn: bool, threat: bool
) -> InterventionView:
    able = bool(picture.able("intervention.move"))
    may = [VERBS[stage] for stage in STAGES[row.state]] if able else []
    if picture.incident.duress_locked and row.state not in NOT_LEFT:
        may = [verb for verb in may if verb != "cancelled"]
    if not threat:
        may = [verb for verb in may if verb != "held"]
    if able and warn:
        may.append("warned")
    return InterventionView(
        id=row.id,
        responder=AgentView(id=agent.id, name=agent.name, firm=agent.firm, phone=agent.phone),
        state=row.state,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        left_at=row.left_at,
        expected_at=row.expected_at,
        late=_late(row, picture.now),
        arrived_at=row.arrived_at,
        finding=row.finding,
        finding_note=row.finding_note,
        found_at=row.found_at,
        done_at=row.done_at,
        refused_reason=row.refused_reason,
        keys=keys,
        warned_at=row.warned_at,
        threat=threat,
        hold_back=threat and warn and row.state != HELD,
        abilities=may,
    )


def _late(row: Intervention, now: datetime) -> bool:
    return row.state in ("accepted", "on_the_way") and row.expected_at is not None and now >= row.expected_at


def responder_views(picture: Picture) -> list[ResponderView]:
    """Who may be sent, in the order to ask; absent when the contract pays for no intervention (need 3)."""
    if "intervention" not in picture.site.services:
        return []
    agents = agents_of(picture.session, picture.site, picture.incident.id)
    following = next_agent(agents, picture.now)
    return [
        ResponderView(
            id=agent.id,
            name=agent.name,
            firm=agent.firm,
            phone=agent.phone,
            keys=agent.keys,
            minutes=agent.minutes,
            rank=agent.rank,
            asked=agent.asked,
            card_expired=card_expired(agent, picture.now),
            suggested=following is not None and following.id == agent.id,
        )
        for agent in ranked(agents, picture.now)
    ]

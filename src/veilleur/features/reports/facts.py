"""The facts of a dossier, whole; `redaction.py` says who sees which. Times are aware UTC datetimes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.calling import word_told
from veilleur.features.handling.doors import PERSONS
from veilleur.features.handling.evidence import rule_of, told_clues
from veilleur.features.handling.rules import EVERYWHERE
from veilleur.features.handling.tables import Call, Intervention, ServiceCall
from veilleur.features.handling.verdicts import ended, police_called_at, verdicts
from veilleur.features.incidents.case import user_names
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.procedure import snapshot_steps
from veilleur.features.incidents.stepping import DONE, SKIPPED, rows_of
from veilleur.features.incidents.tables import Deferral, Incident, IncidentPoint, IncidentSignal
from veilleur.features.people.tables import User
from veilleur.features.procedures.queries import Step as StepForm
from veilleur.features.signals.extended import noticed, told_details
from veilleur.features.signals.tables import Signal
from veilleur.features.sites.tables import Contact, Customer, DirectoryEntry, Responder, Site

Facts = dict[str, Any]

#: Clue or act → the means of the levée de doute that the law names.
MEANS = {"image": "image", "sound": "sound", "agent": "on_site", "witness": "on_site"}
#: Act of a step that looks or listens → its means, whatever was found: what speaks against is told too.
CHECKED = {"view_clip": "image", "listen": "sound"}
#: A runaway detector must not make a report unreadable: the last signals of its dossier are looked at, as on the desk.
MOST_SIGNALS = 500
ACCEPTED = "accepted"
#: What a check ends in when it could not be made: no means then.
NOT_MADE = "unavailable"


def facts_of(session: ReadSession, incident: Incident, site: Site) -> Facts:
    """Everything a report may tell of a dossier."""
    customer = session.get(Customer, site.customer_id) if site.customer_id is not None else None
    calls = _calls(session, incident.id)
    clues = _clues(session, incident.id)
    interventions = _interventions(session, incident.id)
    steps = _steps(session, incident)
    points = points_of(session, incident.id)
    return {
        "incident": _incident(session, incident, points),
        "site": {
            **{
                name: getattr(site, name)
                for name in ("reference", "name", "street", "postcode", "town", "access", "risks")
            },
            "customer": customer.name if customer else None,
        },
        "verification": _verification(
            session,
            incident,
            site,
            calls=calls,
            clues=clues,
            checks=checks_of(steps),
            interventions=interventions,
        ),
        "checks": [{key: row[key] for key in CHECK} for row in checks_of(steps)],
        "points": _points(session, points),
        "signals": _signals(session, incident.id),
        "clues": clues,
        "calls": calls,
        "services": _services(session, incident.id),
        "interventions": interventions,
        "deferrals": [
            {
                **{name: getattr(row, name) for name in ("what", "who", "until", "done_at")},
                "points": [point.label for point in points if point.deferral_id == row.id],
            }
            for row in session.scalars(
                select(Deferral).where(Deferral.incident_id == incident.id).order_by(Deferral.id)
            )
        ],
        "steps": [{key: value for key, value in row.items() if key != "act"} for row in steps],
    }


def _incident(session: ReadSession, incident: Incident, points: Sequence[IncidentPoint]) -> Facts:
    """The alarm in short, every point with its hour."""
    same = (
        "reference", "category", "family", "priority", "state", "duress", "opened_at", "taken_at", "first_act_at",
        "closed_at", "signal_count", "verification", "outcome", "outcome_note",
    )  # fmt: skip
    names = user_names(session, [incident.owner_id])
    return {
        **{name: getattr(incident, name) for name in same},
        "points": [{"label": point.label, "at": point.first_at} for point in points],
        "operator": names.get(incident.owner_id or 0),
    }


def _points(session: ReadSession, points: Sequence[IncidentPoint]) -> list[Facts]:
    """The points; of one that is not back, who has it in charge until when («suivi en attente»)."""
    same = ("label", "category", "alarms", "first_at", "last_at", "normal_at", "normal_by")
    ids = [point.deferral_id for point in points if point.deferral_id is not None]
    held = {row.id: row for row in session.scalars(select(Deferral).where(Deferral.id.in_(ids)))}
    found: list[Facts] = []
    for point in points:
        row = held.get(point.deferral_id or 0) if point.normal_at is None else None
        found.append(
            {
                **{name: getattr(point, name) for name in same},
                "deferred_until": row.until if row else None,
                "deferred_to": row.who if row else None,
            }
        )
    return found


def _signals(session: ReadSession, incident_id: int) -> list[Facts]:
    """The dossier's signals that say more than their line of the story: data beside, a doubt, a clock that is wrong."""
    ids = select(IncidentSignal.signal_id).where(IncidentSignal.incident_id == incident_id)
    rows = session.scalars(
        select(Signal).where(Signal.id.in_(ids)).order_by(Signal.id.desc()).limit(MOST_SIGNALS)
    )
    told = [
        {
            "at": row.received_at,
            "code": str(row.events[0].get("code") or "") if row.events else "",
            "verdict": None if row.verdict == ACCEPTED else row.verdict,
            "drift": noticed(row.drift),
            "details": [(each.code, each.value) for each in told_details(row.events)],
        }
        for row in reversed(rows.all())
    ]
    return [row for row in told if row["verdict"] or row["drift"] is not None or row["details"]]


def names_of_ours(session: ReadSession) -> tuple[str, ...]:
    """Agents' and our own people's names, those who left included; a firm's name is no person's."""
    agents = select(Responder.name).where(Responder.name != func.coalesce(Responder.firm, ""))
    return (*session.scalars(select(User.name)), *session.scalars(agents))


CHECK = ("label", "state", "result", "motif", "note", "done_at", "by")


def checks_of(steps: list[Facts]) -> list[Facts]:
    """Looking and listening, whatever came of it: a person seen, nothing unusual, no image, not done and why."""
    return [row for row in steps if row["act"] in CHECKED and row["state"] in (DONE, SKIPPED)]


def _verification(
    session: ReadSession,
    incident: Incident,
    site: Site,
    *,
    calls: list[Facts],
    clues: list[Facts],
    checks: list[Facts],
    interventions: list[Facts],
) -> Facts:
    """The law's record: means, started and ended, operator, result, and the rule it was judged by.

    It ended when its result was set, before the police call if there is one; a result changed later is told beside.
    """
    rule = rule_of(session, site, incident)
    told = verdicts(session, incident.id)
    over = ended(told, police_called_at(session, incident.id))
    changed = told[-1] if over is not None and told[-1].result != over.result else None
    ours = [
        row
        for row in calls
        if row["direction"] == "out"
        and row["target"] in ("site", "contact")
        and (over is None or row["at"] <= over.at)
    ]
    means = ["phone"] if ours else []
    standing = [row for row in clues if row["removed_at"] is None]
    means += [MEANS[row["kind"]] for row in standing if row["kind"] in MEANS]
    made = [row for row in checks if row["state"] == DONE and row["result"] != NOT_MADE]
    means += [CHECKED[row["act"]] for row in made]
    means += ["on_site"] if any(row["found_at"] for row in interventions) else []
    times = [row["at"] for row in ours]
    # Of an image its clue keeps the hour: the verification began when somebody looked at it.
    times += [row["told_at"] or row["at"] for row in clues if row["origin"] != "signals"]
    times += [row["asked_at"] for row in interventions]
    times += [row["done_at"] for row in made]
    names = user_names(session, [incident.owner_id])
    return {
        "means": list(dict.fromkeys(means)),
        "started_at": max(min(times), incident.taken_at or incident.opened_at) if times else None,
        "ended_at": over.at if over else None,
        "ended_result": over.result if over and changed else None,
        "changed_at": changed.at if changed else None,
        "operator": names.get(incident.owner_id or 0),
        "result": incident.verification,
        "rule": rule.reference,
        "rule_since": rule.in_force.isoformat(),
        "rule_zone": None if rule.zone == EVERYWHERE else rule.zone,
    }


def _clues(session: ReadSession, incident_id: int) -> list[Facts]:
    """Every clue by its hour, withdrawn ones included, with who told it and where it comes from."""
    same = ("kind", "strength", "finding", "text", "at", "origin", "who", "removed_at", "camera", "told_at")
    return [
        {**{name: getattr(clue, name) for name in same}, "points": list(clue.points)}
        for clue in told_clues(session, incident_id)
    ]


def _calls(session: ReadSession, incident_id: int) -> list[Facts]:
    """Calls that were made; those begun by mistake are in the logbook only."""
    rows = session.scalars(
        select(Call).where(Call.incident_id == incident_id, Call.undone_at.is_(None)).order_by(Call.id)
    ).all()
    ids = [row.person_id for row in rows if row.person_id is not None]
    known = session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(ids))).all()
    names: Mapping[int, str] = {row.id: row.name for row in known}
    return [
        {
            "at": row.started_at,
            "direction": row.direction,
            "target": row.target,
            "label": row.label,
            "number": row.number,
            "result": row.result,
            "word": word_told(row),
            "person": names.get(row.person_id or 0),
            "understood": row.understood,
            "note": row.note,
        }
        for row in rows
    ]


def _services(session: ReadSession, incident_id: int) -> list[Facts]:
    """Calls to public services: the unit by its name, never by its reserved number (D613-18)."""
    rows = session.execute(
        select(ServiceCall, DirectoryEntry.name)
        .outerjoin(DirectoryEntry, DirectoryEntry.id == ServiceCall.directory_id)
        .where(ServiceCall.incident_id == incident_id)
        .order_by(ServiceCall.id)
    ).all()
    return [
        {
            "service": row.service,
            "name": name,
            "door": row.door,
            "at": row.asked_at,
            "ended_at": row.ended_at,
            "clues": row.justification.get("clues", []),
            "concrete": row.justification.get("concrete") if row.door == PERSONS else None,
            "motif": row.override_motif,
            "rule": row.justification.get("rule"),
            "operator": row.asked_by,
            "reached": row.reached,
            "call_back": row.call_back_given,
            "outcome": row.outcome,
            "outcome_at": row.outcome_at,
            "note": row.outcome_note,
            "review": _review(row),
        }
        for row, name in rows
    ]


def _review(row: ServiceCall) -> str:
    if not row.review_needed:
        return "none"
    return "done" if row.reviewed_at is not None else "waiting"


def _interventions(session: ReadSession, incident_id: int) -> list[Facts]:
    rows = session.execute(
        select(Intervention, Responder.name, Responder.firm)
        .join(Responder, Responder.id == Intervention.responder_id)
        .where(Intervention.incident_id == incident_id)
        .order_by(Intervention.id)
    ).all()
    same = (
        "state", "asked_at", "answered_at", "left_at", "expected_at", "arrived_at", "finding", "finding_note",
        "found_at", "done_at",
    )  # fmt: skip
    return [
        {
            "agent": name,
            "firm": firm,
            **{field: getattr(row, field) for field in same},
            "reason": row.refused_reason,
        }
        for row, name, firm in rows
    ]


def _steps(session: ReadSession, incident: Incident) -> list[Facts]:
    """The procedure as it was that night; branches not taken are left out."""
    rows = [row for row in rows_of(session, incident.id) if row.state != "absent"]
    forms: dict[str, StepForm] = {}
    kept: Mapping[str, Any] | None = incident.procedure
    while kept is not None:
        forms |= {step.key: step for step in snapshot_steps(dict(kept))}
        kept = kept.get("replaced")
    callers = _callers(session, incident.id)
    names = user_names(session, [*(row.done_by for row in rows), *callers.values()])
    found: list[Facts] = []
    for row in rows:
        form = forms.get(row.key)
        found.append(
            {
                "act": form.act if form else None,
                "label": (form.wording or form.label) if form else row.key,
                "state": row.state,
                "result": row.result,
                "motif": row.motif,
                "note": row.note,
                "done_at": row.done_at,
                "by": names.get(row.done_by or callers.get(row.key) or 0)
                or ("machine" if row.state == DONE else None),
            }
        )
    return found


def _callers(session: ReadSession, incident_id: int) -> Mapping[str, int | None]:
    """Step → who made the call that answered it: the watch only writes the result once it can no longer be undone."""
    rows = session.execute(
        select(Call.step_key, Call.made_by)
        .where(Call.incident_id == incident_id, Call.undone_at.is_(None), Call.step_key.is_not(None))
        .order_by(Call.id)
    ).all()
    return {row.step_key: row.made_by for row in rows}

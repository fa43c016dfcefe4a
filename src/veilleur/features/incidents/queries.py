"""Reads of dossiers: rows, the parts of a dossier, the past, what is not back to normal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.incidents.case import limits_of, user_names
from veilleur.features.incidents.closing import (
    OUTCOMES,
    UNJUSTIFIED,
    VERIFICATION_OPEN,
    blockers_of,
    is_real,
    needs_reason,
    needs_result,
)
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.incidents.policy import POLICY, abilities
from veilleur.features.incidents.procedure import RETURN, snapshot_steps
from veilleur.features.incidents.rows import facts_of, incident_rows, row_for
from veilleur.features.incidents.stepping import DONE, SKIPPED, rows_of
from veilleur.features.incidents.steps import said_by_hand
from veilleur.features.incidents.tables import Deferral, Incident, IncidentPoint, IncidentSignal
from veilleur.features.incidents.views import (
    Closing,
    DeferralView,
    Outcome,
    PastIncident,
    PointView,
    ProcedureHead,
    StepResult,
    StepView,
    Text,
)
from veilleur.features.procedures.queries import Step as StepForm
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import fold

__all__ = [
    "abilities_of",
    "closing_of",
    "deferrals_of",
    "dossier_row",
    "every_incident",
    "incident_rows",
    "not_normal",
    "open_deferrals",
    "past_incidents",
    "points_views",
    "procedure_of",
    "readable",
    "row_for",
    "signals_of",
    "steps_views",
    "unjustified_since",
    "visible",
]

#: Function keys of a step's first results, in their order. F8 takes a P1, F1–F4 and F11–F12 are the browser's.
HOTKEYS = ("F5", "F6", "F7", "F9", "F10")

#: What the act's own card is about.
TARGETS = {
    "call_site": "site",
    "call_contact": "contact",
    "call_next_contact": "next_contact",
    "call_police": "police",
    "call_fire": "fire",
    "call_medical": "medical",
    "send_agent": "agent",
}

#: Past dossiers are given by pages of this many.
PAGE = 50


def visible(session: ReadSession, incident_id: int, reader: Reader) -> Incident:
    """The dossier, if it is in the reader's perimeter; NotFoundError otherwise."""
    incident = session.scalar(
        select(Incident).where(Incident.id == incident_id, within(reader.perimeter, Incident))
    )
    if incident is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)
    return incident


def abilities_of(incident: Incident, reader: Reader) -> list[str]:
    """The routes' verbs this reader may use now on the dossier."""
    return abilities(facts_of(incident), reader)


def dossier_row(session: ReadSession, incident_id: int, now: datetime) -> Mapping[str, Any]:
    """One dossier's row, as JSON without abilities."""
    (view,) = incident_rows(session, [incident_id], now)
    return view.body


def procedure_of(incident: Incident) -> ProcedureHead:
    """Which procedure the dossier follows."""
    kept = incident.procedure
    return ProcedureHead(source=kept["source"], event=kept["event"], id=kept["id"], edition=kept["edition"])


def steps_views(session: ReadSession, incident: Incident, reader: Reader, now: datetime) -> list[StepView]:
    """The steps in their order; those of a branch not taken are left out."""
    rows = [row for row in rows_of(session, incident.id) if row.state != "absent"]
    forms = {form.key: form for form in _every_form(incident)}
    names = user_names(session, [row.done_by for row in rows])
    works = "steps" in abilities_of(incident, reader)
    undo = timedelta(seconds=limits_of(session).undo)
    current = {form.key for form in snapshot_steps(incident.procedure)}
    found: list[StepView] = []
    for row in rows:
        form = forms[row.key]
        over = row.state in (DONE, SKIPPED)
        undo_until = row.done_at + undo if over and row.done_at and row.done_by == reader.user_id else None
        may: list[str] = []
        if works and row.key in current:
            may = ["done", "skip"] if not over else ["undo"] if undo_until and undo_until >= now else []
        due_at = (
            row.current_since + timedelta(seconds=form.timer) if row.current_since and form.timer else None
        )
        found.append(
            StepView(
                **_words(form),
                key=row.key,
                act=form.act,
                target=TARGETS.get(form.act),
                rank=form.rank,
                state=row.state,
                parallel=form.parallel,
                mandatory=form.mandatory,
                results=_results(session, incident.id, form, asked="done" in may),
                result=row.result,
                motif=row.motif,
                note=row.note,
                current_since=row.current_since,
                due_at=due_at,
                done_at=row.done_at,
                done_by=names.get(row.done_by or 0),
                undo_until=undo_until,
                urgent=form.urgent,
                abilities=[] if form.act == RETURN and row.state == DONE else may,
            )
        )
    return found


def _every_form(incident: Incident) -> list[StepForm]:
    """The steps of the procedure and of those it replaced (duress)."""
    found: list[StepForm] = []
    kept: dict[str, Any] | None = incident.procedure
    while kept is not None:
        found += snapshot_steps(kept)
        kept = kept.get("replaced")
    return found


def _words(form: StepForm) -> dict[str, str | None]:
    if form.wording is None:
        return {"label": form.label or form.key, "say": form.say, "hint": form.hint}
    return {
        "label": form.wording,
        "say": form.wording if form.say else None,
        "hint": form.wording if form.hint else None,
    }


def _results(session: ReadSession, incident_id: int, form: StepForm, *, asked: bool) -> list[StepResult]:
    """`asked`: the reader may answer the step now; else nothing is said by hand."""
    keys = dict(zip((each.key for each in form.results), HOTKEYS, strict=False))
    return [
        StepResult(
            key=each.key,
            label=each.label or each.key,
            hotkey=keys.get(each.key),
            by_hand=asked and said_by_hand(session, incident_id, form, each.key),
        )
        for each in form.results
    ]


def points_views(session: ReadSession, incident_id: int) -> list[PointView]:
    """The dossier's points."""
    same = (
        "id",
        "label",
        "category",
        "area",
        "alarms",
        "first_at",
        "last_at",
        "restored_at",
        "normal_at",
        "normal_by",
    )
    return [
        PointView(
            **{name: getattr(point, name) for name in same},
            deferral_id=point.deferral_id,
            open=is_open(point),
        )
        for point in points_of(session, incident_id)
    ]


def deferrals_of(session: ReadSession, incident_id: int) -> list[DeferralView]:
    """The dossier's deferrals, the soonest first."""
    rows = session.scalars(
        select(Deferral).where(Deferral.incident_id == incident_id).order_by(Deferral.until, Deferral.id)
    )
    return [
        DeferralView(id=row.id, what=row.what, who=row.who, until=row.until, done_at=row.done_at)
        for row in rows
    ]


def closing_of(session: ReadSession, incident: Incident) -> Closing:
    """What the closing card shows: blockers, and the causes this family may have."""
    closed = incident.state == State.CLOSED
    blockers = [] if closed else blockers_of(session, incident)
    locked = Text(code="outcome.locked", params={})
    told = any(each.code == VERIFICATION_OPEN for each in blockers)
    owed = not closed and not told and needs_result(session, incident, "real_")
    needs = Text(code=f"blocker.{VERIFICATION_OPEN}", params={})
    justify = Text(code="outcome.justify", params={})
    return Closing(
        blockers=[Text(code=f"blocker.{each.code}", params=dict(each.params)) for each in blockers],
        outcomes=[
            Outcome(
                key=key,
                label=key,
                group=_group(key),
                locked=locked if incident.duress_locked and key in UNJUSTIFIED else None,
                needs=needs if owed and is_real(key) else None,
                justify=justify if not closed and needs_reason(session, incident, key) else None,
            )
            for key in OUTCOMES.get(incident.family, OUTCOMES["service"])
        ],
        outcome=incident.outcome,
        note=incident.outcome_note,
    )


def _group(outcome: str) -> str:
    head = outcome.split("_", 1)[0]
    return head if head in ("real", "unjustified", "technical") else "other"


def signals_of(session: ReadSession, incident_id: int) -> Sequence[IncidentSignal]:
    """Which events of which signals belong to the dossier, in the order in which they came."""
    return session.scalars(
        select(IncidentSignal)
        .where(IncidentSignal.incident_id == incident_id)
        .order_by(IncidentSignal.signal_id, IncidentSignal.event_index)
    ).all()


def unjustified_since(session: ReadSession, site_id: int, since: datetime) -> int:
    """How many of the site's dossiers were closed as «alarme injustifiée» since then (UTC)."""
    counted = select(func.count()).where(
        Incident.site_id == site_id, Incident.closed_at >= since, Incident.outcome.in_(UNJUSTIFIED)
    )
    return session.scalar(counted) or 0


def past_incidents(
    session: ReadSession,
    reader: Reader,
    *,
    site_id: int | None = None,
    state: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> list[PastIncident]:
    """Dossiers, the last first, by pages: `before` is the id of the last one shown. `state`: one, or «open».

    `words`: each is in the reference, or begins a word of the site (its name, town, reference; no accents).
    """
    query = (
        select(Incident, Site)
        .join(Site, Site.id == Incident.site_id)
        .where(within(reader.perimeter, Incident))
    )
    if site_id is not None:
        query = query.where(Incident.site_id == site_id)
    if state == "open":
        query = query.where(Incident.closed_at.is_(None))
    elif state is not None:
        query = query.where(Incident.state == state)
    for word in fold(words).split()[:8]:
        in_site = Site.search.contains(f" {word}", autoescape=True)
        named = or_(Site.sort_key.startswith(word, autoescape=True), in_site)
        query = query.where(or_(func.lower(Incident.reference).contains(word, autoescape=True), named))
    if before is not None:
        query = query.where(Incident.id < before)
    rows = session.execute(query.order_by(Incident.id.desc()).limit(min(limit, PAGE))).all()
    ids = [incident.id for incident, _ in rows]
    labels: dict[int, list[str]] = {}
    points = select(IncidentPoint.incident_id, IncidentPoint.label).where(IncidentPoint.incident_id.in_(ids))
    for incident_id, label in session.execute(points.order_by(IncidentPoint.id)):
        labels.setdefault(incident_id, []).append(label)
    names = user_names(session, [incident.owner_id for incident, _ in rows])
    return [
        PastIncident(
            id=incident.id,
            reference=incident.reference,
            site=_row_site(site),
            category=incident.category,
            priority=incident.priority,
            opened_at=incident.opened_at,
            closed_at=incident.closed_at,
            state=incident.state,
            outcome=incident.outcome,
            signal_count=incident.signal_count,
            points=labels.get(incident.id, []),
            closed_by=names.get(incident.owner_id or 0) if incident.closed_at else None,
        )
        for incident, site in rows
    ]


def _row_site(site: Site) -> Any:
    return {
        "id": site.id,
        "reference": site.reference,
        "name": site.name,
        "town": site.town,
        "timezone": site.timezone,
    }


def every_incident(session: ReadSession) -> Iterator[dict[str, Any]]:
    """Every dossier, the oldest first, with the names of the contract; `signals`: ids, in the order of arrival."""
    joined = (
        select(func.array_agg(IncidentSignal.signal_id.distinct()))
        .where(IncidentSignal.incident_id == Incident.id)
        .scalar_subquery()
    )
    query = (
        select(Incident, Site.reference, joined).join(Site, Site.id == Incident.site_id).order_by(Incident.id)
    )
    for incident, site, signals in session.execute(query.execution_options(yield_per=500)):
        yield {
            "id": incident.id,
            "reference": incident.reference,
            "site": site,
            **{name: getattr(incident, name) for name in CONTRACT},
            "signals": sorted(signals or []),
        }


#: The contract's plain columns (ARCHITECTURE.md §7), in its order.
CONTRACT = ("category", "priority", "state", "opened_at", "taken_at", "first_act_at", "closed_at")


def not_normal(session: ReadSession, reader: Reader) -> list[int]:
    """Ids of dossiers that have a point neither back to normal nor deferred, the oldest first."""
    query = (
        select(Incident.id)
        .join(IncidentPoint, IncidentPoint.incident_id == Incident.id)
        .where(
            Incident.closed_at.is_(None),
            IncidentPoint.normal_at.is_(None),
            IncidentPoint.deferral_id.is_(None),
            within(reader.perimeter, Incident),
        )
    )
    return list(session.scalars(query.distinct().order_by(Incident.id)))


def open_deferrals(session: ReadSession, reader: Reader, *, site_id: int | None = None) -> list[DeferralView]:
    """What is not done yet, of open and of closed dossiers, the soonest first: it goes into the handover."""
    query = (
        select(Deferral)
        .join(Incident, Incident.id == Deferral.incident_id)
        .where(Deferral.done_at.is_(None), within(reader.perimeter, Incident))
    )
    if site_id is not None:
        query = query.where(Deferral.site_id == site_id)
    return [
        DeferralView(id=row.id, what=row.what, who=row.who, until=row.until, done_at=row.done_at)
        for row in session.scalars(query.order_by(Deferral.until, Deferral.id))
    ]


def readable(reader: Reader) -> bool:
    """Whether this reader sees dossiers at all."""
    return POLICY.allows(reader, "incident.read")

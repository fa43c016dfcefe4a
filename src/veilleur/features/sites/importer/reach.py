"""How far a change of a brand goes: which of its shops change, which are named exceptions (practice need 6)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.sites.brands import KINDS, taken
from veilleur.features.sites.importer.fields import Issue
from veilleur.features.sites.importer.plan import Change, Plan
from veilleur.features.sites.queries import subject_of
from veilleur.features.sites.tables import Brand, Contact, Instruction, Procedure, Site
from veilleur.logbook.act import Act

TABLES = {Contact: "contacts", Instruction: "instructions", Procedure: "procedures"}


@dataclass(frozen=True)
class Reach:
    """What changes (labels of the file), at how many shops, and the references of the exceptions."""

    items: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    sites: int
    exceptions: tuple[str, ...]


def items_of(plan: Plan) -> list[tuple[str, str]]:
    """The contacts, consignes and procedures that a brand's plan changes: (kind, name)."""
    return [(TABLES[change.table], _name(change)) for change in plan.changes if change.table in TABLES]


def _name(change: Change) -> str:
    column = KINDS[TABLES[change.table]]
    return str(change.attrs[column] if change.row is None else getattr(change.row, column))


def reach_of(session: ReadSession, reference: str, plan: Plan) -> Reach | None:
    """The shops that a planned change of a brand reaches; None when it changes nothing of theirs."""
    items = items_of(plan)
    rows = session.execute(
        select(Site.reference, Site.brand_exceptions)
        .join(Brand, Brand.id == Site.brand_id)
        .where(Brand.reference == reference)
        .order_by(Site.reference)
    ).all()
    if not items or not rows:
        return None
    reached = [row for row in rows if taken(row.brand_exceptions, items)]
    excepted = [row.reference for row in rows if len(taken(row.brand_exceptions, items)) < len(items)]
    labels = tuple(change.label for change in plan.changes if change.table in TABLES)
    return Reach(tuple(items), labels, len(reached), tuple(excepted))


def reach_notices(session: ReadSession, reference: str, name: str, plan: Plan) -> list[Issue]:
    """«398 sites changent», with what and but for whom: said by the dry run, and by the run."""
    reach = reach_of(session, reference, plan)
    if reach is None:
        return []
    params = {
        "brand": name,
        "fields": list(reach.labels),
        "sites": reach.sites,
        "count": len(reach.exceptions),
        "exceptions": list(reach.exceptions),
    }
    return [Issue(None, "", "brand_reaches", params)]


def write_reach(act: Act, reference: str, name: str, plan: Plan) -> None:
    """One entry for each shop that changes, with what it takes: its history says so, its version moves.

    The shops are locked in the order of their ids, as long as the act lasts.
    """
    items = items_of(plan)
    brand_id = act.session.scalar(select(Brand.id).where(Brand.reference == reference))
    sites = act.session.scalars(
        select(Site).where(Site.brand_id == brand_id).order_by(Site.id).with_for_update()
    )
    for site in sites:
        kept = set(taken(site.brand_exceptions, items))
        if not kept:
            continue
        labels = [
            change.label
            for change in plan.changes
            if change.table in TABLES and (TABLES[change.table], _name(change)) in kept
        ]
        site.entry_id = act.record(
            "site.brand_changed",
            {"name": site.name, "brand": name, "fields": labels},
            subject=subject_of(site),
            touched={"site": [site.id]},
        )
    act.session.flush()

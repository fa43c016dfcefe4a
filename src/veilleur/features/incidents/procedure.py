"""Which procedure a dossier follows, and the steps of it as they were that night."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from veilleur.db.engine import ReadSession
from veilleur.features.procedures.queries import (
    Step,
    built_in,
    dump_step,
    parse_steps,
    subscribed,
    version,
    without_site_call,
)
from veilleur.features.sites.brands import exceptions_of
from veilleur.features.sites.tables import Procedure, Site
from veilleur.kernel.errors import InvalidError

__all__ = ["choose_procedure", "corroborates", "snapshot_steps", "with_duress"]

#: A «default» procedure is written with burglaries and faults in mind: it never replaces the house's own
#: procedure for fire or for a person in danger, nor what an operator does about what he sees.
NO_DEFAULT = frozenset({"fire", "person", "event"})

#: What no site has yet: cameras are connected to none. Where a person or a fire is at stake the house's own procedures
#: ask nobody to look for images that are not there; on goods an image seen by another means is noted on its step. A
#: procedure that a centre wrote says so itself.
NOT_CONNECTED = frozenset({"video"})

#: The step that ends every procedure.
RETURN = "return_to_normal"


def choose_procedure(session: ReadSession, site: Site, event: str, family: str) -> dict[str, Any]:
    """The procedure for a category: of the site, else its brand, its customer, the centre, else built in.

    In each of them the category's own wins over «default». Returns the snapshot a dossier keeps:
    {id, entry_id, source, event, edition, services, steps}; steps that the contract does not pay for, or that cannot
    be done on this site, are absent.
    """
    own = exceptions_of(site.brand_exceptions)
    rows: Sequence[Procedure] = session.scalars(
        select(Procedure).where(
            Procedure.event.in_([event, "default"]),
            Procedure.ended_at.is_(None),
            or_(*_whose(site)),
        )
    ).all()
    rows = [row for row in rows if row.brand_id is None or own.takes("procedures", row.event)]
    events = [event] if family in NO_DEFAULT else [event, "default"]
    for source in ("site", "brand", "customer", "centre"):
        for name in events:
            row = next((row for row in rows if row.event == name and _scope(row) == source), None)
            if row is not None and (steps := _readable(row.steps)):
                return _snapshot(steps, site, event=name, source=source, of=row)
    missing = NOT_CONNECTED if family in NO_DEFAULT else frozenset[str]()
    steps = subscribed(parse_steps(built_in(event)), set(site.services) - missing)
    return _snapshot(steps, site, event=event, source="built_in", of=None)


def _whose(site: Site) -> list[ColumnElement[bool]]:
    """The site's, its brand's, its customer's and the centre's. A site without a brand asks for no brand's: `== None`
    would be «IS NULL», and every other site's procedures would answer."""
    whose = [
        Procedure.site_id == site.id,
        and_(Procedure.site_id.is_(None), Procedure.brand_id.is_(None), Procedure.customer_id.is_(None)),
    ]
    if site.brand_id is not None:
        whose.append(Procedure.brand_id == site.brand_id)
    if site.customer_id is not None:
        whose.append(Procedure.customer_id == site.customer_id)
    return whose


def _scope(row: Procedure) -> str:
    owners = (("site", row.site_id), ("brand", row.brand_id), ("customer", row.customer_id))
    return next((name for name, owner in owners if owner is not None), "centre")


def _readable(raw: list[dict[str, Any]]) -> tuple[Step, ...]:
    """The steps of a stored procedure, or none when an older form of it can no longer be followed: at 3 a.m. the
    built-in one is better than an error (the import refuses such a file)."""
    try:
        return parse_steps(raw)
    except InvalidError:
        return ()


def _snapshot(
    steps: tuple[Step, ...], site: Site, *, event: str, source: str, of: Procedure | None
) -> dict[str, Any]:
    if not any(step.act == RETURN for step in steps):
        keys = {step.key for step in steps}
        key = next(name for name in ("normal", "return_to_normal", "normal_again") if name not in keys)
        end = next(row for row in built_in("unknown") if row["act"] == RETURN)
        steps = (*steps, *parse_steps([{**end, "key": key}]))
    kept = subscribed(steps, site.services)
    if not site.phone:
        kept = without_site_call(kept)
    return {
        "id": of.id if of else None,
        "entry_id": of.entry_id if of else None,
        "source": source,
        "event": event,
        "edition": None if of else version(),
        "services": sorted(site.services),
        "steps": [dump_step(step) for step in kept],
    }


def snapshot_steps(snapshot: dict[str, Any]) -> tuple[Step, ...]:
    """The steps of a dossier's snapshot."""
    return parse_steps(snapshot["steps"])


#: Key of the snapshot: the cascade of calls looks for a second person who says the same (P4).
CORROBORATE = "corroborate"


def corroborates(snapshot: dict[str, Any]) -> bool:
    """Whether the dossier's cascade of calls goes on after «fait délictueux en cours» (P4)."""
    return bool(snapshot.get(CORROBORATE))


def with_duress(session: ReadSession, site: Site, snapshot: dict[str, Any]) -> dict[str, Any]:
    """The dossier turns to «contrainte» (P1): the duress procedure replaces what was left of its own."""
    chosen = choose_procedure(session, site, "duress", "person")
    old = {step["key"]: step for step in snapshot["steps"]}
    renamed = {
        step["key"]: f"duress_{step['key']}" if step["key"] in old else step["key"]
        for step in chosen["steps"]
    }
    fresh = [
        {
            **step,
            "key": renamed[step["key"]],
            "when": [{renamed[key]: wanted for key, wanted in each.items()} for each in step["when"] or []]
            or None,
        }
        for step in chosen["steps"]
    ]
    return {**chosen, "replaced": snapshot, "steps": fresh}

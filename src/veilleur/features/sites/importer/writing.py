"""Writes one site's plan: one entry, its rows, what it is found by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from veilleur.features.sites.importer.plan import give_ids, write_plan
from veilleur.features.sites.importer.rows import SiteRows
from veilleur.features.sites.importer.site_plan import SitePlan
from veilleur.features.sites.queries import subject_of
from veilleur.features.sites.searching import compute_search
from veilleur.features.sites.tables import Site
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import Act, Subject

BUMP = text("UPDATE camera SET entry_id = :entry WHERE id = ANY(:ids)")


def new_subject(plan: SitePlan) -> Subject:
    """Whose a site is that does not exist yet."""
    first = plan.changes[0]
    return Subject(site_id=first.id, customer_id=first.attrs["customer_id"], commune=first.attrs["commune"])


def write_site(
    act: Act, plan: SitePlan, draft: Mapping[str, Any], rows: SiteRows | None, keys: SealingKeys
) -> None:
    """Writes a planned site under one entry; nothing when the plan is empty."""
    if not plan.changes:
        return
    give_ids(act, plan.changes)
    site_id = rows.site.id if rows else plan.changes[0].id
    about = subject_of(rows.site) if rows else new_subject(plan)
    params = {
        "reference": draft["reference"],
        "name": draft["name"],
        "fields": [] if plan.new else plan.labels(),
        "changes": [change.told() for change in plan.changes],
    }
    kind = "site.added" if plan.new else "site.changed"
    touched = {"site": [site_id or 0], **({"camera": sorted(plan.cameras)} if plan.cameras else {})}
    entry = act.record(kind, params, subject=about, touched=touched)
    write_plan(act, plan, entry, keys)
    if plan.cameras:  # a mask or a preset is a part of its camera: its version moves with it
        act.session.execute(BUMP, {"entry": entry, "ids": sorted(plan.cameras)})
    site: Site = rows.site if rows else plan.changes[0].row
    site.search, site.entry_id = compute_search(act.session, site), entry
    act.session.flush()

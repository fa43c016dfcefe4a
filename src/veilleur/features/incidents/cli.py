"""`veilleur incidents --json`: the dossiers, one object a line (contract, ARCHITECTURE.md §7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.tables import Incident, IncidentSignal
from veilleur.features.sites.tables import Site

PAGE = 500  # dossiers read at once: a centre keeps years of them


def add_to(app: typer.Typer) -> None:
    """Adds the command to the command line."""

    @app.command("incidents")
    def incidents(
        ctx: typer.Context,
        *,
        as_json: Annotated[
            bool, typer.Option("--json", help="One JSON object a line (the only form).")
        ] = False,
        site: Annotated[str | None, typer.Option(help="Only this site, by its reference.")] = None,
        data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The data directory.")] = None,
    ) -> None:
        """Print the dossiers, oldest first; times are RFC 3339 UTC."""
        del as_json
        with ctx.obj.at(data_dir).database().read() as session:
            for line in incident_lines(session, site):
                typer.echo(json.dumps(line, ensure_ascii=False))


def incident_lines(session: ReadSession, site: str | None = None) -> Iterator[dict[str, Any]]:
    """Every dossier as the contract has it, oldest first; `site` is a reference."""
    last = 0
    while True:
        query = (
            select(Incident, Site.reference)
            .join(Site, Site.id == Incident.site_id)
            .where(Incident.id > last)
            .order_by(Incident.id)
            .limit(PAGE)
        )
        if site is not None:
            query = query.where(Site.reference == site)
        rows = session.execute(query).all()
        if not rows:
            return
        signals = _signals(session, [incident.id for incident, _ in rows])
        for incident, reference in rows:
            yield _line(incident, reference, signals.get(incident.id, []))
        last = rows[-1][0].id


def _signals(session: ReadSession, ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    query = (
        select(IncidentSignal.incident_id, IncidentSignal.signal_id)
        .where(IncidentSignal.incident_id.in_(ids))
        .distinct()
        .order_by(IncidentSignal.incident_id, IncidentSignal.signal_id)
    )
    for incident_id, signal_id in session.execute(query):
        found.setdefault(incident_id, []).append(signal_id)
    return found


def _line(incident: Incident, site: str, signals: list[int]) -> dict[str, Any]:
    return {
        "id": incident.id,
        "reference": incident.reference,
        "site": site,
        "category": incident.category,
        "priority": incident.priority,
        "state": incident.state,
        "opened_at": _time(incident.opened_at),
        "taken_at": _time(incident.taken_at),
        "first_act_at": _time(incident.first_act_at),
        "closed_at": _time(incident.closed_at),
        "signals": signals,
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")

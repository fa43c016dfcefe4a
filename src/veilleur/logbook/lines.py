"""The lines of the main courante as screens read them: codes and parameters, filtered by perimeter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from sqlalchemy import RowMapping, text

from veilleur.db.engine import ReadSession
from veilleur.kernel.ports import Perimeter, Scope

#: Entered this long after it happened, a line is «saisie différée» (operator.md, KPI «entries late»).
LATE_AFTER = timedelta(minutes=5)


class LineSite(BaseModel):
    """The site a line is about."""

    id: int
    name: str


class LineIncident(BaseModel):
    """The dossier a line is about."""

    id: int
    reference: str


class LogLine(BaseModel):
    """An entry: its sentence is `kind` at `version`, filled with `params`. An erased one has no `params`."""

    position: int | None
    id: int
    kind: str
    version: int
    params: dict[str, Any]
    actor_name: str | None
    actor_kind: str
    happened_at: datetime
    entered_at: datetime
    late: bool
    corrects: int | None
    site: LineSite | None
    incident: LineIncident | None


@dataclass(frozen=True)
class ScopedLine:
    """A line with whose it is, and which objects' views it changed (kind → ids)."""

    line: LogLine
    scope: Scope
    touched: Mapping[str, Sequence[int]]


# One line per entry, with its names. Site and dossier are joined by name of table: the logbook stands below
# their features.
LINES = """
SELECT entry_position.position, entry.id, entry.kind, entry.version, entry.actor_kind, entry.happened_at,
       entry.entered_at, entry.corrects_id, entry.site_id, site.name AS site_name, entry.incident_id,
       incident.reference, entry.organisation, entry.customer_id, entry.commune, entry.touched,
       entry_payload.body
FROM entry
LEFT JOIN entry_position ON entry_position.entry_id = entry.id
LEFT JOIN entry_payload ON entry_payload.payload_of = entry.id
LEFT JOIN site ON site.id = entry.site_id
LEFT JOIN incident ON incident.id = entry.incident_id
"""

# Lines by id, whatever their seal.
BY_IDS = LINES + "WHERE entry.id = ANY(:ids) ORDER BY entry.id"

# The lines of one dossier, oldest first, sealed or not.
OF_INCIDENT = LINES + "WHERE entry.incident_id = :incident ORDER BY entry.id LIMIT :limit"

# What was sealed after a position, in the sealed order: the only cursor there is (positions have no gap).
AFTER = LINES + "WHERE entry_position.position > :after ORDER BY entry_position.position LIMIT :limit"

# The last sealed lines inside a perimeter, newest first; a null list lets all pass.
LAST = (
    LINES
    + """
WHERE entry_position.position <= :until
  AND (CAST(:organisations AS text[]) IS NULL OR entry.organisation = ANY(CAST(:organisations AS text[])))
  AND (CAST(:customers AS bigint[]) IS NULL OR entry.customer_id = ANY(CAST(:customers AS bigint[])))
  AND (CAST(:communes AS text[]) IS NULL OR entry.commune = ANY(CAST(:communes AS text[])))
ORDER BY entry_position.position DESC LIMIT :limit"""
)

# The end of the sealed order: position and time of the last sealed entry.
LAST_SEALED = "SELECT position, sealed_at FROM entry_position ORDER BY position DESC LIMIT 1"


def lines_by_id(session: ReadSession, ids: Iterable[int]) -> list[ScopedLine]:
    """These entries, by id, sealed or not."""
    return [_scoped(row) for row in session.execute(text(BY_IDS), {"ids": list(ids)}).mappings()]


def lines_of_incident(session: ReadSession, incident_id: int, *, limit: int = 2_000) -> list[LogLine]:
    """The lines of a dossier, oldest first; whoever may read the dossier may read them."""
    rows = session.execute(text(OF_INCIDENT), {"incident": incident_id, "limit": limit}).mappings()
    return [_scoped(row).line for row in rows]


def lines_after(session: ReadSession, after: int, *, limit: int) -> list[ScopedLine]:
    """At most `limit` entries sealed after a position (−1: from the first), in the sealed order."""
    rows = session.execute(text(AFTER), {"after": after, "limit": limit}).mappings()
    return [_scoped(row) for row in rows]


def last_lines(session: ReadSession, until: int, *, limit: int, perimeter: Perimeter) -> list[LogLine]:
    """The last `limit` sealed entries of a perimeter up to a position, newest first."""
    bounds = {
        "organisations": _bound(perimeter.organisations),
        "customers": _bound(perimeter.customers),
        "communes": _bound(perimeter.communes),
    }
    rows = session.execute(text(LAST), {"until": until, "limit": limit, **bounds}).mappings()
    return [_scoped(row).line for row in rows]


def last_sealed(session: ReadSession) -> tuple[int, datetime | None]:
    """The last position (−1 before the first) and when it was sealed."""
    row = session.execute(text(LAST_SEALED)).one_or_none()
    return (row.position, row.sealed_at) if row is not None else (-1, None)


def _bound(values: frozenset[Any] | None) -> list[Any] | None:
    return None if values is None else sorted(values)


def _scoped(row: RowMapping) -> ScopedLine:
    payload = json.loads(bytes(row["body"])) if row["body"] is not None else {}
    line = LogLine(
        position=row["position"],
        id=row["id"],
        kind=row["kind"],
        version=row["version"],
        params=payload.get("params", {}),
        actor_name=payload.get("actor_name") or None,
        actor_kind=row["actor_kind"],
        happened_at=row["happened_at"],
        entered_at=row["entered_at"],
        late=row["entered_at"] - row["happened_at"] > LATE_AFTER,
        corrects=row["corrects_id"],
        site=_named(row["site_id"], row["site_name"]),
        incident=_referenced(row["incident_id"], row["reference"]),
    )
    scope = Scope(row["organisation"], row["customer_id"], row["commune"])
    return ScopedLine(line, scope, row["touched"])


def _named(id_: int | None, name: str | None) -> LineSite | None:
    return LineSite(id=id_, name=name) if id_ is not None and name is not None else None


def _referenced(id_: int | None, reference: str | None) -> LineIncident | None:
    return LineIncident(id=id_, reference=reference) if id_ is not None and reference is not None else None

"""What dossiers know of a site: what a call proves for a change asked at night, which points a person found normal.

The tables `call` and `incident_point` belong to features that stand on this one: read here by name, in one statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.sites.errors import CallProvesNothingError
from veilleur.features.sites.reading import contact_rows
from veilleur.features.sites.tables import Site

#: A call older than this proves nothing about what is asked now.
FRESH = timedelta(hours=1)

#: What was understood that proves nothing of a request: an offence in progress, a denial, no clear answer.
REFUTING = frozenset({"offence", "denied", "unclear"})

#: call_by_id: one call of a site that nobody has undone.
CALL_BY_ID = text(
    """
    SELECT id, direction, target, contact_id, number, started_at, word, identified, understood
    FROM call WHERE id = :call_id AND site_id = :site_id AND undone_at IS NULL
    """
)

#: found_normal: the last time that something else than the point's own restore brought it back, by point (practice P5).
FOUND_NORMAL = text(
    """
    SELECT DISTINCT ON (point.zone_id) point.zone_id, point.normal_at, point.normal_by
    FROM incident_point AS point JOIN incident ON incident.id = point.incident_id
    WHERE incident.site_id = :site_id AND point.zone_id IS NOT NULL AND point.normal_at IS NOT NULL
      AND point.normal_by IN ('agent', 'contact', 'arming')
    ORDER BY point.zone_id, point.normal_at DESC
    """
)


@dataclass(frozen=True, slots=True)
class FoundNormal:
    """A point that its panel still says in alarm and that a person, or an arming, brought back. `by`: `normal_by`."""

    at: datetime
    by: str

    def stands(self, spoke: datetime | None) -> bool:
        """Until the point speaks again. `spoke`: when it last did."""
        return spoke is None or self.at >= spoke


def found_normal(session: ReadSession, site_id: int) -> dict[int, FoundNormal]:
    """Points that somebody found normal, by their id; the last time of each."""
    rows = session.execute(FOUND_NORMAL, {"site_id": site_id})
    return {row.zone_id: FoundNormal(row.normal_at, row.normal_by) for row in rows}


@dataclass(frozen=True, slots=True)
class CallEvidence:
    """What one call shows. `registered`: our own call to a number the site's file held for good."""

    id: int
    outgoing: bool
    registered: bool
    contact_id: int | None
    word: str | None
    identified: bool
    started_at: datetime


def read_evidence(
    session: ReadSession, site: Site, call_id: int | None, now: datetime
) -> CallEvidence | None:
    """The call named as evidence, None when none is named.

    Raises CallProvesNothingError when it is not a call of this site, was undone, is older than an hour, or
    when the person on the line told an offence, denied the request or left it unclear: it justifies no test and no change.
    """
    if call_id is None:
        return None
    row = session.execute(CALL_BY_ID, {"call_id": call_id, "site_id": site.id}).one_or_none()
    if row is None or now - row.started_at > FRESH or row.understood in REFUTING:
        raise CallProvesNothingError(field="call_id")
    outgoing = row.direction == "out"
    numbers = registered_numbers(session, site)
    return CallEvidence(
        id=row.id,
        outgoing=outgoing,
        registered=outgoing and row.target in {"contact", "site"} and row.number in numbers,
        contact_id=row.contact_id,
        word=row.word,
        identified=row.identified,
        started_at=row.started_at,
    )


def registered_numbers(session: ReadSession, site: Site) -> frozenset[str]:
    """Numbers that stood in the file before tonight: the site's and its lasting, authorised contacts'."""
    rows = contact_rows(session, site)
    lasting = [row for row in rows if row.provisional_until is None and row.authorised]
    numbers = {phone["number"] for row in lasting for phone in row.phones}
    return frozenset(numbers | ({site.phone} if site.phone else set()))

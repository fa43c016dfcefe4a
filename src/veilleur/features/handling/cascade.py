"""Whom to call next: by rank among those available now, never a number already tried (practice P6). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from veilleur.features.sites.model import ContactView


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that may be called. `available`: the contact says that this is an hour at which to call."""

    contact_id: int
    name: str
    role: str | None
    rank: int
    number: str
    number_label: str | None
    available: bool
    tried: bool


def candidates(
    contacts: Iterable[ContactView],
    tried: Collection[str],
    now: datetime,
    zone: str,
    reached: Collection[int] = (),
) -> tuple[Candidate, ...]:
    """Every number of a site's contacts in the order to call them.

    First those never tried; among them those available now; then by rank, and by the order of a contact's numbers.
    `tried`: E.164 numbers already called in the dossier. `reached`: contacts who identified themselves in a call of
    ours; another number of the same person brings nobody new (P4).
    """
    rows = [
        Candidate(
            contact_id=contact.id,
            name=contact.name,
            role=contact.role,
            rank=contact.rank,
            number=str(phone["number"]),
            number_label=phone.get("label"),
            available=contact.answers(now, zone),
            tried=str(phone["number"]) in tried or contact.id in reached,
        )
        for contact in contacts
        for phone in contact.phones
    ]
    return tuple(sorted(rows, key=lambda row: (row.tried, not row.available, row.rank)))


def next_candidate(rows: Iterable[Candidate]) -> Candidate | None:
    """The next number, other than those tried; None when every one was."""
    return next((row for row in rows if not row.tried), None)

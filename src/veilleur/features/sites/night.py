"""What an operator may change alone at night: contacts are added, never removed; consignes have an end.

Practice: «contact changes at night alone are provisional: they add, never remove, expire at noon of the next
working day, after a call-back to the old registered number».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from veilleur.features.deadlines.commands import schedule
from veilleur.features.sites.errors import (
    CallBackNeededError,
    InstructionEndedError,
    InstructionLengthError,
    InstructionNotTemporaryError,
    TextLengthError,
)
from veilleur.features.sites.evidence import read_evidence
from veilleur.features.sites.holidays import noon_of_next_working_day
from veilleur.features.sites.hours import Period
from veilleur.features.sites.phones import parse_phone
from veilleur.features.sites.queries import lock_site, subject_of
from veilleur.features.sites.searching import compute_search
from veilleur.features.sites.tables import Contact, Instruction, Site
from veilleur.kernel.errors import NotFoundError, NothingToReviewError
from veilleur.logbook.act import Act

#: A temporary consigne that lasts longer is a permanent one: it goes through the office.
LONGEST_TEMPORARY = timedelta(days=92)
MAX_TEXT = 2000
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person to be told until the office opens; never authorised to identify, cancel or ask."""

    name: str
    phone: str
    role: str | None
    note: str | None


def required_text(value: str | None, field: str, longest: int) -> str:
    """A text that says something. Raises TextLengthError naming the field."""
    text = (value or "").strip()
    if not text or len(text) > longest:
        raise TextLengthError(field=field, longest=longest)
    return text


def add_provisional_contact(
    act: Act, site_id: int, contact: NewContact, *, call_id: int | None = None, motif: str | None = None
) -> int:
    """Adds a contact until noon of the next working day; its id.

    Needs our own call, answered, to a number that was registered before, or a motif that will be reviewed.
    Raises NotFoundError, TextLengthError, NotAPhoneError, CallBackNeededError.
    """
    site = lock_site(act.session, site_id)
    name = required_text(contact.name, "name", MAX_NAME)
    phone = parse_phone(contact.phone, field="phone")
    basis = provisional_basis(act, site, call_id, motif)
    until = noon_of_next_working_day(act.now, site.timezone)
    last = act.session.scalar(
        select(func.max(Contact.rank)).where(Contact.site_id == site.id, Contact.removed_at.is_(None))
    )
    entry = act.record(
        "contact.added_provisionally",
        {"name": name, "until": until, "basis": basis, "motif": motif, "call": call_id},
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    row = Contact(
        site_id=site.id,
        name=name,
        rank=(last or 0) + 1,
        role=contact.role,
        phones=[{"number": phone, "label": None}],
        availability=[],
        authorised=False,
        note=contact.note,
        provisional_until=until,
        provisional_basis=basis,
        provisional_at=act.now,
        provisional_by=act.actor.name or act.actor.kind,
        provisional_motif=(motif or "").strip() or None,
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    site.search, site.entry_id = compute_search(act.session, site), entry
    schedule(act, "provisional_contact", until, site_id=site.id, subject_id=row.id)
    return row.id


def provisional_basis(act: Act, site: Site, call_id: int | None, motif: str | None) -> str:
    """What the change rests on: `call_back` | `motif`. Raises CallBackNeededError when on neither."""
    call = read_evidence(act.session, site, call_id, act.now)
    if call is not None and call.registered and (call.identified or call.word == "right"):
        return "call_back"
    if motif and motif.strip():
        return "motif"
    raise CallBackNeededError


def expire_provisional_contact(act: Act, contact_id: int) -> bool:
    """Ends a provisional contact whose noon has come; False when that no longer applies."""
    row = act.session.get(Contact, contact_id)
    if row is None or row.site_id is None:
        return False
    site = lock_site(act.session, row.site_id)
    act.session.refresh(row)
    if row.removed_at is not None or row.provisional_until is None or act.now < row.provisional_until:
        return False
    params = {"name": row.name}
    entry = act.record(
        "contact.provisional_ended", params, subject=subject_of(site), touched={"site": [site.id]}
    )
    row.removed_at, row.entry_id = act.now, entry
    act.session.flush()
    site.search, site.entry_id = compute_search(act.session, site), entry
    return True


def add_instruction(
    act: Act,
    site_id: int,
    *,
    text: str,
    asked_by: str,
    valid_until: datetime,
    valid_from: datetime | None = None,
    schedule_periods: Sequence[Period] = (),
) -> int:
    """Adds a temporary consigne; its id. `asked_by` names who asked. Raises NotFoundError, TextLengthError,
    InstructionLengthError."""
    site = lock_site(act.session, site_id)
    said = required_text(text, "text", MAX_TEXT)
    who = required_text(asked_by, "asked_by", MAX_NAME)
    begins = valid_from or act.now
    if not max(begins, act.now) < valid_until <= begins + LONGEST_TEMPORARY:
        raise InstructionLengthError(field="valid_until")
    entry = act.record(
        "instruction.added",
        {"text": said, "until": valid_until, "asked_by": who},
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    row = Instruction(
        site_id=site.id,
        kind="temporary",
        text=said,
        schedule=[period.as_json() for period in schedule_periods],
        valid_from=valid_from,
        valid_until=valid_until,
        asked_by=who,
        origin="desk",
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    site.entry_id = entry
    return row.id


def end_instruction(act: Act, site_id: int, instruction_id: int, *, reason: str | None = None) -> None:
    """Ends a temporary consigne before its hour. Permanent ones change by import only.

    Raises NotFoundError, InstructionNotTemporaryError, InstructionEndedError.
    """
    site = lock_site(act.session, site_id)
    row = act.session.get(Instruction, instruction_id)
    if row is None or row.site_id != site.id:
        raise NotFoundError("No such consigne on this site.", what="instruction", id=instruction_id)
    if row.kind != "temporary":
        raise InstructionNotTemporaryError(kind=row.kind)
    if row.ended_at is not None:
        raise InstructionEndedError
    entry = act.record(
        "instruction.ended",
        {"text": row.text, "reason": reason},
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    row.ended_at, row.entry_id = act.now, entry
    row.origin = "desk"  # an import that still lists it does not bring it back
    site.entry_id = entry


def review_contact(act: Act, contact_id: int, *, note: str | None = None, own: bool = False) -> int:
    """The chef de salle has looked at a contact added at night on a motif alone; ended or not. Returns the entry.

    `own`: he added it himself; the entry says so. Raises NotFoundError, NothingToReviewError.
    """
    site, row = _for_review(act, contact_id)
    if row.reviewed_at is not None:
        raise NothingToReviewError(kind="contact")
    facts = {"name": row.name, "own": "own" if own else None, "note": note}
    entry = act.record("contact.reviewed", facts, subject=subject_of(site), touched={"site": [site.id]})
    row.reviewed_at, row.entry_id, site.entry_id = act.now, entry, entry
    return entry


def undo_contact_review(act: Act, contact_id: int) -> int:
    """Takes a review back: the contact waits for it again. Returns the entry."""
    site, row = _for_review(act, contact_id)
    if row.reviewed_at is None:
        raise NothingToReviewError(kind="contact")
    entry = act.record(
        "contact.review_undone",
        {"name": row.name},
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    row.reviewed_at, row.entry_id, site.entry_id = None, entry, entry
    return entry


def _for_review(act: Act, contact_id: int) -> tuple[Site, Contact]:
    row = act.session.get(Contact, contact_id)
    if row is None or row.site_id is None or row.provisional_basis != "motif":
        raise NotFoundError("No such contact to review.", what="contact", id=contact_id)
    site = lock_site(act.session, row.site_id)
    act.session.refresh(row)
    return site, row

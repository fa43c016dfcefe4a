"""What a person does to the main courante itself: a free entry, a correction, an erasure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, text

from veilleur.kernel.errors import ConflictError, InvalidError, NotFoundError
from veilleur.logbook.act import Act, Subject
from veilleur.logbook.tables import Entry, EntryPayload

MAX_TEXT = 4_000  # characters of a free entry
MAX_BASIS = 500  # characters of a legal basis
MAX_AGE = timedelta(hours=72)  # how long an entry may wait offline; older facts are told in the text

ERASE = "SELECT veilleur_erase(:erased)"
# By name of table: the logbook stands below the features of sites and dossiers.
LOCK_SITE = "SELECT id FROM site WHERE id = :site FOR UPDATE"
MOVE_INCIDENT = "UPDATE incident SET entry_id = :entry WHERE id = :incident"


class TextError(InvalidError):
    """The text is empty or too long."""

    code = "log_text"


class AgeError(InvalidError):
    """The age of the entry is negative or beyond what may wait offline."""

    code = "log_age"


class BasisError(InvalidError):
    """An erasure needs its legal basis."""

    code = "erase_basis"


class ErasedError(ConflictError):
    """The content is already erased."""

    code = "erase_done"


class EraseRefusedError(ConflictError):
    """The entry of an erasure is never erased: it says by whom and why."""

    code = "erase_refused"


class NoSuchEntryError(NotFoundError):
    """No such entry."""

    code = "log_entry_gone"


#: What proves other entries and holds no personal text: never erased (db/migrations/versions/0017).
PROOFS = frozenset(
    {"entry.erased", "signals.received", "retention.signals", "logbook.key", "logbook.texts", "video.rooted"}
)


def write_entry(
    act: Act, words: str, *, age_ms: int = 0, offline: bool = False, subject: Subject | None = None
) -> int:
    """A free entry of the main courante; returns its id.

    `age_ms`: milliseconds since its first key was pressed, by the client's own interval clock: a client
    never sends an hour. Entered more than five minutes after it happened, it reads «saisie différée».
    `offline`: it waited in the browser while the server did not answer; the entry says so (U15).
    """
    happened_at = act.now - judged_age(age_ms)
    facts = {"text": judged_text(words)} | captured(offline)
    return act.record("log.entry", facts, subject=subject, happened_at=happened_at)


def captured(offline: bool) -> dict[str, str]:
    """How an entry says that it was captured without the server."""
    return {"captured": "offline"} if offline else {}


def correct_entry(act: Act, entry_id: int, words: str) -> int:
    """A correction: a new entry that points to the old one, which stays (duty S7). Returns the new id.

    It is about the same site, dossier and perimeter, and moves the dossier's version.
    """
    judged = judged_text(words)
    return _about(act, _locked(act, entry_id), "entry.corrected", {"entry": entry_id, "text": judged})


def erase(act: Act, entry_id: int, legal_basis: str) -> int:
    """Erases an entry's personal text; returns the erasing entry. The sealed leaf stays, and so does the proof.

    `legal_basis`: the article or decision that orders it (RGPD art. 17, end of retention…). The database
    does it through one function that checks the erasing entry (db/migrations/versions/0001/3_erasure.sql).
    """
    basis = legal_basis.strip()
    if not 3 <= len(basis) <= MAX_BASIS:
        raise BasisError(limit=MAX_BASIS)
    old = _locked(act, entry_id)
    if old.kind in PROOFS:
        raise EraseRefusedError(entry=entry_id)
    payload = select(EntryPayload.payload_of).where(EntryPayload.payload_of == entry_id)
    if act.session.scalar(payload) is None:
        raise ErasedError(entry=entry_id)
    erasing = _about(act, old, "entry.erased", {"entry": entry_id, "legal_basis": basis})
    if not act.session.scalar(text(ERASE), {"erased": entry_id}):
        raise ErasedError(entry=entry_id)
    act.session.expire_all()
    return erasing


def judged_text(words: str) -> str:
    """A free text without the spaces around it. Raises TextError."""
    stripped = words.strip()
    if not 1 <= len(stripped) <= MAX_TEXT:
        raise TextError(limit=MAX_TEXT)
    return stripped


def judged_age(age_ms: int) -> timedelta:
    """A client's age in milliseconds. Raises AgeError."""
    if not 0 <= age_ms <= MAX_AGE / timedelta(milliseconds=1):
        raise AgeError(limit=int(MAX_AGE.total_seconds() // 3600))
    return timedelta(milliseconds=age_ms)


def _locked(act: Act, entry_id: int) -> Entry:
    """The old entry, its site locked first: entries of a site are numbered under its lock (ADR 0002)."""
    old = act.session.get(Entry, entry_id)
    if old is None:
        raise NoSuchEntryError(entry=entry_id)
    if old.site_id is not None:
        act.session.execute(text(LOCK_SITE), {"site": old.site_id})
    return old


def _about(act: Act, old: Entry, kind: str, params: Mapping[str, object]) -> int:
    """Records an entry about another; the dossier of the old one gets a new version."""
    subject = Subject(old.site_id, old.incident_id, old.organisation, old.customer_id, old.commune)
    touched = {"incident": [old.incident_id]} if old.incident_id is not None else None
    entry_id = act.record(kind, params, subject=subject, corrects=old.id, touched=touched)
    if old.incident_id is not None:
        act.session.execute(text(MOVE_INCIDENT), {"incident": old.incident_id, "entry": entry_id})
        act.session.expire_all()
    return entry_id

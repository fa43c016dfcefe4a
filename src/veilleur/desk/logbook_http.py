"""Routes of the main courante: search, free entry, correction, proof."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.http import ActDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents.commands import note
from veilleur.features.incidents.tables import Incident
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.commands import (
    MAX_TEXT,
    NoSuchEntryError,
    correct_entry,
    judged_age,
    judged_text,
    write_entry,
)
from veilleur.logbook.lines import LogLine, lines_by_id
from veilleur.logbook.policy import POLICY
from veilleur.logbook.queries import PAGE, Proof, Wanted, proof_of, search
from veilleur.logbook.tables import Entry

router = feature_router()

MAX_QUERY = 200  # characters of a search


class FreeEntry(BaseModel):
    """A free entry: its text, and how long ago its first key was pressed (ms), by the browser's interval clock.

    `offline`: it waited in the browser while the server did not answer. A repeat under the same command id may carry a
    greater age.
    """

    text: str = Field(max_length=MAX_TEXT + 100)
    age_ms: int = Field(ge=0)
    incident_id: int | None = None
    offline: bool = False


class Correction(BaseModel):
    """The words that correct an entry."""

    text: str = Field(max_length=MAX_TEXT + 100)


class Page(BaseModel):
    """Lines newest first. `before`: what to ask for the next page; null at the end."""

    lines: list[LogLine]
    before: int | None


@router.get("/logbook")
@allow(POLICY, "logbook.read")
def logbook_search(  # noqa: PLR0917  # one argument per field of the search
    session: ReadDep,
    reader: ReaderDep,
    q: Annotated[str, Query(max_length=MAX_QUERY)] = "",
    site: int | None = None,
    incident: int | None = None,
    person: int | None = None,
    kind: Annotated[str | None, Query(max_length=60)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    before: int | None = None,
) -> Page:
    """Lines of the reader's perimeter, found by words (without accents), site, dossier, person, kind, time."""
    wanted = Wanted(q, site, incident, person, kind, since, until, before)
    lines = search(session, wanted, reader.perimeter)
    full = sum(line.position is not None for line in lines) >= PAGE
    return Page(lines=lines, before=lines[-1].position if full else None)


@router.post("/logbook")
@allow(POLICY, "logbook.write")
def logbook_write(entry: FreeEntry, act: ActDep, reader: ReaderDep) -> LogLine:
    """A free entry, in a dossier when it names one."""
    if entry.incident_id is None:
        written = write_entry(act, entry.text, age_ms=entry.age_ms, offline=entry.offline)
    else:
        _within_reach(act.session, reader, entry.incident_id)
        judged_age(entry.age_ms)
        words = judged_text(entry.text)
        written = note(act, entry.incident_id, words, age_ms=entry.age_ms, offline=entry.offline)
    return _line(act.session, written)


@router.post("/logbook/{entry_id}/correct")
@allow(POLICY, "logbook.correct")
def logbook_correct(entry_id: int, correction: Correction, act: ActDep, reader: ReaderDep) -> LogLine:
    """A new entry that corrects an old one; the old one stays."""
    seen = select(Entry.id).where(Entry.id == entry_id, within(reader.perimeter, Entry))
    if act.session.scalar(seen) is None:
        raise NoSuchEntryError(entry=entry_id)
    return _line(act.session, correct_entry(act, entry_id, correction.text))


@router.get("/logbook/{entry_id}/proof")
@allow(POLICY, "logbook.prove")
def logbook_proof(entry_id: int, session: ReadDep, reader: ReaderDep) -> Proof:
    """That the entry is in the logbook that the latest checkpoint vouches for."""
    return proof_of(session, entry_id, reader.perimeter)


def _within_reach(session: ReadSession, reader: Reader, incident_id: int) -> None:
    seen = select(Incident.id).where(Incident.id == incident_id, within(reader.perimeter, Incident))
    if session.scalar(seen) is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)


def _line(session: ReadSession, entry_id: int) -> LogLine:
    session.flush()
    return lines_by_id(session, [entry_id])[0].line

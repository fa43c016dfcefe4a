"""Reading the main courante: search in French without accents, and the proof of one entry."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVarTuple

from pydantic import BaseModel
from sqlalchemy import Select, func, select, text

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.kernel.errors import ConflictError
from veilleur.kernel.ports import Perimeter
from veilleur.logbook.building import searchable
from veilleur.logbook.commands import NoSuchEntryError
from veilleur.logbook.lines import LogLine, lines_by_id
from veilleur.logbook.merkle import Node, inclusion_proof
from veilleur.logbook.naming import Way, ways_of
from veilleur.logbook.tables import Checkpoint, Entry, EntryPayload, EntryPosition, EntryUnsealed

Columns = TypeVarTuple("Columns")
PAGE = 100  # lines a page
MAX_WORDS = 12  # words of a search; more would only cost


class NotSealedError(ConflictError):
    """The entry has no signed position yet: a matter of seconds."""

    code = "not_sealed"


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is None does not narrow. `since` ≤ happened_at < `until`, aware UTC.

    `words` are found by their beginning, without case or accents, each in the sentence, the name of the site or that of who
    acted. `kind` is a whole kind or its noun
    (`call` finds `call.started`). `before`: only positions before this one (paging).
    """

    words: str = ""
    site_id: int | None = None
    incident_id: int | None = None
    person_id: int | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


class Proof(BaseModel):
    """That one entry is in the logbook a checkpoint vouches for. Hashes in base64, salt in hexadecimal.

    The same object everywhere, and what the verifier reads. `leaf` is the exact text that was hashed (surrogates stand
    for bytes that are not UTF-8). `salt` and `payload` are null once erased. `key` is the signer's verifier key, `keys`
    a list of that one.
    """

    type: Literal["proof"]
    keys: list[str]
    entry: int
    position: int
    leaf: str
    salt: str | None
    payload: str | None
    leaf_hash: str
    size: int
    root: str
    path: list[str]
    signed_at: datetime
    checkpoint: str
    key: str


def search(
    session: ReadSession, wanted: Wanted, perimeter: Perimeter | None = None, *, limit: int = PAGE
) -> list[LogLine]:
    """Lines that fit, newest first: at most `limit` sealed ones, after those that still wait for their seal.

    What was just written is there at once, without a position; it is on the first page only.
    """
    seen = within(perimeter or Perimeter(), Entry)
    words = asked_words(wanted.words)
    if wanted.words.strip() and not words:
        return []  # signs alone: what was asked for is in no entry
    ways = ways_of(session, words)
    waiting = select(EntryUnsealed.unsealed).join(Entry, Entry.id == EntryUnsealed.unsealed)
    sealed = select(EntryPosition.position, EntryPosition.sealed).join(
        Entry, Entry.id == EntryPosition.sealed
    )
    ids: list[int] = []
    if wanted.before is None:
        # First: one that is sealed meanwhile is met twice, and none is missed.
        queries = [_narrowed(waiting, wanted, way).where(seen).order_by(Entry.id.desc()) for way in ways]
        ids = [each for query in queries for each in session.scalars(query.limit(limit))]
        ids = sorted(set(ids), reverse=True)[:limit]
    else:
        sealed = sealed.where(EntryPosition.position < wanted.before)
    # One query a way, each with its own plan and end: an OR would read the whole logbook for a rare word.
    places = set[tuple[int, int]]()
    for way in ways:
        query = _narrowed(sealed, wanted, way).where(seen).order_by(EntryPosition.position.desc())
        places |= {(row.position, row.sealed) for row in session.execute(query.limit(limit))}
    newest = [entry for _, entry in sorted(places, reverse=True)[:limit]]
    ids = list(dict.fromkeys([*ids, *newest]))
    found = {one.line.id: one.line for one in lines_by_id(session, ids)}
    return [found[each] for each in ids]


def _narrowed(query: Select[*Columns], wanted: Wanted, way: Way) -> Select[*Columns]:
    if way.words or way.people is not None:  # erasing an entry erases the name of who acted, too
        payload = select(EntryPayload.payload_of)
        if way.words:
            asked = func.to_tsquery("simple", prefix_query(way.words))
            payload = payload.where(EntryPayload.words.bool_op("@@")(asked))
        query = query.where(Entry.id.in_(payload))
    if way.sites is not None:
        query = query.where(Entry.site_id.in_(way.sites))
    if way.people is not None:
        query = query.where(Entry.actor_id.in_(way.people), Entry.actor_kind == "user")
    if wanted.site_id is not None:
        query = query.where(Entry.site_id == wanted.site_id)
    if wanted.incident_id is not None:
        query = query.where(Entry.incident_id == wanted.incident_id)
    if wanted.person_id is not None:
        query = query.where(Entry.actor_id == wanted.person_id, Entry.actor_kind == "user")
    if wanted.kind is not None:
        query = query.where(
            (Entry.kind == wanted.kind) | Entry.kind.startswith(wanted.kind + ".", autoescape=True)
        )
    if wanted.since is not None:
        query = query.where(Entry.happened_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Entry.happened_at < wanted.until)
    return query


def asked_words(said: str) -> list[str]:
    """What was typed as the folded words that a search looks for: so many at most, none when nothing can be searched."""
    return searchable(said).split()[:MAX_WORDS]


def prefix_query(words: Sequence[str]) -> str:
    """Folded words as a tsquery: every one must begin one of the text's."""
    return " & ".join(f"'{word}':*" for word in words)


def proof_of(session: ReadSession, entry_id: int, perimeter: Perimeter | None = None) -> Proof:
    """The inclusion proof of an entry against the latest checkpoint.

    Raises NoSuchEntryError (or outside the perimeter), NotSealedError.
    """
    entry = session.scalar(select(Entry).where(Entry.id == entry_id, within(perimeter or Perimeter(), Entry)))
    if entry is None:
        raise NoSuchEntryError(entry=entry_id)
    place = session.scalar(select(EntryPosition).where(EntryPosition.sealed == entry_id))
    checkpoint = session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()
    if place is None or checkpoint is None or checkpoint.size <= place.position:
        raise NotSealedError(entry=entry_id)
    payload = session.get(EntryPayload, entry_id)
    path = inclusion_proof(place.position, checkpoint.size, _nodes(session))
    return Proof(
        type="proof",
        keys=[checkpoint.vkey],
        entry=entry_id,
        position=place.position,
        leaf=entry.leaf.decode("utf-8", "surrogateescape"),
        salt=payload.salt.hex() if payload else None,
        payload=payload.body.decode("utf-8", "surrogateescape") if payload else None,
        leaf_hash=_b64(place.leaf_hash),
        size=checkpoint.size,
        root=_b64(checkpoint.root),
        path=[_b64(step) for step in path],
        signed_at=checkpoint.signed_at,
        checkpoint=checkpoint.note,
        key=checkpoint.vkey,
    )


# One hash of the tree: a leaf's, or that of a complete subtree.
LEAF = "SELECT leaf_hash FROM entry_position WHERE position = :index"
NODE = "SELECT hash FROM merkle_node WHERE level = :level AND index = :index"


def _nodes(session: ReadSession) -> Node:
    def node(level: int, index: int) -> bytes:
        statement = text(NODE if level else LEAF)
        return bytes(session.execute(statement, {"level": level, "index": index}).scalar_one())

    return node


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()

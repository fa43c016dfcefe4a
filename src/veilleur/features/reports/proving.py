"""The entries of a report and the proof that they are in the logbook (duty S7; law 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from veilleur.db.engine import ReadSession
from veilleur.logbook.lines import LogLine, lines_of_incident
from veilleur.logbook.queries import NotSealedError, Proof, proof_of

#: Lines of one report. A dossier longer than that is printed with its first and its proof by the export.
MOST_LINES = 1_000


@dataclass(frozen=True)
class Seal:
    """One entry's place in the logbook: hash of its leaf and the path up to the checkpoint's root, base64."""

    entry: int
    position: int
    leaf_hash: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Sealing:
    """What vouches for a report's entries. `size` and `root`: of the signed checkpoint; None when none covers them yet."""

    seals: tuple[Seal, ...]
    waiting: tuple[int, ...]
    size: int | None
    root: str | None
    signed_at: datetime | None
    checkpoint: str | None
    key: str | None


def entries_of(session: ReadSession, incident_id: int) -> list[LogLine]:
    """The dossier's entries, the oldest first."""
    return lines_of_incident(session, incident_id, limit=MOST_LINES)


def sealing_of(session: ReadSession, entries: Sequence[int]) -> Sealing:
    """The inclusion proofs of these entries against the latest checkpoint."""
    seals: list[Seal] = []
    waiting: list[int] = []
    last: Proof | None = None
    for entry in entries:
        try:
            last = proof_of(session, entry)
        except NotSealedError:
            waiting.append(entry)
            continue
        seals.append(Seal(entry, last.position, last.leaf_hash, tuple(last.path)))
    return Sealing(
        tuple(seals),
        tuple(waiting),
        last.size if last else None,
        last.root if last else None,
        last.signed_at if last else None,
        last.checkpoint if last else None,
        last.key if last else None,
    )

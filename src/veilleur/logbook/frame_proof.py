"""That one received frame is in the logbook: its path to the root of its batch, and the proof of the entry that sealed it."""

from __future__ import annotations

import base64
import json

from pydantic import BaseModel
from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.kernel.errors import NotFoundError, UnavailableError
from veilleur.logbook.merkle import inclusion_proof, leaf_hash, root_of
from veilleur.logbook.queries import Proof, proof_of
from veilleur.protocols import dc09

ENTRY_OF = """
SELECT s.batch_id, s.raw, b.entry_id FROM signal s JOIN intake_batch b ON b.id = s.batch_id WHERE s.id = :signal"""
RAWS = "SELECT id, raw FROM signal WHERE id BETWEEN :first AND :last AND batch_id = :batch ORDER BY id"


class BatchAlteredError(UnavailableError):
    """What is stored of a batch is not what was sealed: nothing of it can be proven."""

    code = "batch_altered"


class FrameProof(BaseModel):
    """A frame's place in its batch. `index` from 0; `raw` in hexadecimal, null when it holds a key (`K`), which is shown to
    nobody; `leaf_hash` and `path` in base64, towards the `root` that the entry's payload says."""

    signal: int
    batch: int
    index: int
    raw: str | None
    leaf_hash: str
    path: list[str]


class ProofOfFrame(Proof):
    """The proof of the entry that sealed a batch, and of one frame in it."""

    frame: FrameProof


def proof_of_frame(session: ReadSession, signal: int) -> ProofOfFrame:
    """Raises NotFoundError, BatchAlteredError, and what `proof_of` raises."""
    row = session.execute(text(ENTRY_OF), {"signal": signal}).one_or_none()
    if row is None:
        raise NotFoundError(f"No received frame has the number {signal}.", what="signal", id=signal)
    proof = proof_of(session, row.entry_id)
    said = json.loads(proof.payload)["params"] if proof.payload else {}
    asked = {"first": said.get("first"), "last": said.get("last"), "batch": row.batch_id}
    stored = session.execute(text(RAWS), asked).all()
    hashes = [leaf_hash(bytes(each.raw)) for each in stored]
    if not stored or root_of(hashes).hex() != said.get("root"):
        raise BatchAlteredError(
            f"Batch {row.batch_id} is not what entry {row.entry_id} sealed: see «veilleur logbook verify».",
            batch=row.batch_id,
            entry=row.entry_id,
        )
    index = [each.id for each in stored].index(signal)
    raw = bytes(row.raw)
    path = inclusion_proof(
        index, len(hashes), lambda level, at: root_of(hashes[at << level : at + 1 << level])
    )
    frame = FrameProof(
        signal=signal,
        batch=row.batch_id,
        index=index,
        raw=raw.hex() if dc09.shown(raw) == raw else None,
        leaf_hash=base64.b64encode(hashes[index]).decode(),
        path=[base64.b64encode(step).decode() for step in path],
    )
    return ProofOfFrame(**proof.model_dump(), frame=frame)

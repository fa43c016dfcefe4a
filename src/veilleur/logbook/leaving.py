"""Checkpoints that leave the machine: what makes a rewritten logbook visible to somebody outside.

One a day is put in a folder that leaves the machine (a mounted share). The folder must exist: creating it would
write on our own disk whenever the share is not mounted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from veilleur.logbook.act import Act
from veilleur.logbook.tables import Checkpoint, CheckpointSent, Entry

KEY_FILE = "veilleur-cle-publique.txt"


@dataclass(frozen=True)
class Departure:
    """What became of a day's checkpoint. `fault` is the system's words when the folder refused it."""

    size: int
    path: Path
    fault: str | None = None


def send_daily(act: Act, folder: Path) -> Departure | None:
    """Puts the latest checkpoint in the folder, unless one went there today (UTC) or nothing new is signed.

    Writes the file first, then its row and its entry: a crash between repeats the file, never loses it. A
    refusal of the folder is entered once a day.
    """
    place = str(folder)
    today = act.now.replace(hour=0, minute=0, second=0, microsecond=0)
    sent = act.session.execute(
        select(func.max(CheckpointSent.sent_at), func.max(CheckpointSent.size)).where(
            CheckpointSent.place == place
        )
    ).one()
    latest = act.session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).first()
    if latest is None or (sent[0] is not None and (sent[0] >= today or sent[1] >= latest.size)):
        return None
    file = folder / f"checkpoint-{latest.size:012d}.txt"
    try:
        _write(file, latest.note)
        _write(folder / KEY_FILE, latest.vkey + "\n")
    except OSError as error:
        _complain(act, place, error.strerror or str(error))
        return Departure(latest.size, file, error.strerror or str(error))
    act.session.execute(insert(CheckpointSent).values(size=latest.size, place=place, sent_at=act.now))
    act.record("checkpoint.sent", {"size": latest.size, "place": place})
    return Departure(latest.size, file)


def _complain(act: Act, place: str, fault: str) -> None:
    known = select(Entry.id).where(
        Entry.kind == "checkpoint.refused", Entry.happened_at > act.now - timedelta(days=1)
    )
    if act.session.scalars(known.limit(1)).first() is None:
        act.record("checkpoint.refused", {"place": place, "fault": fault})


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)

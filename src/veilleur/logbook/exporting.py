"""The whole logbook as one stream of JSON lines that proves itself (format: docs/reference/logbook.md).

What is exported ends at a signed checkpoint, so that every line of it is covered by a signature.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import VeilleurError
from veilleur.logbook import reader, verifier
from veilleur.logbook.keys import LogKey
from veilleur.logbook.sealer import SEALER_LOCK, Sealer
from veilleur.logbook.templates import texts

FORMAT = "veilleur-logbook/1"
STREAM_FILE = "main-courante.jsonl"
KEY_FILE = "cle-publique.txt"
BATCH = 2_000  # rows fetched at once
PATIENCE = 10.0  # seconds left to a running sealer to sign what is sealed

# Every entry in the sealed order, with its payload when it has one.
ENTRIES = """
SELECT entry_position.position, entry_position.leaf_hash, entry.leaf, entry_payload.salt, entry_payload.body
FROM entry_position
LEFT JOIN entry ON entry.id = entry_position.entry_id
LEFT JOIN entry_payload ON entry_payload.payload_of = entry_position.entry_id
WHERE entry_position.position < %s ORDER BY entry_position.position"""
CHECKPOINTS = "SELECT size, note FROM checkpoint WHERE size <= %s ORDER BY size"
KEYS = "SELECT vkey FROM checkpoint GROUP BY vkey ORDER BY min(size)"
SIGNED = "SELECT coalesce(max(size), 0) FROM checkpoint"


class ExportError(VeilleurError):
    """The logbook cannot be exported."""

    code = "logbook_export"


def sign_what_waits(dsn: str, clock: Clock, key: LogKey) -> None:
    """Makes sure that a checkpoint covers what is committed now.

    Seals and signs when no sealer runs; otherwise waits for the running one, at most `PATIENCE` seconds.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        until = clock.monotonic() + PATIENCE
        wanted = _one(connection, "SELECT count(*) FROM entry")
        while _one(connection, SIGNED) < wanted and clock.monotonic() < until:
            if _one(connection, "SELECT pg_try_advisory_lock(%s)", SEALER_LOCK):
                sealer = Sealer.begin(connection, clock)
                while sealer.work():
                    pass
                sealer.sign(key)
                return
            threading.Event().wait(0.2)


def export_lines(dsn: str, clock: Clock) -> Iterator[str]:
    """The lines, without their ends. One REPEATABLE READ transaction; memory is bounded by a batch."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        size = _one(connection, SIGNED)
        keys = [row[0] for row in connection.execute(KEYS).fetchall()]
        yield _line(type="logbook", format=FORMAT, exported_at=_time(clock), size=size, keys=keys)
        yield _line(type="texts", **texts())
        with connection.cursor("entries") as entries, connection.cursor("checkpoints") as checkpoints:
            entries.itersize = checkpoints.itersize = BATCH
            checkpoints.execute(CHECKPOINTS, (size,))
            notes = iter(checkpoints)
            next_note = next(notes, None)
            entries.execute(ENTRIES, (size,))
            for row in entries:
                yield _entry(row)
                while next_note is not None and next_note[0] <= row[0] + 1:
                    yield _line(type="checkpoint", note=next_note[1])
                    next_note = next(notes, None)
        yield _line(type="end", size=size)


def export_folder(dsn: str, clock: Clock, folder: Path) -> None:
    """Everything somebody outside needs: the stream, the public key, the verifier, the reader, how to use them.

    Raises ExportError when the folder is not empty.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty: name a new folder.", reason=str(folder))
    with (folder / STREAM_FILE).open("w", encoding="utf-8", newline="\n") as file:
        for line in export_lines(dsn, clock):
            file.write(line + "\n")
    with psycopg.connect(dsn) as connection:
        keys = connection.execute(KEYS).fetchall()
    (folder / KEY_FILE).write_text("".join(f"{row[0]}\n" for row in keys), "utf-8")
    for module in (verifier, reader):
        source = Path(str(module.__file__))
        shutil.copyfile(source, folder / source.name)
    (folder / "LISEZ-MOI.txt").write_text(README, "utf-8")


def _one(connection: psycopg.Connection[Any], query: str, *given: object) -> int:
    row = connection.execute(query, given).fetchone()
    return int(row[0]) if row else 0


def _entry(row: tuple[Any, ...]) -> str:
    position, leaf_hash, leaf, salt, body = row
    return _line(
        type="entry",
        position=position,
        hash=bytes(leaf_hash).hex(),
        leaf=_text(leaf) if leaf is not None else "null",
        salt=bytes(salt).hex() if salt is not None else None,
        payload=_text(body) if body is not None else None,
    )


def _text(value: bytes) -> str:
    """Bytes as text; what is not UTF-8 (tampered bytes) travels as surrogates and comes back the same."""
    return bytes(value).decode("utf-8", "surrogateescape")


def _line(**item: object) -> str:
    return json.dumps(item, separators=(",", ":"))


def _time(clock: Clock) -> str:
    return clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


README = """Main courante extraite de Veilleur.

Pour la vérifier (Python 3.11 ou plus récent, paquet «cryptography») :

    python verifier.py main-courante.jsonl --key CLÉ [--checkpoint EMPREINTE…]

CLÉ est la clé publique du centre, obtenue autrement que par ce dossier (cle-publique.txt en est la copie). Sans elle,
verifier.py prend la clé que le dossier apporte : cela ne prouve que la cohérence, un faussaire apporte la sienne.
Les EMPREINTES sont celles que le centre a déposées hors de ses murs, jour après jour : elles seules prouvent que
la main courante n'a pas été refaite depuis.

Pour la lire :

    python reader.py main-courante.jsonl
"""

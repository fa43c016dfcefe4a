"""A command sent twice runs once: its answer is kept, written by the transaction that ran it.

It is kept longer than a free entry may wait in a browser without the server (`sessions.ANSWERS_KEPT`).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import JSONResponse, Response

from veilleur.features.people.tables import CommandAnswer
from veilleur.logbook.act import Act
from veilleur.web.errors import CommandIdMissingError, CommandIdReusedError

COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


#: What tells how late a command is sent, not what it says: it grows between two tries of one command.
LATENESS = ("age_ms", "offline")


@dataclass(frozen=True)
class Command:
    """What names a command: its route, its id, and what it said."""

    route: str
    command_id: str
    body_hash: bytes

    @classmethod
    def read(cls, route: str, target: str, command_id: str | None, body: bytes) -> Command:
        """`target`: path and query, part of what was said. Raises CommandIdMissingError."""
        if command_id is None or not COMMAND_ID.fullmatch(command_id):
            raise CommandIdMissingError
        said = hashlib.sha256(target.encode() + b"\0" + _without_lateness(body)).digest()
        return cls(route, command_id, said)


def _without_lateness(body: bytes) -> bytes:
    if b"age_ms" not in body:
        return body
    try:
        said = json.loads(body)
    except ValueError:
        return body
    if not isinstance(said, dict):
        return body
    kept = {key: value for key, value in said.items() if key not in LATENESS}
    return json.dumps(kept, sort_keys=True).encode()


def claim(act: Act, command: Command) -> Response | None:
    """Claims the command for this transaction: None, or the answer it had already.

    A second sender waits here, on the first one's uncommitted row. Raises CommandIdReusedError when the same id
    said something else. If the transaction dies, so does the claim, and a new try runs the command.
    """
    key = {"user_id": act.actor.id, "route": command.route, "command_id": command.command_id}
    statement = insert(CommandAnswer).values(
        **key, body_hash=command.body_hash, status=0, answer=None, at=act.now
    )
    claimed = act.session.execute(
        statement.on_conflict_do_nothing().returning(CommandAnswer.command_id)
    ).one_or_none()
    if claimed is not None:
        return None
    kept = act.session.execute(
        select(CommandAnswer.body_hash, CommandAnswer.status, CommandAnswer.answer).filter_by(**key)
    ).one()
    if kept.body_hash != command.body_hash:
        raise CommandIdReusedError
    if kept.status == 204:
        return Response(status_code=204)
    return JSONResponse(kept.answer["body"] if kept.answer else None, status_code=kept.status)


def keep_answer(act: Act, command: Command, response: Response) -> None:
    """Writes the answer beside what the command changed, in its transaction."""
    body = json.loads(bytes(response.body)) if response.body else None
    act.session.execute(
        update(CommandAnswer)
        .filter_by(user_id=act.actor.id, route=command.route, command_id=command.command_id)
        .values(status=response.status_code, answer={"body": body})
    )

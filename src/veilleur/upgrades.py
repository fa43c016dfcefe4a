"""What `veilleur upgrade` and the running `veilleur up` say to each other, in two files of the data directory.

Files, and no signal: they carry the interpreter of the new version, and nobody is signalled by a number that has been
given again.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

REQUEST_FILE = "upgrade-request.json"
PROGRESS_FILE = "upgrade.json"


@dataclass(frozen=True)
class Request:
    """`python`: the interpreter that runs the version asked for."""

    id: str
    python: str
    version: str


@dataclass(frozen=True)
class Progress:
    """How far a request is. `state`: taken, done, failed."""

    id: str
    state: str
    replaced: tuple[str, ...] = ()
    role: str = ""
    why: str = ""

    def after(self, said: str, role: str, why: str) -> Progress:
        """Once the replacement has said one thing more («replaced», «done», «failed»)."""
        if said == "replaced":
            return replace(self, replaced=(*self.replaced, role))
        return replace(self, state=said, role=role, why=why)


def ask(data_dir: Path, python: str, version: str) -> Request:
    """Asks the running `veilleur up` of this data directory to replace its roles."""
    request = Request(secrets.token_hex(8), python, version)
    _write(data_dir / REQUEST_FILE, asdict(request))
    return request


def take_back(data_dir: Path) -> None:
    """Nobody answered."""
    (data_dir / REQUEST_FILE).unlink(missing_ok=True)


def taken(data_dir: Path) -> Request | None:
    """The request that waits, taken; None when there is none, or when somebody else than we or root wrote it."""
    file = data_dir / REQUEST_FILE
    try:
        number = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(number, encoding="utf-8") as opened:
        owner = os.fstat(number).st_uid
        text = opened.read()
    file.unlink(missing_ok=True)
    if owner not in (0, os.geteuid()):
        return None
    try:
        return Request(**json.loads(text))
    except (ValueError, TypeError):
        return None


def tell(data_dir: Path, progress: Progress) -> None:
    """Lets who asked see how far it is."""
    _write(data_dir / PROGRESS_FILE, asdict(progress))


def progress_of(data_dir: Path, request: Request) -> Progress | None:
    """How far this request is; None while nobody has taken it."""
    try:
        said = json.loads((data_dir / PROGRESS_FILE).read_text("utf-8"))
        progress = Progress(**said | {"replaced": tuple(said["replaced"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return progress if progress.id == request.id else None


def _write(file: Path, content: dict[str, object]) -> None:
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as opened:
        json.dump(content, opened)
    draft.replace(file)

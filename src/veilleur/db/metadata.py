"""The whole schema, for migrations only: importing this module registers every table."""

from __future__ import annotations

import importlib
from pathlib import Path

import veilleur
from veilleur.db.base import Base


def load_tables() -> None:
    """Imports every module named `tables`, found by its path: no other module runs, however broken it is."""
    root = Path(veilleur.__file__).parent
    for path in sorted(root.rglob("tables.py")):
        parts = path.relative_to(root).with_suffix("").parts
        importlib.import_module(".".join(("veilleur", *parts)))


load_tables()
metadata = Base.metadata

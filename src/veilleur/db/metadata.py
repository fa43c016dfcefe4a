"""The whole schema: importing this module registers every table, so that foreign keys find each other."""

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


def defer_foreign_keys() -> None:
    """Foreign keys are judged at the commit: without ORM relations a flush promises no order of tables."""
    for table in Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            key.deferrable, key.initially = True, "DEFERRED"


load_tables()
defer_foreign_keys()
metadata = Base.metadata

"""The whole schema, for migrations only: importing this module registers every table."""

from __future__ import annotations

import importlib
import pkgutil

import veilleur
from veilleur.db.base import Base


def load_tables() -> None:
    """Imports every `tables` module of the package."""
    for module in pkgutil.walk_packages(veilleur.__path__, "veilleur."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


load_tables()
metadata = Base.metadata

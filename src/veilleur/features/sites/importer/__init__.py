"""Import and export of sites: the whole form in YAML, refused with line and field, taken site by site."""

from __future__ import annotations

from veilleur.features.sites.importer.nodes import FileRefusedError
from veilleur.features.sites.importer.report import ImportReport
from veilleur.features.sites.importer.run import import_file

__all__ = ["FileRefusedError", "ImportReport", "import_file"]

"""The driver's quality sheet (house rule 17): each row names a test that exists, and only once."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHEET = ROOT / "docs" / "reference" / "onvif.md"


def test_each_row_is_tested():
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `(test_\w+)` \|$", SHEET.read_text("utf-8"), re.MULTILINE)
    written = {
        node.name
        for path in (ROOT / "tests" / "video").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }
    assert len(rows) >= 30
    assert not [row for row in rows if row[2] not in written]
    assert len({row[2] for row in rows}) == len(rows)

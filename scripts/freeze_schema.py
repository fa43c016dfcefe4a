"""Writes the DDL of today's tables: how the first migration's SQL was made. Run it only to begin a new baseline."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import create_mock_engine
from sqlalchemy.dialects import postgresql

from veilleur.db.metadata import metadata


def ddl() -> str:
    """Every CREATE of the metadata, in the order of their dependencies."""
    statements: list[str] = []
    engine = create_mock_engine(
        "postgresql+psycopg://",
        lambda sql, *_, **__: statements.append(str(sql.compile(dialect=postgresql.dialect()))),
    )
    metadata.create_all(engine, checkfirst=False)
    return (
        ";\n".join("\n".join(line.rstrip() for line in text.strip().splitlines()) for text in statements)
        + ";\n"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(ddl(), "utf-8")

"""The spine: the first schema.

Revision ID: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

from veilleur.db.metadata import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    """Creates every table, then the laws (triggers), the job queue, and last what the application may do."""
    bind = op.get_bind()
    metadata.create_all(bind)
    for name in ("laws.sql", "erasure.sql"):
        run((SQL / name).read_text("utf-8"))
    for table in metadata.sorted_tables:
        if "entry_id" in table.columns and not table.info.get("untraced"):
            bind.exec_driver_sql(f"SELECT veilleur_trace('{table.name}')")
    run(SchemaManager.get_schema())
    run((SQL / "grants.sql").read_text("utf-8"))


def run(script: str) -> None:
    """Runs a script of several statements; psycopg would read a lone % as a parameter."""
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))

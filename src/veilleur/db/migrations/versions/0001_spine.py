"""The spine: the first schema.

Revision ID: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from veilleur.db.metadata import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[2] / "sql"


def upgrade() -> None:
    """Creates every table, then the laws (triggers, roles), then the job queue."""
    bind = op.get_bind()
    metadata.create_all(bind)
    bind.exec_driver_sql((SQL / "laws.sql").read_text().replace("%", "%%"))
    for table in metadata.sorted_tables:
        if "entry_id" in table.columns and not table.info.get("untraced"):
            bind.exec_driver_sql(f"SELECT veilleur_trace('{table.name}')")
    bind.exec_driver_sql((SQL / "grants.sql").read_text().replace("%", "%%"))

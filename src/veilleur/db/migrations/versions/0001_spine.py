"""The spine: the first schema, frozen as SQL: later changes of the tables are later migrations.

Revision ID: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "0001"


def upgrade() -> None:
    """Tables, the laws (triggers), the job queue, and last what the application may do: the files' order."""
    for path in sorted(SQL.glob("[1-5]_*.sql")):
        run(path.read_text("utf-8"))
    run(SchemaManager.get_schema())
    run((SQL / "6_grants.sql").read_text("utf-8"))


def run(script: str) -> None:
    """Runs a script of several statements; psycopg would read a lone % as a parameter."""
    op.get_bind().exec_driver_sql(script.replace("%", "%%"))

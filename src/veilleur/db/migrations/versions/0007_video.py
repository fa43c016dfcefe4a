"""Cameras, authorisations and masks; viewing sessions, tickets, walls, marks, patrols; leases and status of recorders.

Revision ID: 0007
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent / "0007"


def upgrade() -> None:
    """New tables only: the version before goes on beside this one."""
    for path in sorted(SQL.glob("*.sql")):
        op.get_bind().exec_driver_sql(path.read_text("utf-8").replace("%", "%%"))

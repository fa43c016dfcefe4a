"""Which version each process runs and which schema it knows, and the oldest that may still join.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table and columns that may be empty: the version before goes on beside this one."""
    op.execute("ALTER TABLE role_status ADD COLUMN version text, ADD COLUMN knows text")
    op.execute("CREATE TABLE schema_floor (revision text NOT NULL CONSTRAINT pk_schema_floor PRIMARY KEY)")
    op.execute("GRANT SELECT ON schema_floor TO veilleur_app")

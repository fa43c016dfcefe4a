"""When the masks that a viewing lifted come back.

Revision ID: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that may be null: the version before goes on beside this one."""
    op.execute("ALTER TABLE viewing ADD COLUMN lifted_until TIMESTAMP WITH TIME ZONE")

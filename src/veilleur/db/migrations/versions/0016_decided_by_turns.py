"""How many events of a signal are decided: a long block is decided by parts, other sites having their turn between.

Revision ID: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column that no version before names; its default is written nowhere."""
    op.execute("ALTER TABLE signal ADD COLUMN events_decided smallint NOT NULL DEFAULT 0")

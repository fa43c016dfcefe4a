"""Alarms closed as unjustified that nobody had verified: they wait for a review.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns, one with its value for those who do not write it: the version before goes on beside this one."""
    op.execute("ALTER TABLE incident ADD COLUMN closing_review BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE incident ADD COLUMN closing_reviewed_at TIMESTAMP WITH TIME ZONE")

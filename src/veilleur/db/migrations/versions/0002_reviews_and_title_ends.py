"""What the chef's review shows of night contacts and corrected titles, and the last warning of a title's end.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns that may be empty only: the version before goes on beside this one."""
    op.execute(
        "ALTER TABLE contact ADD COLUMN provisional_at timestamptz, ADD COLUMN provisional_by text, "
        "ADD COLUMN provisional_motif text, ADD COLUMN reviewed_at timestamptz"
    )
    op.execute(
        "ALTER TABLE title ADD COLUMN warned_months bigint, ADD COLUMN corrected_at timestamptz, "
        "ADD COLUMN corrected_by text, ADD COLUMN correction_proof text, ADD COLUMN reviewed_at timestamptz"
    )

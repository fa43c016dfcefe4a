"""What was received is written once: refused to everybody by triggers, but for what the watch and the sealer write.

Revision ID: 0014
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Triggers only. Of the version before, nothing that the desk, the watch or reception does is refused; its purge of
    the night, which does not say which batches go, waits for this one's."""
    op.execute((Path(__file__).parent / "0014" / "1_received.sql").read_text("utf-8"))

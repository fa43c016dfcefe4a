"""No index on a signal's batch or verdict, nor on the end of a frame's window: an alarm waits for each of them.

Revision ID: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing asks for a batch or a verdict alone; windows that are over stand first in their table."""
    for name in ("ix_signal_batch_id", "ix_signal_verdict", "ix_frame_window_until"):
        op.execute(f"DROP INDEX IF EXISTS {name}")

"""What each camera recorded of each day, as its recorders measured it.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table: the version before goes on beside this one."""
    op.execute(
        "CREATE TABLE camera_day (camera_id bigint NOT NULL, day date NOT NULL, place text NOT NULL, "
        "since timestamptz NOT NULL, until timestamptz NOT NULL, missing jsonb NOT NULL, clock_offset_ms bigint, "
        "CONSTRAINT pk_camera_day PRIMARY KEY (camera_id, day, place))"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON camera_day TO veilleur_app")

"""The secrets by which cameras push.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE camera_push (
  camera_id BIGINT NOT NULL,
  token_hash BYTEA NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  entry_id BIGINT NOT NULL,
  CONSTRAINT pk_camera_push PRIMARY KEY (camera_id),
  CONSTRAINT uq_camera_push_token_hash UNIQUE (token_hash),
  CONSTRAINT fk_camera_push_camera_id FOREIGN KEY(camera_id) REFERENCES camera (id) DEFERRABLE INITIALLY DEFERRED
)"""


def upgrade() -> None:
    """A new table: the version before goes on beside this one."""
    op.execute(TABLE)
    op.execute("SELECT veilleur_trace('camera_push')")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON camera_push TO veilleur_app")

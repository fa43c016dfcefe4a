"""What reception heard of the built-in dialler: rows that only it adds, so that no lock of anybody holds the intake.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table: the version before goes on beside this one."""
    op.execute(
        "CREATE TABLE chain_heard (id bigserial CONSTRAINT pk_chain_heard PRIMARY KEY, line text NOT NULL, "
        "nonce text NOT NULL, heard_at timestamptz NOT NULL)"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON chain_heard TO veilleur_app")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE chain_heard_id_seq TO veilleur_app")

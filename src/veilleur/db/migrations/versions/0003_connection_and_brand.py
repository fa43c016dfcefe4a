"""The record of a connection, when each point was last tested, and what of its brand a site does not take.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table and columns that may be empty: the version before goes on beside this one."""
    op.execute("ALTER TABLE zone ADD COLUMN alarm_at timestamptz, ADD COLUMN tested_at timestamptz")
    op.execute("ALTER TABLE site ADD COLUMN brand_exceptions jsonb")
    op.execute(
        "CREATE TABLE connection_record (id bigserial CONSTRAINT pk_connection_record PRIMARY KEY, "
        "site_id bigint NOT NULL CONSTRAINT fk_connection_record_site_id REFERENCES site (id) "
        "DEFERRABLE INITIALLY DEFERRED, "
        "accepted_at timestamptz NOT NULL, accepted_by text NOT NULL, operator text, motif text, note text, "
        "missing jsonb NOT NULL, points jsonb NOT NULL, entry_id bigint NOT NULL)"
    )
    op.execute("CREATE INDEX ix_connection_record_site_id ON connection_record (site_id)")
    op.execute("SELECT veilleur_trace('connection_record')")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON connection_record TO veilleur_app")
    op.execute("GRANT USAGE, SELECT ON SEQUENCE connection_record_id_seq TO veilleur_app")

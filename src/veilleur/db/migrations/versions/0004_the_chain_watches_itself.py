"""Who is called when nobody takes an alarm, whether the station is held, and the built-in dialler's last round.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE on_call (id bigserial CONSTRAINT pk_on_call PRIMARY KEY,
  reference text NOT NULL CONSTRAINT uq_on_call_reference UNIQUE, name text NOT NULL, kind text NOT NULL,
  rank bigint NOT NULL, ways jsonb NOT NULL, removed_at timestamptz, entry_id bigint NOT NULL);
CREATE TABLE station_state (id bigint CONSTRAINT pk_station_state PRIMARY KEY, judged_at timestamptz NOT NULL,
  held_at timestamptz, unheld_since timestamptz, withheld boolean NOT NULL, awake_seconds bigint NOT NULL);
CREATE TABLE escalation (id bigserial CONSTRAINT pk_escalation PRIMARY KEY, reason text NOT NULL,
  opened_at timestamptz NOT NULL, incidents text[] NOT NULL, station boolean NOT NULL, step bigint NOT NULL,
  step_at timestamptz, taken_at timestamptz, taken_by text, ended_at timestamptz, ended_by text,
  entry_id bigint NOT NULL);
CREATE INDEX ix_escalation_open ON escalation (opened_at) WHERE ended_at IS NULL;
CREATE TABLE call_out (id bigserial CONSTRAINT pk_call_out PRIMARY KEY,
  escalation_id bigint NOT NULL CONSTRAINT fk_call_out_escalation_id REFERENCES escalation (id)
    DEFERRABLE INITIALLY DEFERRED,
  on_call_id bigint NOT NULL CONSTRAINT fk_call_out_on_call_id REFERENCES on_call (id) DEFERRABLE INITIALLY DEFERRED,
  channel text NOT NULL, step bigint NOT NULL, state text NOT NULL, asked_at timestamptz NOT NULL,
  attempts bigint NOT NULL, told_at timestamptz, fault text,
  token_hash bytea CONSTRAINT uq_call_out_token_hash UNIQUE, answered_at timestamptz);
CREATE INDEX ix_call_out_escalation_id ON call_out (escalation_id);
CREATE TABLE chain_state (id bigint CONSTRAINT pk_chain_state PRIMARY KEY, round bigint NOT NULL,
  sent_at timestamptz NOT NULL, verified_round bigint, verified_at timestamptz);
CREATE TABLE chain_line (line text CONSTRAINT pk_chain_line PRIMARY KEY, round bigint NOT NULL, nonce text NOT NULL,
  sent_at timestamptz NOT NULL, received_at timestamptz, decided_at timestamptz, acknowledged boolean, fault text,
  heard_at timestamptz);
ALTER TABLE post ADD COLUMN unverified_since timestamptz;
ALTER TABLE web_session ADD COLUMN painted_round bigint, ADD COLUMN painted_at timestamptz;
SELECT veilleur_trace('on_call'), veilleur_trace('escalation');
GRANT SELECT, INSERT, UPDATE, DELETE ON on_call, station_state, escalation, call_out, chain_state, chain_line
  TO veilleur_app;
GRANT USAGE, SELECT ON SEQUENCE on_call_id_seq, escalation_id_seq, call_out_id_seq TO veilleur_app;
"""


def upgrade() -> None:
    """New tables and columns that may be empty: the version before goes on beside this one."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)

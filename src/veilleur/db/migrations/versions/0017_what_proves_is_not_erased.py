"""What the proof of the logbook rests on holds no personal text, and is never erased: keys, sentences, roots, purges.

Revision ID: 0017
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ERASE = """
CREATE OR REPLACE FUNCTION veilleur_erase(erased bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT public.veilleur_erases(erased) THEN
    RAISE EXCEPTION 'entry % is not erased by an entry of this transaction', erased
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM public.entry WHERE id = erased AND kind IN
             ('entry.erased', 'signals.received', 'retention.signals', 'logbook.key', 'logbook.texts', 'video.rooted')) THEN
    RAISE EXCEPTION 'entry % is one that proves others: it is never erased', erased
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  DELETE FROM public.entry_payload WHERE payload_of = erased;
  RETURN FOUND;
END $$"""


def upgrade() -> None:
    """The function only; its rights stay. No version before erases one of these by itself."""
    op.execute(ERASE)

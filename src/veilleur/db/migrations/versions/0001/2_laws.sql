-- Law 1 (ARCHITECTURE.md §2): nothing traced changes without a logbook entry of the same transaction.
-- Tables are named with their schema: a temporary table of the same name must not answer for them.

-- Deferred to the commit: the row's entry must have been written by this very transaction.
CREATE FUNCTION veilleur_law_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.entry WHERE id = NEW.entry_id AND txid = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'law 1: % changed without a logbook entry of the same transaction (entry_id %)',
      TG_TABLE_NAME, NEW.entry_id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;

-- A traced row is ended by a state, never removed.
CREATE FUNCTION veilleur_no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'law 1: rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION veilleur_trace(traced text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('CREATE CONSTRAINT TRIGGER law_one AFTER INSERT OR UPDATE ON %I DEFERRABLE INITIALLY DEFERRED '
                 'FOR EACH ROW EXECUTE FUNCTION veilleur_law_one()', traced);
  EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE ON %I '
                 'FOR EACH ROW EXECUTE FUNCTION veilleur_no_delete()', traced);
  EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I '
                 'FOR EACH STATEMENT EXECUTE FUNCTION veilleur_no_delete()', traced);
END $$;

-- Each new entry waits for its position from the moment it commits: the sealer needs no cursor.
-- Its transaction id is its own: nobody writes today the entry that tomorrow's change will need.
CREATE FUNCTION veilleur_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.txid <> pg_current_xact_id() THEN
    RAISE EXCEPTION 'law 1: entry % claims another transaction', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO public.entry_unsealed (entry_id) VALUES (NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER unsealed AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION veilleur_unsealed();

-- Entries, positions, tree and checkpoints are written once, whoever asks.
CREATE FUNCTION veilleur_write_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the logbook is written once: % refused on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER write_once BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();
CREATE TRIGGER write_once BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_position
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();
CREATE TRIGGER write_once BEFORE UPDATE OR DELETE OR TRUNCATE ON merkle_node
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();
CREATE TRIGGER write_once BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();
CREATE TRIGGER write_once BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint_sent
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();
-- A payload may be erased (erasure.sql), never changed.
CREATE TRIGGER write_once BEFORE UPDATE OR TRUNCATE ON entry_payload
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_write_once();

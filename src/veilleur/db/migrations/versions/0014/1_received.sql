-- Law 1: an intake batch's entry seals the Merkle root of its frames. What it sealed, and what was understood of it, stays.
-- Statements that name none of these columns fire nothing: the watch marks (decided_at, attempts) and the sealer places
-- (position) as before.
CREATE FUNCTION veilleur_received_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was received is written once: % refused on %', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER received_once BEFORE UPDATE OF id, batch_id, received_at, line, transport, peer, protocol, token, sequence,
  receiver, prefix, account, canonical, raw, verdict, panel_id, path_id, site_id, events, encrypted, panel_time, drift
  ON signal FOR EACH STATEMENT EXECUTE FUNCTION veilleur_received_once();
-- A place in the order is given once.
CREATE TRIGGER placed_once BEFORE UPDATE OF position ON signal
  FOR EACH ROW WHEN (OLD.position IS NOT NULL AND NEW.position IS DISTINCT FROM OLD.position)
  EXECUTE FUNCTION veilleur_received_once();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON signal
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_received_once();
CREATE TRIGGER received_once BEFORE UPDATE OR DELETE OR TRUNCATE ON intake_batch
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_received_once();
CREATE TRIGGER received_once BEFORE UPDATE OR TRUNCATE ON signal_copy
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_received_once();

-- Frames go in whole batches once their time is over, by the transaction that wrote the entry «retention.signals» whose
-- content names these batches; `veilleur.purge` says which entry that is, and is believed in nothing else.
CREATE FUNCTION veilleur_received_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept bigint;
BEGIN
  SELECT g.batch_id INTO kept FROM gone g WHERE NOT EXISTS (
    SELECT 1 FROM public.entry e JOIN public.entry_payload p ON p.payload_of = e.id
    CROSS JOIN jsonb_array_elements(convert_from(p.body, 'UTF8')::jsonb -> 'params' -> 'batches') AS range
    WHERE e.id = nullif(current_setting('veilleur.purge', true), '')::bigint
      AND e.txid = pg_current_xact_id() AND e.kind = 'retention.signals'
      AND g.batch_id BETWEEN (range ->> 0)::bigint AND (range ->> 1)::bigint) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'what was received is written once: DELETE refused on signal (batch %)', kept
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER received_kept AFTER DELETE ON signal REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_received_kept();

-- A copy goes after the frame that it repeats.
CREATE FUNCTION veilleur_copy_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kept bigint;
BEGIN
  SELECT g.signal_id INTO kept FROM gone g JOIN public.signal s ON s.id = g.signal_id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'what was received is written once: DELETE refused on signal_copy (signal %)', kept
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER copy_kept AFTER DELETE ON signal_copy REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION veilleur_copy_kept();

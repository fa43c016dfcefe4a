-- Erasing personal text (RGPD art. 17; law.md): the leaf stays, sealed; body, salt and search go.

-- An erasure is an entry of its own, of this very transaction, that names what it erases in its sealed leaf.
CREATE FUNCTION veilleur_erases(erased bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM public.entry
    WHERE txid = pg_current_xact_id() AND kind = 'entry.erased' AND corrects_id = erased
      AND convert_from(leaf, 'UTF8')::jsonb ->> 'kind' = 'entry.erased'
      AND (convert_from(leaf, 'UTF8')::jsonb ->> 'corrects')::bigint = erased)
$$;

-- Whoever deletes a payload, the owner included, has written that entry.
CREATE FUNCTION veilleur_payload_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT public.veilleur_erases(OLD.payload_of) THEN
    RAISE EXCEPTION 'the logbook is written once: DELETE refused on entry_payload (entry %)', OLD.payload_of
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER payload_kept BEFORE DELETE ON entry_payload
  FOR EACH ROW EXECUTE FUNCTION veilleur_payload_kept();

-- The application's only way to erase: true when there was something, false when it was erased before.
-- An erasure itself is never erased: it says by whom and on what legal basis.
CREATE FUNCTION veilleur_erase(erased bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NOT public.veilleur_erases(erased) THEN
    RAISE EXCEPTION 'entry % is not erased by an entry of this transaction', erased
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM public.entry WHERE id = erased AND kind = 'entry.erased') THEN
    RAISE EXCEPTION 'entry % is an erasure: it is never erased', erased
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  DELETE FROM public.entry_payload WHERE payload_of = erased;
  RETURN FOUND;
END $$;
REVOKE EXECUTE ON FUNCTION veilleur_erase(bigint) FROM PUBLIC;

-- name: claim_frames
-- Numbers the frames of a batch and claims their names in the duplicate window; a copy learns the number of its first.
-- Names are claimed in order, so that two writers holding the same frames wait for each other and never deadlock.
WITH arrived AS MATERIALIZED (
  SELECT nextval('signal_id_seq') AS id, a.* FROM
    unnest(%(key)s::bytea[], %(seconds)s::int[], %(received_at)s::timestamptz[]) WITH ORDINALITY
    AS a(key, seconds, received_at, n)
), claimed AS (
  INSERT INTO frame_window AS w (key, signal_id, seen_at, until)
  SELECT key, id, received_at, received_at + make_interval(secs => seconds) FROM arrived
  WHERE key IS NOT NULL ORDER BY key
  -- A clock set back puts seen_at in the future: such a row is a copy's only within one window's length.
  ON CONFLICT (key) DO UPDATE SET
    signal_id = CASE WHEN excluded.seen_at < w.until AND excluded.seen_at > w.seen_at - (w.until - w.seen_at)
                THEN w.signal_id ELSE excluded.signal_id END,
    until = CASE WHEN excluded.seen_at < w.until AND excluded.seen_at > w.seen_at - (w.until - w.seen_at)
            THEN w.until ELSE excluded.until END,
    seen_at = CASE WHEN excluded.seen_at < w.until AND excluded.seen_at > w.seen_at - (w.until - w.seen_at)
              THEN w.seen_at ELSE excluded.seen_at END
  RETURNING key, signal_id
)
SELECT array_agg(id ORDER BY n), array_agg(coalesce(signal_id, id) ORDER BY n),
  nextval('entry_id_seq'), nextval('intake_batch_id_seq')
FROM arrived LEFT JOIN claimed USING (key);

-- name: store_signals
-- Stores the frames that are no copies, under their numbers.
INSERT INTO signal (id, batch_id, received_at, line, transport, peer, protocol, token, sequence, receiver, prefix,
  account, canonical, raw, verdict, panel_id, path_id, site_id, events, encrypted, panel_time, drift)
SELECT unnest(%(id)s::bigint[]), %(batch_id)s::bigint, unnest(%(received_at)s::timestamptz[]), unnest(%(line)s::text[]),
  unnest(%(transport)s::text[]), unnest(%(peer)s::text[]), unnest(%(protocol)s::text[]), unnest(%(token)s::text[]),
  unnest(%(sequence)s::text[]), unnest(%(receiver)s::text[]), unnest(%(prefix)s::text[]), unnest(%(account)s::text[]),
  unnest(%(canonical)s::text[]), unnest(%(raw)s::bytea[]), unnest(%(verdict)s::text[]), unnest(%(panel_id)s::bigint[]),
  unnest(%(path_id)s::bigint[]), unnest(%(site_id)s::bigint[]), unnest(%(events)s::jsonb[]),
  unnest(%(encrypted)s::boolean[]), unnest(%(panel_time)s::timestamptz[]), unnest(%(drift)s::float8[]);

-- name: store_copies
-- Notes retransmissions beside the signal that each repeats.
INSERT INTO signal_copy (signal_id, received_at, transport, peer) SELECT * FROM
  unnest(%(signal_id)s::bigint[], %(received_at)s::timestamptz[], %(transport)s::text[], %(peer)s::text[]);

-- name: write_entry
-- Writes the entry of a batch with its payload and its intake_batch row; hints to the watch, which also polls.
WITH e AS (
  INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, touched, leaf, organisation)
  VALUES (%(id)s, %(kind)s, %(version)s, %(happened_at)s, %(entered_at)s, 'reception', '{}', %(leaf)s, 'centre')
), p AS (
  INSERT INTO entry_payload (payload_of, salt, body, search) VALUES (%(id)s, %(salt)s, %(body)s, %(search)s)
), b AS (
  INSERT INTO intake_batch (id, entry_id, count, root) VALUES (%(batch_id)s, %(id)s, %(count)s, %(root)s)
)
SELECT pg_notify('veilleur_signal', '');

-- name: count_ghosts
-- Counts frames of unknown accounts, stored or beyond the cap, each account in one row; in order, against deadlocks.
INSERT INTO ghost (line, canonical, account, peer, first_seen, last_seen, count, last_signal_id)
SELECT * FROM unnest(
  %(line)s::text[], %(canonical)s::text[], %(account)s::text[], %(peer)s::text[], %(seen)s::timestamptz[],
  %(seen)s::timestamptz[], %(count)s::bigint[], %(signal_id)s::bigint[])
ORDER BY 1, 2
ON CONFLICT (line, canonical) DO UPDATE SET
  account = excluded.account, peer = excluded.peer, last_seen = greatest(ghost.last_seen, excluded.last_seen),
  count = ghost.count + excluded.count, last_signal_id = greatest(ghost.last_signal_id, excluded.last_signal_id);

-- name: still_there
-- Finds out whether the database still answers.
SELECT 1;

-- name: forget_windows
-- Removes expired duplicate windows; skips rows that an intake holds, so that it never waits nor makes one wait.
DELETE FROM frame_window WHERE key IN (
  SELECT key FROM frame_window WHERE until < %(now)s LIMIT 5000 FOR UPDATE SKIP LOCKED);

-- name: flush_last_seen
-- Writes the last sign of life of each path together with how far this reception has written (its watermark).
WITH seen AS (
  INSERT INTO path_seen (path_id, last_seen, holder)
  SELECT path_id, last_seen, %(holder)s FROM unnest(%(path_id)s::bigint[], %(last_seen)s::timestamptz[])
    AS t(path_id, last_seen) ORDER BY path_id
  ON CONFLICT (path_id) DO UPDATE SET
    last_seen = CASE WHEN path_seen.last_seen > %(flushed_at)s::timestamptz + interval '1 minute'
      THEN excluded.last_seen ELSE greatest(path_seen.last_seen, excluded.last_seen) END,
    holder = CASE WHEN excluded.last_seen >= path_seen.last_seen
        OR path_seen.last_seen > %(flushed_at)s::timestamptz + interval '1 minute'
      THEN excluded.holder ELSE path_seen.holder END
)
INSERT INTO reception_watermark (holder, lines, started_at, flushed_at, stopped_at)
VALUES (%(holder)s, %(lines)s, %(started_at)s, %(flushed_at)s, %(stopped_at)s)
ON CONFLICT (holder) DO UPDATE SET
  lines = excluded.lines, flushed_at = excluded.flushed_at, stopped_at = excluded.stopped_at;

-- name: count_troubles
-- Adds up refused bytes and security troubles per line, peer, kind and minute; the first sample is kept, and the counts of
-- the accounts, `most` of them, that were heard most.
INSERT INTO reception_trouble (line, peer, kind, minute, account, count, sample, detail)
SELECT * FROM unnest(
  %(line)s::text[], %(peer)s::text[], %(kind)s::text[], %(minute)s::timestamptz[], %(account)s::text[],
  %(count)s::bigint[], %(sample)s::bytea[], %(detail)s::jsonb[])
ORDER BY 1, 2, 3, 4
ON CONFLICT (line, peer, kind, minute) DO UPDATE SET
  count = reception_trouble.count + excluded.count,
  account = coalesce(excluded.account, reception_trouble.account),
  sample = coalesce(reception_trouble.sample, excluded.sample),
  detail = reception_trouble.detail || excluded.detail || jsonb_build_object('accounts', (
    SELECT coalesce(jsonb_object_agg(name, times), '{}') FROM (
      SELECT name, sum(times::bigint) AS times FROM (
        SELECT * FROM jsonb_each_text(coalesce(reception_trouble.detail -> 'accounts', '{}'))
        UNION ALL SELECT * FROM jsonb_each_text(coalesce(excluded.detail -> 'accounts', '{}'))) AS both_of(name, times)
      GROUP BY name ORDER BY 2 DESC, 1 LIMIT %(most)s) AS most));

-- name: take_entry_ids
-- Numbers for the entries of a minute's troubles.
SELECT nextval('entry_id_seq') FROM generate_series(1, %(count)s);

-- name: write_trouble_entries
-- Writes one entry per line, peer, kind and minute of troubles (law 1: refusals and floods, with a count).
WITH t AS (
  SELECT * FROM unnest(%(id)s::bigint[], %(happened_at)s::timestamptz[], %(leaf)s::bytea[], %(salt)s::bytea[],
    %(body)s::bytea[], %(search)s::text[]) AS t(id, happened_at, leaf, salt, body, search)
), e AS (
  INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, touched, leaf, organisation)
  SELECT id, %(kind)s, 1, happened_at, %(entered_at)s, 'reception', '{}', leaf, 'centre' FROM t
)
INSERT INTO entry_payload (payload_of, salt, body, search) SELECT id, salt, body, search FROM t;

-- name: registry_sums
-- Moves whenever any panel, path or site changed: rows are never deleted and each change raises the row's entry_id.
SELECT (SELECT coalesce(sum(entry_id), 0) FROM panel), (SELECT coalesce(sum(entry_id), 0) FROM panel_path),
       (SELECT coalesce(sum(entry_id), 0) FROM site);

-- name: registry_buckets
-- The same sums per bucket of panels: which buckets to read again.
SELECT p.id %% %(buckets)s AS bucket, sum(p.entry_id + s.entry_id + coalesce(t.total, 0)) AS version
FROM panel p JOIN site s ON s.id = p.site_id
LEFT JOIN (SELECT panel_id, sum(entry_id) AS total FROM panel_path GROUP BY panel_id) t ON t.panel_id = p.id
GROUP BY 1;

-- name: registry_panels
-- The panels of some buckets with their paths, the removed ones too, so that they leave the memory.
SELECT p.id, p.site_id, p.canonical, p.line, p.key_sealed, p.time_policy, p.clear_allowed, p.duplicate_seconds,
       p.removed_at IS NOT NULL AS removed, s.timezone,
       p.entry_id + s.entry_id + coalesce(sum(t.entry_id), 0) AS version,
       coalesce(jsonb_agg(jsonb_build_array(t.id, t.match)) FILTER (WHERE t.id IS NOT NULL AND t.removed_at IS NULL),
                '[]') AS paths
FROM panel p JOIN site s ON s.id = p.site_id LEFT JOIN panel_path t ON t.panel_id = p.id
WHERE p.id %% %(buckets)s = ANY(%(wanted)s)
GROUP BY p.id, s.id;

-- name: acknowledging
-- Whether the watch, lately, found the station not held and the house stops answering, and nobody has taken a post since.
SELECT s.withheld AND s.judged_at > %(trusted)s AND NOT EXISTS (
  SELECT FROM post p JOIN web_session w ON w.post_id = p.id
  WHERE p.holder_id IS NOT NULL AND p.kind <> 'video' AND p.removed_at IS NULL AND w.last_seen >= %(alive)s
    AND (s.awake_seconds = 0 OR w.last_act >= %(now)s - make_interval(secs => s.awake_seconds)))
FROM station_state s WHERE s.id = 1;

-- name: note_heard
-- Notes frames of the built-in dialler whose secret is the one that runs; reads the round, waits for nobody.
INSERT INTO chain_heard (line, nonce, heard_at)
SELECT h.line, h.nonce, %(now)s FROM unnest(%(line)s::text[], %(nonce)s::text[]) AS h(line, nonce)
JOIN chain_line c ON c.line = h.line AND c.nonce = h.nonce;

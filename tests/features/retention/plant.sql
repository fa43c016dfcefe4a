-- A row in each table that a dossier or a site may hold a name in; :name stands where people write.
INSERT INTO clue (incident_id, kind, strength, door, text, by_machine, at, entry_id)
  VALUES (:incident, 'finding', 'strong', 'goods', :name, false, :at, :entry);
INSERT INTO deferral (incident_id, site_id, what, who, until, entry_id)
  VALUES (:incident, :site, :name, :name, :at, :entry);
INSERT INTO instruction (site_id, kind, text, schedule, origin, ended_at, entry_id)
  VALUES (:site, 'temporary', :name, '[]', 'desk', :at, :entry);
INSERT INTO on_test (site_id, scope, asked_by, word_result, started_at, until, ended_at, results, entry_id)
  VALUES (:site, '{}', :name, 'right', :at, :at, :at, '[]', :entry);
INSERT INTO intervention (incident_id, responder_id, state, asked_at, entry_id)
  SELECT :incident, id, 'done', :at, :entry FROM responder LIMIT 1;
INSERT INTO service_call (incident_id, service, door, justification, review_needed, asked_at, entry_id)
  VALUES (:incident, 'police', 'goods', '{}', false, :at, :entry);
INSERT INTO panel (site_id, account, canonical, time_policy, clear_allowed, duplicate_seconds, sends_restores, adopted, entry_id)
  VALUES (:site, '1234', '1234', 'standard', true, 60, 'unknown', false, :entry);
INSERT INTO zone (site_id, panel_id, number, shown, name, kind, codes, discovered, entry_id, state)
  SELECT :site, id, '15', '015', :name, 'intrusion', '{}', false, :entry, 'unknown' FROM panel;
INSERT INTO area (site_id, number, partial, entry_id) VALUES (:site, '1', false, :entry);
INSERT INTO connection_record (site_id, accepted_at, accepted_by, missing, points, entry_id)
  VALUES (:site, :at, :name, '[]', '[]', :entry);
INSERT INTO on_call (reference, name, kind, rank, ways, entry_id)
  VALUES ('A-1', :name, 'person', 1, jsonb_build_array(jsonb_build_object('channel', 'sms', 'to', cast(:name AS text))), :entry);
INSERT INTO escalation (reason, opened_at, incidents, station, step, taken_by, ended_at, entry_id)
  VALUES ('unheld', :at, '{}', true, 1, :name, :at, :entry);
INSERT INTO draft (user_id, key, text, first_key_at, saved_at) VALUES (1, 'incident/1', :name, :at, :at);
INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events, encrypted, decided_at)
  VALUES (1, :at, 'R1', 'tcp', '127.0.0.1', 'dc09', 'SIA-DCS', convert_to(:name, 'UTF8'), 'accepted',
          jsonb_build_array(jsonb_build_object('text', cast(:name AS text))), false, :at);
INSERT INTO camera (reference, site_id, name, sort_key, regime, narrow, source, ptz, talk, record, retention_days,
    min_retention_days, live_roles, recorded_roles, neighbours, expected, entry_id)
  VALUES ('C-1', :site, :name, :name, 'private', false, jsonb_build_object('main', cast(:name AS text)), false, false, true, 30,
    0, '{}', '{}', '{}', '{}', :entry);
INSERT INTO viewing (user_id, session_hash, kind, motif, cameras, started_at, entry_id)
  VALUES (1, ''::bytea, 'live', :name, '{}', :at, :entry);
INSERT INTO ticket (token_hash, viewing_id, camera_id, kind, masked, ptz, expires_at)
  SELECT ''::bytea, id, 1, 'live', true, false, :at FROM viewing;
INSERT INTO mark (camera_id, from_at, until_at, label, made_by_id, made_at, entry_id)
  SELECT id, :at, :at, :name, 1, :at, :entry FROM camera;
INSERT INTO camera_fault (camera_id, kind, since, until, detail, entry_id)
  SELECT id, 'frozen', :at, :at, jsonb_build_object('text', cast(:name AS text)), :entry FROM camera;
INSERT INTO pulled_clip (camera_id, from_at, until_at, asked_at, state, source, entry_id)
  SELECT id, :at, :at, :at, 'failed', :name, :entry FROM camera;
INSERT INTO patrol (reference, name, views, times, entry_id) VALUES ('R-1', 'Ronde', '[]', '{}', :entry);
INSERT INTO patrol_run (patrol_id, user_id, state, started_at, ended_at, views, explanation, entry_id)
  SELECT id, 1, 'ended', :at, :at, '[]', :name, :entry FROM patrol;
INSERT INTO patrol_tick (run_id, index, camera_id, result, note, at, entry_id)
  SELECT id, 0, 1, 'observation', :name, :at, :entry FROM patrol_run;
INSERT INTO event (incident_id, camera_id, first_key_at, nature, place, search, entry_id)
  SELECT :incident, id, :at, 'fight', :name, :name, :entry FROM camera;
INSERT INTO event_notice (incident_id, service, outcome, note, at, entry_id)
  VALUES (:incident, 'police', 'told', :name, :at, :entry);
-- And everything is over.
UPDATE camera SET removed_at = :at, entry_id = :entry;
UPDATE contact SET removed_at = :at, entry_id = :entry;
UPDATE on_call SET removed_at = :at, entry_id = :entry;
UPDATE responder SET removed_at = :at, entry_id = :entry;
UPDATE user_account SET disabled_at = :at, entry_id = :entry;
UPDATE site SET connection = 'terminated', entry_id = :entry;
UPDATE incident SET state = 'closed', closed_at = :at, entry_id = :entry;
INSERT INTO home_consent (incident_id, site_id, call_id, contact_id, person, given_at, until, entry_id)
  SELECT :incident, :site, id, 1, :name, :at, :at, :entry FROM call LIMIT 1;

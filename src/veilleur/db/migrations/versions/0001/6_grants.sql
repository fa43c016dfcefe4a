-- Run last. The application role reads and writes rows; it owns nothing and cannot rewrite the logbook.
GRANT USAGE ON SCHEMA public TO veilleur_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO veilleur_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO veilleur_app;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO veilleur_app;
REVOKE UPDATE, DELETE, TRUNCATE ON entry, entry_payload, entry_position, merkle_node, checkpoint, checkpoint_sent
  FROM veilleur_app;
REVOKE ALL ON alembic_version FROM veilleur_app;
GRANT SELECT ON alembic_version TO veilleur_app;

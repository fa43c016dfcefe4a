"""The store: embedded PostgreSQL, engine, sessions, migrations. Knows no feature by name."""

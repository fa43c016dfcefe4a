"""The FastAPI factory, sessions, errors, static files."""

"""Deadlines are rows: what is due, when, about what. The watch judges each again under the site's lock."""

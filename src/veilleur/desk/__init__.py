"""Snapshot, views and stream of the desk."""

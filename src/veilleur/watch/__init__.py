"""Decides about signals and deadlines; one active, fenced."""

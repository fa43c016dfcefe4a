"""Ids that leave the house: references a person can read, tokens nobody can guess."""

from __future__ import annotations

import secrets

LARGEST = 2**63 - 1
"""Of PostgreSQL's bigint: no row has a greater number, and none may be asked for by one."""


def incident_reference(year: int, number: int) -> str:
    """A dossier's reference, e.g. `2026-004117`."""
    return f"{year}-{number:06d}"


def token(nbytes: int = 32) -> str:
    """An unguessable URL-safe token."""
    return secrets.token_urlsafe(nbytes)

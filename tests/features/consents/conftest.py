"""The town of viewing, and a person at the villa."""

from __future__ import annotations

from tests.features.viewing.conftest import town

__all__ = ["town"]

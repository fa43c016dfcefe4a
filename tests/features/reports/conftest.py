"""The room of the handling's tests, and its sealer."""

from __future__ import annotations

from tests.features.handling.conftest import room

__all__ = ["room"]

"""A desk on a stopped clock (`desk`) and one on the machine's clock (`live_desk`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.serving import Desk, serve
from veilleur.db.engine import open_database
from veilleur.features.cameras.secrets import CameraRing
from veilleur.kernel.clock import ManualClock, SystemClock
from veilleur.kernel.sealing import KeyRing, open_key_ring


def _keys(folder: Path) -> dict[Any, object]:
    """What the composition provides: the rings that seal the words of contacts and the passwords of cameras."""
    cameras = CameraRing(open_key_ring(folder / "camera.key"))
    return {KeyRing: open_key_ring(folder / "contact.key"), CameraRing: cameras}


@pytest.fixture
def desk(database: Any, clock: ManualClock, tmp_path: Path) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, clock, database.app_dsn, provide=_keys(tmp_path)) as running:
        yield running
    opened.close()


@pytest.fixture
def live_desk(database: Any, tmp_path: Path) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, SystemClock(), database.app_dsn, provide=_keys(tmp_path)) as running:
        yield running
    opened.close()

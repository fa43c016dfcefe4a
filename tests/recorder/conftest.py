"""A stage per test, and RTSP cameras by GStreamer (tests/video)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recorder.stage import Stage
from tests.video.conftest import film, rtsp
from veilleur.db.engine import open_database
from veilleur.kernel.sealing import open_key_ring

__all__ = ["film", "rtsp", "stage"]


@pytest.fixture
def stage(database: Any, tmp_path: Path) -> Iterator[Stage]:
    opened = open_database(database.app_dsn, pool_size=10)
    made = Stage(opened, open_key_ring(tmp_path / "keys" / "camera.key"), tmp_path / "video")
    made.set_up()
    yield made
    opened.close()

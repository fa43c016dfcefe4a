"""A centre for each module, run and spoken to as a user does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.centre import Centre, centre_up

SITES = Path(__file__).parent / "sites.yaml"
EFFECTIVE = 2.0
"""s that an import may take to reach every role; a panel that speaks before is a ghost."""


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """`veilleur up` on empty data, then the sites of sites.yaml."""
    with centre_up(tmp_path_factory.mktemp("contract") / "data") as running:
        running.run("sites", "import", str(SITES))
        time.sleep(EFFECTIVE)
        yield running

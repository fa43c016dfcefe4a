from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.reception.reception_house import House, open_house
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing, open_key_ring


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return open_key_ring(tmp_path / "keys" / "panel.key")


@pytest.fixture
async def house(database, clock: ManualClock, keys: KeyRing) -> AsyncIterator[House]:
    """A reception of two lines on loopback, over a real database, with a clock that stands still."""
    async with open_house(database.app_dsn, clock, keys) as opened:
        yield opened


@pytest.fixture
def frames_now(clock: ManualClock) -> Callable[[], None]:
    """Sets the clock to the hour of the golden frames."""
    from datetime import UTC, datetime

    def at_the_hour() -> None:
        clock.current = datetime(2026, 12, 31, 13, 59, 58, tzinfo=UTC)

    return at_the_hour

"""The red bar of the chain: when the watch or the reception stands still, the desk says so, and that it is over (P7)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]

LATE = 150_000
"""ms: a round a minute, told as late after 75 s (core/chain.ts), under load."""


def process_of(centre: Centre, role: str) -> int:
    """The process of a role of this very centre."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == centre.process.pid and "run" in words and role in words:
            return int(folder.name)
    raise AssertionError(f"no process runs «{role}»")


@contextmanager
def standing_still(centre: Centre, role: str) -> Iterator[None]:
    """The role neither works nor dies: what a supervisor does not see."""
    process = process_of(centre, role)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@pytest.mark.long
@pytest.mark.parametrize("role", ["watch", "reception"])
def test_the_desk_says_that_the_chain_is_not_proved(sit: Sit, centre: Centre, role: str) -> None:
    seat = sit("claire")
    bar = seat.page.get_by_text("CHAÎNE NON VÉRIFIÉE depuis")
    expect(bar).to_have_count(0, timeout=LATE)
    with standing_still(centre, role):
        expect(bar).to_be_visible(timeout=LATE)
        expect(
            seat.page.get_by_text("Direct")
        ).to_be_visible()  # the desk itself lives: it is the chain that is told
    expect(bar).to_have_count(0, timeout=LATE)
    assert seat.errors == []

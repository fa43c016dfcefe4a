"""The place of a process in the queue for the processors, asked by processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from veilleur.kernel.process import AUTOGROUP

ASK = """
import os, sys
from pathlib import Path
from veilleur.kernel.process import AUTOGROUP, take_turn
if len(sys.argv) > 2: os.setgroups([]); os.setuid(int(sys.argv[2]))
print(take_turn(int(sys.argv[1])))
print(AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else "")
"""


def ask(*arguments: int, own_session: bool = True) -> list[str]:
    argv = [sys.executable, "-c", ASK, *map(str, arguments)]
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, start_new_session=own_session
    ).stdout.splitlines()


def test_a_process_stands_behind_and_its_session_with_it() -> None:
    assert ask(5) == ["5", "5" if AUTOGROUP.exists() else ""]


def test_a_session_of_somebody_else_keeps_its_place() -> None:
    here = AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else ""
    assert ask(5, own_session=False) == ["5", here]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may ask to stand in front")
def test_root_stands_in_front_and_who_may_not_stays() -> None:
    assert ask(-10)[0] == "-10"
    assert ask(-10, 65534)[0] == "0"

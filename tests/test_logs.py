"""A log that cannot be written ends nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import structlog
from veilleur.logs import configure_logs
configure_logs("info")
for n in range(2000):
    structlog.get_logger().info("a line", n=n)
print("alive", flush=True)
"""


def test_a_full_disk_under_the_log_ends_no_role() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            stdout=subprocess.PIPE,
            stderr=full,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout == "alive\n"

"""`make bench`: every figure, one after the other, alone on the machine."""

from __future__ import annotations

import importlib
import sys

FIGURES = ("intake", "paint", "logbook", "life")


def main() -> None:
    """Runs the figures named, or all."""
    for name in sys.argv[1:] or FIGURES:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()

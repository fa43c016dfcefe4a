"""The town's on-call telephone: what is called out of the house is written into a file, for a visitor to read.

Run by the town's own channel as any centre's program would be (kind `script`): the message is in the environment.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

MOST = 256 * 1024
"""Bytes of the file: some thousand calls; beyond, it begins again."""


def write_call(file: Path, said: dict[str, str]) -> None:
    """Adds one message. Raises OSError."""
    full = file.exists() and file.stat().st_size > MOST
    words = [f"À {said.get('VEILLEUR_TO', '?')} : {said.get('VEILLEUR_SUBJECT', '')}"]
    words += [said.get("VEILLEUR_TEXT", ""), said.get("VEILLEUR_LINK", "")]
    with file.open("w" if full else "a", encoding="utf-8") as out:
        out.write("\n".join(line for line in words if line) + "\n\n")


if __name__ == "__main__":
    write_call(Path(sys.argv[1]), dict(os.environ))

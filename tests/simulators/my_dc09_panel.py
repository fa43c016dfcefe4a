"""A panel made of `my-dc09-spt`, a dialler we did not write, as a program of its own: a black box with sockets.

Told on the command line what to send (JSON), it says on standard output what it believes the receiver answered.
"""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from typing import Any


def run_panel(order: dict[str, Any]) -> dict[str, Any]:
    """Runs the dialler; `order`: host, port, account, type (tcp | udp), key (hex or null), events [[type, params]]."""
    done = subprocess.run(
        [sys.executable, __file__, json.dumps(order)], capture_output=True, text=True, timeout=60, check=True
    )
    return dict(json.loads(done.stdout))


def main() -> None:
    warnings.simplefilter("ignore")
    from my_dc09_spt.dc09_spt import dc09_spt

    order = json.loads(sys.argv[1])
    key = bytes.fromhex(order["key"]) if order.get("key") else None
    panel = dc09_spt(order["account"], receiver=order.get("receiver"), line=order.get("prefix", 0))
    panel.set_path(
        "main", "primary", order["host"], order["port"], account=order["account"], key=key, type=order["type"]
    )
    acknowledged = []
    for kind, told in order["events"]:
        try:
            panel.send_msg(kind, told)
            acknowledged.append(True)
        except Exception:  # noqa: BLE001 - it raises the bare class
            acknowledged.append(False)
    print(
        json.dumps(
            {"acknowledged": acknowledged, "offset": panel.tpaths["main"]["primary"]["path"].get_offset()}
        )
    )


if __name__ == "__main__":
    main()

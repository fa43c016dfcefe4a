"""Who gives a camera the address to push to."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    push.renew    -         yes   yes            -
""")

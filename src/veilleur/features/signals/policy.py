"""Who may read frames and adopt ghosts (issue 2 §2: the installer on the telephone)."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    monitor.read  yes       yes   yes            yes
    ghost.read    yes       yes   yes            yes
    ghost.adopt   post      yes   yes            -
""")

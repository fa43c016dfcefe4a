"""Who reads how much of the time the installations worked."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                       operator  lead  administrator  auditor
    availability.read  -         yes   yes            yes
""")

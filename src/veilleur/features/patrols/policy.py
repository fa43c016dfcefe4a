"""Who plans rounds, who makes them, who reads them. Default deny."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    patrol.read   yes       yes   yes            yes
    patrol.plan   -         yes   yes            -
    patrol.make   post      post  -              -
""")

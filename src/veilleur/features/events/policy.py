"""Who may open, follow and find événements; then only who holds one changes it. Default deny."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    event.open    post      post  -              -
    event.handle  post      post  -              -
    event.read    yes       yes   yes            yes
""")

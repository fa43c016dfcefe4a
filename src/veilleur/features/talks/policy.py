"""Who speaks through a camera; then each camera's own list of roles for live pictures. Default deny."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    talk.speak    post      post  -              -
""")

"""Who tests the cameras of a post: who holds it. Default deny."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                       operator  lead  administrator  auditor
    camera_check.make  post      post  -              -
""")

"""Who may look at the room's live picture, and at the lines of its main courante."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    room.read     yes       yes   yes            yes
    line.read     yes       yes   -              yes
    on_test.read  yes       yes   -              yes
    post.read     yes       yes   yes            yes
""")

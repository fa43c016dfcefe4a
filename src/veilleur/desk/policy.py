"""Who may look at the room's live picture. Dossiers and lines have their own tables."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    room.read     yes       yes   yes            yes
    on_test.read  yes       yes   -              yes
    post.read     yes       yes   yes            yes
    review.read   -         yes   yes            yes
    review.mark   -         yes   yes            -
""")

"""Who may what with people, posts and one's own account (issue 2 §7, duties S4 and S20)."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                      operator  lead  administrator  auditor
    session.end       yes       yes   yes            yes
    account.password  yes       yes   yes            yes
    account.sound     yes       yes   yes            yes
    people.read       yes       yes   yes            yes
    account.read      -         yes   yes            yes
    people.manage     -         -     yes            -
    title.manage      -         yes   yes            -
    post.take         yes       yes   -              -
    post.leave        post      post  -              -
    post.change       post      post  -              -
    post.vacate       -         yes   -              -
    post.create       -         -     yes            -
""")

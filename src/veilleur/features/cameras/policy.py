"""Who may what with cameras: their file, and what a screen offers on each (what viewing then judges again)."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                      operator  lead  administrator  auditor
    camera.read       post      yes   yes            yes
    camera.picture    post      yes   -              yes
    camera.live       post      yes   yes            -
    camera.recorded   post      yes   yes            -
    camera.lifted     -         yes   -              -
    camera.ptz        post      yes   -              -
    camera.talk       post      post  -              -
    camera.event      post      post  -              -
    camera.mark       post      yes   -              -
    camera.hold       post      yes   -              -
    camera.edit       -         yes   yes            -
""")

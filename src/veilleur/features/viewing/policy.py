"""Who may look, keep and steer; then each camera's own lists of roles. Default deny."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                    operator  lead  administrator  auditor
    viewing.open    post      yes   yes            -
    viewing.lift    -         yes   -              -
    viewing.read    -         yes   -              yes
    layout.read     yes       yes   yes            yes
    layout.write    post      yes   yes            -
    layout.share    -         yes   yes            -
    mark.read       yes       yes   yes            yes
    mark.make       post      yes   -              -
    mark.hold       post      yes   -              -
    mark.release    -         yes   -              -
    ptz.take        post      yes   -              -
    image.read      yes       yes   yes            yes
    image.pull      post      yes   -              -
    image.clue      post      post  -              -
""")

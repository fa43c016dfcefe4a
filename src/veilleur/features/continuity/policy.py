"""Who may say that he takes up a call, and whose sign of life counts."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                        operator  lead  administrator  auditor
    station.answer         yes       yes   yes            -
    station.awake          post      post  -              -
    chain.painted          post      post  -              -
    on_call.read           -         yes   yes            -
    on_call.try            -         yes   yes            -
""")

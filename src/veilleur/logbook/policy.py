"""Who may what with the main courante (duties S7 and S20). Erasing is the command line's alone."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                     operator  lead  administrator  auditor
    logbook.read     yes       yes   -              yes
    logbook.write    yes       yes   -              -
    logbook.correct  yes       yes   -              -
    logbook.prove    yes       yes   -              yes
""")

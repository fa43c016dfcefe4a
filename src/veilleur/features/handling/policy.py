"""Who may what in the handling of a dossier (issue 2 §5). Holding the dossier is asked by the commands."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                          operator  lead  administrator  auditor
    handling.read         yes       yes   yes            yes
    call.start            post      post  -              -
    call.receive          post      post  -              -
    call.word             post      post  -              -
    call.reveal           post      post  -              -
    call.result           post      post  -              -
    call.undo             post      post  -              -
    call.act              post      post  -              -
    clue.add              post      post  -              -
    clue.remove           post      post  -              -
    verification.set      post      post  -              -
    service_call.start    post      post  -              -
    service_call.done     post      post  -              -
    service_call.review   -         yes   -              -
    intervention.ask      post      post  -              -
    intervention.move     post      post  -              -
""")

"""Who writes that a person at home consents."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                  operator  lead  administrator  auditor
    consent.read  yes       yes   yes            yes
    consent.give  post      post  -              -
""")

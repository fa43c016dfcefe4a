"""Who knows the authorisations, and who keeps them."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                         operator  lead  administrator  auditor
    authorisation.read   -         yes   yes            yes
    authorisation.keep   -         yes   yes            -
""")

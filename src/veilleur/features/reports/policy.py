"""Who may print reports."""

from __future__ import annotations

from veilleur.kernel.ports import Policy

POLICY = Policy.read("""
                   operator  lead  administrator  auditor
    report.read    yes       yes   yes            yes
    connection.print yes     yes   yes            yes
""")

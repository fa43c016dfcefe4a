"""The demonstration town: its file, its people, its reception lines. Everything in it is fictional."""

from __future__ import annotations

from pathlib import Path

from veilleur.settings import LineSettings, Settings, split_address

TOWN = Path(__file__).parent / "town.yaml"

#: Who may log in, in clear on purpose: the town holds nothing real and refuses to mix with real data.
DEMO_LOGINS = (
    ("garance", "veilleur-demo", "opératrice"),
    ("octave", "veilleur-demo", "opérateur"),
    ("chef", "veilleur-demo", "chef de salle"),
    ("admin", "veilleur-demo", "administration"),
    ("audit", "veilleur-demo", "audit, lecture seule"),
)

#: Lines of the town beside R1: R2 (encrypted, UDP) and R3 (an older receiver's accounts), on the next ports.
EXTRA_LINES = ("R2", "R3")


def town_lines(settings: Settings) -> tuple[LineSettings, ...]:
    """R2 and R3 on the ports that follow R1's."""
    host, port = split_address(settings.dc09)
    shown = f"[{host}]" if ":" in host else host
    return tuple(
        LineSettings(name=name, listen=f"{shown}:{port + n}") for n, name in enumerate(EXTRA_LINES, start=1)
    )

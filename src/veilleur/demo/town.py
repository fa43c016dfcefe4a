"""The demonstration town: its file, its people, its reception lines. Everything in it is fictional."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from veilleur.settings import ChannelSettings, LineSettings, Settings, split_address

TOWN = Path(__file__).parent / "town.yaml"
CAMERAS_FILE = Path(__file__).parent / "cameras.yaml"

#: Where the town's cameras listen; their ONVIF face is on the next port.
CAMERAS_AT = "127.0.0.1:8554"


@dataclass(frozen=True)
class Person:
    """Somebody of the town. The password is in clear on purpose: the town holds nothing real."""

    login: str
    name: str
    roles: tuple[str, ...]
    label: str
    card: str | None = None
    password: str = "veilleur-demo"  # noqa: S105  # shown on the terminal


DEMO_PEOPLE = (
    Person("garance", "Garance Opératrice", ("operator",), "opératrice", "CAR-099-2029-05-01-20990000001"),
    Person("octave", "Octave Opérateur", ("operator",), "opérateur", "CAR-099-2029-05-01-20990000002"),
    Person("chef", "Camille Chef", ("operator", "lead"), "chef de salle", "CAR-099-2029-05-01-20990000003"),
    Person("admin", "Ada Admin", ("administrator",), "administration"),
    Person("audit", "Aude Audit", ("auditor",), "audit, lecture seule"),
)
#: Posts by name: the first two watch alarms and images, the last one alarms only.
DEMO_POSTS = {"Poste 1": "both", "Poste 2": "both", "Poste 3": "remote_monitoring"}

#: Cameras of the town: one recorder takes them all, since they are small.
CAMERAS = 16

#: Lines of the town beside R1: R2 (encrypted, UDP) and R3 (an older receiver's accounts), on the next ports.
EXTRA_LINES = ("R2", "R3")


#: The way by which the town's people on call are called (town.yaml), and the file of the data directory where it ends.
CHANNEL, CALLS_FILE = "demonstration", "astreinte.txt"


def town_channels(settings: Settings) -> tuple[ChannelSettings, ...]:
    """That way out, as a program of ours: it calls nobody, what it says is read in a file."""
    file = settings.data_dir.expanduser().resolve() / CALLS_FILE
    program = Path(sys.executable)
    return (
        ChannelSettings(
            name=CHANNEL, kind="script", program=program, arguments=("-m", "veilleur.demo.pager", str(file))
        ),
    )


def town_lines(settings: Settings) -> tuple[LineSettings, ...]:
    """R2 and R3 on the ports that follow R1's."""
    host, port = split_address(settings.dc09)
    shown = f"[{host}]" if ":" in host else host
    return tuple(
        LineSettings(name=name, listen=f"{shown}:{port + n}") for n, name in enumerate(EXTRA_LINES, start=1)
    )

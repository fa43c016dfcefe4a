"""What happens in the town: each scenario is a list of (seconds, site, what its panel says)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """A panel's message. `after`: seconds from the scenario's start."""

    after: float
    site: str
    code: str
    area: str = "01"
    number: str = "000"
    qualifier: str = "1"
    dialect: str = "cid"
    prefix: str | None = None


@dataclass(frozen=True)
class Filmed:
    """What a camera shows from then on, for some seconds; `how`: keys of camera_controls.Condition."""

    after: float
    camera: str
    seconds: float
    how: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A story a visitor can start. `silent`: (site, path prefix) that fall silent for `silence` seconds."""

    title: str
    said: Sequence[Said]
    filmed: Sequence[Filmed] = ()
    silent: tuple[str, ...] = ()
    silence: float = 0.0


DEPOT, BANK, JEWELLER, PHARMACY = "S-0001", "S-0002", "S-0003", "S-0004"
COLLEGE, BAKERY, TILLEULS, BELLEVUE = "S-0005", "S-0006", "S-0007", "S-0008"
MIMOSAS, GARAGE, PARKING, ARCADES = "S-0009", "S-0010", "S-0011", "S-0012"

YARD = "S-0028"

PERSON: Mapping[str, Any] = {"clip": "person"}
GONE: Mapping[str, Any] = {"gone": True}


def burglary(start: float) -> tuple[Said, ...]:
    """The warehouse's points; the first one speaks at `start`."""
    return (
        Said(start, DEPOT, "130", "01", "015"),
        Said(start + 22, DEPOT, "144", "01", "020", prefix="1"),
        Said(start + 41, DEPOT, "130", "02", "016"),
        Said(start + 70, DEPOT, "130", "01", "015", qualifier="3"),
    )


def burglary_filmed(start: float) -> tuple[Filmed, ...]:
    """What its cameras show. The office's disappears first: whoever comes knows where it hangs."""
    return (
        Filmed(start - 14, "bureau", 190, GONE),
        Filmed(start - 2, "quai-3", 40, PERSON),
        Filmed(start + 6, "quai-3-est", 30, PERSON),
        Filmed(start + 20, "portail", 30, PERSON),
    )


RAID_AT = 14.0
"""Seconds from the scenario's start to the first alarm of the burglary: its camera must have been missed before."""
OPENING_AT = 36.0
"""The same from the opening of the night: recorders have begun by then."""

SCENARIOS: dict[str, Scenario] = {
    "burglary": Scenario(
        "Intrusion à l’entrepôt du Port : la caméra du bureau disparaît, puis deux points en 41 s et une autosurveillance. "
        "Prenez le dossier (N), puis 3 : une personne est sur la caméra du point en alarme.",
        burglary(RAID_AT),
        burglary_filmed(RAID_AT),
    ),
    "trois-a-la-fois": Scenario(
        "Agression, feu et alarme personnelle en 20 s, pendant une intrusion",
        (
            Said(0, DEPOT, "130", "01", "015"),
            Said(12, BANK, "122", "01", "001"),
            Said(20, COLLEGE, "110", "02", "4"),
            Said(32, TILLEULS, "101", "01", "1"),
            Said(45, DEPOT, "130", "02", "016"),
        ),
        (Filmed(0, "quai-3", 40, PERSON),),
    ),
    "contrainte": Scenario(
        "Intrusion à la bijouterie ; au téléphone, le bijoutier donnera «grenat», son mot de contrainte",
        (Said(2, JEWELLER, "130", "01", "2"), Said(17, JEWELLER, "130", "01", "2", qualifier="3")),
        (Filmed(0, "bijouterie", 60, PERSON),),
    ),
    "rixe": Scenario(
        "Aucune alarme ne sonne : pendant 3 minutes, on se bat place Carnot. Regardez le mur «Presqu’île nuit» (Alt+W), "
        "choisissez «Place Carnot 1» et appuyez sur F4 : l’événement s’ouvre, avec les images d’avant.",
        (),
        (Filmed(0, "carnot-1", 180, {"clip": "rixe"}),),
    ),
    "depot": Scenario(
        "Intrusion au dépôt de transport Est, dont les images restent chez le client : prenez le dossier, puis 3 ; "
        "elles viennent de son enregistreur, dont l’horloge avance de 41 s.",
        (
            Said(4, YARD, "130", "01", "001"),
            Said(26, YARD, "130", "01", "002"),
            Said(50, YARD, "130", "01", "001", qualifier="3"),
            Said(55, YARD, "130", "01", "002", qualifier="3"),
        ),
        (Filmed(0, "depot-cour", 40, PERSON), Filmed(22, "depot-halle", 40, PERSON)),
    ),
    "point-nouveau": Scenario(
        "Un point nouveau parle quand l’agent est en route (laissez 2 minutes pour l’engager)",
        (Said(2, DEPOT, "130", "01", "015"), Said(122, DEPOT, "130", "01", "017")),
        (Filmed(0, "quai-3", 30, PERSON), Filmed(120, "quai-3", 40, PERSON)),
    ),
    "essai-oublie": Scenario(
        "Un technicien teste la pharmacie sans prévenir, puis oublie un point en alarme",
        (
            Said(0, PHARMACY, "130", "01", "001"),
            Said(6, PHARMACY, "130", "01", "001", qualifier="3"),
            Said(14, PHARMACY, "158", "01", "004"),
        ),
    ),
    "liaison": Scenario(
        "L’entrepôt en service perd sa voie radio, puis ses deux voies (10 minutes)",
        (),
        silent=(DEPOT,),
        silence=900.0,
    ),
}

#: The night as it begins: something within the first minute, then a living town.
OPENING = (
    Said(3, DEPOT, "401", "01", "002", qualifier="3"),
    Said(4, DEPOT, "401", "02", "002", qualifier="3"),
    Said(5, BANK, "401", "01", "001", qualifier="3"),
    Said(6, JEWELLER, "401", "01", "1", qualifier="3"),
    Said(7, YARD, "401", "01", "001", qualifier="3"),
    Said(7, MIMOSAS, "441", "01", "001", qualifier="3"),
    Said(8, PARKING, "602"),
    Said(9, GARAGE, "602"),
    Said(12, BAKERY, "302"),
    Said(20, ARCADES, "301"),
    *burglary(OPENING_AT),
    Said(180, PHARMACY, "158", "01", "004"),
    Said(260, ARCADES, "301", qualifier="3"),
    Said(330, BELLEVUE, "130", "01", "001"),
    Said(420, BAKERY, "401", "01", "002"),
    Said(600, ARCADES, "130", "04", "041"),
    Said(640, ARCADES, "130", "04", "042"),
    Said(900, COLLEGE, "110", "02", "4"),
    Said(1100, PHARMACY, "158", "01", "004", qualifier="3"),
)

#: What the cameras show of it.
OPENING_FILMED = burglary_filmed(OPENING_AT)

#: After the opening, every quarter of an hour: ordinary life, so that the room is never a still picture.
ORDINARY = (
    Said(30, PARKING, "602"),
    Said(90, GARAGE, "602"),
    Said(200, BAKERY, "302", qualifier="3"),
    Said(420, BAKERY, "302"),
    Said(600, MIMOSAS, "602"),
)
ORDINARY_PERIOD = 900.0

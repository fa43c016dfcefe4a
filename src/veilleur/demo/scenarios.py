"""What happens in the town: each scenario is a list of (seconds, site, what its panel says)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
class Scenario:
    """A story a visitor can start. `silent`: (site, path prefix) that fall silent for `silence` seconds."""

    title: str
    said: Sequence[Said]
    silent: tuple[str, ...] = ()
    silence: float = 0.0


DEPOT, BANK, JEWELLER, PHARMACY = "S-0001", "S-0002", "S-0003", "S-0004"
COLLEGE, BAKERY, TILLEULS, BELLEVUE = "S-0005", "S-0006", "S-0007", "S-0008"
MIMOSAS, GARAGE, PARKING, ARCADES = "S-0009", "S-0010", "S-0011", "S-0012"

BURGLARY = (
    Said(0, DEPOT, "130", "01", "015"),
    Said(22, DEPOT, "144", "01", "020", prefix="1"),
    Said(41, DEPOT, "130", "02", "016"),
    Said(70, DEPOT, "130", "01", "015", qualifier="3"),
)

SCENARIOS: dict[str, Scenario] = {
    "burglary": Scenario(
        "Intrusion à l’entrepôt du Port, deux points en 41 s et une autosurveillance", BURGLARY
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
    ),
    "contrainte": Scenario(
        "Intrusion à la bijouterie ; au téléphone, le bijoutier donnera «grenat», son mot de contrainte",
        (Said(0, JEWELLER, "130", "01", "2"), Said(15, JEWELLER, "130", "01", "2", qualifier="3")),
    ),
    "point-nouveau": Scenario(
        "Un point nouveau parle quand l’agent est en route (laissez 2 minutes pour l’engager)",
        (Said(0, DEPOT, "130", "01", "015"), Said(120, DEPOT, "130", "01", "017")),
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
    Said(7, MIMOSAS, "441", "01", "001", qualifier="3"),
    Said(8, PARKING, "602"),
    Said(9, GARAGE, "602"),
    Said(12, BAKERY, "302"),
    Said(20, ARCADES, "301"),
    Said(30, DEPOT, "130", "01", "015"),
    Said(52, DEPOT, "144", "01", "020", prefix="1"),
    Said(71, DEPOT, "130", "02", "016"),
    Said(100, DEPOT, "130", "01", "015", qualifier="3"),
    Said(180, PHARMACY, "158", "01", "004"),
    Said(260, ARCADES, "301", qualifier="3"),
    Said(330, BELLEVUE, "130", "01", "001"),
    Said(420, BAKERY, "401", "01", "002"),
    Said(600, ARCADES, "130", "04", "041"),
    Said(640, ARCADES, "130", "04", "042"),
    Said(900, COLLEGE, "110", "02", "4"),
    Said(1100, PHARMACY, "158", "01", "004", qualifier="3"),
)

#: After the opening, every quarter of an hour: ordinary life, so that the room is never a still picture.
ORDINARY = (
    Said(30, PARKING, "602"),
    Said(90, GARAGE, "602"),
    Said(200, BAKERY, "302", qualifier="3"),
    Said(420, BAKERY, "302"),
    Said(600, MIMOSAS, "602"),
)
ORDINARY_PERIOD = 900.0

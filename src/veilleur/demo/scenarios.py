"""What happens in the town: each scenario is a list of (seconds, site, what its panel says)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """A panel's message. `after`: seconds from the scenario's start.

    A code of two letters is SIA: the code itself says new or restore, `text` are the words that the panel joins. Three
    digits are Contact ID, with its `qualifier`.
    """

    after: float
    site: str
    code: str
    area: str = "01"
    number: str = "000"
    qualifier: str = "1"
    text: str | None = None
    prefix: str | None = None

    @property
    def sia(self) -> bool:
        """Whether it is said in SIA, by a frame SIA-DCS."""
        return len(self.code) == SIA_CODE


SIA_CODE = 2
"""Characters of a SIA code; Contact ID has three."""


@dataclass(frozen=True)
class Filmed:
    """What a camera shows from then on, for some seconds; `how`: keys of camera_controls.Condition."""

    after: float
    camera: str
    seconds: float
    how: Mapping[str, Any]


@dataclass(frozen=True)
class Silent:
    """A path of a panel, by its L prefix, that is cut from then on, for some seconds."""

    after: float
    site: str
    prefix: str
    seconds: float


@dataclass(frozen=True)
class TestAsked:
    """Somebody telephones the room and has a whole site put on test, for some seconds; an operator of the town answers."""

    __test__ = False

    after: float
    site: str
    caller: str
    word: str
    operator: str
    seconds: float


@dataclass(frozen=True)
class Told:
    """What a visitor reads on the terminal while it runs: what happens, what he will see and when."""

    after: float
    text: str


@dataclass(frozen=True)
class Scenario:
    """A story a visitor can start. `title`: one line, also in the help; `advice`: what he does, at the start."""

    title: str
    said: Sequence[Said] = ()
    filmed: Sequence[Filmed] = ()
    silent: Sequence[Silent] = ()
    asked: Sequence[TestAsked] = ()
    told: Sequence[Told] = ()
    advice: str = ""


DEPOT, BANK, JEWELLER, PHARMACY = "S-0001", "S-0002", "S-0003", "S-0004"
COLLEGE, BAKERY, TILLEULS, BELLEVUE = "S-0005", "S-0006", "S-0007", "S-0008"
MIMOSAS, GARAGE, PARKING, ARCADES = "S-0009", "S-0010", "S-0011", "S-0012"

LAKE, YARD = "S-0022", "S-0028"

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

RADIO, IP = "1", "0"
"""The warehouse's paths, by their L prefix."""
IP_CUT, LINK_SECONDS = 30.0, 300.0
"""When its second path is cut, and when both come back. The intervals of town.yaml decide when a loss is told: radio 90 s
after its last sign (one each 48 s), IP 2 × 90 + 30 s (one each 72 s)."""
TEST_AT, TEST_SECONDS = 6.0, 60.0
"""When the technician telephones: his disarming has been decided by then. How long his test is to last."""

SCENARIOS: dict[str, Scenario] = {
    "burglary": Scenario(
        "Intrusion à l’entrepôt du Port : une caméra disparaît, deux points en 41 s, une autosurveillance",
        burglary(RAID_AT),
        burglary_filmed(RAID_AT),
        advice="Prenez le dossier (N), puis 3 : une personne est sur la caméra du point en alarme.",
    ),
    "trois-a-la-fois": Scenario(
        "Agression, feu et alarme personnelle en 20 s, pendant une intrusion",
        (
            Said(0, DEPOT, "130", "01", "015"),
            Said(12, BANK, "122", "01", "001"),
            Said(20, COLLEGE, "FA", "2", "4", text="DETECTEUR 4 RESERVE CHIMIE"),
            Said(32, TILLEULS, "QA", "1", "3", text="APPEL CHAMBRE"),
            Said(33, TILLEULS, "QR", "1", "3"),
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
        "Aucune alarme ne sonne : pendant 3 minutes, on se bat place Carnot",
        filmed=(Filmed(0, "carnot-1", 180, {"clip": "rixe"}),),
        advice="Regardez le mur «Presqu’île nuit» (Alt+W), choisissez «Place Carnot 1» et appuyez sur F4 : l’événement "
        "s’ouvre, avec les images d’avant.",
    ),
    "depot": Scenario(
        "Intrusion au dépôt de transport Est, dont les images restent chez le client",
        (
            Said(4, YARD, "130", "01", "001"),
            Said(26, YARD, "130", "01", "002"),
            Said(50, YARD, "130", "01", "001", qualifier="3"),
            Said(55, YARD, "130", "01", "002", qualifier="3"),
        ),
        (Filmed(0, "depot-cour", 40, PERSON), Filmed(22, "depot-halle", 40, PERSON)),
        advice="Prenez le dossier, puis 3 : les images viennent de son enregistreur, dont l’horloge avance de 41 s.",
    ),
    "point-nouveau": Scenario(
        "Un point nouveau parle quand l’agent est en route (laissez 2 minutes pour l’engager)",
        (Said(2, DEPOT, "130", "01", "015"), Said(122, DEPOT, "130", "01", "017")),
        (Filmed(0, "quai-3", 30, PERSON), Filmed(120, "quai-3", 40, PERSON)),
    ),
    "essai-oublie": Scenario(
        "Un technicien met l’École du Lac en essai, laisse un point en alarme et oublie l’essai (1 min 30)",
        (
            Said(0, LAKE, "401", "01", "003"),
            Said(12, LAKE, "130", "01", "001"),
            Said(15, LAKE, "130", "01", "001", qualifier="3"),
            Said(20, LAKE, "130", "01", "002"),
            Said(23, LAKE, "130", "01", "002", qualifier="3"),
            Said(30, LAKE, "130", "01", "003"),
        ),
        asked=(TestAsked(TEST_AT, LAKE, "M. Régis Delorme", "sonde", "octave", TEST_SECONDS),),
        told=(
            Told(0, "Le technicien met l’École du Lac hors service et téléphone à la station."),
            Told(
                12,
                "Il essaie trois points sur quatre : notés à l’essai, rien ne sonne (tapez «École du Lac»).",
            ),
            Told(
                30,
                "Il s’en va : la salle informatique reste en alarme, et il ne rappelle pas. Rien ne bouge jusqu’à l’heure "
                "de fin.",
            ),
            Told(
                TEST_AT + TEST_SECONDS + 6,
                "L’essai est échu. Sa liste : 2 points revenus, 1 encore en alarme, 1 jamais vu ; un dossier «encore en "
                "alarme» s’ouvre et sonne.",
            ),
            Told(TEST_AT + TEST_SECONDS + 20, "La salle informatique restera en alarme : à vous de traiter."),
        ),
    ),
    "liaison": Scenario(
        "L’entrepôt en service perd sa voie radio, puis ses deux voies ; elles reviennent (5 minutes)",
        silent=(
            Silent(0, DEPOT, RADIO, LINK_SECONDS),
            Silent(IP_CUT, DEPOT, IP, LINK_SECONDS - IP_CUT),
        ),
        advice="Si une intrusion est déjà ouverte à l’entrepôt (celle du début de la nuit), ces pertes s’y ajoutent et la "
        "réveillent : on coupe les lignes exprès. Sinon, chacune a son dossier.",
        told=(
            Told(
                0,
                "La voie radio se tait. Elle a 90 s pour parler : «Perte de liaison (une voie)», priorité 5, vient entre 0:40 "
                "et 1:35.",
            ),
            Told(
                IP_CUT,
                "La voie IP se tait aussi. Elle est perdue après 210 s sans nouvelles : «Perte de liaison (toutes voies)», "
                "priorité 2, vient entre 2:45 et 4:05.",
            ),
            Told(
                LINK_SECONDS,
                "Les deux voies reparlent : leur retour s’inscrit dans les secondes qui suivent.",
            ),
            Told(
                LINK_SECONDS + 8,
                "Un retour n’efface pas une coupure de toutes les voies : à vous de clore le dossier.",
            ),
        ),
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
    Said(8, PARKING, "RP"),
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
    Said(900, COLLEGE, "FA", "2", "4", text="DETECTEUR 4 RESERVE CHIMIE"),
    Said(1100, PHARMACY, "158", "01", "004", qualifier="3"),
)

#: What the cameras show of it.
OPENING_FILMED = burglary_filmed(OPENING_AT)

#: After the opening, every quarter of an hour: ordinary life, so that the room is never a still picture.
ORDINARY = (
    Said(30, PARKING, "RP"),
    Said(90, GARAGE, "602"),
    Said(200, BAKERY, "302", qualifier="3"),
    Said(420, BAKERY, "302"),
    Said(600, MIMOSAS, "602"),
)
ORDINARY_PERIOD = 900.0

"""The two doors of the police call (practice P4): goods are «à justifier», persons are always open. Pure.

Neither is ever locked. The goods door is justified by one proof of the rule; otherwise by a motif, reviewed. The
persons door opens in one key and asks for a concrete element beyond the button; without one it says so and stops
nobody (CP 223-6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from veilleur.features.handling.rules import Rule

#: Kind → strength, door. `proof`: enough alone for goods. `concrete`: an element beyond the button, for persons.
#: `support`: backs up, never enough. An image or a sound of persons is also their concrete element.
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "image": ("proof", "both"),
        "sound": ("proof", "both"),
        "agent": ("proof", "both"),
        "witness": ("proof", "both"),
        "two_callbacks": ("proof", "goods"),
        "words": ("concrete", "persons"),
        "told_offence": ("support", "both"),
        "duress_word": ("concrete", "persons"),
        "second_button": ("concrete", "persons"),
        "hours": ("concrete", "both"),
        "history": ("concrete", "both"),
        "sequence": ("support", "goods"),
        "tamper": ("support", "goods"),
        "path_loss": ("support", "goods"),
        "camera_lost": ("support", "goods"),
        "no_answer": ("support", "goods"),
        "wrong_word": ("support", "both"),
        "not_authorised": ("support", "both"),
    }
)

#: What a person writes with a key; the others are derived by the machine from signals and calls.
BY_HAND: Mapping[str, str] = MappingProxyType(
    {
        "image": "I",
        "sound": "E",
        "agent": "A",
        "witness": "T",
        "words": "P",
        "second_button": "B",
        "hours": "H",
        "history": "R",
    }
)

#: The elements that the persons door asks for.
CONCRETE = (
    "duress_word",
    "hours",
    "second_button",
    "sound",
    "image",
    "words",
    "told_offence",
    "history",
    "agent",
    "witness",
)

GOODS, PERSONS, NO_DOOR = "goods", "persons", "none"

#: Alarms whose very nature is a danger to a person; another dossier may still use their door, and is reviewed.
PERSON_CATEGORIES = frozenset({"hold_up", "duress", "panic", "personal", "medical"})

#: Whom one may call, and by which door: fire and medical have no gate (practice, «Naive otherwise»).
POLICE = ("police", "gendarmerie", "municipal_police")
SERVICES = (*POLICE, "fire", "medical")


@dataclass(frozen=True, slots=True)
class Evidence:
    """One clue that stands: its kind, and its id when it is a row."""

    kind: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A door as it stands. `state`: to_justify | justified | open. `proofs`: kinds of the rule that are there.

    `reached`: call-backs that count towards the proof of two (`rule.callbacks` of them).
    """

    door: str
    state: str
    accepted: tuple[str, ...]
    proofs: tuple[str, ...]
    supports: tuple[str, ...]
    concrete: bool
    rule: Rule
    reached: int = 0

    @property
    def justified(self) -> bool:
        """Whether it needs no motif."""
        return self.state != "to_justify"


def doors(
    rule: Rule, clues: Iterable[Evidence], *, duress: bool = False, reached: int = 0
) -> tuple[Door, Door]:
    """The goods door and the persons door. A duress heard is a concrete element by itself."""
    kinds = [clue.kind for clue in clues]
    there = frozenset(kinds)
    proofs = tuple(kind for kind in rule.proofs if kind in there)
    supports = tuple(kind for kind in KINDS if kind in there and kind not in proofs)
    goods = Door(
        GOODS,
        "justified" if proofs else "to_justify",
        rule.proofs,
        proofs,
        supports,
        bool(proofs),
        rule,
        reached,
    )
    concrete = tuple(kind for kind in CONCRETE if kind in there)
    others = tuple(kind for kind in KINDS if kind in there and kind not in concrete)
    persons = Door(PERSONS, "open", CONCRETE, concrete, others, bool(concrete) or duress, rule)
    return goods, persons


@dataclass(frozen=True, slots=True)
class Passage:
    """How a call passed a door: what justified it, and whether the morning's review looks at it."""

    door: str
    kinds: tuple[str, ...]
    concrete: bool
    override: str | None
    review: bool
    rule: str

    def as_json(self) -> dict[str, object]:
        """What the record of the call keeps."""
        return {
            "clues": list(self.kinds),
            "concrete": self.concrete,
            "override": self.override,
            "rule": self.rule,
        }


def pass_door(door: Door, category: str, motif: str | None) -> Passage | None:
    """The passage of a police call through a door; None when goods still need a proof or a motif of the rule.

    A motif is always reviewed, even beside a proof: somebody thought that the proof was not enough. The persons'
    door in a dossier of goods without a concrete element is reviewed too: it must not become the way around.
    """
    if motif is not None and motif not in door.rule.override_motifs:
        return None
    kinds = (*door.proofs, *door.supports)
    if door.door == GOODS:
        if not door.justified and motif is None:
            return None
        return Passage(GOODS, kinds, door.concrete, motif, motif is not None, door.rule.reference)
    bare = category not in PERSON_CATEGORIES and not door.concrete
    return Passage(PERSONS, kinds, door.concrete, motif, bare or motif is not None, door.rule.reference)


@dataclass(frozen=True, slots=True)
class HeardPoint:
    """A point of the dossier, as far as clues go. `at`: when it first spoke."""

    key: str
    category: str
    label: str = ""
    at: datetime | None = None


#: Clue → the categories whose points tell it, and how many different points it takes. Never a proof of goods.
TOLD_BY_POINTS: Mapping[str, tuple[frozenset[str], int]] = MappingProxyType(
    {
        "sequence": (frozenset({"intrusion"}), 2),
        "tamper": (frozenset({"tamper"}), 1),
        "path_loss": (frozenset({"path", "communication"}), 1),
        "second_button": (frozenset({"hold_up", "panic", "personal"}), 2),
    }
)


def telling_points(points: Sequence[HeardPoint], kind: str) -> tuple[HeardPoint, ...]:
    """The points that tell a clue, the first to speak first; empty when they are too few. The clue's hour is that of
    the point that completes it."""
    categories, least = TOLD_BY_POINTS[kind]
    seen: dict[str, HeardPoint] = {}
    for point in points:
        if point.category in categories:
            seen.setdefault(point.key, point)
    return tuple(seen.values()) if len(seen) >= least else ()


def clues_of_points(points: Sequence[HeardPoint]) -> tuple[str, ...]:
    """What the signals say by themselves: two detectors one after the other, tamper, a lost path. Never a proof."""
    return tuple(kind for kind in TOLD_BY_POINTS if telling_points(points, kind))


@dataclass(frozen=True, slots=True)
class SettledCall:
    """A call whose result stands."""

    id: int
    direction: str
    result: str | None
    word: str | None
    identified: bool
    person_id: int | None
    number: str | None
    understood: str | None


def says_offence(call: SettledCall) -> bool:
    """Whether it is a call-back of ours that reached an identified person from whom one understands an offence."""
    return (
        call.direction == "out"
        and call.result == "answered"
        and call.identified
        and call.understood == "offence"
    )


def two_callbacks(rule: Rule, calls: Iterable[SettledCall]) -> tuple[int, ...]:
    """The ids of the call-backs that together are a proof; empty when they are none."""
    reached = callbacks(rule, calls)
    return reached if len(reached) >= rule.callbacks else ()


def callbacks(rule: Rule, calls: Iterable[SettledCall]) -> tuple[int, ...]:
    """The ids of the call-backs that count towards the proof of the rule, the oldest first.

    Counted: our own calls that reached a person who gave the right word and from whom one understands an offence.
    With `distinct_persons`, twice the same person counts once.
    """
    reached = [call for call in calls if says_offence(call)]
    if rule.distinct_persons:
        seen: dict[object, SettledCall] = {}
        for call in reached:
            seen.setdefault(call.person_id if call.person_id is not None else call.number, call)
        reached = list(seen.values())
    return tuple(call.id for call in reached)


def refuses_verification(result: str, goods: Door, *, locked: bool = False) -> str | None:
    """Why a result of the verification is refused, as a code; None when it stands.

    `negative` beside a standing proof is a contradiction to settle first (withdraw the clue); under a locked duress
    it is «alarme injustifiée» (P1).
    """
    if result == "goods" and not goods.proofs:
        return "no_proof"
    if result == "negative" and goods.proofs:
        return "proof_stands"
    if result == "negative" and locked:
        return "duress_locked"
    return None


VERIFICATIONS = ("not_done", "running", "negative", "goods", "persons", "impossible")

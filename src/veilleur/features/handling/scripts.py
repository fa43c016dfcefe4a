"""What is read aloud to a public service, from codes and facts (D613-17 to D613-22). Pure.

The order for the police is the law's: the firm and its centre, the object, the nature, the name and precise address,
useful information, our numéro de rappel. To fire and medical services the address comes first: they leave with it even
if the line breaks. Never a claim of priority; never what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from veilleur.features.handling.doors import GOODS, NO_DOOR, PERSONS, POLICE

Line = tuple[str, dict[str, Any]]

#: What is dialled when the directory holds no number: known to everybody, reserved to nobody.
SHORT_NUMBERS: Mapping[str, str] = MappingProxyType(
    {"police": "17", "gendarmerie": "17", "municipal_police": "17", "fire": "18", "medical": "15"}
)

_Outcomes = Mapping[str, tuple[str, ...]]

_OF_POLICE: _Outcomes = {
    "coming": ("on_site", "arrest", "nothing_found", "noted"),
    "noted": ("coming", "on_site", "arrest", "nothing_found"),
    "on_site": ("arrest", "nothing_found"),
    "refused": (),
    "no_answer": (),
    "arrest": (),
    "nothing_found": (),
}
_OF_FIRE: _Outcomes = {
    "coming": ("on_site", "mastered", "helped", "nothing_found", "noted"),
    "noted": ("coming", "on_site", "mastered", "helped", "nothing_found"),
    "on_site": ("mastered", "helped", "nothing_found"),
    "refused": (),
    "no_answer": (),
    "mastered": (),
    "helped": (),
    "nothing_found": (),
}
_OF_MEDICAL: _Outcomes = {
    "coming": ("on_site", "helped", "advised", "nothing_found"),
    "advised": ("coming", "on_site", "helped"),
    "on_site": ("helped", "nothing_found"),
    "refused": (),
    "no_answer": (),
    "helped": (),
    "nothing_found": (),
}
#: Service → outcome → what it may still become: «se déplacent» is not the end of it. Firemen arrest nobody.
OUTCOMES: Mapping[str, _Outcomes] = MappingProxyType(
    {**dict.fromkeys(POLICE, _OF_POLICE), "fire": _OF_FIRE, "medical": _OF_MEDICAL}
)


@dataclass(frozen=True, slots=True)
class ScenePoint:
    """A point that spoke, as a label of the dossier, and when it did first."""

    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SceneClue:
    """A clue as it is read aloud: what, when, who said it, by which points, in which words, what an agent found, on which
    camera."""

    kind: str
    at: datetime
    who: str | None
    points: tuple[str, ...]
    text: str | None
    finding: str | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class SceneAgent:
    """An agent who was sent to the site: his name, his stage (accepted, on_the_way, held, on_site, finding), when he is
    expected."""

    name: str
    state: str
    expected: datetime | None


@dataclass(frozen=True, slots=True)
class Scene:
    """The facts that a script is made of; what is unknown is None and is not said.

    `zone`: the point that spoke first, as it is read; `first`: its label, even of a panel that names no point;
    `others`: the points that spoke after it. `told`: a person opened the dossier by telephone, no signal did. `reached`:
    the persons identified on the telephone, whom no clue names.
    """

    centre: str
    authorisation: str | None
    operator: str
    category: str
    family: str
    zone: str | None
    first_signal: datetime
    others: tuple[ScenePoint, ...]
    clues: tuple[SceneClue, ...]
    site: str
    street: str | None
    postcode: str | None
    town: str | None
    access: str | None
    risks: str | None
    call_back: str | None
    agents: tuple[SceneAgent, ...] = ()
    reached: tuple[str, ...] = ()
    told: bool = False
    first: str | None = None


def service_script(
    service: str, door: str, scene: Scene, *, motif: str | None = None, concrete: bool = False
) -> tuple[Line, ...]:
    """The lines to read aloud, as codes of the section `texts` and their parameters."""
    who = {"centre": scene.centre, "authorisation": scene.authorisation, "operator": scene.operator}
    place: Line = (
        "service.place",
        {
            "site": scene.site,
            "street": scene.street,
            "postcode": scene.postcode,
            "town": scene.town,
            "access": scene.access,
        },
    )
    told: list[Line] = [
        ("service.who_we_are", who),
        (_object(service, door, scene, motif), {"motif": motif} if motif else {}),
        *_nature(door, scene, concrete=concrete),
    ]
    lines = [*told, place] if service in POLICE else [place, *told]
    lines += _useful(service, scene)
    if scene.call_back:
        lines.append(("service.call_back", {"number": scene.call_back}))
    else:
        lines.append(("service.no_call_back", {}))
    lines.append(("service.no_priority", {}) if service in POLICE else ("service.do_not_hang_up", {}))
    return tuple(lines)


def _object(service: str, door: str, scene: Scene, motif: str | None) -> str:
    if service == "fire":
        if scene.category == "gas":
            return "service.object_gas"
        return "service.object_rescue" if scene.family == "person" else "service.object_fire"
    if service == "medical":
        return "service.object_medical"
    if door == PERSONS:
        return "service.object_persons"
    return "service.object_goods_override" if motif else "service.object_goods"


def _nature(door: str, scene: Scene, *, concrete: bool) -> list[Line]:
    """The nature of the alarm, then every other point and each clue by its hour; for a person without a concrete
    element, that there is none."""
    params: dict[str, Any] = {
        "category": scene.category,
        "zone": scene.zone,
        "at": scene.first_signal.isoformat(),
    }
    if door == PERSONS and not concrete and not scene.told:
        return [("service.nature_bare", params), *map(_point, _by_hour(scene.others))]
    said = "service.nature_told" if scene.told else "service.nature"
    if door == NO_DOOR:
        return [(said, params), *map(_point, _by_hour(scene.others))]
    others, clues = _once(scene)
    told = [(each.at, _point(each)) for each in others]
    told += [(clue.at, _clue(clue)) for clue in _gathered(clues)]
    return [(said, params), *(line for _, line in sorted(told, key=lambda each: each[0]))]


def _by_hour(points: Sequence[ScenePoint]) -> list[ScenePoint]:
    return sorted(points, key=lambda each: each.at)


def _once(scene: Scene) -> tuple[list[ScenePoint], list[SceneClue]]:
    """The points and the clues with each point said once.

    A clue of one point is the point's line itself («À 03:12:04 : autosurveillance, Coffret»), or nothing when the nature
    has just said it; a clue of several points leaves their names and hours to their own lines (`_clue`).
    """
    clues, told = [], set()
    for clue in scene.clues:
        if len(clue.points) != 1:
            clues.append(clue)
        elif clue.points != (scene.first,):
            told.add((clue.points[0], clue.at))
            clues.append(clue)
    return [each for each in scene.others if (each.label, each.at) not in told], clues


def _point(each: ScenePoint) -> Line:
    return ("service.point", {"point": each.label, "at": each.at.isoformat()})


def _gathered(clues: Sequence[SceneClue]) -> list[SceneClue]:
    """Calls that nobody answered are told in one breath, at the hour of the last; a person is named once."""
    named = any(clue.kind == "told_offence" and clue.who for clue in clues)
    # Two call-backs repeat nobody: each person has been named with what he said.
    clues = [replace(clue, who=None) if named and clue.kind == "two_callbacks" else clue for clue in clues]
    silent = [clue for clue in clues if clue.kind == "no_answer"]
    others = [clue for clue in clues if clue.kind != "no_answer"]
    if not silent:
        return others
    names = ", ".join(dict.fromkeys(clue.who for clue in silent if clue.who)) or None
    return [*others, replace(silent[-1], who=names)]


#: Clues that several points make together: a sentence of their own, since each point has said its name and hour.
OF_SEVERAL = frozenset({"sequence", "second_button"})


def _clue(clue: SceneClue) -> Line:
    if clue.kind in OF_SEVERAL:
        return (f"service.{clue.kind}", {"at": clue.at.isoformat(), "count": len(clue.points)})
    params: dict[str, Any] = {
        "at": clue.at.isoformat(),
        "clue": clue.kind,
        "who": clue.who,
        "points": list(clue.points),
        "text": clue.text,
        "finding": clue.finding,
        "camera": clue.camera,
    }
    return ("service.clue", params)


def _useful(service: str, scene: Scene) -> list[Line]:
    lines: list[Line] = []
    if scene.risks:
        lines.append(("service.risks", {"risks": scene.risks}))
    lines += [_agent(each) for each in scene.agents]
    lines += [("service.contact_on_site", {"name": name}) for name in scene.reached]
    if service == "medical":
        lines.append(("service.medical_questions", {}))
    return lines


def _agent(each: SceneAgent) -> Line:
    """Where an agent is: whoever comes must not take him for an intruder."""
    if each.state in ("on_site", "finding"):
        return ("service.agent_on_site", {"name": each.name})
    if each.state == "held":
        return ("service.agent_held", {"name": each.name})
    expected = each.expected.isoformat() if each.expected else None
    going = "service.agent_on_the_way" if each.state == "on_the_way" else "service.agent"
    return (going, {"name": each.name, "expected": expected})


def door_of(service: str, door: str) -> str | None:
    """The door that a service goes through: fire and medical have none; None when the choice makes no sense."""
    if service in POLICE:
        return door if door in (GOODS, PERSONS) else None
    return NO_DOOR


def next_outcomes(service: str, outcome: str | None) -> Sequence[str]:
    """What an outcome may still become; all those of the service before the first."""
    known = OUTCOMES[service]
    return tuple(known) if outcome is None else known.get(outcome, ())

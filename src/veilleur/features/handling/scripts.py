"""What is read aloud to a public service, from codes and facts (D613-17 to D613-22). Pure.

The order is the law's: the firm and its centre, the object, the nature, the name and precise address, useful
information, our numéro de rappel. Never a claim of priority; never what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from veilleur.features.handling.doors import GOODS, NO_DOOR, PERSONS, POLICE

Line = tuple[str, dict[str, Any]]

#: What is dialled when the directory holds no number: known to everybody, reserved to nobody.
SHORT_NUMBERS: Mapping[str, str] = MappingProxyType(
    {"police": "17", "gendarmerie": "17", "municipal_police": "17", "fire": "18", "medical": "15"}
)

#: Outcome → what it may still become: «se déplacent» is not the end of it.
OUTCOMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "coming": ("on_site", "arrest", "nothing_found", "noted"),
        "noted": ("coming", "on_site", "arrest", "nothing_found"),
        "on_site": ("arrest", "nothing_found"),
        "refused": (),
        "no_answer": (),
        "arrest": (),
        "nothing_found": (),
    }
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The facts that a script is made of; what is unknown is None and is not said."""

    centre: str
    authorisation: str | None
    operator: str
    category: str
    family: str
    zone: str | None
    first_signal: datetime
    clues: tuple[str, ...]
    site: str
    street: str | None
    postcode: str | None
    town: str | None
    access: str | None
    risks: str | None
    call_back: str | None
    agent: str | None = None
    agent_state: str | None = None
    agent_expected: datetime | None = None
    contact_reached: str | None = None


def service_script(
    service: str, door: str, scene: Scene, *, motif: str | None = None, concrete: bool = False
) -> tuple[Line, ...]:
    """The lines to read aloud, as codes of the section `texts` and their parameters."""
    lines: list[Line] = [
        (
            "service.who_we_are",
            {"centre": scene.centre, "authorisation": scene.authorisation, "operator": scene.operator},
        ),
        (_object(service, door, scene, motif), {"motif": motif} if motif else {}),
        _nature(door, scene, concrete=concrete),
        (
            "service.place",
            {
                "site": scene.site,
                "street": scene.street,
                "postcode": scene.postcode,
                "town": scene.town,
                "access": scene.access,
            },
        ),
        *_useful(service, scene),
    ]
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


def _nature(door: str, scene: Scene, *, concrete: bool) -> Line:
    params: dict[str, Any] = {
        "category": scene.category,
        "zone": scene.zone,
        "at": scene.first_signal.isoformat(),
    }
    if door == NO_DOOR:
        return ("service.nature_alarm", params)
    if door == PERSONS and not concrete:
        return ("service.nature_bare", params)
    if not scene.clues:
        return ("service.nature_alarm", params)
    return ("service.nature", params | {"clues": list(scene.clues)})


def _useful(service: str, scene: Scene) -> list[Line]:
    lines: list[Line] = []
    if scene.risks:
        lines.append(("service.risks", {"risks": scene.risks}))
    if scene.agent and scene.agent_state in ("on_site", "finding"):
        lines.append(("service.agent_on_site", {"name": scene.agent}))
    elif scene.agent:
        expected = scene.agent_expected.isoformat() if scene.agent_expected else None
        lines.append(("service.agent", {"name": scene.agent, "expected": expected}))
    if scene.contact_reached:
        lines.append(("service.contact_on_site", {"name": scene.contact_reached}))
    if service == "medical":
        lines.append(("service.medical_questions", {}))
    return lines


def door_of(service: str, door: str) -> str | None:
    """The door that a service goes through: fire and medical have none; None when the choice makes no sense."""
    if service in POLICE:
        return door if door in (GOODS, PERSONS) else None
    return NO_DOOR


def next_outcomes(outcome: str | None) -> Sequence[str]:
    """What an outcome may still become; all of them before the first."""
    return tuple(OUTCOMES) if outcome is None else OUTCOMES[outcome]

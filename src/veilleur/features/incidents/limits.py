"""Response limits and delays of the house: settings of the centre, with the values they have by default.

`centre.settings` may hold any of these keys; what is absent keeps its default. Figures «take» are those by which
a receiving centre is judged (EN 50518:2019 as widely quoted, operator.md): 80 % within the first, 98.5 % within
the second. They are about alarms. A fault (priorities 5 and 6, practice P8) is a repair, not an act owed at once:
it has limits of its own, is no part of the figures, and rings every post only after an hour. All delays are in
seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from veilleur.kernel.errors import InvalidError

#: Families whose alarms are judged by the shorter limits: hold-up, persons, fire.
URGENT_FAMILIES = frozenset({"person", "fire"})
#: An événement: seen and held by who pressed the key (practice, «A CSU receives few alarms»). It rings nobody when it
#: opens and is no part of the figures; back in the queue, it is owed what other alarms are.
EVENT = "event"
#: From this priority on it is a fault or less (practice P8), whatever its family: a hold-up button's flat battery too.
FAULT_PRIORITY = 5


@dataclass(frozen=True)
class ResponseLimits:
    """From the first alarm signal: prise en compte and première action, 80 % and 98.5 % of the time."""

    take: int
    take_max: int
    act: int
    act_max: int


@dataclass(frozen=True)
class CentreLimits:
    """Everything a centre may set about time. Seconds, or shares in percent."""

    urgent: ResponseLimits = ResponseLimits(take=30, take_max=60, act=60, act_max=120)
    other: ResponseLimits = ResponseLimits(take=90, take_max=180, act=120, act_max=240)
    fault: ResponseLimits = ResponseLimits(take=900, take_max=3_600, act=1_800, act_max=7_200)
    target: float = 80.0
    target_max: float = 98.5
    #: P7, priorities 1 and 2 untaken: every post · chef or astreinte · station non tenue.
    escalation: tuple[int, ...] = (30, 60, 180)
    #: Taken without an act: rings again · goes back to the queue by name.
    no_act: int = 60
    back_to_queue: int = 120
    #: The same for a fault: whoever takes one may be waiting for the installer to answer.
    no_act_fault: int = 900
    back_to_queue_fault: int = 1_800
    #: An offer to a colleague without an answer goes back to the queue.
    offer: int = 120
    #: The longest mise en attente, for priorities 1–2 and for the others.
    park_urgent: int = 1_800
    park: int = 43_200
    #: The longest deferral.
    deferral: int = 31 * 86_400
    #: How long a step's result may be undone.
    undo: int = 10
    #: What brings a point back to normal (P5).
    normal_by: tuple[str, ...] = field(default=("restore", "arming", "disarming", "agent", "contact"))


def centre_limits(settings: Mapping[str, Any]) -> CentreLimits:
    """The limits of a centre. Raises InvalidError on a value that is not a number of seconds."""
    known = {each.name: each for each in fields(CentreLimits)}
    given: dict[str, Any] = {}
    for name in known.keys() & settings.keys():
        value = settings[name]
        if name in ("urgent", "other", "fault"):
            base: ResponseLimits = getattr(CentreLimits(), name)
            given[name] = ResponseLimits(
                **{
                    each.name: _seconds(name, value.get(each.name, getattr(base, each.name)))
                    for each in fields(base)
                }
            )
        elif name == "escalation":
            given[name] = tuple(_seconds(name, each) for each in value)
        elif name == "normal_by":
            given[name] = tuple(str(each) for each in value)
        elif name.startswith("target"):
            given[name] = float(value)
        else:
            given[name] = _seconds(name, value)
    return CentreLimits(**given)


def _seconds(name: str, value: object) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | str)
        or not str(value).isdecimal()
        or int(value) == 0
    ):
        raise InvalidError(
            f"The setting «{name}» of the centre is a number of seconds, not {value!r}.", field=name
        )
    return int(value)


def urgent(family: str, priority: int) -> bool:
    """Whether the shorter limits apply."""
    return priority == 1 or (family in URGENT_FAMILIES and not is_fault(priority))


def is_fault(priority: int) -> bool:
    """Whether it is a repair and not an alarm: neither the room's haste nor its figures are about it."""
    return priority >= FAULT_PRIORITY


def limits_for(limits: CentreLimits, family: str, priority: int) -> dict[str, int]:
    """What a dossier of this family and priority is held to: {take, take_max, act, act_max}."""
    chosen = (
        limits.urgent if urgent(family, priority) else limits.fault if is_fault(priority) else limits.other
    )
    return {each.name: getattr(chosen, each.name) for each in fields(chosen)}


def complete(limits: CentreLimits, family: str, priority: int, given: Mapping[str, int]) -> dict[str, int]:
    """Limits chosen by the watch ({take, act}), with the house's second figures where it gave none."""
    own = limits_for(limits, family, priority)
    merged = {**own, **{key: int(value) for key, value in given.items()}}
    for first, second in (("take", "take_max"), ("act", "act_max")):
        if second not in given:
            merged[second] = max(own[second], merged[first])
    return merged


#: Measure → (its limit, the limit by which what was done is judged, the hour from which a raised one runs), as keys of a
#: dossier's limits. What was done in its time stays well done when a réveil tightens the limits afterwards.
JUDGED = {"taken": ("take", "taken_within", "take_since"), "first_act": ("act", "acted_within", "act_since")}


def kept_within(held: Mapping[str, Any], measure: str) -> dict[str, Any]:
    """A dossier's limits once it is taken, or first acted on: the limit in force at that moment is the one that judges."""
    limit, judging, _ = JUDGED[measure]
    return {**held, judging: held[limit]}


def raised(
    held: Mapping[str, Any],
    fresh: Mapping[str, int],
    at: datetime,
    *,
    taken: datetime | None,
    first_act: datetime | None,
) -> dict[str, Any]:
    """A dossier's limits after its priority changed at `at` (UTC): what was done before is judged by the limits of its
    time, what was not has the fresh ones run from `at`."""
    done = {"taken": taken, "first_act": first_act}
    after: dict[str, Any] = dict(fresh)
    for measure, (limit, judging, since) in JUDGED.items():
        if done[measure] is not None:
            after[judging] = held.get(judging, held[limit])
            after |= {since: held[since]} if since in held else {}
        else:
            after[since] = at.isoformat()
    return after


def escalation(limits: CentreLimits, priority: int, own: Mapping[str, int]) -> tuple[int, ...]:
    """After how many seconds untaken each level of warning begins: every post, chef or astreinte, station.

    P1 and P2 by practice P7; an alarm of P3 or P4 at its two limits; a fault rings every post once its longest
    limit has passed, and nobody is fetched for it.
    """
    if priority <= 2:
        return limits.escalation
    return (own["take_max"],) if is_fault(priority) else (own["take"], own["take_max"])


def idle(limits: CentreLimits, priority: int) -> tuple[int, int]:
    """Taken without an act: after how many seconds it rings again, and goes back to the queue."""
    if is_fault(priority):
        return limits.no_act_fault, limits.back_to_queue_fault
    return limits.no_act, limits.back_to_queue


def longest_park(limits: CentreLimits, priority: int) -> int:
    """The longest mise en attente of a dossier of this priority (seconds)."""
    return limits.park_urgent if priority <= 2 else limits.park

"""Rules of the station as data, and what follows from them: pure (practice P7, need 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from veilleur.kernel.errors import InvalidError

#: A way that was not carried out within this is taken for failed: the worker is away.
CARRIED_WITHIN = timedelta(seconds=60)


@dataclass(frozen=True)
class StationRules:
    """The centre's setting `station`. Seconds."""

    unheld_after: int = 60
    """Nobody can take an alarm for that long: the station is not held (P7)."""
    awake_within: int = 1_800
    """A post counts while its holder gave a key or an answer within that; 0: a live screen is enough."""
    stop_acknowledging: bool = False
    """Receptions stop answering panels while the station is not held: they take their second receiver."""
    answer_within: int = 120
    """Whoever is called has that long to take it up; then the next one is called."""
    arrive_within: int = 900
    """Whoever took it up has that long to make the station held; then calling begins again."""
    rounds: int = 3
    """How often the whole list is called."""

    @classmethod
    def read(cls, settings: Mapping[str, Any]) -> StationRules:
        """From `centre.settings`. Raises InvalidError naming the field."""
        said = settings.get("station") or {}
        if not isinstance(said, Mapping):
            raise InvalidError("The setting «station» of the centre is a form.", field="station")
        known = {each.name: each for each in fields(cls)}
        if strange := set(said) - set(known):
            name = min(strange)
            raise InvalidError(f"«{name}» is no setting of the station.", field=f"station.{name}")
        return cls(**{name: _checked(name, value) for name, value in said.items()})


def _checked(name: str, value: object) -> Any:
    if name == "stop_acknowledging":
        if isinstance(value, bool):
            return value
        raise InvalidError("«stop_acknowledging» is yes or no.", field=f"station.{name}")
    least = 0 if name == "awake_within" else 1
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise InvalidError(f"«{name}» is a number, {least} or more.", field=f"station.{name}")
    return value


@dataclass(frozen=True)
class Staffed:
    """A post where alarms are taken, held and with a live screen. `awake`: its holder gave a sign lately."""

    post_id: int
    name: str
    holder: str
    acted_at: datetime
    awake: bool


@dataclass(frozen=True)
class Person:
    """Who may be called, in the order of the list. `kind`: person | centre."""

    id: int
    name: str
    kind: str
    channels: tuple[str, ...]


@dataclass(frozen=True)
class Called:
    """A call of an escalation so far."""

    on_call_id: int
    step: int
    state: str


@dataclass(frozen=True)
class Progress:
    """Where an escalation stands."""

    station: bool
    step: int
    step_at: datetime | None
    taken_at: datetime | None
    calls: Sequence[Called]


@dataclass(frozen=True)
class Next:
    """What to do now: whom to call, and whether who took it up is given up on."""

    call: tuple[Person, ...] = ()
    step: int | None = None
    forget: bool = False
    nobody: bool = False


def next_calls(progress: Progress, on_call: Sequence[Person], rules: StationRules, now: datetime) -> Next:
    """Whom to call now: backup centres at once, persons one after the other, round after round (P7).

    Nobody while somebody has taken it up and may still arrive.
    """
    forget = False
    if progress.taken_at is not None:
        if now - progress.taken_at < timedelta(seconds=rules.arrive_within):
            return Next()
        forget = True
    told = {each.on_call_id for each in progress.calls}
    centres = tuple(p for p in on_call if p.kind == "centre" and progress.station and p.id not in told)
    persons = [p for p in on_call if p.kind == "person"]
    if not persons:
        known = centres or told
        return Next(call=centres, forget=forget, nobody=not known and progress.step_at is None)
    if progress.step >= len(persons) * rules.rounds and not forget:
        return Next(call=centres)
    if progress.step_at is not None and not forget and not _over(progress, rules, now):
        return Next(call=centres)
    person = persons[progress.step % len(persons)]
    return Next(call=(*centres, person), step=progress.step + 1, forget=forget)


def _over(progress: Progress, rules: StationRules, now: datetime) -> bool:
    """Whether the person called last had his time, or could be reached by none of his ways."""
    assert progress.step_at is not None
    if now - progress.step_at >= timedelta(seconds=rules.answer_within):
        return True
    last = [each.state for each in progress.calls if each.step == progress.step]
    return bool(last) and all(state == "failed" for state in last)

"""What the desk sees of dossiers (docs/design/spine.md). Output models have no defaults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class Person(BaseModel):
    """Somebody, by name."""

    id: int
    name: str


class RowSite(BaseModel):
    """The site of a dossier, as a row names it."""

    id: int
    reference: str
    name: str
    town: str | None
    timezone: str


class Headline(BaseModel):
    """The first signal in words. `label_code`: in the vocabulary `signal_code`; null for the house's own codes."""

    code: str | None
    label_code: str | None
    category: str
    qualifier: str | None
    zone: str | None
    zone_name: str | None
    area: str | None
    text: str | None


class Limits(BaseModel):
    """Seconds from the first alarm signal: the limit of most, and the one of nearly all.

    `take_since`, `act_since`: the hour from which they run instead, once the priority was raised.
    """

    take: int
    act: int
    take_max: int
    act_max: int
    take_since: datetime | None = None
    act_since: datetime | None = None


class Label(BaseModel):
    """Words: `text` when people wrote them, else `key` in the vocabularies `next_act` or `step`."""

    key: str
    text: str | None


class Next(BaseModel):
    """What is to be done next, and when it is due (null: at once). `late` at the time of reading."""

    label: Label | None
    due_at: datetime | None
    late: bool


class Linked(BaseModel):
    """Another dossier."""

    id: int
    reference: str


class IncidentRow(BaseModel):
    """A dossier in the queue and in the dock. `escalation`: untaken, 0 | 1 every post | 2 chef, astreinte | 3 station."""

    id: int
    version: int
    reference: str
    site: RowSite
    family: str
    category: str
    priority: int
    band: int
    state: str
    needs_operator: bool
    headline: Headline
    opened_at: datetime
    last_signal_at: datetime | None
    signal_count: int
    ringing_since: datetime | None
    ring_reason: str | None
    escalation: int
    limits: Limits
    owner: Person | None
    offered_to: Person | None
    returned_from: Person | None
    taken_at: datetime | None
    first_act_at: datetime | None
    parked_until: datetime | None
    parked_reason: str | None
    closed_at: datetime | None
    outcome: str | None
    duress: bool
    on_test: bool
    verification: str
    warn_agent: bool
    normal: bool
    marks: list[str]
    next: Next
    linked: Linked | None
    abilities: list[str]


class StepResult(BaseModel):
    """An answer a step may have. `label`: text people wrote, else a code of the vocabulary `step_result`.

    `by_hand`: an operator may say it himself; what a person told on the telephone needs the call that says it.
    """

    key: str
    label: str
    hotkey: str | None
    by_hand: bool


class StepView(BaseModel):
    """A step of the procedure. `label`, `say`, `hint`: text people wrote, else a code of `step`, `step_say`, `step_hint`.

    `target`: site | contact | next_contact | police | fire | medical | agent, for the act's own card. `rank`: of
    the contact to call. `due_at`: when its timer ends. `undo_until`: until when its result may be taken back.
    """

    key: str
    label: str
    say: str | None
    hint: str | None
    act: str
    target: str | None
    rank: int | None
    state: str
    parallel: bool
    mandatory: bool
    results: list[StepResult]
    result: str | None
    motif: str | None
    note: str | None
    current_since: datetime | None
    due_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    undo_until: datetime | None
    urgent: bool
    abilities: list[str]


class PointView(BaseModel):
    """A point of the dossier: `open` is neither back to normal nor deferred. `restored_at`: last restore heard."""

    id: int
    label: str
    category: str
    area: str | None
    alarms: int
    first_at: datetime
    last_at: datetime
    restored_at: datetime | None
    normal_at: datetime | None
    normal_by: str | None
    deferral_id: int | None
    open: bool


class DeferralView(BaseModel):
    """What is not yet back, who sees to it, until when."""

    id: int
    what: str
    who: str
    until: datetime
    done_at: datetime | None


class Text(BaseModel):
    """A sentence by its code (section `texts` of `locale/`) and the parameters that fill it."""

    code: str
    params: dict[str, Any]


class Outcome(BaseModel):
    """A cause of closing. `label`: a code of the vocabulary `outcome`. `group`: vocabulary `outcome_group`. `needs`: what
    this cause asks for first, beside the blockers of all. `justify`: why its conclusion is to be written."""

    key: str
    label: str
    group: str
    locked: Text | None
    needs: Text | None
    justify: Text | None


class Closing(BaseModel):
    """What the closing card shows. `outcome`, `note`: as prepared in state «closing»."""

    blockers: list[Text]
    outcomes: list[Outcome]
    outcome: str | None
    note: str | None


class ProcedureHead(BaseModel):
    """Which procedure is followed, as it was when the dossier opened. `source`: vocabulary `procedure_source`."""

    source: str
    event: str
    id: int | None
    edition: int | None


class PastIncident(BaseModel):
    """A dossier of the past, in a list."""

    id: int
    reference: str
    site: RowSite
    category: str
    priority: int
    opened_at: datetime
    closed_at: datetime | None
    state: str
    outcome: str | None
    signal_count: int
    points: list[str]
    closed_by: str | None

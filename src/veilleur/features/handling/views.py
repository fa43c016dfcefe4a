"""What the desk sees of the handling of a dossier. Output models have no defaults; sentences are codes (`Text`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from veilleur.features.incidents.views import Text


class HeardView(BaseModel):
    """What the screen answered to the word last typed or declared; never the word.

    `result`: right | near | wrong | duress | not_obtained. `near_of`: code | duress. `reason`: other_person |
    not_authorised.
    """

    result: str
    near_of: str | None
    reason: str | None
    person: str | None


class CallView(BaseModel):
    """A call. `phase`: word | facts | leaving | duress | open (no word is asked) | ended.

    `say` is what is read aloud now, in order: the facts are in it only in phase «facts» (P6). `results` are the ends that
    go with the line and with what was heard, `meanings` what an identified person may be understood to say; none is a
    default. `word`: right | wrong | not_authorised (right, of a person who may no longer identify) | duress |
    not_obtained. `settles_at`: until when the result may be taken back. `incident_id`: its dossier, which an offence told
    outside any opens.
    """

    id: int
    incident_id: int | None
    direction: str
    target: str
    label: str
    number: str | None
    contact_id: int | None
    responder_id: int | None
    directory_id: int | None
    step_key: str | None
    started_at: datetime
    ended_at: datetime | None
    phase: str
    say: list[Text]
    voicemail: Text | None
    word: str | None
    near: bool
    heard: HeardView | None
    tries_left: int
    identified: bool
    person: str | None
    result: str | None
    understood: str | None
    asked: str | None
    note: str | None
    settles_at: datetime | None
    settled: bool
    undone_at: datetime | None
    results: list[str]
    meanings: list[str]
    may_cancel: bool
    abilities: list[str]


class NextCallView(BaseModel):
    """The next number to call: by rank, available now, never one that was tried."""

    contact_id: int
    name: str
    role: str | None
    rank: int
    number: str
    number_label: str | None
    available: bool


class RevealedView(BaseModel):
    """A contact's words, shown once: the act is traced, the answer is not kept."""

    contact_id: int
    name: str
    code_word: str | None
    duress_word: str | None


class ClueView(BaseModel):
    """A clue. `id` null: derived from the signals themselves. `strength`: proof | concrete | support.

    `origin`: operator | call | agent | signals; `who`: on the telephone, on site, or who wrote it. `text`: the fact as
    typed; `finding`: what the agent found, a code; `points`: labels (filter `point`) for clues of signals. `camera`: whose
    image it is about; `at` is the hour of that image.
    """

    id: int | None
    kind: str
    strength: str
    door: str
    origin: str
    who: str | None
    text: str | None
    finding: str | None
    camera: str | None
    points: list[str]
    by_machine: bool
    at: datetime
    abilities: list[str]


class ProofView(BaseModel):
    """One acceptable element of a door. `label` is a code of the vocabulary `clue`; `hotkey` null: the machine's."""

    kind: str
    label: str
    have: bool
    hotkey: str | None


class MotifView(BaseModel):
    """A motif of override; `label` is a code of the vocabulary `override_motif`."""

    key: str
    label: str


class RuleView(BaseModel):
    """The rule that a door follows: its text, since when, in which zone, approved by whom."""

    reference: str
    since: str
    zone: str
    approved_by: str


class CallbacksView(BaseModel):
    """«1 contre-appel sur 2»."""

    reached: int
    needed: int


class DoorView(BaseModel):
    """A door of the police call (P4). `state`: to_justify | justified | open.

    `callbacks`: how many call-backs that reached identified persons tell an offence, of those that make a proof.
    """

    door: str
    state: str
    proofs: list[ProofView]
    supports: list[str]
    concrete: bool
    callbacks: CallbacksView
    override_motifs: list[MotifView]
    rule: RuleView


class DoorsView(BaseModel):
    """Both doors."""

    goods: DoorView
    persons: DoorView


class ServiceView(BaseModel):
    """A public service that may be called. `number` is always null here: it shows in the running call only."""

    service: str
    directory_id: int | None
    name: str | None
    number: None
    door: str
    script: list[Text]
    missing: Text | None
    call_back: str | None
    checked_on: datetime | None


class ServiceCallView(BaseModel):
    """A call to a public service. `number`: only while it runs, for who holds the dossier."""

    id: int
    service: str
    name: str | None
    number: str | None
    door: str
    justification: dict[str, Any]
    override_motif: str | None
    review_needed: bool
    reached: str | None
    call_back_given: str | None
    asked_at: datetime
    ended_at: datetime | None
    outcome: str | None
    outcome_at: datetime | None
    next_outcomes: list[str]
    note: str | None
    script: list[Text]
    abilities: list[str]


class AgentView(BaseModel):
    """An agent of the directory of responders."""

    id: int
    name: str
    firm: str | None
    phone: str


class InterventionView(BaseModel):
    """An agent sent, each stage timed. `late`: not there at `expected_at`. `threat`: a person of the site is under threat;
    `hold_back`: he does not know it yet, and is told not to show himself unless the consigne says so (P1)."""

    id: int
    responder: AgentView
    state: str
    asked_at: datetime
    answered_at: datetime | None
    left_at: datetime | None
    expected_at: datetime | None
    late: bool
    arrived_at: datetime | None
    finding: str | None
    finding_note: str | None
    found_at: datetime | None
    done_at: datetime | None
    refused_reason: str | None
    keys: str | None
    warned_at: datetime | None
    threat: bool
    hold_back: bool
    abilities: list[str]


class ResponderView(BaseModel):
    """An agent who may be sent. `asked`: where he stands in this dossier. `card_expired`: not to be sent (L612-20)."""

    id: int
    name: str
    firm: str | None
    phone: str
    keys: str | None
    minutes: int | None
    rank: int | None
    asked: str | None
    card_expired: bool
    suggested: bool


class HandlingView(BaseModel):
    """The whole handling of a dossier, for the dossier's composition."""

    calls: list[CallView]
    next_call: NextCallView | None
    clues: list[ClueView]
    doors: DoorsView
    services: list[ServiceView]
    service_calls: list[ServiceCallView]
    interventions: list[InterventionView]
    responders: list[ResponderView]

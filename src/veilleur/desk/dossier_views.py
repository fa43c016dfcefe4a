"""The whole dossier as the centre pane shows it (docs/design/spine.md, «Dossier»). No defaults."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from veilleur.features.handling.views import CallView as HandledCall
from veilleur.features.handling.views import (
    ClueView,
    DoorsView,
    InterventionView,
    NextCallView,
    ResponderView,
    ServiceCallView,
    ServiceView,
)
from veilleur.features.incidents.views import (
    Closing,
    DeferralView,
    IncidentRow,
    PointView,
    ProcedureHead,
    StepView,
    Text,
)
from veilleur.features.reports.queries import ReportView
from veilleur.features.signals.extended import Detail
from veilleur.logbook.lines import LogLine


class AreaState(BaseModel):
    """An area, armed or not; null: never heard."""

    number: str
    name: str | None
    armed: bool | None
    partial: bool
    armed_since: datetime | None
    armed_by: str | None


class Competent(BaseModel):
    """The competent police unit, by name: its reserved number shows in its call only (D613-17)."""

    service: str
    name: str


class SiteHead(BaseModel):
    """The site of a dossier. `phone`: for the contre-appel; `call_back`: ours, to give to the FO."""

    id: int
    reference: str
    name: str
    kind: str
    street: str | None
    postcode: str | None
    town: str | None
    access: str | None
    phone: str | None
    call_back: str | None
    timezone: str
    customer: str | None
    connection: str
    services: list[str]
    areas: list[AreaState]
    competent: Competent | None
    risks: str | None
    note: str | None
    unjustified_30d: int


class Banner(BaseModel):
    """A line over the dossier: on_test | connection | duress | warn_agent | linked | silent."""

    kind: str
    tone: Literal["plain", "warn", "alarm"]
    text: Text


class DossierInstruction(BaseModel):
    """A consigne and whether it applies now; `why`: when it does not (need 5)."""

    id: int
    kind: str
    text: str
    applies: bool
    why: Text | None
    asked_by: str | None
    valid_until: datetime | None


class SignalEvent(BaseModel):
    """One event of a signal. `label_code`: in the vocabulary `signal_code`."""

    category: str
    code: str | None
    label_code: str | None
    qualifier: str | None
    area: str | None
    zone: str | None
    zone_name: str | None
    user: str | None
    text: str | None
    extended: dict[str, Any]


class SignalLine(BaseModel):
    """A signal of the dossier, or (`role` «site») another of the site within the last day.

    `verdict`: whether it may be believed (vocabulary `verdict`). `drift`: seconds, panel minus us, null when it is not
    worth a word. `details`: what its frame carried beside, told once a frame.
    """

    id: int
    received_at: datetime
    line: str
    path: str | None
    event: SignalEvent
    role: str
    copies: int
    verdict: str
    drift: float | None
    details: list[Detail]


class Colleague(BaseModel):
    """Who holds a post now: a dossier may be offered to him."""

    id: int
    name: str
    post: str | None


class Dossier(BaseModel):
    """Everything of a dossier, for one reader."""

    row: IncidentRow
    site: SiteHead
    procedure: ProcedureHead
    banners: list[Banner]
    instructions: list[DossierInstruction]
    steps: list[StepView]
    calls: list[HandledCall]
    next_call: NextCallView | None
    clues: list[ClueView]
    doors: DoorsView
    services: list[ServiceView]
    service_calls: list[ServiceCallView]
    interventions: list[InterventionView]
    responders: list[ResponderView]
    points: list[PointView]
    deferrals: list[DeferralView]
    signals: list[SignalLine]
    entries: list[LogLine]
    closing: Closing
    reports: list[ReportView]
    colleagues: list[Colleague]
    abilities: list[str]

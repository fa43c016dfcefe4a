"""What the desk reads of sites: nothing secret, nothing reserved; codes and parameters, no sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class SiteFound(BaseModel):
    """A site that may be the caller's. `matched`: name | reference | account | phone | town | customer | contact."""

    id: int
    reference: str
    name: str
    town: str | None
    customer: str | None
    matched: str
    open_incidents: int
    on_test: bool


class Reason(BaseModel):
    """A sentence by its code; the desk finds it in the catalogue's `texts`."""

    code: str
    params: dict[str, Any]


class SiteArea(BaseModel):
    """An area, armed or not; null: never heard."""

    number: str
    name: str | None
    armed: bool | None
    partial: bool
    armed_since: datetime | None
    armed_by: str | None


class SiteUnit(BaseModel):
    """The competent police unit, by name: its reserved number shows in its call only (D613-17)."""

    service: str
    name: str


class SiteCard(BaseModel):
    """The site itself, in the shape of a dossier's head."""

    id: int
    version: int
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
    areas: list[SiteArea]
    competent: SiteUnit | None
    risks: str | None
    note: str | None
    unjustified_30d: int


class SitePath(BaseModel):
    """A path, its expected interval in seconds and when it was last heard."""

    name: str
    interval: int | None
    state: str
    state_since: datetime | None
    last_seen: datetime | None


class SitePanel(BaseModel):
    """A panel; never its key."""

    id: int
    account: str
    line: str | None
    model: str | None
    encrypted: bool
    time_policy: str
    sends_restores: str
    paths: list[SitePath]


class SiteZone(BaseModel):
    """A point, as the panel writes its number. `state`: the last that the panel said. `normal_at`, `normal_by`: set when
    something else than a restore of the panel brought it back since (P5); the panel may never say it."""

    id: int
    panel_id: int
    number: str
    area: str | None
    name: str | None
    kind: str | None
    state: str
    state_since: datetime | None
    seen_at: datetime | None
    normal_at: datetime | None
    normal_by: str | None
    discovered: bool


class SitePhone(BaseModel):
    """A number in E.164."""

    number: str
    label: str | None


class SiteContact(BaseModel):
    """A destinataire d'alerte. `available`: now, by his own hours; `availability`: those hours when he is not."""

    id: int
    name: str
    role: str | None
    rank: int
    phones: list[SitePhone]
    available: bool
    availability: Reason | None
    authorised: bool
    has_code_word: bool
    language: str | None
    of_brand: bool
    provisional_until: datetime | None
    note: str | None
    tried: str | None


class SiteInstruction(BaseModel):
    """A consigne and whether it applies now; `why`: when it does not (need 5)."""

    id: int
    kind: str
    text: str
    applies: bool
    why: Reason | None
    asked_by: str | None
    valid_until: datetime | None
    of_brand: bool
    abilities: list[str]


class SiteName(BaseModel):
    """Which site."""

    id: int
    name: str


class SiteTestPoint(BaseModel):
    """A point of a test. `state`: normal | never_seen | in_alarm | through | told.

    `incident_id`, `incident`: the dossier that it opened or joined in spite of the test, and its reference.
    """

    key: str
    zone: str | None
    label: str
    state: str
    category: str | None = None
    alarms: int
    last_at: datetime | None
    incident_id: int | None = None
    incident: str | None = None


class SiteTest(BaseModel):
    """A test, with where each point of its scope stands, or stood at its end."""

    id: int
    version: int
    site: SiteName
    asked_by: str
    started_at: datetime
    until: datetime
    ended_at: datetime | None
    end_note: str | None
    scope: dict[str, Any]
    points: list[SiteTestPoint]
    abilities: list[str]


class SiteService(BaseModel):
    """Who answers for the site's commune, by name; the number is reserved (D613-17)."""

    service: str
    name: str
    checked_on: datetime | None


class SiteAgent(BaseModel):
    """Who goes there, with which keys, in how many minutes by contract."""

    id: int
    name: str
    firm: str | None
    rank: int
    keys: str | None
    minutes: int | None


class SitePeriod(BaseModel):
    """Hours of a week, on the site's wall clock."""

    days: list[int]
    start: str
    end: str


class SiteProcedure(BaseModel):
    """Which procedure of whose: site | customer | brand | centre."""

    event: str
    source: str


class BrandException(BaseModel):
    """Something of the brand that does not apply here. `kind`: contacts | instructions | procedures."""

    kind: str
    name: str


class SiteFile(BaseModel):
    """The whole file of a site, for one reader.

    `ended_tests`: the lists of those that ended in the last day, the last first (P10). `closed_now`: whether the
    schedule expects the site armed at this hour; null without a schedule.
    """

    site: SiteCard
    brand: str | None
    brand_exceptions: list[BrandException]
    panels: list[SitePanel]
    areas: list[SiteArea]
    zones: list[SiteZone]
    contacts: list[SiteContact]
    instructions: list[SiteInstruction]
    tests: list[SiteTest]
    ended_tests: list[SiteTest]
    directory: list[SiteService]
    missing_services: list[str]
    responders: list[SiteAgent]
    schedule: list[SitePeriod]
    closed_now: bool | None
    procedures: list[SiteProcedure]
    abilities: list[str]


class ConnectionPoint(BaseModel):
    """A point of the record of connection. `state`: tested | in_alarm | never_seen."""

    panel: str
    number: str
    name: str | None
    area: str | None
    kind: str | None
    state: str
    tested_at: datetime | None
    alarm_at: datetime | None
    seen_at: datetime | None


class ConnectionPath(BaseModel):
    """A path and when it was last heard."""

    panel: str
    name: str
    last_seen: datetime | None


class ConnectionMissing(BaseModel):
    """What lacks (no_point | never_seen | in_alarm | paths_unheard) and of which points or paths."""

    code: str
    items: list[str]


class ConnectionKept(BaseModel):
    """A record that was signed: who accepted, who entered it, what lacked and why it went in service all the same."""

    id: int
    accepted_at: datetime
    accepted_by: str
    operator: str | None
    motif: str | None
    note: str | None
    missing: list[ConnectionMissing]


class SiteConnection(BaseModel):
    """The connection of a site: what was tested, what never spoke, and the records kept, the newest first."""

    connection: str
    points: list[ConnectionPoint]
    paths: list[ConnectionPath]
    missing: list[ConnectionMissing]
    records: list[ConnectionKept]
    motifs: list[str]
    abilities: list[str]

"""Routes of sites: who telephones, the file, and what an operator changes at night. Thin."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from veilleur.db.engine import Database
from veilleur.features.http import (
    ActDep,
    ClockDep,
    ReadDep,
    ReaderDep,
    allow,
    feature_router,
    provided,
)
from veilleur.features.people.sessions import authenticate
from veilleur.features.sites import commands
from veilleur.features.sites.errors import SecondPersonRefusedError
from veilleur.features.sites.files import find_sites, read_connection, read_site_file
from veilleur.features.sites.hours import Period, parse_clock
from veilleur.features.sites.policy import POLICY
from veilleur.features.sites.queries import check_contact_word, visible_site
from veilleur.features.sites.views import SiteConnection, SiteFile, SiteFound, SiteTestPoint
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import InvalidError, VeilleurError
from veilleur.kernel.ports import Reader
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act

router = feature_router()

#: Starting and extending a test are routes of `handling`: a duress word heard there opens a dossier (P1).

RingDep = Annotated[KeyRing, provided(KeyRing)]
DatabaseDep = Annotated[Database, provided(Database)]


class Made(BaseModel):
    """What was made."""

    id: int


class ContactAsked(BaseModel):
    """A provisional contact: after our call to a registered number (`call_id`), else with a motif."""

    name: str = Field(max_length=200)
    phone: str = Field(max_length=40)
    role: str | None = Field(default=None, max_length=100)
    note: str | None = Field(default=None, max_length=2000)
    call_id: int | None = None
    motif: str | None = Field(default=None, max_length=500)


class PeriodAsked(BaseModel):
    """Hours of a week on the site's wall clock; no days: every day."""

    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(default_factory=list, max_length=7)
    start: str = Field(pattern=r"^\d{1,2}:\d{2}$")
    end: str = Field(pattern=r"^\d{1,2}:\d{2}$")

    def period(self) -> Period:
        """As the feature has it. Raises InvalidError."""
        try:
            days = frozenset(self.days) or frozenset(range(1, 8))
            return Period(days, parse_clock(self.start), parse_clock(self.end))
        except ValueError:
            raise InvalidError("Write hours as 22:30.", field="schedule") from None


class InstructionAsked(BaseModel):
    """A temporary consigne. Times with their offset."""

    text: str = Field(max_length=2000)
    asked_by: str = Field(max_length=200)
    valid_until: datetime
    valid_from: datetime | None = None
    schedule: list[PeriodAsked] = Field(default_factory=list, max_length=20)


class AcceptAsked(BaseModel):
    """Who accepts the connection; `motif`: needed while something is missing."""

    accepted_by: str = Field(max_length=200)
    motif: str | None = Field(default=None, max_length=40)
    note: str | None = Field(default=None, max_length=2000)


class ReopenAsked(BaseModel):
    """Why the connection is tested again."""

    reason: str = Field(max_length=200)


class EndAsked(BaseModel):
    """Why it ends."""

    reason: str | None = Field(default=None, max_length=500)


class ScopeAsked(BaseModel):
    """What is on test; nothing named: the whole site."""

    panel: int | None = None
    areas: list[Annotated[str, Field(max_length=8)]] | None = Field(default=None, max_length=200)
    zones: list[Annotated[str, Field(max_length=8)]] | None = Field(default=None, max_length=500)

    def scope(self) -> commands.TestScope:
        """As the feature has it."""
        return commands.TestScope(
            self.panel,
            frozenset(self.areas) if self.areas else None,
            frozenset(self.zones) if self.zones else None,
        )


class SecondAsked(BaseModel):
    """The colleague who agrees, at the same post, by his own password."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class ProofAsked(BaseModel):
    """Who asks and what proves it: a call, or the word as it is heard now (`typed`)."""

    asked_by: str = Field(max_length=200)
    until: datetime
    contact_id: int | None = None
    call_id: int | None = None
    call_back_id: int | None = None
    typed: str | None = Field(default=None, max_length=100)
    second: SecondAsked | None = None


class TestAsked(ProofAsked):
    """A new test."""

    __test__ = False

    scope: ScopeAsked = Field(default_factory=ScopeAsked)


class TestEndAsked(BaseModel):
    """What is done about the points still in alarm."""

    __test__ = False

    note: str | None = Field(default=None, max_length=2000)


class TestEnded(BaseModel):
    """The list at the end of a test."""

    __test__ = False

    points: list[SiteTestPoint]


@router.get("/sites")
@allow(POLICY, "site.search")
def search(session: ReadDep, reader: ReaderDep, q: Annotated[str, Query(max_length=100)]) -> list[SiteFound]:
    """Who telephones: by name, town, telephone, account or reference. At most 20, the surest first."""
    return find_sites(session, q, reader)


@router.get("/sites/{site_id}")
@allow(POLICY, "site.read")
def site_file(site_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> SiteFile:
    """The file of a site."""
    return read_site_file(session, site_id, reader, clock.now())


@router.get("/sites/{site_id}/connection")
@allow(POLICY, "connection.read")
def connection(site_id: int, session: ReadDep, reader: ReaderDep) -> SiteConnection:
    """Where the connection stands: points tested and never seen, and the records kept."""
    return read_connection(session, site_id, reader)


@router.post("/sites/{site_id}/connection/accept", status_code=201)
@allow(POLICY, "connection.accept")
def accept_connection(site_id: int, asked: AcceptAsked, act: ActDep, reader: ReaderDep) -> Made:
    """Puts the site in service and keeps its record. 409 `connection_incomplete` {missing} without a motif."""
    visible_site(act.session, site_id, reader)
    made = commands.accept_connection(
        act, site_id, accepted_by=asked.accepted_by, motif=asked.motif, note=asked.note
    )
    return Made(id=made)


@router.post("/sites/{site_id}/connection/reopen", status_code=204)
@allow(POLICY, "connection.reopen")
def reopen_connection(site_id: int, asked: ReopenAsked, act: ActDep, reader: ReaderDep) -> None:
    """Puts the site back «en cours»: its signals are listed, never treated."""
    visible_site(act.session, site_id, reader)
    commands.reopen_connection(act, site_id, reason=asked.reason)


@router.post("/sites/{site_id}/contacts", status_code=201)
@allow(POLICY, "contact.add")
def add_contact(site_id: int, asked: ContactAsked, act: ActDep, reader: ReaderDep) -> Made:
    """Adds a contact until noon of the next working day."""
    visible_site(act.session, site_id, reader)
    contact = commands.NewContact(asked.name, asked.phone, asked.role, asked.note)
    made = commands.add_provisional_contact(act, site_id, contact, call_id=asked.call_id, motif=asked.motif)
    return Made(id=made)


@router.post("/sites/{site_id}/instructions", status_code=201)
@allow(POLICY, "instruction.add")
def add_instruction(site_id: int, asked: InstructionAsked, act: ActDep, reader: ReaderDep) -> Made:
    """Adds a temporary consigne."""
    visible_site(act.session, site_id, reader)
    made = commands.add_instruction(
        act,
        site_id,
        text=asked.text,
        asked_by=asked.asked_by,
        valid_until=aware(asked.valid_until, "valid_until"),
        valid_from=aware(asked.valid_from, "valid_from") if asked.valid_from else None,
        schedule_periods=[row.period() for row in asked.schedule],
    )
    return Made(id=made)


@router.post("/sites/{site_id}/instructions/{instruction_id}/end", status_code=204)
@allow(POLICY, "instruction.end")
def end_instruction(
    site_id: int, instruction_id: int, asked: EndAsked, act: ActDep, reader: ReaderDep
) -> None:
    """Ends a temporary consigne before its hour."""
    visible_site(act.session, site_id, reader)
    commands.end_instruction(act, site_id, instruction_id, reason=asked.reason)


@router.post("/sites/{site_id}/on-test/{on_test_id}/end")
@allow(POLICY, "on_test.end")
def end_test(site_id: int, on_test_id: int, asked: TestEndAsked, act: ActDep, reader: ReaderDep) -> TestEnded:
    """Ends a test; its list, those in alarm first."""
    visible_site(act.session, site_id, reader)
    points = commands.end_on_test(act, site_id, on_test_id, asked.note)
    return TestEnded(points=[SiteTestPoint.model_validate(point, from_attributes=True) for point in points])


def aware(at: datetime, field: str) -> datetime:
    """A time with its offset. Raises InvalidError."""
    if at.tzinfo is None:
        raise InvalidError("Give this time with its offset.", field=field)
    return at


def proof(asked: ProofAsked, site_id: int, act: Act, reader: Reader, ring: KeyRing) -> commands.Asking:
    """What was asked, with the verdict on the word when it is heard now."""
    word, contact_id = None, asked.contact_id
    if asked.typed is not None and asked.typed.strip():
        verdict = check_contact_word(
            act.session, ring, site_id, asked.typed, now=act.now, called=asked.contact_id
        )
        word, contact_id = verdict.result, verdict.contact_id or contact_id
    return commands.Asking(
        asked.asked_by,
        contact_id=contact_id,
        call_id=asked.call_id,
        call_back_id=asked.call_back_id,
        word=word,
        lead="lead" in reader.roles,
    )


def agreed(  # noqa: PLR0917  # what proving a person takes
    second: SecondAsked | None,
    asking: commands.Asking,
    reader: Reader,
    database: Database,
    clock: Clock,
    peer: str,
) -> commands.Asking:
    """The same with the colleague who agrees, once his password is right. Raises SecondPersonRefusedError."""
    if second is None:
        return asking
    try:
        person = authenticate(database, clock, login=second.login, password=second.password, peer=peer)
    except VeilleurError as error:  # not a 401: the one who acts stays logged in
        raise SecondPersonRefusedError(reason=error.code) from None
    if person.id == reader.user_id or not {"operator", "lead"} & set(person.roles):
        raise SecondPersonRefusedError(reason="same_person" if person.id == reader.user_id else "role")
    return commands.with_second(asking, person.name)


def refused(error: VeilleurError) -> JSONResponse:
    """A refusal whose trace stays: an answer, so that the transaction is kept."""
    return JSONResponse({"code": error.code, "params": error.params}, status_code=error.status)

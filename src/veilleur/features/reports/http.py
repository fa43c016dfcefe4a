"""The report's route."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import HTMLResponse

from veilleur.db.engine import Database
from veilleur.features.http import (
    ClockDep,
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    feature_router,
    provided,
)
from veilleur.features.reports.commands import issue_report
from veilleur.features.reports.connection import connection_page
from veilleur.features.reports.policy import POLICY
from veilleur.features.reports.queries import report_page
from veilleur.kernel.ports import DeskFacts
from veilleur.logbook.act import Act, Actor

router = feature_router()

FactsDep = Annotated[DeskFacts, provided(DeskFacts)]
DatabaseDep = Annotated[Database, provided(Database)]


@router.get("/incidents/{incident_id}/report", response_class=HTMLResponse)
@allow(POLICY, "report.read")
def read_report(
    *,
    incident_id: int,
    audience: Annotated[Literal["customer", "prefect", "internal"], Query(alias="for")],
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    passage: PassageDep,
    facts: FactsDep,
    database: DatabaseDep,
) -> HTMLResponse:
    """A page to print, for the customer, the préfet or the house; that it was issued is in the logbook, once a minute.

    403 `duress_locked` for the customer under duress."""
    page = report_page(
        session,
        incident_id,
        audience,
        reader,
        now=clock.now(),
        nonce=passage.nonce,
        demo=facts.demo,
        language=facts.language,
    )
    # after the page, before it leaves: a refused report is no export, and no page leaves without its entry
    with database.write() as writing:
        issue_report(
            Act(writing, clock.now(), Actor("user", reader.user_id, reader.name)), incident_id, audience
        )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


@router.get("/sites/{site_id}/connection/report", response_class=HTMLResponse)
@allow(POLICY, "connection.print")
def read_connection_report(
    *,
    site_id: int,
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    passage: PassageDep,
    facts: FactsDep,
) -> HTMLResponse:
    """The record of connection of a site, to print and sign (practice need 3)."""
    page = connection_page(
        session,
        site_id,
        reader,
        now=clock.now(),
        nonce=passage.nonce,
        demo=facts.demo,
        language=facts.language,
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})

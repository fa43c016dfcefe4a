"""Routes of availability: the figures, and the page to print."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from veilleur.features.availability.page import Print, availability_page
from veilleur.features.availability.policy import POLICY
from veilleur.features.availability.queries import availability
from veilleur.features.availability.views import Availability
from veilleur.features.http import ClockDep, PassageDep, ReadDep, ReaderDep, allow, feature_router, provided
from veilleur.features.people.queries import centre_zone
from veilleur.features.sites.queries import centre
from veilleur.kernel.ports import DeskFacts

router = feature_router()

FactsDep = Annotated[DeskFacts, provided(DeskFacts)]
First = Annotated[date, Query(alias="from")]
Last = Annotated[date, Query(alias="to")]


@router.get("/cameras/availability")
@allow(POLICY, "availability.read")
def read_availability(  # noqa: PLR0917  # dependencies
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    first: First,
    last: Last,
    camera: Annotated[int | None, Query()] = None,
) -> Availability:
    """What was recorded of what was due, from the first day to the last; gaps with their reasons; paths. 92 days at most."""
    return availability(session, reader, (first, last), clock.now(), camera=camera)


@router.get("/cameras/availability/report", response_class=HTMLResponse)
@allow(POLICY, "availability.read")
def read_availability_report(
    *,
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    passage: PassageDep,
    facts: FactsDep,
    first: First,
    last: Last,
    camera: Annotated[int | None, Query()] = None,
) -> HTMLResponse:
    """The same as a page to print; of one camera: each of its days and gaps."""
    now, house = clock.now(), centre(session)
    print_it = Print(
        language=facts.language,
        zone=str(centre_zone(session)),
        printed_at=now,
        centre=house.name if house else "",
        demo=facts.demo,
        nonce=passage.nonce,
    )
    page = availability_page(
        print_it, availability(session, reader, (first, last), now, camera=camera), one=camera is not None
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})

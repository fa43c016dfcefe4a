"""Routes of authorisations: thin."""

from __future__ import annotations

from veilleur.features.authorisations import commands
from veilleur.features.authorisations.policy import POLICY
from veilleur.features.authorisations.queries import authorisation_lines, visible_authorisation
from veilleur.features.authorisations.views import (
    AuthorisationLine,
    GrantedAsked,
    RenewalAsked,
    WithdrawalAsked,
)
from veilleur.features.cameras.bodies import Made
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Scope

router = feature_router()


@router.get("/authorisations")
@allow(POLICY, "authorisation.read")
def authorisations(session: ReadDep, reader: ReaderDep, clock: ClockDep) -> list[AuthorisationLine]:
    """The authorisations of the reader's perimeter, the first to end first."""
    return authorisation_lines(session, reader, clock.now())


@router.post("/authorisations", status_code=201)
@allow(POLICY, "authorisation.keep")
def add(asked: GrantedAsked, act: ActDep, reader: ReaderDep) -> Made:
    """Adds one. 409 `authorisation_known`, 422 `authorisation_rule` {rule, field}."""
    if not reader.perimeter.holds(Scope(commune=asked.commune)):
        raise NotFoundError("No such commune in your perimeter.", what="commune", id=asked.commune)
    said = commands.Granted(**asked.model_dump() | {"purposes": tuple(asked.purposes)})
    return Made(id=commands.add_authorisation(act, said))


@router.post("/authorisations/{authorisation_id}/renew", status_code=204)
@allow(POLICY, "authorisation.keep")
def renew(authorisation_id: int, asked: RenewalAsked, act: ActDep, reader: ReaderDep) -> None:
    """The préfet renewed it: what it suspended films again. 422 `authorisation_rule` {rule, field}."""
    visible_authorisation(act.session, authorisation_id, reader)
    commands.renew(act, authorisation_id, **asked.model_dump())


@router.post("/authorisations/{authorisation_id}/withdraw", status_code=204)
@allow(POLICY, "authorisation.keep")
def withdraw(authorisation_id: int, asked: WithdrawalAsked, act: ActDep, reader: ReaderDep) -> None:
    """It is over before its end: its cameras stop at once. 409 `authorisation_over`."""
    visible_authorisation(act.session, authorisation_id, reader)
    commands.withdraw(act, authorisation_id, asked.reason)

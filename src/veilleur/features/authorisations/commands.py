"""An authorisation is added as the arrêté says it, renewed, or withdrawn before its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta

from sqlalchemy import select

from veilleur.features.authorisations.errors import (
    AuthorisationKnownError,
    AuthorisationOverError,
    AuthorisationRuleError,
)
from veilleur.features.cameras.authorisations import renew_authorisation, watch_authorisations
from veilleur.features.cameras.dossiers import is_over, open_dossier
from veilleur.features.cameras.model import PURPOSES
from veilleur.features.cameras.queries import centre_day
from veilleur.features.cameras.tables import Authorisation, Camera
from veilleur.features.sites.queries import lock_site
from veilleur.features.sites.states import ensure_centre_site
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

MOST_YEARS = 5
"""Of an authorisation: «une durée de cinq ans renouvelable» (L252-4)."""


@dataclass(frozen=True)
class Granted:
    """What an arrêté says. `purposes`: codes of L251-2. `commune`, `customer_id`: whose it is, for perimeters."""

    reference: str
    system: str
    number: str
    authority: str
    granted_on: date | None
    expires_on: date
    purposes: tuple[str, ...]
    retention_days: int
    min_retention_days: int = 0
    commune: str | None = None
    customer_id: int | None = None


def add_authorisation(act: Act, said: Granted) -> int:
    """A new one; its id. Raises AuthorisationKnownError, AuthorisationRuleError."""
    known = select(Authorisation.id).where(Authorisation.reference == said.reference)
    if act.session.scalars(known).first() is not None:
        raise AuthorisationKnownError(reference=said.reference)
    purposes = [code for code in PURPOSES if code in said.purposes]
    if not purposes or len(purposes) != len(set(said.purposes)):
        raise AuthorisationRuleError(rule="purposes", field="purposes")
    _lawful(act, said.granted_on, said.expires_on, said.retention_days, said.min_retention_days)
    entry_id = act.record(
        "authorisation.made",
        {
            "reference": said.reference,
            "system": said.system,
            "number": said.number,
            "authority": said.authority,
            "expires_on": said.expires_on.isoformat(),
            "retention_days": said.retention_days,
        },
    )
    row = Authorisation(**asdict(said) | {"purposes": purposes, "entry_id": entry_id})
    act.session.add(row)
    act.session.flush()
    return row.id


def renew(
    act: Act,
    authorisation_id: int,
    *,
    number: str,
    granted_on: date | None,
    expires_on: date,
    retention_days: int | None,
) -> None:
    """The préfet renewed it: what it suspended films again at once. Raises AuthorisationRuleError, NotFoundError."""
    row = _locked(act, authorisation_id)
    days = row.retention_days if retention_days is None else retention_days
    _lawful(act, granted_on, expires_on, days, row.min_retention_days)
    renew_authorisation(
        act,
        authorisation_id,
        number=number,
        granted_on=granted_on,
        expires_on=expires_on,
        retention_days=retention_days,
    )


def withdraw(act: Act, authorisation_id: int, reason: str) -> None:
    """It is over before its end: taken back by the préfet, or the system is taken down. Its cameras stop at once.

    Raises AuthorisationOverError, NotFoundError.
    """
    day = centre_day(act.session, act.now)
    row = _locked(act, authorisation_id)
    if row.expires_on < day:
        raise AuthorisationOverError(number=row.number, expires_on=row.expires_on.isoformat())
    cameras = cameras_of(act, row.id)
    entry_id = act.record(
        "authorisation.withdrawn",
        {
            "authorisation": row.id,
            "reference": row.reference,
            "number": row.number,
            "system": row.system,
            "before": row.expires_on.isoformat(),
            "reason": reason,
        },
        touched={"camera": cameras} if cameras else {},
    )
    # Its end was told by who withdraws it: no dossier of the centre asks for it again.
    row.expires_on, row.warned, row.entry_id = day - timedelta(days=1), "ended", entry_id
    act.session.flush()
    key = f"authorisation:{row.id}"
    site = lock_site(act.session, ensure_centre_site(act))
    incident_id = open_dossier(act, site.id, key)
    if incident_id is not None:
        is_over(act, incident_id, key)
    watch_authorisations(act)


def cameras_of(act: Act, authorisation_id: int) -> list[int]:
    """Cameras in use that stand on it."""
    query = select(Camera.id).where(Camera.authorisation_id == authorisation_id, Camera.removed_at.is_(None))
    return list(act.session.scalars(query.order_by(Camera.id)))


def _locked(act: Act, authorisation_id: int) -> Authorisation:
    row = act.session.get(Authorisation, authorisation_id, with_for_update=True)
    if row is None:
        raise NotFoundError("No such authorisation.", what="authorisation", id=authorisation_id)
    return row


def _lawful(act: Act, granted_on: date | None, expires_on: date, most: int, least: int) -> None:
    day = centre_day(act.session, act.now)
    if granted_on is not None and granted_on > expires_on:
        raise AuthorisationRuleError(rule="ends_before_it_begins", field="expires_on")
    if expires_on < day:
        raise AuthorisationRuleError(rule="over_already", field="expires_on")
    if expires_on > years_after(granted_on or day, MOST_YEARS):
        raise AuthorisationRuleError(rule="five_years", field="expires_on")
    if least > most:
        raise AuthorisationRuleError(rule="minimum_over_maximum", field="min_retention_days")


def years_after(day: date, years: int) -> date:
    """The same day, years later; the 28th for a 29 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)

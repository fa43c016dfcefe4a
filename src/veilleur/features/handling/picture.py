"""A dossier as it is read once for its views, and the facts of it that a script tells (D613-17 to D613-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.evidence import ToldClue, told_clues
from veilleur.features.handling.offence import TOLD_MARK
from veilleur.features.handling.policy import POLICY
from veilleur.features.handling.scripts import Scene, SceneClue, ScenePoint
from veilleur.features.handling.stages import TO_WARN
from veilleur.features.handling.tables import Call, Intervention
from veilleur.features.incidents.naming import place_of
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.sites.tables import Centre, Contact, DirectoryEntry, Responder, Site
from veilleur.kernel.ports import Reader


@dataclass(frozen=True, slots=True)
class Picture:
    """What the views of one dossier are made of, read once."""

    session: ReadSession
    incident: Incident
    site: Site
    house: Centre | None
    reader: Reader
    now: datetime
    points: Sequence[IncidentPoint]

    @property
    def mine(self) -> bool:
        """Whether the reader holds the open dossier."""
        return self.incident.owner_id == self.reader.user_id and self.incident.closed_at is None

    def able(self, *names: str) -> list[str]:
        """The abilities of these names, without their prefix, when the reader holds the dossier."""
        if not self.mine:
            return []
        return [name.partition(".")[2] for name in POLICY.abilities(self.reader, names)]


def standing(picture: Picture) -> list[ToldClue]:
    """The clues that nobody withdrew."""
    told = told_clues(picture.session, picture.incident.id)
    return [clue for clue in told if clue.removed_at is None]


def scene_of(picture: Picture, row: DirectoryEntry | None, operator: str) -> Scene:
    """The facts that a script tells, as they are now. Under duress nobody is named: who spoke may be the one threatened."""
    incident, site, house = picture.incident, picture.site, picture.house
    agent = _engaged(picture)
    headline = incident.headline
    by_phone = TOLD_MARK in headline.get("marks", ())
    named = ("agent",) if incident.duress else ("agent", "call")
    return Scene(
        centre=house.name if house else "",
        authorisation=house.authorisation if house else None,
        operator=operator,
        category=incident.category,
        family=incident.family,
        zone=place_of(headline),
        first_signal=incident.opened_at,
        others=tuple(
            ScenePoint(point.label, point.first_at) for point in picture.points[0 if by_phone else 1 :]
        ),
        clues=tuple(
            SceneClue(
                clue.kind,
                clue.at,
                clue.who if clue.origin in named else None,
                clue.points,
                clue.text,
                clue.finding,
            )
            for clue in standing(picture)
        ),
        site=site.name,
        street=site.street,
        postcode=site.postcode,
        town=site.town,
        access=site.access,
        risks=site.risks,
        call_back=(row.call_back if row else None) or (house.call_back if house else None),
        agent=agent[1] if agent else None,
        agent_state=agent[0].state if agent else None,
        agent_expected=agent[0].expected_at if agent else None,
        contact_reached=_reached(picture),
        told=by_phone,
        first=picture.points[0].label if picture.points and not by_phone else None,
    )


def _engaged(picture: Picture) -> tuple[Intervention, str] | None:
    row = picture.session.execute(
        select(Intervention, Responder.name)
        .join(Responder, Responder.id == Intervention.responder_id)
        .where(Intervention.incident_id == picture.incident.id, Intervention.state.in_(TO_WARN))
        .order_by(Intervention.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _reached(picture: Picture) -> str | None:
    """Who was last identified on the telephone, whatever number was called; nobody is named under duress, who may be the
    one threatened."""
    if picture.incident.duress:
        return None
    return picture.session.scalar(
        select(func.coalesce(Contact.name, Call.label))
        .select_from(Call)
        .outerjoin(Contact, Contact.id == Call.person_id)
        .where(Call.incident_id == picture.incident.id, Call.identified, Call.undone_at.is_(None))
        .order_by(Call.id.desc())
        .limit(1)
    )

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
from veilleur.features.handling.scripts import Scene, SceneAgent, SceneClue, ScenePoint
from veilleur.features.handling.stages import TO_WARN
from veilleur.features.handling.tables import Call, Intervention
from veilleur.features.incidents.naming import place_of
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.sites.tables import Centre, Contact, DirectoryEntry, Responder, Site
from veilleur.kernel.ports import Reader

#: Clues that name the identified person who spoke.
TELLERS = frozenset({"told_offence"})


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
                clue.camera,
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
        agents=_agents(picture),
        reached=_reached(picture),
        told=by_phone,
        first=picture.points[0].label if picture.points and not by_phone else None,
    )


def _agents(picture: Picture) -> tuple[SceneAgent, ...]:
    """Every agent who answered that he comes, or who is there, whichever open dossier of the site he was asked in."""
    rows = picture.session.execute(
        select(Responder.name, Intervention.state, Intervention.expected_at)
        .join(Responder, Responder.id == Intervention.responder_id)
        .join(Incident, Incident.id == Intervention.incident_id)
        .where(
            Incident.site_id == picture.site.id,
            (Incident.id == picture.incident.id) | Incident.closed_at.is_(None),
            Intervention.state.in_(TO_WARN),
        )
        .order_by(Intervention.id)
    )
    return tuple(SceneAgent(row.name, row.state, row.expected_at) for row in rows)


def _reached(picture: Picture) -> tuple[str, ...]:
    """Who was identified on the telephone, whatever number was called, each once; nobody is named under duress, who may
    be the one threatened, nor twice: a clue that is read names its speakers itself."""
    if picture.incident.duress:
        return ()
    said = {clue.who for clue in standing(picture) if clue.kind in TELLERS}
    rows = picture.session.execute(
        select(func.coalesce(Contact.name, Call.label).label("name"))
        .select_from(Call)
        .outerjoin(Contact, Contact.id == Call.person_id)
        .where(Call.incident_id == picture.incident.id, Call.identified, Call.undone_at.is_(None))
        .order_by(Call.id)
    )
    return tuple(name for name in dict.fromkeys(row.name for row in rows) if name not in said)

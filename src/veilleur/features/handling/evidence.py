"""What a dossier's evidence is: its rule, its clues, written or told by signals, its settled calls (practice P4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy import text as sql

from veilleur.db.engine import ReadSession
from veilleur.features.handling.doors import (
    KINDS,
    TOLD_BY_POINTS,
    Door,
    Evidence,
    HeardPoint,
    SettledCall,
    callbacks,
    clues_of_points,
    doors,
    telling_points,
)
from veilleur.features.handling.rules import Rule, all_rules, rule_for, shipped_rules, zone_of
from veilleur.features.handling.stages import FINDINGS
from veilleur.features.handling.tables import Call, Clue, Intervention
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.queries import centre
from veilleur.features.sites.tables import Contact, Responder, Site
from veilleur.kernel.errors import SettingsError
from veilleur.logbook.lines import lines_by_id


def rule_of(session: ReadSession, site: Site, incident: Incident) -> Rule:
    """The rule that applies to this dossier: in force the day it opened, in its site's préfet's zone.

    When the centre's own rules cannot be read, the shipped ones apply: a slip in a setting must not close a dossier
    to its operator at 3 a.m.
    """
    house = centre(session)
    day = incident.opened_at.astimezone(ZoneInfo(site.timezone)).date()
    try:
        rules = all_rules(house.settings if house else {})
    except SettingsError:
        rules = shipped_rules()
    return rule_for(rules, zone_of(site.commune, site.postcode), day)


def standing_clues(session: ReadSession, incident_id: int) -> Sequence[Clue]:
    """Written clues that nobody withdrew, the oldest first."""
    return session.scalars(
        select(Clue).where(Clue.incident_id == incident_id, Clue.removed_at.is_(None)).order_by(Clue.id)
    ).all()


def heard_points(session: ReadSession, incident_id: int) -> list[HeardPoint]:
    """The dossier's points as clues read them, the first to speak first."""
    return [
        HeardPoint(point.key, point.category, point.label, point.first_at)
        for point in points_of(session, incident_id)
    ]


def evidence_of(session: ReadSession, incident_id: int) -> list[Evidence]:
    """Every clue that stands, written or derived."""
    written = [Evidence(clue.kind, clue.id) for clue in standing_clues(session, incident_id)]
    return written + [Evidence(kind) for kind in clues_of_points(heard_points(session, incident_id))]


def both_doors(session: ReadSession, site: Site, incident: Incident) -> tuple[Door, Door]:
    """The goods door and the persons door of a dossier, as they stand."""
    rule = rule_of(session, site, incident)
    reached = len(callbacks(rule, settled_calls(session, incident.id)))
    return doors(rule, evidence_of(session, incident.id), duress=incident.duress, reached=reached)


#: Clues whose row keeps, in `text`, who spoke on the telephone.
SPEAKERS = frozenset({"two_callbacks", "duress_word"})


@dataclass(frozen=True, slots=True)
class ToldClue:
    """A clue with its hour and where it comes from, as the card, the script and the préfet's file list it.

    `origin`: operator (written by a key) | call | agent | signals. `who`: the person on the telephone, the agent, or the
    operator. `text`: the fact as it was reported, in words typed. `finding`: a code of the vocabulary `finding`, of
    what an agent found. `points`: labels of the points, for clues of signals. `id` None: told by the signals themselves.
    `camera`: whose image it is about; `at` is then the hour of the image, `told_at` when somebody wrote the clue.
    """

    id: int | None
    kind: str
    strength: str
    door: str
    origin: str
    who: str | None
    text: str | None
    points: tuple[str, ...]
    at: datetime
    removed_at: datetime | None = None
    finding: str | None = None
    camera: str | None = None
    told_at: datetime | None = None


def told_clues(session: ReadSession, incident_id: int) -> list[ToldClue]:
    """Every clue of a dossier, withdrawn ones too, by its hour."""
    rows = session.scalars(select(Clue).where(Clue.incident_id == incident_id).order_by(Clue.id)).all()
    people, found = _people(session, rows), _findings(session, rows)
    cameras, written = _cameras(session, rows), _written(session, rows)
    told = [
        ToldClue(
            row.id, row.kind, row.strength, row.door, _origin(row), people.get(row.id), _said(row), (),
            row.at, row.removed_at, found.get(row.id), cameras.get(row.camera_id or 0), written.get(row.id),
        )
        for row in rows
    ]  # fmt: skip
    points = heard_points(session, incident_id)
    for kind in clues_of_points(points):
        telling = telling_points(points, kind)
        last = telling[TOLD_BY_POINTS[kind][1] - 1]
        strength, door = KINDS[kind]
        labels = tuple(point.label for point in telling)
        if last.at is not None:
            told.append(ToldClue(None, kind, strength, door, "signals", None, None, labels, last.at))
    return sorted(told, key=lambda clue: (clue.at, clue.origin != "signals"))


def _said(row: Clue) -> str | None:
    """The fact as reported. Of two call-backs and of a duress word the row keeps who spoke, of a lost camera its name; a
    bare code of a finding, which older rows hold where nothing was typed, is no words."""
    if row.kind in (*SPEAKERS, LOST_CAMERA) or (row.intervention_id is not None and row.text in FINDINGS):
        return None
    return row.text or None


#: Kind of a clue whose row keeps, in `text`, the name of the camera it is about.
LOST_CAMERA = "camera_lost"

#: Names of cameras, removed ones too. SQL by name: `cameras` stands beside this feature, not under it.
CAMERAS = sql("SELECT id, name FROM camera WHERE id = ANY(:ids)")


def _cameras(session: ReadSession, rows: Sequence[Clue]) -> dict[int, str]:
    ids = sorted({row.camera_id for row in rows if row.camera_id is not None})
    return {row.id: row.name for row in session.execute(CAMERAS, {"ids": ids})} if ids else {}


def _written(session: ReadSession, rows: Sequence[Clue]) -> dict[int, datetime]:
    """When each standing clue about an image was written: its own hour is the image's."""
    ours = {row.entry_id: row.id for row in rows if row.camera_id is not None and row.removed_at is None}
    return {ours[told.line.id]: told.line.happened_at for told in lines_by_id(session, list(ours))}


def _findings(session: ReadSession, rows: Sequence[Clue]) -> dict[int, str]:
    """What the agent found, by clue: as its entry says, since a later finding replaces the one of the intervention."""
    ours = {row.entry_id: row.id for row in rows if row.intervention_id is not None}
    told = {scoped.line.id: scoped.line.params.get("finding") for scoped in lines_by_id(session, list(ours))}
    return {ours[entry]: found for entry, found in told.items() if isinstance(found, str)}


def _origin(row: Clue) -> str:
    if row.call_id is not None or row.kind in SPEAKERS:
        return "call"
    return "agent" if row.intervention_id is not None else "operator"


def _people(session: ReadSession, rows: Sequence[Clue]) -> dict[int, str]:
    """Who told each clue: on the telephone, on site, or who wrote it."""
    calls = {
        row.id: row
        for row in session.scalars(
            select(Call).where(Call.id.in_([row.call_id for row in rows if row.call_id]))
        )
    }
    names = {
        row.id: row.name
        for row in session.execute(
            select(Contact.id, Contact.name).where(
                Contact.id.in_([call.person_id for call in calls.values()])
            )
        )
    }
    agents = {
        row.id: row.name
        for row in session.execute(
            select(Intervention.id, Responder.name)
            .join(Responder, Responder.id == Intervention.responder_id)
            .where(Intervention.id.in_([row.intervention_id for row in rows if row.intervention_id]))
        )
    }
    written = [row.entry_id for row in rows if _origin(row) == "operator" and row.removed_at is None]
    authors = {scoped.line.id: scoped.line.actor_name for scoped in lines_by_id(session, written)}
    found: dict[int, str | None] = {}
    for row in rows:
        if row.kind in SPEAKERS and row.text:
            found[row.id] = row.text
        elif row.call_id is not None:
            call = calls.get(row.call_id)
            found[row.id] = (names.get(call.person_id or 0) or call.label) if call else None
        elif row.intervention_id is not None:
            found[row.id] = agents.get(row.intervention_id)
        else:
            found[row.id] = authors.get(row.entry_id)
    return {number: name for number, name in found.items() if name}


def settled_calls(session: ReadSession, incident_id: int) -> list[SettledCall]:
    """The dossier's calls whose results stand."""
    rows = session.scalars(
        select(Call)
        .where(Call.incident_id == incident_id, Call.settled, Call.undone_at.is_(None))
        .order_by(Call.id)
    )
    return [
        SettledCall(
            id=row.id,
            direction=row.direction,
            result=row.result,
            word=row.word,
            identified=row.identified,
            person_id=row.person_id,
            number=row.number,
            understood=row.understood,
        )
        for row in rows
    ]

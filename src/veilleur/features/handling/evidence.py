"""What a dossier's evidence is: its rule, its clues, written or told by signals, its settled calls (practice P4)."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.doors import Evidence, HeardPoint, SettledCall, clues_of_points
from veilleur.features.handling.rules import Rule, all_rules, rule_for, shipped_rules, zone_of
from veilleur.features.handling.tables import Call, Clue
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.queries import centre
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import SettingsError


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


def signal_clues(session: ReadSession, incident_id: int) -> tuple[str, ...]:
    """What the dossier's signals say by themselves, always up to date: they are no rows."""
    return clues_of_points(
        [HeardPoint(point.key, point.category) for point in points_of(session, incident_id)]
    )


def evidence_of(session: ReadSession, incident_id: int) -> list[Evidence]:
    """Every clue that stands, written or derived."""
    written = [Evidence(clue.kind, clue.id) for clue in standing_clues(session, incident_id)]
    return written + [Evidence(kind) for kind in signal_clues(session, incident_id)]


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

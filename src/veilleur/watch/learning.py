"""Practice P5: whether a panel sends its ends of alarm, learnt from what it has sent.

Learnt only where the file says nothing (panel and model «inconnu»), from the panel's last signals, each time it is
armed. What is learnt is written on the panel with its entry, and a person may correct it by import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.features.sites.tables import Panel
from veilleur.logbook.act import Act
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Qualifier
from veilleur.watch.arming import BY_ARMING, arming_of
from veilleur.watch.classify import classify
from veilleur.watch.points import point_of, restored_keys
from veilleur.watch.read import SIGNAL, StoredSignal
from veilleur.watch.view import Heard

ENOUGH = 5
"""Alarms of detectors before anything is learnt."""
MOST = 0.9
"""Share of them that must agree."""
AT_DISARMING = timedelta(seconds=60)
"""A restore that follows a disarming that closely was sent because of it."""
HISTORY = 400

# The panel's last signals, as they were understood.
LAST_SIGNALS = text(f"""
SELECT * FROM ({SIGNAL} WHERE site_id = :site AND panel_id = :panel AND verdict = 'accepted'
               ORDER BY id DESC LIMIT :limit) AS last ORDER BY id""")  # noqa: S608  # constants only


@dataclass(frozen=True)
class Told:
    """What one event told of a panel's habits: alarm | restore (of the points `keys`) | disarm."""

    at: datetime
    kind: str
    keys: frozenset[str] = frozenset()


def learn(history: Sequence[Told]) -> str:
    """yes | no | on_disarm | unknown, from events in the order of their reception."""
    outcomes: list[str] = []
    waiting: dict[str, datetime] = {}
    disarmed: datetime | None = None
    for told in history:
        if told.kind == "disarm":
            disarmed = told.at
        elif told.kind == "alarm":
            outcomes += ["never"] * sum(key in waiting for key in told.keys)
            waiting |= dict.fromkeys(told.keys, told.at)
        else:
            for key in told.keys & waiting.keys():
                began = waiting.pop(key)
                caused = disarmed is not None and began <= disarmed <= told.at <= disarmed + AT_DISARMING
                outcomes.append("on_disarm" if caused else "yes")
    # An alarm after which the panel was disarmed, and that never came back, was not restored.
    outcomes += ["never"] * sum(disarmed is not None and began <= disarmed for began in waiting.values())
    if len(outcomes) < ENOUGH:
        return "unknown"
    for outcome, word in (("yes", "yes"), ("on_disarm", "on_disarm"), ("never", "no")):
        if outcomes.count(outcome) >= MOST * len(outcomes):
            return word
    return "unknown"


def told_by(site: SiteView, heard: Heard) -> Told | None:
    """What an event tells of its panel's habits; None for what says nothing (fire, persons, tests…)."""
    event = heard.event
    if event is None:
        return None
    if arming_of(event) is False:
        return Told(heard.at, "disarm")
    cls = classify(site, heard, event)
    if cls.category not in BY_ARMING or cls.nature is not Nature.ALARM:
        return None
    if event.qualifier is Qualifier.RESTORE:
        return Told(heard.at, "restore", restored_keys(site, heard, event))
    if event.qualifier is Qualifier.NEW:
        return Told(heard.at, "alarm", frozenset({point_of(site, heard, event, cls).key}))
    return None


def read_history(session: ReadSession, site: SiteView, panel_id: int) -> list[Told]:
    """What the panel's last signals tell."""
    rows = session.execute(LAST_SIGNALS, {"site": site.id, "panel": panel_id, "limit": HISTORY})
    signals = [StoredSignal(**row._mapping) for row in rows]  # noqa: SLF001  # SQLAlchemy's public mapping
    found = [told_by(site, heard) for signal in signals for heard in signal.heard()]
    return [each for each in found if each is not None]


def learn_when_armed(act: Act, site: SiteView, heard: Heard) -> str | None:
    """On an arming of a panel whose habits nobody told: what is learnt is written; None when nothing is."""
    panel = site.panel(heard.panel_id)
    if panel is None or heard.event is None or arming_of(heard.event) is not True:
        return None
    if site.sends_restores(panel.id, None) != "unknown":
        return None
    word = learn(read_history(act.session, site, panel.id))
    if word == "unknown":
        return None
    row = act.session.get_one(Panel, panel.id)
    row.entry_id = act.record(
        "panel.restores_learnt",
        {"account": panel.account, "sends": word},
        subject=subject_of(site_row(act.session, site.id)),
        touched={"site": [site.id]},
    )
    row.sends_restores = word
    return word

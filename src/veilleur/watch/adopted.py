"""What an account said while nobody knew it, examined once it belongs to a site (issue 2 §2; law: nothing is dropped).

What was received is never rewritten: the ghost's rows stay ghosts. Each of their events that is no proof of life becomes
a signal of ours for the site, in their order, decided like any other and marked «late»: a state is learnt, a fault that
ended is closed, an alarm opens a dossier. Older than a day, they are told and no more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from veilleur.features.deadlines.tables import Deadline
from veilleur.features.signals.commands import ADOPTED
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.features.sites.tables import Panel
from veilleur.logbook.act import Act
from veilleur.watch.internal import OwnSignal, store_own

KIND = ADOPTED
LATE = "late"
"""Key of `extended`: when the frame was received (RFC 3339), and the mark of the dossiers that it opens."""

RECENT = timedelta(hours=24)
"""Beyond, an alarm is a matter for the telephone, not for a siren."""
MOST = 200
"""Signals of one account examined at most: the latest. A ghost's rows are capped per minute by the reception."""

# The account's signals while it was unknown, the latest first.
WHILE_UNKNOWN = text("""
SELECT id, received_at, events FROM signal
WHERE canonical = :canonical AND line = coalesce(:line, line) AND verdict = 'ghost' AND site_id IS NULL
ORDER BY id DESC LIMIT :most""")


def examine_adopted(act: Act, row: Deadline) -> bool:
    """Stores what an adopted panel said before as signals of ours; False when there is nothing of it."""
    panel = act.session.get(Panel, row.subject_id) if row.subject_id is not None else None
    if panel is None or panel.removed_at is not None:
        return False
    asked = {"canonical": panel.canonical, "line": panel.line, "most": MOST}
    found = list(reversed(act.session.execute(WHILE_UNKNOWN, asked).all()))
    if not found:
        return False
    recent = [each for each in found if act.now - each.received_at <= RECENT]
    site = site_row(act.session, panel.site_id)
    act.record(
        "signal.examined_late",
        {
            "account": panel.account,
            "count": len(found),
            "examined": len(recent),
            "first": found[0].received_at,
            "last": found[-1].received_at,
            "signals": [each.id for each in found],
        },
        subject=subject_of(site),
        touched={"site": [site.id]},
    )
    store_own(
        act, [_again(panel, each.received_at, event) for each in recent for event in _worth(each.events)]
    )
    return True


def _worth(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Proofs of life prove nothing afterwards."""
    return [event for event in events if event.get("category") != "test"]


def _again(panel: Panel, received_at: Any, event: dict[str, Any]) -> OwnSignal:
    return OwnSignal(
        site_id=panel.site_id,
        category=str(event["category"]),
        code=str(event["code"]),
        qualifier=str(event["qualifier"]),
        panel_id=panel.id,
        account=panel.account,
        area=event.get("area"),
        zone=event.get("zone"),
        user=event.get("user"),
        text=event.get("text"),
        extended={**(event.get("extended") or {}), LATE: received_at.isoformat()},
    )

"""Going in service, and back «en cours» (practice need 3): the acts of the record of connection."""

from __future__ import annotations

from typing import Any

from veilleur.features.sites.connecting import MOTIFS, Stand, connection_stand
from veilleur.features.sites.errors import (
    ConnectionIncompleteError,
    ConnectionMotifError,
    NotConnectingError,
    TextLengthError,
)
from veilleur.features.sites.queries import lock_site, subject_of
from veilleur.features.sites.tables import ConnectionRecord, Site
from veilleur.logbook.act import Act

CONNECTING, IN_SERVICE = "connecting", "in_service"

MAX_NAME, MAX_NOTE = 200, 2_000


def accept_connection(
    act: Act, site_id: int, *, accepted_by: str, motif: str | None = None, note: str | None = None
) -> int:
    """Puts a site in service and keeps its record; the record's id.

    Raises NotConnectingError, ConnectionIncompleteError (something is missing and no motif is given),
    ConnectionMotifError, TextLengthError.
    """
    site = lock_site(act.session, site_id)
    if site.connection != CONNECTING:
        raise NotConnectingError(connection=site.connection)
    person = _name(accepted_by)
    stand = connection_stand(act.session, site_id)
    if motif is not None and motif not in MOTIFS:
        raise ConnectionMotifError(value=motif)
    if stand.missing and motif is None:
        raise ConnectionIncompleteError(missing=[each.as_json() for each in stand.missing])
    said = (note or "").strip()[:MAX_NOTE] or None
    entry = act.record("connection.accepted", _told(stand, person, motif, said), **_about(site))
    row = ConnectionRecord(
        site_id=site.id,
        accepted_at=act.now,
        accepted_by=person,
        operator=act.actor.name or None,
        motif=motif if stand.missing else None,
        note=said,
        missing=[each.as_json() for each in stand.missing],
        points=[point.as_json() for point in stand.points],
        entry_id=entry,
    )
    act.session.add(row)
    site.connection, site.entry_id = IN_SERVICE, entry
    act.session.flush()
    return row.id


def reopen_connection(act: Act, site_id: int, *, reason: str) -> None:
    """Puts a site back «en cours» (a new panel, works): from now on its signals are listed, never treated.

    Raises NotConnectingError when it is not in service, TextLengthError without a reason.
    """
    site = lock_site(act.session, site_id)
    if site.connection != IN_SERVICE:
        raise NotConnectingError(connection=site.connection)
    entry = act.record("connection.reopened", {"reason": _name(reason)}, **_about(site))
    site.connection, site.entry_id = CONNECTING, entry
    act.session.flush()


def _name(text: str) -> str:
    said = text.strip()
    if not said or len(said) > MAX_NAME:
        raise TextLengthError(field="accepted_by", longest=MAX_NAME)
    return said


def _about(site: Site) -> dict[str, Any]:
    return {"subject": subject_of(site), "touched": {"site": [site.id]}}


def _told(stand: Stand, person: str, motif: str | None, note: str | None) -> dict[str, Any]:
    counts = {each.code: len(each.items) for each in stand.missing}
    lacking = [item for each in stand.missing if each.code != "no_point" for item in each.items]
    return {
        "accepted_by": person,
        "points": len(stand.points),
        "never_seen": counts.get("never_seen", 0),
        "lacking": lacking,
        "motif": motif if stand.missing else None,
        "note": note,
    }

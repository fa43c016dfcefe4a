"""A talk is asked for, begins and ends: two entries say who spoke where, from when to when; the sound is kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text

from veilleur.features.cameras.tables import Camera
from veilleur.features.incidents.limits import EVENT
from veilleur.features.incidents.tables import Incident
from veilleur.features.talks.rules import forbidden, impossible, name_of
from veilleur.features.talks.tables import Talk
from veilleur.features.viewing.access import ALARM_FAMILIES, Refusal, cameras_by_id, facts_of, refusal
from veilleur.features.viewing.admitting import Admitted
from veilleur.features.viewing.errors import ViewingEndedError
from veilleur.features.viewing.looking import TICKET_LIFE, TOKEN_BYTES, hash_token
from veilleur.features.viewing.marks import subject_of_camera
from veilleur.features.viewing.tables import Ticket, Viewing
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ids import token
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

#: One talk lasts no longer: an order is a sentence; a key that is stuck must not keep a line open for a night.
LONGEST = timedelta(seconds=120)

#: A talk that nobody ended by then has lost its recorder.
MARGIN = timedelta(seconds=15)

#: The kind of ticket that opens the recorder's `/talk`, and nothing else.
TALK = "talk"

#: Not entered as refusals: nothing forbids it, somebody else speaks or nothing runs.
NOT_REFUSALS = ("talk_held", "camera_not_running")


@dataclass(frozen=True)
class Line:
    """Where to speak, once, within 30 s. `token` is stored nowhere."""

    camera_id: int
    url: str
    token: str
    expires_at: datetime


def ask_to_talk(
    act: Act, reader: Reader, session_hash: bytes, viewing_id: int, camera_id: int
) -> Line | Refusal:
    """A ticket to speak through a camera that the reader looks at live, or the rule that refuses it, entered.

    Raises ViewingEndedError, NotFoundError (a viewing of somebody else, or without this camera).
    """
    row = act.session.get(Viewing, viewing_id, with_for_update=True, populate_existing=True)
    looks = row is not None and row.user_id == reader.user_id and row.from_at is None
    if row is None or not looks or camera_id not in row.cameras:
        raise NotFoundError("You do not look at this camera live.", what="viewing", id=viewing_id)
    if row.ended_at is not None or row.session_hash != session_hash:
        raise ViewingEndedError
    camera = cameras_by_id(act.session, [camera_id]).get(camera_id)
    if camera is None:
        return Refusal("camera_unknown")
    incident = act.session.get(Incident, row.incident_id) if row.incident_id is not None else None
    facts = facts_of(act.session, [camera], act.now, incident, reader=reader)
    why = (
        forbidden(act.session, camera)
        or refusal(camera, reader, "live", facts)
        or impossible(act.session, camera, act.now, reader.user_id)
    )
    if why is not None:
        if why.code not in NOT_REFUSALS:
            _record(act, "talk.refused", camera, incident, why=why.code)
        return why
    secret = token(TOKEN_BYTES)
    expires_at = act.now + TICKET_LIFE
    made = Ticket(
        token_hash=hash_token(secret),
        viewing_id=row.id,
        camera_id=camera.id,
        kind=TALK,
        masked=True,
        ptz=False,
        expires_at=expires_at,
    )
    act.session.add(made)
    act.session.flush()
    url = "ws" + facts.running[camera.id].rstrip("/").removeprefix("http") + "/talk"
    return Line(camera.id, url, secret, expires_at)


def begin_talk(act: Act, held: Admitted) -> int | Refusal:
    """The line to the loudspeaker is open: from now on this person speaks. The talk's id, or the rule that refuses it.

    For the recorder's listener, before a sound leaves; every rule is judged again.
    """
    session = act.session
    camera = cameras_by_id(session, [held.camera_id]).get(held.camera_id)
    if camera is None:
        return Refusal("camera_unknown")
    session.execute(text("SELECT pg_advisory_xact_lock(7708, :camera)"), {"camera": camera.id % 2**31})
    end_lost(act, camera.id)
    why = forbidden(session, camera) or impossible(session, camera, act.now, held.user_id)
    if why is None and _running(act, camera.id) is not None:
        why = Refusal("talk_held", {"holder": name_of(session, held.user_id)})  # from another window
    if why is not None:
        return why
    incident = dossier_of(act, held, camera)
    entry_id = _record(act, "talk.begun", camera, incident)
    row = Talk(
        camera_id=camera.id,
        user_id=held.user_id,
        viewing_id=held.viewing_id,
        incident_id=incident.id if incident else None,
        started_at=act.now,
        until_at=act.now + LONGEST + MARGIN,
        entry_id=entry_id,
    )
    session.add(row)
    session.flush()
    return row.id


def end_talk(act: Act, talk_id: int, why: str) -> bool:
    """Nobody is heard any more; False when it was over already.

    `why`: command | length | silence | not_understood | camera | forbidden | taken_away | stopped | lost.
    """
    row = act.session.get(Talk, talk_id, with_for_update=True, populate_existing=True)
    if row is None or row.ended_at is not None:
        return False
    ended_at = min(act.now, row.until_at) if why == "lost" else act.now
    camera = act.session.get_one(Camera, row.camera_id)
    incident = act.session.get(Incident, row.incident_id) if row.incident_id is not None else None
    row.entry_id = _record(
        act, "talk.ended", camera, incident,
        why=why,
        **{"from": row.started_at.isoformat()},
        until=ended_at.isoformat(),
        duration=max(0, round((ended_at - row.started_at).total_seconds())),
    )  # fmt: skip
    row.ended_at = ended_at
    return True


def fail_talk(act: Act, held: Admitted, why: str) -> None:
    """The loudspeaker was not reached: entered, for the operator meant to be heard. `why`: the code of the refusal."""
    camera = cameras_by_id(act.session, [held.camera_id]).get(held.camera_id)
    if camera is not None:
        _record(act, "talk.failed", camera, dossier_of(act, held, camera), why=why)


def end_lost(act: Act, camera_id: int | None = None) -> int:
    """Ends the talks whose recorder ended none of them; how many. Run every few seconds, safe beside others."""
    query = select(Talk.id).where(Talk.ended_at.is_(None), Talk.until_at <= act.now)
    if camera_id is not None:
        query = query.where(Talk.camera_id == camera_id)
    return sum(end_talk(act, talk_id, "lost") for talk_id in act.session.scalars(query).all())


def dossier_of(act: Act, held: Admitted, camera: Camera) -> Incident | None:
    """The dossier that a talk belongs to: the viewing's; else the site's open alarm or événement, the speaker's own first."""
    row = act.session.get(Viewing, held.viewing_id)
    named = act.session.get(Incident, row.incident_id) if row and row.incident_id is not None else None
    if named is not None and named.site_id == camera.site_id:
        return named
    query = select(Incident).where(
        Incident.site_id == camera.site_id,
        Incident.closed_at.is_(None),
        Incident.family.in_((*ALARM_FAMILIES, EVENT)),
    )
    found = act.session.scalars(query).all()
    return min(
        found, key=lambda each: (each.owner_id != held.user_id, each.priority, each.opened_at), default=None
    )


def _running(act: Act, camera_id: int) -> int | None:
    return act.session.scalar(select(Talk.id).where(Talk.camera_id == camera_id, Talk.ended_at.is_(None)))


def _record(act: Act, kind: str, camera: Camera, incident: Incident | None, **said: object) -> int:
    """One entry about a camera, with its dossier; screens hear who speaks there now."""
    reference = incident.reference if incident is not None and incident.site_id == camera.site_id else None
    return act.record(
        kind,
        {"camera": camera.name, "reference": reference, **said},
        subject=subject_of_camera(act, camera, incident),
        touched={"camera": [camera.id]},
    )

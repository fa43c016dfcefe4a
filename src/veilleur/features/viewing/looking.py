"""A viewing begins, goes on and ends (R253-5, S5): one entry names who, which cameras, why and which period."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from veilleur.features.cameras.tables import Camera, CameraMask
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.refusals import images_refused_again
from veilleur.features.people.tables import Post
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.features.viewing.access import Facts, Refusal, cameras_by_id, facts_of, refusal, retention_of
from veilleur.features.viewing.errors import MotifNeededError, PeriodError, ViewingEndedError
from veilleur.features.viewing.tables import Ticket, Viewing
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ids import token
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act, Subject

KINDS = ("live", "recorded", "lifted")

#: One key changes the motif inherited from the post (practice, «Motif of viewing»); their words: `viewing_motif`.
MOTIFS = ("event", "patrol", "police_call", "maintenance")

#: A wall of 25 tiles is the largest; playback keeps 9 cameras in step.
MOST_CAMERAS = {"live": 25, "lifted": 25, "recorded": 9}

#: Minutes that a lifted mask stays lifted: it comes back by itself, however it was forgotten (practice P11).
LIFT_MINUTES = 5
#: The longest lift: what takes more is said again, with its motif.
MAX_LIFT_MINUTES = 30

#: One opening looks at a day at most: more is another opening, with its own entry.
LONGEST = timedelta(hours=24)

#: How far ahead of now a period may end: what is being recorded goes on while it is looked at.
AHEAD = timedelta(minutes=10)

#: A ticket lets one socket open within this delay.
TICKET_LIFE = timedelta(seconds=30)

#: A viewing none of whose tickets became a socket ends after this delay.
UNUSED_AFTER = timedelta(minutes=2)

MAX_MOTIF = 300

#: Letters of a motif that says something: a point or a letter tells nobody why one looked (R253-5).
LEAST_LETTERS = 3

#: Secret of a ticket, before its base64: unguessable within its 30 s and for ever after.
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Asked:
    """What a person asks to look at. `motif` None: the post's, for live pictures only. Times are UTC. `minutes`: of a lift."""

    cameras: Sequence[int]
    kind: str
    motif: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    incident: Incident | None = None
    wall: str | None = None
    minutes: int = LIFT_MINUTES

    def lifted_until(self, now: datetime) -> datetime | None:
        """When its masks come back; None: none is lifted."""
        return now + timedelta(minutes=self.minutes) if self.kind == "lifted" else None


@dataclass(frozen=True)
class Given:
    """A ticket for a socket. `token` is stored nowhere; `url` is where it opens."""

    camera_id: int
    url: str
    whep: str | None
    token: str
    kind: str
    masked: bool
    expires_at: datetime


@dataclass(frozen=True)
class Opened:
    """An opening: its viewing (None when every camera was refused), its tickets, and why each other was refused."""

    viewing_id: int | None
    motif: str
    tickets: tuple[Given, ...]
    refused: Mapping[int, Refusal]
    lifted_until: datetime | None = None


def hash_token(value: str) -> bytes:
    """What is stored of a ticket."""
    return hashlib.sha256(value.encode()).digest()


def open_viewing(act: Act, reader: Reader, session_hash: bytes, asked: Asked) -> Opened:
    """Opens a viewing for the cameras that are allowed; each other one is refused by its rule, and entered too.

    Raises MotifNeededError, PeriodError, InvalidError.
    """
    ids = list(dict.fromkeys(asked.cameras))
    if asked.kind not in KINDS or not 0 < len(ids) <= MOST_CAMERAS.get(asked.kind, 0):
        raise InvalidError(
            "Name the cameras and the kind.", field="cameras", most=MOST_CAMERAS.get(asked.kind, 0)
        )
    if not 0 < asked.minutes <= MAX_LIFT_MINUTES:
        raise InvalidError("A lifted mask comes back soon.", field="minutes", most=MAX_LIFT_MINUTES)
    motif = _motif(act, reader, asked)
    _judge_period(act, asked)
    known = cameras_by_id(act.session, ids)
    facts = facts_of(act.session, list(known.values()), act.now, asked.incident, reader=reader)
    refused = {id_: why for id_ in ids if (why := _refused(known.get(id_), reader, asked, facts)) is not None}
    allowed = [known[id_] for id_ in ids if id_ not in refused]
    if refused:
        _record_refusals(act, known, refused, asked.kind)
    if not allowed:
        return Opened(None, motif, (), refused)
    entry_id = act.record(
        "viewing.opened", _said(act, asked, motif, allowed), subject=_subject(act, asked, allowed)
    )
    row = Viewing(
        user_id=reader.user_id,
        post_id=reader.post_id,
        session_hash=session_hash,
        kind=asked.kind,
        motif=motif,
        incident_id=asked.incident.id if asked.incident else None,
        cameras=[camera.id for camera in allowed],
        from_at=asked.from_at,
        until_at=asked.until_at,
        started_at=act.now,
        lifted_until=asked.lifted_until(act.now),
        entry_id=entry_id,
    )
    act.session.add(row)
    act.session.flush()
    tickets = tuple(_ticket(act, row, camera, facts) for camera in allowed)
    return Opened(row.id, motif, tickets, refused, row.lifted_until)


def _motif(act: Act, reader: Reader, asked: Asked) -> str:
    said = (asked.motif or "").strip()
    if len(said) > MAX_MOTIF:
        raise InvalidError("The motif is too long.", field="motif", most=MAX_MOTIF)
    if said and not says_something(said):
        raise MotifNeededError(kind=asked.kind, known=list(MOTIFS))
    if said:
        return said
    if asked.incident is not None:
        return "incident"
    if asked.kind == "live" and reader.post_id is not None:
        held = act.session.scalar(select(Post.motif).where(Post.id == reader.post_id))
        if held:
            return held
    raise MotifNeededError(kind=asked.kind, known=list(MOTIFS))


def says_something(motif: str) -> bool:
    """Whether a motif has letters enough to be one."""
    return sum(letter.isalpha() for letter in motif) >= LEAST_LETTERS


def _judge_period(act: Act, asked: Asked) -> None:
    """A playback has its period; live pictures have none; lifted masks may be of either."""
    given = (asked.from_at, asked.until_at)
    if asked.from_at is None or asked.until_at is None:
        if asked.kind == "recorded" or given != (None, None):
            raise PeriodError(longest=int(LONGEST.total_seconds()))
        return
    whole = asked.from_at < asked.until_at <= act.now + AHEAD and asked.until_at - asked.from_at <= LONGEST
    if asked.kind == "live" or not whole:
        raise PeriodError(longest=int(LONGEST.total_seconds()))


def _refused(camera: Camera | None, reader: Reader, asked: Asked, facts: Facts) -> Refusal | None:
    if camera is None:
        return Refusal("camera_unknown")
    looks_back = asked.from_at is not None
    kinds = dict.fromkeys(["recorded" if looks_back else "live", asked.kind])
    refused = next((why for kind in kinds if (why := refusal(camera, reader, kind, facts)) is not None), None)
    if refused is None and looks_back and asked.from_at is not None:
        earliest = facts.now - retention_of(camera, facts)
        if asked.from_at < earliest:
            return Refusal("camera_retention", {"earliest": earliest.isoformat(), "rule": "L252-5, R253-4"})
    return refused


def _record_refusals(
    act: Act, known: Mapping[int, Camera], refused: Mapping[int, Refusal], kind: str
) -> None:
    """R253-5 asks who tried as much as who looked; what merely does not run is not a refusal.

    A screen that asks again by itself does not fill the register: the same refusal is counted for a while.
    """
    told = {id_: why for id_, why in refused.items() if why.code != "camera_not_running" and id_ in known}
    if not told:
        return
    why = sorted({each.code for each in told.values()})
    params = {"cameras": [known[id_].name for id_ in told], "why": why, "kind": kind}
    apart = f"{act.actor.id} {kind} {','.join(why)} {','.join(map(str, sorted(told)))}"
    again = {**params, "name": act.actor.name}
    if not images_refused_again(act.session, apart=apart, now=act.now, detail=again):
        act.record("viewing.refused", params)


def _said(act: Act, asked: Asked, motif: str, cameras: Sequence[Camera]) -> dict[str, Any]:
    lifted_until = asked.lifted_until(act.now)
    return {
        "cameras": [camera.name for camera in cameras],
        "camera_ids": [camera.id for camera in cameras],
        "kind": asked.kind,
        "motif": motif,
        "from": asked.from_at.isoformat() if asked.from_at else None,
        "until": asked.until_at.isoformat() if asked.until_at else None,
        "reference": asked.incident.reference if asked.incident else None,
        "wall": asked.wall,
        "lifted_until": lifted_until.isoformat() if lifted_until else None,
    }


def _subject(act: Act, asked: Asked, cameras: Sequence[Camera]) -> Subject:
    """The site of the cameras when they share one; the dossier, when it is of that site."""
    sites = {camera.site_id for camera in cameras}
    if len(sites) != 1:
        return Subject()
    site = site_row(act.session, sites.pop())
    return subject_of(
        site, asked.incident.id if asked.incident and asked.incident.site_id == site.id else None
    )


def _ticket(act: Act, row: Viewing, camera: Camera, facts: Facts) -> Given:
    secret = token(TOKEN_BYTES)
    expires_at = act.now + TICKET_LIFE
    masked = row.kind != "lifted"
    made = Ticket(
        token_hash=hash_token(secret),
        viewing_id=row.id,
        camera_id=camera.id,
        kind=row.kind,
        masked=masked,
        ptz=camera.ptz and row.from_at is None,
        expires_at=expires_at,
    )
    act.session.add(made)
    act.session.flush()
    address = facts.running[camera.id].rstrip("/")
    live = row.from_at is None
    url = "ws" + address.removeprefix("http") + ("/live" if live else "/play")
    whep = f"{address}/whep" if live else None
    return Given(camera.id, url, whep, secret, row.kind, masked and _has_masks(act, camera.id), expires_at)


def _has_masks(act: Act, camera_id: int) -> bool:
    """Whether there is a mask of role to draw: the screen says «masqué» of no other picture."""
    there = select(CameraMask.id).where(
        CameraMask.camera_id == camera_id, CameraMask.kind == "role", CameraMask.removed_at.is_(None)
    )
    return act.session.scalar(there.limit(1)) is not None


def _own(act: Act, reader: Reader, viewing_id: int) -> Viewing:
    row = act.session.get(Viewing, viewing_id, with_for_update=True, populate_existing=True)
    if row is None or row.user_id != reader.user_id:
        raise NotFoundError("No such viewing.", what="viewing", id=viewing_id)
    return row


def lift_over(row: Viewing, now: datetime) -> bool:
    """Whether the masks that a viewing lifted are back."""
    return row.lifted_until is not None and row.lifted_until <= now


def more_tickets(
    act: Act, reader: Reader, session_hash: bytes, viewing_id: int, cameras: Sequence[int]
) -> Opened:
    """Tickets for cameras of a viewing that runs: a socket that fell opens again without another entry.

    Every rule is judged again: what was allowed an hour ago may not be now. Raises ViewingEndedError, NotFoundError.
    """
    row = _own(act, reader, viewing_id)
    if row.ended_at is not None or row.session_hash != session_hash or lift_over(row, act.now):
        raise ViewingEndedError
    ids = [id_ for id_ in dict.fromkeys(cameras) if id_ in row.cameras]
    if not ids or len(ids) != len(set(cameras)):
        raise InvalidError("These cameras are not of this viewing: open another.", field="cameras")
    incident = act.session.get(Incident, row.incident_id) if row.incident_id is not None else None
    known = cameras_by_id(act.session, ids)
    facts = facts_of(act.session, list(known.values()), act.now, incident, reader=reader)
    asked = Asked(ids, row.kind, row.motif, row.from_at, row.until_at, incident)
    refused = {id_: why for id_ in ids if (why := _refused(known.get(id_), reader, asked, facts)) is not None}
    given = tuple(_ticket(act, row, known[id_], facts) for id_ in ids if id_ not in refused)
    return Opened(row.id, row.motif, given, refused, row.lifted_until)


def change_motif(act: Act, reader: Reader, viewing_id: int, motif: str, incident: Incident | None) -> None:
    """One key: from now on one looks for another reason. Raises MotifNeededError, ViewingEndedError, NotFoundError."""
    row = _own(act, reader, viewing_id)
    said = motif.strip()
    if not says_something(said) or len(said) > MAX_MOTIF:
        raise MotifNeededError(kind=row.kind, known=list(MOTIFS))
    if row.ended_at is not None:
        raise ViewingEndedError
    cameras = list(cameras_by_id(act.session, row.cameras).values())
    params = {"cameras": [camera.name for camera in cameras], "from_motif": row.motif, "motif": said}
    asked = Asked(row.cameras, row.kind, incident=incident)
    row.entry_id = act.record(
        "viewing.motif_changed",
        params | {"reference": incident.reference if incident else None},
        subject=_subject(act, asked, cameras),
    )
    before, row.motif = row.motif, said
    if incident is not None:
        row.incident_id = incident.id
    elif before == "event":
        row.incident_id = None  # the événement is over; one looks on for another reason


def end_viewing(act: Act, viewing_id: int, why: str, *, reader: Reader | None = None) -> bool:
    """A viewing is over; False when it was already.

    `why`: command | replaced (another view took its place) | sockets | session | title | unused | taken_away | lift_over.
    `reader`: whose it must be, when a person ends it. The recorder calls it when the last socket has closed.
    """
    if reader is not None:
        row = _own(act, reader, viewing_id)
    else:
        found = act.session.get(Viewing, viewing_id, with_for_update=True, populate_existing=True)
        if found is None:
            return False
        row = found
    if row.ended_at is not None:
        return False
    seconds = max(0, int((act.now - row.started_at).total_seconds()))
    cameras = list(cameras_by_id(act.session, row.cameras).values())
    params = {
        "cameras": [camera.name for camera in cameras],
        "why": why,
        "duration": seconds,
        "kind": row.kind,
    }
    row.entry_id = act.record(
        "viewing.ended", params, subject=_subject(act, Asked(row.cameras, row.kind), cameras)
    )
    row.ended_at = act.now
    return True

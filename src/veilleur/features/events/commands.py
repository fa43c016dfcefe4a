"""An événement from its first key to its closing (practice, «A CSU receives few alarms»; duties S5, S14, V9).

Its dossier is one like any other: queue, logbook, notes, calls, report. What is its own is here: the place, the nature, the
cameras followed, the services informed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from veilleur.features.cameras.tables import Camera
from veilleur.features.events.errors import NatureNeededError, NotAnEventError
from veilleur.features.events.natures import ANSWERS, NATURES, SERVICES, UNSAID_PRIORITY
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.case import Case, lock_incident, mark_act, require_holder
from veilleur.features.incidents.errors import IncidentClosedError
from veilleur.features.incidents.limits import EVENT
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.tables import Incident
from veilleur.features.patrols.commands import pause_for
from veilleur.features.sites.queries import site_row
from veilleur.features.sites.tables import Site
from veilleur.features.viewing.access import cameras_by_id, facts_of, refusal
from veilleur.features.viewing.marks import LONGEST, make_mark, require_camera
from veilleur.features.viewing.tables import Event, EventCamera, EventNotice
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.locale.render import catalogue
from veilleur.logbook.act import Act
from veilleur.logbook.building import searchable

#: Kept as a mark before the first key: what the operator saw is already past.
BEFORE = timedelta(minutes=2)

#: The oldest first key: an événement is opened while it is seen.
OLDEST_KEY = timedelta(minutes=10)

#: Neighbours of the camera whose last minutes are kept too.
MOST_NEIGHBOURS = 8

#: A camera looked at for less than this was passed by, not followed: it leaves no mark.
PASSED_BY = timedelta(seconds=3)

#: Cameras of one événement: an operator who switches for hours does not fill the table.
MOST_STRETCHES = 500

MAX_NOTE = 1_000

LANGUAGES = ("fr", "en")


def open_event(
    act: Act,
    reader: Reader,
    camera_id: int,
    *,
    first_key_age_ms: int,
    nature: str | None = None,
    neighbours: Sequence[int] | None = None,
) -> int:
    """One key on a live tile: a dossier that its operator holds, begun at the first key; its id.

    The last two minutes of the camera and of its neighbours that the reader may look at become marks; a round that he was
    making waits. Raises
    CameraRefusedError, NotFoundError, InvalidError.
    """
    _known(nature, "nature", NATURES)
    age = timedelta(milliseconds=first_key_age_ms)
    if not timedelta(0) <= age <= OLDEST_KEY:
        raise InvalidError(
            "The first key is too old.", field="first_key_age_ms", most=int(OLDEST_KEY.total_seconds() * 1000)
        )
    camera = require_camera(act, camera_id, reader, "live")
    first_key = act.now - age
    place = camera.place or camera.name
    incident_id = incidents.open_incident(act, _opening(camera, place, nature, first_key), None, None)
    incidents.take(act, incident_id)
    case = lock_incident(act, incident_id)
    kept = [camera, *_neighbours(act, reader, camera, neighbours)]
    entry_id = case.record(
        "event.opened",
        {
            "place": place,
            "nature": nature,
            "camera": camera.name,
            "cameras": [each.name for each in kept if each.record],
        }
        | {"seconds": int(BEFORE.total_seconds())},
        happened_at=first_key,
    )
    _begin(act, case, camera, place, nature, first_key, entry_id)
    for each in kept:
        if each.record:
            make_mark(
                act, reader, each, first_key - BEFORE, act.now, incident=case.incident, entry_id=entry_id
            )
    act.session.flush()
    pause_for(act, reader.user_id, case.incident)
    return incident_id


def _begin(  # noqa: PLR0917  # the rows of one act
    act: Act, case: Case, camera: Camera, place: str, nature: str | None, first_key: datetime, entry_id: int
) -> None:
    """The rows of an événement that has just been entered."""
    incident_id = case.incident.id
    row = Event(
        incident_id=incident_id,
        camera_id=camera.id,
        nature=nature,
        place=place,
        first_key_at=first_key,
        search="",
        organisation=case.incident.organisation,
        customer_id=case.incident.customer_id,
        commune=case.incident.commune,
        entry_id=entry_id,
    )
    row.search = _searchable(row, case, [camera.name])
    act.session.add(row)
    act.session.flush()
    act.session.add(
        EventCamera(
            incident_id=incident_id, camera_id=camera.id, from_at=first_key, until_at=None, entry_id=entry_id
        )
    )
    act.session.flush()


def _opening(camera: Camera, place: str, nature: str | None, first_key: datetime) -> Opening:
    return Opening(
        site_id=camera.site_id,
        group="main",
        family=EVENT,
        category=EVENT,
        priority=NATURES[nature].priority if nature else UNSAID_PRIORITY,
        needs_operator=False,
        procedure_event=EVENT,
        limits={},
        headline={
            "code": None, "dialect": "internal", "category": _category(nature), "qualifier": None, "zone": None,
            "zone_name": None, "area": None, "user": None, "text": place, "marks": ["images"],
        },
        at=first_key,
    )  # fmt: skip


def _category(nature: str | None) -> str:
    """What the queue says of it: the nature once it is known; a word of the vocabulary `category`."""
    return f"event_{nature}" if nature else EVENT


def _neighbours(act: Act, reader: Reader, camera: Camera, asked: Sequence[int] | None) -> list[Camera]:
    """The camera's neighbours that this reader may look at, nearest first; one that is refused is not marked."""
    wanted = list(dict.fromkeys(camera.neighbours if asked is None else asked))[:MOST_NEIGHBOURS]
    known = cameras_by_id(act.session, [id_ for id_ in wanted if id_ != camera.id])
    facts = facts_of(act.session, list(known.values()), act.now)
    found = [known[id_] for id_ in wanted if id_ in known]
    refused = {each.id: refusal(each, reader, "live", facts) for each in found}
    return [each for each in found if (why := refused[each.id]) is None or why.code == "camera_not_running"]


def _searchable(row: Event, case: Case, cameras: Sequence[str]) -> str:
    """What the événement is found by: place, nature in every language, site, town, cameras, reference. Folded."""
    words = [
        catalogue(language, "vocabulary")["event_nature"].get(row.nature or "", "") for language in LANGUAGES
    ]
    site: Site = site_row(case.act.session, case.incident.site_id)
    return searchable(
        " ".join([row.place, *words, site.name, site.town or "", *cameras, case.incident.reference])
    )


def _known(value: str | None, name: str, known: Iterable[str]) -> None:
    listed = list(known)
    if value is not None and value not in listed:
        raise InvalidError(f"«{value}» is no {name}.", field=name, value=value, known=listed)


def _held(act: Act, incident_id: int) -> tuple[Case, Event]:
    """The événement under its site's lock, open, held by who acts."""
    case = lock_incident(act, incident_id)
    row = act.session.get(Event, incident_id, populate_existing=True)
    if row is None:
        raise (
            NotAnEventError if case.incident.family != EVENT else NotFoundError(what="event", id=incident_id)
        )
    require_holder(case)
    if case.incident.closed_at is not None:
        raise IncidentClosedError
    return case, row


def set_nature(act: Act, incident_id: int, nature: str) -> None:
    """Says what it is, by one key; said again, it changes. The dossier's priority follows."""
    _known(nature, "nature", NATURES)
    case, row = _held(act, incident_id)
    incident = case.incident
    before, priority = row.nature, NATURES[nature].priority
    row.entry_id = case.record(
        "event.nature",
        {"nature": nature, "from": before, "place": row.place}
        | {"priority": priority if priority != incident.priority else None},
    )
    row.nature = nature
    if priority != incident.priority:
        case.reprioritise(priority, {}, act.now)
    incident.headline = {**incident.headline, "category": _category(nature)}
    row.search = _searchable(row, case, _names(act, incident_id))
    mark_act(case)


def _names(act: Act, incident_id: int) -> list[str]:
    query = select(Camera.name).join(EventCamera, EventCamera.camera_id == Camera.id)
    return sorted(set(act.session.scalars(query.where(EventCamera.incident_id == incident_id))))


def follow(act: Act, reader: Reader, incident_id: int, camera_id: int) -> None:
    """The operator switches to another camera: it is followed from now, the one before until now.

    Raises CameraRefusedError, NotFoundError, NotYoursError, IncidentClosedError.
    """
    case, row = _held(act, incident_id)
    camera = require_camera(act, camera_id, reader, "live", case.incident)
    stretches = _stretches(act, incident_id)
    if any(each.camera_id == camera_id and each.until_at is None for each in stretches):
        return
    if len(stretches) >= MOST_STRETCHES:
        raise InvalidError("Too many cameras were followed.", field="camera", most=MOST_STRETCHES)
    entry_id = case.record("event.followed", {"camera": camera.name, "place": camera.place or camera.name})
    _leave(act, reader, case.incident, stretches, entry_id)
    act.session.add(
        EventCamera(
            incident_id=incident_id, camera_id=camera_id, from_at=act.now, until_at=None, entry_id=entry_id
        )
    )
    act.session.flush()
    row.entry_id = entry_id
    row.search = _searchable(row, case, _names(act, incident_id))
    mark_act(case)


def _stretches(act: Act, incident_id: int) -> list[EventCamera]:
    query = select(EventCamera).where(EventCamera.incident_id == incident_id).order_by(EventCamera.id)
    return list(act.session.scalars(query))


def _leave(
    act: Act, reader: Reader, incident: Incident, stretches: Sequence[EventCamera], entry_id: int
) -> None:
    """What was followed until now is kept in sight."""
    for each in stretches:
        if each.until_at is not None:
            continue
        each.until_at, each.entry_id = act.now, entry_id
        camera = cameras_by_id(act.session, [each.camera_id]).get(each.camera_id)
        if camera is not None and camera.record and act.now - each.from_at >= PASSED_BY:
            begin = max(each.from_at, act.now - LONGEST)
            make_mark(act, reader, camera, begin, act.now, incident=incident, entry_id=entry_id)


def inform(
    act: Act, incident_id: int, service: str, *, age_ms: int, outcome: str, note: str | None = None
) -> None:
    """A service was informed, at an hour, and answered. Raises InvalidError, NotYoursError, IncidentClosedError."""
    _known(service, "service", SERVICES)
    _known(outcome, "outcome", ANSWERS)
    words = (note or "").strip()[:MAX_NOTE] or None
    case, row = _held(act, incident_id)
    at = max(act.now - timedelta(milliseconds=max(0, age_ms)), row.first_key_at)
    entry_id = case.record(
        "event.informed",
        {"service": service, "outcome": outcome, "note": words, "at": at.isoformat()},
        happened_at=at,
    )
    act.session.add(
        EventNotice(
            incident_id=incident_id, service=service, at=at, outcome=outcome, note=words, entry_id=entry_id
        )
    )
    act.session.flush()
    mark_act(case)


def close_event(act: Act, reader: Reader, incident_id: int, outcome: str, note: str | None = None) -> None:
    """Closes: an outcome of its own list, no levée de doute. What was followed becomes marks.

    Raises NatureNeededError, ClosingBlockedError, UnknownChoiceError, NotYoursError.
    """
    case, row = _held(act, incident_id)
    if row.nature is None:
        raise NatureNeededError(known=list(NATURES))
    entry_id = incidents.close(act, incident_id, outcome, note)
    _leave(act, reader, case.incident, _stretches(act, incident_id), entry_id)
    row.entry_id = entry_id
    act.session.flush()

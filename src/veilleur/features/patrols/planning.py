"""Rounds as they are planned: the file's `patrols:`, the form of one, when each is due. Times of day are the centre's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.model import REGIMES
from veilleur.features.cameras.tables import Camera
from veilleur.features.patrols.errors import PatrolHomeError, PatrolInvalidError
from veilleur.features.viewing.tables import Patrol
from veilleur.kernel.ports import Scope
from veilleur.logbook.act import Act, Subject

#: A round longer than this is two rounds.
MOST_VIEWS = 60

#: Times a day.
MOST_TIMES = 48

#: Rounds of a file, and its size: a person wrote it.
MOST_PATROLS = 1_000
MOST_BYTES = 1_048_576

HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

#: A round that was not made stays due for this long; then the next one counts.
DUE_FOR = timedelta(hours=12)

#: A round begun this early is the one that is due.
EARLY = timedelta(minutes=30)


class ViewForm(BaseModel):
    """A view of a round: a camera by its reference, a préposition by its token, how long, what to look for."""

    model_config = ConfigDict(extra="forbid")

    camera: Annotated[str, Field(min_length=1, max_length=64)]
    preset: Annotated[str, Field(max_length=64)] | None = None
    seconds: Annotated[int, Field(ge=5, le=600)] = 20
    look_for: Annotated[str, Field(max_length=300)] | None = None


class PatrolForm(BaseModel):
    """A round of the file."""

    model_config = ConfigDict(extra="forbid")

    reference: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S+$")]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    times: Annotated[list[str], Field(max_length=MOST_TIMES)] = Field(default_factory=list)
    views: Annotated[list[ViewForm], Field(min_length=1, max_length=MOST_VIEWS)]


class FileForm(BaseModel):
    """The whole file. A round that it no longer holds is removed."""

    model_config = ConfigDict(extra="forbid")

    patrols: Annotated[list[PatrolForm], Field(max_length=MOST_PATROLS)]


@dataclass(frozen=True)
class Imported:
    """How many rounds were added, changed, removed, or were already so."""

    added: int
    changed: int
    removed: int
    same: int


def read_file(content: str) -> list[PatrolForm]:
    """The rounds of a YAML text. Raises PatrolInvalidError with the field and what is wrong with it."""
    if len(content.encode()) > MOST_BYTES:
        raise PatrolInvalidError("The file is too large.", field="file", most=MOST_BYTES)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content)):
            raise PatrolInvalidError("Aliases are not read.", field="file", value="*")
        raw = yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506  # strings only: 06:30 is no number of seconds
    except (yaml.YAMLError, RecursionError) as error:
        raise PatrolInvalidError("This is no YAML.", field="file", value=str(error)[:200]) from error
    try:
        return FileForm.model_validate(raw).patrols
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        given = first.get("input")
        value = (
            given[:100] if isinstance(given, str) else None
        )  # never a whole part of the file in a sentence
        raise PatrolInvalidError(f"{where}: {first['msg']}", field=where, value=value) from error


def import_patrols(act: Act, forms: Sequence[PatrolForm]) -> Imported:
    """Makes the rounds those of the file, all or nothing; safe to repeat. Raises PatrolInvalidError, PatrolHomeError."""
    references = [form.reference for form in forms]
    if twice := next((each for each in references if references.count(each) > 1), None):
        raise PatrolInvalidError(field="reference", value=twice)
    before = {row.reference: row for row in act.session.scalars(select(Patrol).with_for_update())}
    counts = {"added": 0, "changed": 0, "removed": 0, "same": 0}
    for form in forms:
        counts[keep_patrol(act, form, before.get(form.reference))[1]] += 1
    for reference, row in before.items():
        if reference not in references and row.removed_at is None:
            row.entry_id = _entered(act, row, "removed")
            row.removed_at = act.now
            counts["removed"] += 1
    act.session.flush()
    return Imported(**counts)


def keep_patrol(act: Act, form: PatrolForm, row: Patrol | None) -> tuple[int, str]:
    """One round as its form says; its id, and added | changed | same."""
    cameras = _cameras(act.session, form)
    if bad := next((each for each in form.times if not HOUR.fullmatch(each)), None):
        raise PatrolInvalidError(field="times", value=bad)
    views = [
        {
            "camera": cameras[view.camera].id,
            "preset": view.preset,
            "seconds": view.seconds,
            "look_for": view.look_for,
        }
        for view in form.views
    ]
    scope = _scope(cameras.values())
    wanted: dict[str, Any] = {
        "name": form.name, "times": sorted(set(form.times)), "views": views, "removed_at": None,
        "organisation": scope.organisation, "customer_id": scope.customer_id, "commune": scope.commune,
    }  # fmt: skip
    if row is None:
        patrol_id: int = act.session.execute(text("SELECT nextval('patrol_id_seq')")).scalar_one()
        row = Patrol(id=patrol_id, reference=form.reference, **wanted)
        row.entry_id = _entered(act, row, "added")
        act.session.add(row)
        act.session.flush()
        return row.id, "added"
    if all(getattr(row, name) == value for name, value in wanted.items()):
        return row.id, "same"
    changed = Patrol(reference=form.reference, **wanted)
    row.entry_id = _entered(act, changed, "changed")
    for name, value in wanted.items():
        setattr(row, name, value)
    return row.id, "changed"


def _entered(act: Act, row: Patrol, change: str) -> int:
    params = {"name": row.name, "reference": row.reference, "change": change, "views": len(row.views)}
    subject = Subject(
        organisation=row.organisation or "centre", customer_id=row.customer_id, commune=row.commune
    )
    return act.record("patrol.imported", params, subject=subject)


def _cameras(session: ReadSession, form: PatrolForm) -> dict[str, Camera]:
    wanted = {view.camera for view in form.views}
    rows = session.scalars(select(Camera).where(Camera.reference.in_(wanted), Camera.removed_at.is_(None)))
    found = {row.reference: row for row in rows}
    if unknown := sorted(wanted - found.keys()):
        raise PatrolInvalidError(f"There is no camera «{unknown[0]}».", field="camera", value=unknown[0])
    if homes := sorted(row.name for row in found.values() if not REGIMES[row.regime].rounds):
        raise PatrolHomeError(cameras=homes, reference=form.reference)
    return found


def _scope(cameras: Iterable[Camera]) -> Scope:
    """A round belongs to what all its cameras belong to."""
    scopes = {(camera.organisation, camera.customer_id, camera.commune) for camera in cameras}
    organisations = {each[0] for each in scopes}
    customers, communes = {each[1] for each in scopes}, {each[2] for each in scopes}
    return Scope(
        organisations.pop() if len(organisations) == 1 else "centre",
        customers.pop() if len(customers) == 1 else None,
        communes.pop() if len(communes) == 1 else None,
    )


def dues(times: Sequence[str], zone: ZoneInfo, since: datetime, until: datetime) -> list[datetime]:
    """The instants (UTC) of a period at which a round of these hours is due, the oldest first."""
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    found: list[datetime] = []
    while day <= last:
        for hour in times:
            at = datetime.combine(day, time.fromisoformat(hour), zone).astimezone(UTC)
            if since <= at <= until:
                found.append(at)
        day += timedelta(days=1)
    return sorted(found)


def next_due(
    times: Sequence[str], zone: ZoneInfo, now: datetime, done: Iterable[datetime], known_since: datetime
) -> datetime | None:
    """When the round is due: an hour of the past that nobody made it for (it is overdue), else the next one.

    `known_since`: when the round was planned so; what was due before was no duty.
    """
    made = set(done)
    waiting = dues(times, zone, max(now - DUE_FOR, known_since), now + timedelta(days=1))
    return next((at for at in waiting if at not in made), None)

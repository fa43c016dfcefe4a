"""Where each kind of view comes from, and who may see that kind. One reading for all readers of a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.desk.policy import POLICY
from veilleur.features.cameras.reading import camera_views, cameras_readable
from veilleur.features.incidents.queries import incident_rows, readable
from veilleur.features.people.queries import post_views
from veilleur.features.sites.tables import OnTest, Site
from veilleur.kernel.ports import Reader, Scope, View


class Person(BaseModel):
    """Somebody, by name."""

    id: int
    name: str


class PostTitle(BaseModel):
    """The title under which a post is held. `ends_at`: the instant it ends, null with a renewal receipt."""

    kind: str
    last_day: str | None
    ends_at: datetime | None
    warned: bool


class PostView(BaseModel):
    """A workplace of the room. `sound_ok` null: not tested yet. `live`: its screen answered within 10 s.

    `unverified_since`: the built-in dialler's row is not painted there since.
    """

    id: int
    version: int
    name: str
    kind: str
    holder: Person | None
    held_since: datetime | None
    motif: str | None
    sound_ok: bool | None
    live: bool
    unverified_since: datetime | None
    title: PostTitle | None
    abilities: list[str]


class OnTestSite(BaseModel):
    """The site that is on test."""

    id: int
    name: str


class OnTestView(BaseModel):
    """En essai: a scope of a site whose signals are noted, not treated, until an hour."""

    id: int
    version: int
    site: OnTestSite
    asked_by: str
    started_at: datetime
    until: datetime
    ended_at: datetime | None
    scope: dict[str, Any]
    abilities: list[str]


@dataclass(frozen=True)
class Source:
    """A kind of view. `read(session, ids, now)`: these objects, or with None all that a snapshot shows."""

    kind: str
    read: Callable[[ReadSession, Sequence[int] | None, datetime], list[View]]
    readable: Callable[[Reader], bool]


def _on_tests(session: ReadSession, ids: Sequence[int] | None, _: datetime) -> list[View]:
    query = select(OnTest, Site).join(Site, Site.id == OnTest.site_id).order_by(OnTest.until, OnTest.id)
    query = query.where(OnTest.ended_at.is_(None)) if ids is None else query.where(OnTest.id.in_(ids))
    return [_on_test(test, site) for test, site in session.execute(query)]


def _on_test(test: OnTest, site: Site) -> View:
    body = {
        "id": test.id,
        "version": test.entry_id,
        "site": {"id": site.id, "name": site.name},
        "asked_by": test.asked_by,
        "started_at": test.started_at,
        "until": test.until,
        "ended_at": test.ended_at,
        "scope": test.scope,
    }
    scope = Scope(site.organisation, site.customer_id, site.commune)
    return View(
        kind="on_test",
        id=test.id,
        version=test.entry_id,
        body=body,
        scope=scope,
        gone=test.ended_at is not None,
    )


def _posts(session: ReadSession, ids: Sequence[int] | None, now: datetime) -> list[View]:
    return post_views(session, ids, now)


SOURCES: tuple[Source, ...] = (
    Source("incident", incident_rows, readable),
    Source("post", _posts, lambda reader: POLICY.allows(reader, "post.read")),
    Source("on_test", _on_tests, lambda reader: POLICY.allows(reader, "on_test.read")),
    Source("camera", camera_views, cameras_readable),
)

BY_KIND = {source.kind: source for source in SOURCES}


def read_views(
    session: ReadSession, touched: Iterable[tuple[str, int]], now: datetime
) -> dict[tuple[str, int], View]:
    """The present views of these objects, each read once; kinds without a view are left out."""
    ids: dict[str, list[int]] = {}
    for kind, id_ in sorted(set(touched)):
        ids.setdefault(kind, []).append(id_)
    return {
        (view.kind, view.id): view
        for kind, wanted in ids.items()
        if kind in BY_KIND
        for view in BY_KIND[kind].read(session, wanted, now)
    }


def is_for(view: View, reader: Reader) -> bool:
    """Whether this reader sees this kind at all, and whether this object exists for him."""
    return BY_KIND[view.kind].readable(reader) and view.is_for(reader)

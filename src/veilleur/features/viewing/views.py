"""Rows of viewing as the desk reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.reading import camera_views
from veilleur.features.cameras.tables import Camera, PulledClip
from veilleur.features.cameras.views import CameraView
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.tables import User
from veilleur.features.viewing.bodies import (
    ClipView,
    HoldView,
    ImageCamera,
    Images,
    Layout,
    LostView,
    MarkView,
    Named,
    Referred,
    RefusedCamera,
    TicketView,
    TileBody,
    ViewingAnswer,
    ViewingLine,
)
from veilleur.features.viewing.images import Shown
from veilleur.features.viewing.journal import Looked
from veilleur.features.viewing.layouts import shown_tiles
from veilleur.features.viewing.looking import Opened
from veilleur.features.viewing.policy import POLICY
from veilleur.features.viewing.tables import Mark, WallLayout
from veilleur.kernel.ports import Reader


def opened_view(opened: Opened) -> ViewingAnswer:
    """An opening and its tickets: the only time that their tokens are told."""
    return ViewingAnswer(
        viewing=opened.viewing_id,
        motif=opened.motif,
        tickets=[
            TicketView(
                camera=given.camera_id,
                url=given.url,
                whep=given.whep,
                token=given.token,
                kind=given.kind,
                masked=given.masked,
                expires_at=given.expires_at,
            )
            for given in opened.tickets
        ],
        refused=[
            RefusedCamera(camera=id_, code=why.code, params=dict(why.params))
            for id_, why in opened.refused.items()
        ],
        lifted_until=opened.lifted_until,
    )


def line_view(looked: Looked) -> ViewingLine:
    """A line of the register."""
    row = looked.viewing
    return ViewingLine(
        id=row.id,
        user=Named(id=row.user_id, name=looked.user),
        post=looked.post,
        kind=row.kind,
        motif=row.motif,
        incident=Referred(id=looked.incident[0], reference=looked.incident[1]) if looked.incident else None,
        cameras=[Named(id=id_, name=name) for id_, name in looked.cameras],
        from_=row.from_at,
        until=row.until_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def layout_views(session: ReadSession, rows: Iterable[WallLayout], reader: Reader) -> list[Layout]:
    """Walls, with the cameras that the reader may know."""
    rows = list(rows)
    tiles = shown_tiles(session, rows, reader)
    return [
        Layout(
            id=row.id,
            version=row.entry_id,
            name=row.name,
            shared=row.shared,
            mine=row.owner_id == reader.user_id,
            columns=row.columns,
            rows=row.rows,
            seconds=row.seconds,
            tiles=[TileBody.model_validate(tile) for tile in tiles[row.id]],
        )
        for row in rows
    ]


def mark_views(
    session: ReadSession, pairs: Sequence[tuple[Mark, Camera]], reader: Reader, now: datetime
) -> list[MarkView]:
    """Marks with who made them and their dossiers."""
    users = select(User.id, User.name).where(User.id.in_({mark.made_by_id for mark, _ in pairs}))
    names = {row.id: row.name for row in session.execute(users)}
    wanted = {mark.incident_id for mark, _ in pairs if mark.incident_id is not None}
    found = session.execute(select(Incident.id, Incident.reference).where(Incident.id.in_(wanted)))
    dossiers = {row.id: row.reference for row in found}
    return [
        _mark_view(mark, camera, names.get(mark.made_by_id, ""), dossiers, reader, now)
        for mark, camera in pairs
    ]


def _mark_view(  # noqa: PLR0917  # a value made in one place
    mark: Mark, camera: Camera, made_by: str, dossiers: dict[int, str], reader: Reader, now: datetime
) -> MarkView:
    held = mark.hold_until is not None and mark.hold_until > now
    fits = {"mark.hold": True, "mark.release": held, "mark.make": not held}
    words = {"mark.hold": "hold", "mark.release": "release", "mark.make": "remove"}
    reference = dossiers.get(mark.incident_id or 0)
    return MarkView(
        id=mark.id,
        version=mark.entry_id,
        camera=Named(id=camera.id, name=camera.name),
        from_=mark.from_at,
        until=mark.until_at,
        label=mark.label,
        incident=Referred(id=mark.incident_id or 0, reference=reference) if reference else None,
        made_by=made_by,
        made_at=mark.made_at,
        hold=HoldView(reason=mark.hold_reason or "", until=mark.hold_until)
        if held and mark.hold_until
        else None,
        abilities=[words[name] for name in POLICY.abilities(reader, fits) if fits[name]],
    )


def clip_view(row: PulledClip) -> ClipView:
    """Where a request to the customer's recorder stands."""
    return ClipView(
        id=row.id,
        state=row.state,
        fault=row.fault,
        clock_offset_ms=row.clock_offset_ms,
        from_=row.from_at,
        until=row.until_at,
    )


def images_view(session: ReadSession, found: Sequence[Shown], reader: Reader, now: datetime) -> Images:
    """The cameras of a dossier, each as the stream shows it to this reader."""
    views = {
        view.id: view.seen_by(reader)
        for view in camera_views(session, [each.camera.id for each in found], now)
    }
    return Images(
        cameras=[
            ImageCamera(
                camera=CameraView.model_validate(body),
                zone=each.zone,
                preset=each.preset,
                alarm_at=each.alarm_at,
                from_=each.from_at,
                until=each.until_at,
                lost_before=LostView(since=each.lost.since, fault=each.lost.kind) if each.lost else None,
                source="customer" if each.source == "customer" else "recorder",
                clip=clip_view(each.clip) if each.clip else None,
            )
            for each in found
            if (body := views.get(each.camera.id)) is not None
        ]
    )

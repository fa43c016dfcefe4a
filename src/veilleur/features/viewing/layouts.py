"""Walls: tiles on a grid, sequences, a hotspot; own or shared; a removal is undone by one key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Camera
from veilleur.features.viewing.access import cameras_by_id, visible
from veilleur.features.viewing.errors import (
    LayoutInvalidError,
    LayoutMovedError,
    LayoutNotYoursError,
    UndoTooLateError,
)
from veilleur.features.viewing.tables import WallLayout
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

#: The largest wall (desk.md): 25 tiles, on a grid of at most 8 columns or rows.
MOST_TILES = 25
MOST_SIDE = 8
MOST_SPAN = 3

#: Cameras of one tile's sequence.
MOST_SEQUENCE = 50

#: Seconds a step of a sequence stays: less cannot be looked at, more is not a sequence.
SECONDS = range(3, 601)

MAX_NAME = 80

#: Walls that one person may keep.
MOST_LAYOUTS = 100

#: A removal is taken back within this delay.
UNDO = timedelta(minutes=10)


@dataclass(frozen=True)
class Tile:
    """A place on a wall. `camera` None: empty, or the hotspot. `span`: sides of its square, in cells."""

    camera: int | None
    span: int
    sequence: tuple[int, ...]
    hotspot: bool

    def as_json(self) -> dict[str, Any]:
        """The form the row holds."""
        return {
            "camera": self.camera,
            "span": self.span,
            "sequence": list(self.sequence),
            "hotspot": self.hotspot,
        }


@dataclass(frozen=True)
class Wall:
    """What a person draws."""

    name: str
    shared: bool
    columns: int
    rows: int
    seconds: int
    tiles: Sequence[Tile]


def layouts(session: ReadSession, reader: Reader) -> list[WallLayout]:
    """The reader's walls and the shared ones, by name."""
    query = select(WallLayout).where(
        WallLayout.removed_at.is_(None), or_(WallLayout.owner_id == reader.user_id, WallLayout.shared)
    )
    return list(session.scalars(query.order_by(WallLayout.name, WallLayout.id)))


def shown_tiles(
    session: ReadSession, rows: Iterable[WallLayout], reader: Reader
) -> dict[int, list[dict[str, Any]]]:
    """Each wall's tiles, without the cameras that are outside the reader's perimeter and titles (need 11)."""
    rows = list(rows)
    wanted = {
        id_
        for row in rows
        for tile in row.tiles
        for id_ in (tile["camera"], *tile["sequence"])
        if id_ is not None
    }
    seen = {id_ for id_, camera in cameras_by_id(session, wanted).items() if visible(camera, reader)}
    return {
        row.id: [
            {
                **tile,
                "camera": tile["camera"] if tile["camera"] in seen else None,
                "sequence": [id_ for id_ in tile["sequence"] if id_ in seen],
            }
            for tile in row.tiles
        ]
        for row in rows
    }


def create_layout(act: Act, reader: Reader, wall: Wall, *, may_share: bool) -> int:
    """Keeps a new wall; its id. Raises LayoutInvalidError, LayoutNotYoursError (sharing is the chef's)."""
    _judge(act, reader, wall)
    if wall.shared and not may_share:
        raise LayoutNotYoursError(why="shared")
    kept = select(WallLayout.id).where(WallLayout.owner_id == reader.user_id, WallLayout.removed_at.is_(None))
    if len(act.session.scalars(kept).all()) >= MOST_LAYOUTS:
        raise LayoutInvalidError(field="layouts", most=MOST_LAYOUTS)
    layout_id: int = act.session.execute(text("SELECT nextval('wall_layout_id_seq')")).scalar_one()
    entry_id = act.record("layout.created", _said(wall))
    act.session.add(
        WallLayout(
            id=layout_id,
            owner_id=reader.user_id,
            shared=wall.shared,
            name=wall.name.strip(),
            columns=wall.columns,
            rows=wall.rows,
            seconds=wall.seconds,
            tiles=[tile.as_json() for tile in wall.tiles],
            entry_id=entry_id,
        )
    )
    act.session.flush()
    return layout_id


def change_layout(
    act: Act, reader: Reader, layout_id: int, wall: Wall, *, may_share: bool, version: int | None
) -> None:
    """Draws a wall again. `version`: the one that was looked at; raises LayoutMovedError when it is another now.

    Raises LayoutInvalidError, LayoutNotYoursError, NotFoundError.
    """
    row = _changeable(act, reader, layout_id, may_share=may_share)
    if row.removed_at is not None:
        raise NotFoundError("No such wall.", what="layout", id=layout_id)
    if version is not None and version != row.entry_id:
        raise LayoutMovedError(version=row.entry_id)
    _judge(act, reader, wall)
    if wall.shared and not may_share:
        raise LayoutNotYoursError(why="shared")
    row.entry_id = act.record("layout.changed", {**_said(wall), "before": row.name})
    row.name, row.shared, row.columns, row.rows = wall.name.strip(), wall.shared, wall.columns, wall.rows
    row.seconds, row.tiles = wall.seconds, [tile.as_json() for tile in wall.tiles]


def remove_layout(act: Act, reader: Reader, layout_id: int, *, may_share: bool) -> None:
    """Takes a wall away; one key brings it back. Raises LayoutNotYoursError, NotFoundError."""
    row = _changeable(act, reader, layout_id, may_share=may_share)
    if row.removed_at is not None:
        raise NotFoundError("No such wall.", what="layout", id=layout_id)
    row.entry_id = act.record("layout.removed", {"name": row.name})
    row.removed_at = act.now


def restore_layout(act: Act, reader: Reader, layout_id: int, *, may_share: bool) -> None:
    """Undoes a removal. Raises UndoTooLateError, LayoutNotYoursError, NotFoundError."""
    row = _changeable(act, reader, layout_id, may_share=may_share)
    if row.removed_at is None:
        return
    if act.now - row.removed_at > UNDO:
        raise UndoTooLateError(minutes=int(UNDO.total_seconds() // 60))
    row.entry_id = act.record("layout.restored", {"name": row.name})
    row.removed_at = None


def _changeable(act: Act, reader: Reader, layout_id: int, *, may_share: bool) -> WallLayout:
    row = act.session.get(WallLayout, layout_id, with_for_update=True, populate_existing=True)
    if row is None or not (row.shared or row.owner_id == reader.user_id):
        raise NotFoundError("No such wall.", what="layout", id=layout_id)
    if row.owner_id != reader.user_id and not may_share:
        raise LayoutNotYoursError(why="owner")
    return row


def _said(wall: Wall) -> dict[str, Any]:
    return {"name": wall.name.strip(), "tiles": len(wall.tiles), "shared": "shared" if wall.shared else None}


def _judge(act: Act, reader: Reader, wall: Wall) -> None:
    if not 0 < len(wall.name.strip()) <= MAX_NAME:
        raise LayoutInvalidError(field="name", most=MAX_NAME)
    if not (0 < wall.columns <= MOST_SIDE and 0 < wall.rows <= MOST_SIDE):
        raise LayoutInvalidError(field="columns", most=MOST_SIDE)
    if not 0 < len(wall.tiles) <= MOST_TILES:
        raise LayoutInvalidError(field="tiles", most=MOST_TILES)
    if wall.seconds not in SECONDS:
        raise LayoutInvalidError(field="seconds", least=SECONDS.start, most=SECONDS.stop - 1)
    spans = [tile.span for tile in wall.tiles]
    if (
        any(not 0 < span <= MOST_SPAN for span in spans)
        or sum(s * s for s in spans) > wall.columns * wall.rows
    ):
        raise LayoutInvalidError(field="span", most=wall.columns * wall.rows)
    if sum(tile.hotspot for tile in wall.tiles) > 1:
        raise LayoutInvalidError(field="hotspot", most=1)
    if any(len(tile.sequence) > MOST_SEQUENCE for tile in wall.tiles):
        raise LayoutInvalidError(field="sequence", most=MOST_SEQUENCE)
    wanted = {id_ for tile in wall.tiles for id_ in (tile.camera, *tile.sequence) if id_ is not None}
    known: dict[int, Camera] = cameras_by_id(act.session, wanted)
    unknown = sorted(id_ for id_ in wanted if id_ not in known or not visible(known[id_], reader))
    if unknown:
        raise LayoutInvalidError(field="camera", cameras=unknown)

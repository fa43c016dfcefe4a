"""The playback socket: questions with an `id`, each answered by a text message and as many binary ones as it says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import text
from starlette.websockets import WebSocket, WebSocketDisconnect

from veilleur.kernel.errors import UnavailableError
from veilleur.recorder.covering import Polygon, covered_film, covered_still, polygons_of
from veilleur.recorder.guests import Guest
from veilleur.recorder.limits import MESSAGES_PER_SECOND, SEND_SECONDS, SLOW
from veilleur.recorder.live import GONE, message
from veilleur.recorder.transcoding import remade, transcodes
from veilleur.video.fragments import JPEG, mime_of_init
from veilleur.video.hub import FRAGMENT, INIT, PICTURE
from veilleur.video.model import Still, from_wall, to_wall
from veilleur.video.playback import Playback, Reading
from veilleur.video.store import LocalStore, ObjectStore

if TYPE_CHECKING:
    from veilleur.recorder.house import House

MAX_BYTES = 8 * 2**20
"""Of one answer: two seconds of the heaviest camera; a browser asks again for more."""
MASKED_BYTES = 2**20
"""The same where every picture is decoded: under masks, or for a browser that does not play the codec."""
MIN_BYTES = 64 * 1024
MAX_STILLS = 240
DECODING = 2
"""Pictures decoded at once on a recorder: recording comes first."""

# Marks of a stretch of a camera.
MARKS = text("""
SELECT id, from_at, until_at, label FROM mark WHERE camera_id = :camera AND removed_at IS NULL
  AND from_at < :until AND until_at > :start ORDER BY from_at LIMIT 500""")

_decoding = asyncio.Semaphore(DECODING)


class RefusedError(Exception):
    """A question that is not answered. `code`: not_understood | outside_period | unknown_op | nothing_there | unavailable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


AnyStill = TypeVar("AnyStill", Still, Still | None)
Answer = tuple[dict[str, Any], list[bytes]]


async def play(house: House, visitor: WebSocket, guest: Guest) -> int:
    """One conversation; the code its socket is closed with."""
    player = Player(house, guest)
    while True:
        try:
            asked = await visitor.receive_text()
        except (WebSocketDisconnect, KeyError):
            return GONE
        said, parts = await player.answer(asked)
        try:
            body = json.dumps({**said, "parts": len(parts)}, separators=(",", ":"))
            await asyncio.wait_for(visitor.send_text(body), SEND_SECONDS)
            for part in parts:
                await asyncio.wait_for(visitor.send_bytes(part), SEND_SECONDS)
        except TimeoutError:
            return SLOW
        await asyncio.sleep(1 / MESSAGES_PER_SECOND)


@dataclass(eq=False)
class Player:
    """One camera's recordings for one ticket. Answers never interleave: one question after the other."""

    house: House
    guest: Guest
    _playback: Playback | None = None
    _init: bytes = b""

    async def answer(self, asked: str) -> Answer:
        """A question as text; never raises for what it says."""
        number: object = None
        try:
            said = json.loads(asked)
            if not isinstance(said, dict):
                raise RefusedError("not_understood")  # noqa: TRY301
            number = said.get("id")
            op = OPS.get(str(said.get("op")))
            if op is None:
                raise RefusedError("unknown_op")  # noqa: TRY301
            found, parts = await op(self, said)
        except RefusedError as refusal:
            return {"id": number, "error": refusal.code}, []
        except (UnavailableError, OSError):
            return {"id": number, "error": "unavailable"}, []
        except (ValueError, KeyError, TypeError, RecursionError):
            return {"id": number, "error": "not_understood"}, []
        return {"id": number, **found}, parts

    def playback(self) -> Playback:
        """Made in the thread that reads first."""
        if self._playback is None:
            place = self.house.place
            remote = ObjectStore(place.store) if place.store else None
            self._playback = Playback(LocalStore(place.folder), str(self.guest.held.camera_id), remote)
        return self._playback

    async def timeline(self, said: dict[str, Any]) -> Answer:
        """What there is of a stretch."""
        start, end = self._stretch(said)
        found = await asyncio.to_thread(lambda: self.playback().timeline(start, end))
        marks = await asyncio.to_thread(self._marks, start, end)
        return {
            "segments": found.recorded,
            "gaps": [(gap.start, gap.end, gap.reason) for gap in found.gaps],
            "motion": found.motion,
            "bucket_us": found.bucket_us,
            "marks": marks,
        }, []

    async def read(self, said: dict[str, Any]) -> Answer:
        """Whole groups of pictures."""
        at, until = self._instant(said["at"]), self._instant(said["until"], end=True)
        codec = said.get("codec")
        if codec not in (None, "h264"):
            raise RefusedError("not_understood")
        most = MASKED_BYTES if self.masks() or codec else MAX_BYTES
        size = min(most, max(MIN_BYTES, _integer(said.get("max_bytes", most))))
        found = await asyncio.to_thread(lambda: self.playback().read(at, until, max_bytes=size))
        if found is None or found.start >= until:
            raise RefusedError("nothing_there")
        following = found.next if found.next is not None and found.next < until else None
        head = {"from": found.start, "to": found.end, "next": following, "done": following is None}
        if masks := self.masks():
            film = b"" if found.mime == JPEG else found.init + b"".join(data for _, data in found.fragments)
            async with _decoding:
                stills = await asyncio.to_thread(lambda: self._covered(film, found.fragments, masks))
            return {"mime": JPEG, **head}, [message(PICTURE, one.wall, one.jpeg) for one in stills]
        shown = found
        if codec and found.mime != JPEG and "avc1" not in found.mime:
            async with _decoding:
                shown = await asyncio.to_thread(lambda: _as_h264(found))
        parts: list[bytes] = []
        if shown.mime != JPEG and shown.init != self._init:
            self._init = shown.init
            parts.append(message(INIT, shown.start, shown.init))
        kind = PICTURE if shown.mime == JPEG else FRAGMENT
        parts += [message(kind, wall, data) for wall, data in shown.fragments]
        return {"mime": shown.mime, **head}, parts

    async def still(self, said: dict[str, Any]) -> Answer:
        """The picture of that very instant."""
        at = self._instant(said["at"])
        async with _decoding:
            found = await asyncio.to_thread(lambda: self._cover(self.playback().still(at)))
        if found is None:
            raise RefusedError("nothing_there")
        return {"at": found.wall}, [message(PICTURE, found.wall, found.jpeg)]

    async def strip(self, said: dict[str, Any]) -> Answer:
        """JPEGs spread over a stretch."""
        start, end = self._stretch(said)
        count = max(1, min(MAX_STILLS, _integer(said.get("count", 60))))
        found = await asyncio.to_thread(
            lambda: [self._cover(one) for one in self.playback().strip(start, end, count)]
        )
        return {"at": [one.wall for one in found]}, [message(PICTURE, one.wall, one.jpeg) for one in found]

    def masks(self) -> tuple[Polygon, ...]:
        """What is drawn over all that this ticket shows."""
        spec = self.house.registry.cameras.get(self.guest.held.camera_id)
        return polygons_of(spec.role_masks()) if spec is not None and self.guest.held.masked else ()

    def _cover(self, still: AnyStill) -> AnyStill:
        masks = self.masks()
        return covered_still(still, masks) if still is not None and masks else still

    @staticmethod
    def _covered(film: bytes, pictures: list[tuple[int, bytes]], masks: tuple[Polygon, ...]) -> list[Still]:
        if film:
            return covered_film(film, masks)
        return [covered_still(Still(wall, data), masks) for wall, data in pictures]

    def _stretch(self, said: dict[str, Any]) -> tuple[int, int]:
        start, end = self._instant(said["from"]), self._instant(said["to"], end=True)
        if start >= end:
            raise RefusedError("not_understood")
        return start, end

    def _instant(self, value: object, *, end: bool = False) -> int:
        """A wall inside the ticket's period. Raises RefusedError."""
        at, held = _integer(value), self.guest.held
        if held.from_at is None or held.until_at is None:
            raise RefusedError("outside_period")
        first, last = to_wall(held.from_at), to_wall(held.until_at)
        if not (first <= at <= last if end else first <= at < last):
            raise RefusedError("outside_period")
        return at

    def _marks(self, start: int, end: int) -> list[dict[str, Any]]:
        asked = {"camera": self.guest.held.camera_id, "start": from_wall(start), "until": from_wall(end)}
        with self.house.database.read() as session:
            return [
                {"id": row.id, "from": to_wall(row.from_at), "to": to_wall(row.until_at), "label": row.label}
                for row in session.execute(MARKS, asked)
            ]


def _as_h264(found: Reading) -> Reading:
    """The same pictures for a browser that does not play their codec; JPEGs, some a second, where nothing transcodes."""
    film = found.init + b"".join(data for _, data in found.fragments)
    if transcodes() and (made := remade(film, found.end)) is not None:
        init, fragments = made
        return replace(found, mime=mime_of_init(init), init=init, fragments=fragments)
    stills = [(one.wall, one.jpeg) for one in covered_film(film, ())]
    return replace(found, mime=JPEG, init=b"", fragments=stills)


OPS = {"timeline": Player.timeline, "read": Player.read, "still": Player.still, "strip": Player.strip}


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**62:
        raise RefusedError("not_understood")
    return value

"""The live socket: the stream's description, its current GOP, each picture as it comes, a beat each second; PTZ."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from veilleur.recorder.guests import Guest
from veilleur.recorder.limits import (
    BEAT_SECONDS,
    ELSEWHERE,
    MAX_MESSAGE,
    MESSAGES_PER_SECOND,
    SEND_SECONDS,
    SLOW,
    TOO_BIG,
    TRY_LATER,
)
from veilleur.recorder.steering import Steering, SteeringRefusedError
from veilleur.recorder.view import Watched
from veilleur.video.hub import STREAM, Message, Viewer
from veilleur.video.model import to_wall

if TYPE_CHECKING:
    from veilleur.recorder.house import House

GONE = 1000
"""The browser closed."""
QUARTER = 0.25


def message(kind: int, wall: int, payload: bytes) -> bytes:
    """A binary message: kind, big-endian wall µs, payload."""
    return bytes((kind,)) + wall.to_bytes(8, "big") + payload


async def live(house: House, visitor: WebSocket, guest: Guest) -> int:
    """One conversation; the code its socket is closed with."""
    running = house.cameras.get(guest.held.camera_id)
    if running is None:
        return ELSEWHERE
    asked = visitor.query_params
    talk = _Talk(
        house,
        visitor,
        guest,
        running.watched(asked.get("view", "main"), asked.get("codec", ""), masked=guest.held.masked),
        Steering(house.database, house.clock, running.spec, guest.held.user_id, turned=running.turned),
    )
    tasks = [asyncio.ensure_future(each) for each in (talk.show(), talk.beat(), talk.hear(), talk.steer())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    except TimeoutError:
        return SLOW
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.shield(talk.close())


@dataclass(eq=False)
class _Talk:
    house: House
    visitor: WebSocket
    guest: Guest
    watched: Watched
    steering: Steering
    _viewer: Viewer | None = None
    _changed: bool = False

    async def show(self) -> int:
        """Pictures, for ever. Raises TimeoutError when the browser does not take them."""
        try:
            self._viewer = self.watched.join()
        except OverflowError:
            return TRY_LATER
        while (viewer := self._watching()) is not None:
            told = await viewer.next()
            if told is None:
                if not self._changed:
                    return ELSEWHERE
                self._changed = False  # it looks at another view now
                continue
            if told.kind == STREAM:
                await self._describe(told)
            else:
                await self._send(message(told.kind, told.wall or self._now(), told.payload))
        return GONE

    def _watching(self) -> Viewer | None:
        return self._viewer

    async def beat(self) -> int:
        """Each second: our hour, that of the last picture, the camera's state. Returns ELSEWHERE when it left us."""
        while True:
            running = self.house.cameras.get(self.guest.held.camera_id)
            if running is None:
                return ELSEWHERE
            said = {
                "type": "beat",
                "now": self._now(),
                "last": self.watched.last_wall,
                "state": running.state(),
            }
            await self._say(said)
            await asyncio.sleep(BEAT_SECONDS)

    async def hear(self) -> int:
        """What the browser says, until it closes."""
        while True:
            try:
                text = await self.visitor.receive_text()
            except (WebSocketDisconnect, KeyError):
                return GONE
            if len(text) > MAX_MESSAGE:
                return TOO_BIG
            refused = await self._obey(text)
            if refused is not None:
                await self._say({"type": "refused", "code": refused})
            await asyncio.sleep(1 / MESSAGES_PER_SECOND)

    async def steer(self) -> int:
        """Stops the camera when the hand falls silent."""
        while True:
            await asyncio.sleep(QUARTER)
            await self.steering.silence()
            if (code := self.steering.fault) is not None:
                self.steering.fault = None
                await self._say({"type": "refused", "code": code})

    async def close(self) -> None:
        """Lets go of the camera, and stops it."""
        self._leave()
        await self.steering.stop()

    def _leave(self) -> None:
        if self._viewer is not None:
            self.watched.leave(self._viewer)
            self._viewer = None

    async def _obey(self, text: str) -> str | None:
        """One message; the code of a refusal."""
        try:
            said = json.loads(text)
            kind = said["type"] if isinstance(said, dict) else None
        except (ValueError, KeyError, RecursionError):
            return "not_understood"
        try:
            if kind in ("ptz", "preset"):
                if not self.guest.held.ptz:
                    raise SteeringRefusedError("ptz_none")  # noqa: TRY301
                await (self.steering.move(said) if kind == "ptz" else self.steering.preset(said))
                return None
        except SteeringRefusedError as refusal:
            return refusal.code
        if kind == "look" and said.get("view") in ("main", "sub"):
            self._change(said["view"])
            return None
        return "not_understood"

    def _change(self, name: str) -> None:
        running = self.house.cameras.get(self.guest.held.camera_id)
        if running is None:
            return
        chosen = running.watched(
            name, self.visitor.query_params.get("codec", ""), masked=self.guest.held.masked
        )
        if chosen is self.watched or self._viewer is None:
            return
        try:
            viewer = chosen.join()
        except OverflowError:
            return
        before, looked = self._viewer, self.watched
        self.watched, self._viewer, self._changed = chosen, viewer, True
        looked.leave(before)

    async def _describe(self, told: Message) -> None:
        info = told.info
        if info is None:
            return
        said: dict[str, Any] = {
            "type": "stream",
            "mime": told.mime,
            "codec": info.codec,
            "width": info.width,
            "height": info.height,
            "fps": info.fps,
            "camera": self.guest.held.camera_id,
            "now": self._now(),
        }
        await self._say(said)

    def _now(self) -> int:
        return to_wall(self.house.clock.now())

    async def _send(self, body: bytes) -> None:
        await asyncio.wait_for(self.visitor.send_bytes(body), SEND_SECONDS)

    async def _say(self, said: dict[str, Any]) -> None:
        await asyncio.wait_for(self.visitor.send_text(json.dumps(said, separators=(",", ":"))), SEND_SECONDS)

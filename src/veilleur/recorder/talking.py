"""The talk socket: a browser's microphone (16-bit samples, 8 kHz) to a camera's loudspeaker. One voice; no sound is kept."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket

from veilleur.features.talks.commands import LONGEST, begin_talk, end_talk, fail_talk
from veilleur.features.talks.rules import forbidden, name_of
from veilleur.features.viewing.access import Refusal, cameras_by_id
from veilleur.logbook.act import Act, Actor
from veilleur.recorder.guests import Guest
from veilleur.recorder.limits import ELSEWHERE, GOING_AWAY, SEND_SECONDS, TOO_BIG, TRY_LATER
from veilleur.recorder.mouth import HELD_SECONDS, Mouth
from veilleur.video.loudspeaker import OPEN_SECONDS
from veilleur.video.model import to_wall
from veilleur.video.speech import RATE

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from veilleur.recorder.camera import RunningCamera
    from veilleur.recorder.house import House

log = structlog.get_logger()

MAX_VOICES = 8
"""At once on one recorder: each has a thread and a line; a room of eight people who all speak does not exist."""
MAX_VOICE = RATE * 2 // 5
"""Bytes of a message: a fifth of a second. Browsers send a fiftieth or two."""
VOICES_PER_SECOND = 100
"""Messages a second from one browser, twice what ours sends. Beyond, its socket waits."""
SILENCE_SECONDS = 3.0
"""A microphone that sends nothing for longer is dead, or its page is: the line is not kept for it."""
LOOK_SECONDS = 1.0
"""Between two looks at what forbids a voice: a duress word is said, nothing is heard there within 2 s."""
AGAIN_LOOKS, AGAIN_SECONDS = 20, 0.1
GONE = 1000
FAULTS = {"unreachable": "talk_unreachable", "refused": "talk_password", "unsupported": "talk_none"}


class Talks:
    """Every voice on this recorder, on the listener's loop."""

    def __init__(self) -> None:
        self._voices: dict[int, int] = {}

    async def talk(self, house: House, visitor: WebSocket, guest: Guest) -> int:
        """One conversation; the code its socket is closed with."""
        camera = guest.held.camera_id
        running = house.cameras.get(camera)
        if running is None:
            return ELSEWHERE
        if len(self._voices) >= MAX_VOICES:
            return TRY_LATER
        talk = _Talk(house, visitor, guest, running)
        for _ in range(AGAIN_LOOKS):  # one who presses again at once waits for his own last words
            if self._voices.get(camera) != guest.held.user_id:
                break
            await asyncio.sleep(AGAIN_SECONDS)
        if camera in self._voices:
            await talk.refuse(Refusal("talk_held", {"holder": await talk.name(self._voices[camera])}))
            return GONE
        self._voices[camera] = guest.held.user_id
        try:
            return await talk.run()
        except TimeoutError:
            return TRY_LATER
        finally:
            try:
                await asyncio.shield(talk.close())
            finally:
                del self._voices[camera]


@dataclass(eq=False)
class _Talk:
    house: House
    visitor: WebSocket
    guest: Guest
    running: RunningCamera
    _mouth: Mouth | None = None
    _id: int | None = None
    _actor: Actor | None = None
    _tasks: list[asyncio.Future[Any]] = field(default_factory=list)

    async def run(self) -> int:
        """Opens the line, begins, and goes on until the key is released, or something ends it."""
        self._actor = Actor("user", self.guest.held.user_id, await self.name(self.guest.held.user_id) or "")
        self._mouth = mouth = Mouth(self.running.spec.address, self.house.clock)
        mouth.start()
        hearing = self._start(self._hear(mouth))
        await asyncio.wait((hearing, mouth.opened), return_when=asyncio.FIRST_COMPLETED)
        if not mouth.opened.done():
            return self._code(hearing.result())  # released before the line was open: nobody heard anything
        if (fault := mouth.opened.result()) is not None:
            return await self._failed(FAULTS.get(fault, "talk_busy"))
        begun = await asyncio.to_thread(self._begin)
        if begun is None:
            return TRY_LATER
        if isinstance(begun, Refusal):
            await self.refuse(begun)
            return GONE
        self._id = begun
        mouth.speak()
        until = to_wall(self.house.clock.now() + LONGEST)
        await self.say({"type": "talking", "camera": self.guest.held.camera_id, "until": until})
        watching = self._start(self._watch())
        await asyncio.wait(
            (hearing, watching, mouth.over),
            timeout=LONGEST.total_seconds(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        why = hearing.result() if hearing.done() else "length"
        if watching.done():
            why = "forbidden"
        elif mouth.over.done():
            why = "camera"
        if why in ("command", "length"):
            mouth.finish()
            await asyncio.wait((mouth.over,), timeout=HELD_SECONDS + 1)
        await self._end(why)
        await self.say({"type": "ended", "why": why})
        return self._code(why)

    async def close(self) -> None:
        """Cuts the line and ends the talk, however it came to this."""
        if self._mouth is not None:
            self._mouth.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._mouth is not None:
            await asyncio.wait((self._mouth.over,), timeout=OPEN_SECONDS + 1)
        code = self.guest.code
        await self._end("stopped" if code == GOING_AWAY else "command" if code is None else "taken_away")

    async def refuse(self, why: Refusal) -> None:
        """Says why nobody hears."""
        await self.say({"type": "refused", "code": why.code, "params": dict(why.params)})

    async def say(self, said: dict[str, Any]) -> None:
        """One message. Raises TimeoutError when the browser does not take it."""
        text = json.dumps(said, separators=(",", ":"))
        await asyncio.wait_for(self.visitor.send_text(text), SEND_SECONDS)

    async def name(self, user: int) -> str | None:
        """Whose voice it is; None while the database is away."""
        try:
            return await asyncio.to_thread(self._name, user)
        except SQLAlchemyError:
            return None

    def _name(self, user: int) -> str | None:
        with self.house.database.read() as session:
            return name_of(session, user)

    def _start(self, work: Coroutine[Any, Any, str]) -> asyncio.Future[str]:
        task = asyncio.ensure_future(work)
        self._tasks.append(task)
        return task

    async def _hear(self, mouth: Mouth) -> str:
        """What the browser sends, until it ends; why it ended."""
        while True:
            try:
                told = await asyncio.wait_for(self.visitor.receive(), SILENCE_SECONDS)
            except TimeoutError:
                return "silence"
            if told["type"] == "websocket.disconnect":
                return "command"
            voice = told.get("bytes")
            if voice is None:
                return "command" if _is_end(told.get("text") or "") else "not_understood"
            if len(voice) > MAX_VOICE or len(voice) % 2:
                return "not_understood"
            mouth.hear(voice)
            await asyncio.sleep(1 / VOICES_PER_SECOND)

    async def _watch(self) -> str:
        """Ends when something forbids a voice there."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            why = await asyncio.to_thread(self._look)
            if why is not None:
                await self.refuse(why)
                return why.code

    def _look(self) -> Refusal | None:
        try:
            with self.house.database.read() as session:
                camera = cameras_by_id(session, [self.guest.held.camera_id]).get(self.guest.held.camera_id)
                return Refusal("camera_unknown") if camera is None else forbidden(session, camera)
        except SQLAlchemyError:
            return None  # the sockets' own watch gives up when this lasts

    def _begin(self) -> int | Refusal | None:
        try:
            with self.house.database.write() as session:
                return begin_talk(self._act(session), self.guest.held)
        except SQLAlchemyError as fault:
            log.warning("talk.database_away", fault=type(fault).__name__)
            return None

    async def _failed(self, code: str) -> int:
        def enter() -> None:
            with self.house.database.write() as session:
                fail_talk(self._act(session), self.guest.held, code)

        try:
            await asyncio.to_thread(enter)
        except SQLAlchemyError as fault:
            log.warning("talk.failure_not_entered", fault=type(fault).__name__)
        await self.refuse(Refusal(code))
        return GONE

    async def _end(self, why: str) -> None:
        if (talk := self._id) is None:
            return

        def enter() -> None:
            with self.house.database.write() as session:
                end_talk(self._act(session), talk, why)

        try:
            await asyncio.to_thread(enter)
            self._id = None
        except SQLAlchemyError as fault:
            log.warning("talk.end_not_entered", fault=type(fault).__name__)  # told «lost» by the next sweep

    def _act(self, session: Any) -> Act:
        return Act(session, self.house.clock.now(), self._actor or Actor("user", self.guest.held.user_id))

    @staticmethod
    def _code(why: str) -> int:
        return TOO_BIG if why == "not_understood" else GONE


def _is_end(text: str) -> bool:
    """Whether a message says that the key was released: `{"type": "end"}`, and nothing else."""
    try:
        return len(text) <= MAX_VOICE and json.loads(text) == {"type": "end"}
    except (ValueError, RecursionError):
        return False

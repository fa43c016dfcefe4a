"""One camera at the FTP door: its lines are heard, its pictures taken whole or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import structlog

from veilleur.protocols.ftp.commands import (
    BadLineError,
    Command,
    extended_reply,
    passive_reply,
    read_command,
    reply,
    walked,
)
from veilleur.protocols.ftp.dialogue import Dialogue, Do
from veilleur.recorder.deposit_lane import Lane, NoLaneError
from veilleur.recorder.house import House
from veilleur.recorder.intake import AWAY, NO_PICTURE, NOT_NOW, NOWHERE, TOO_MANY, Intake, RefusedError
from veilleur.recorder.registry import CameraSpec

log = structlog.get_logger()

LOGIN_SECONDS = 30.0
"""From the connection to the right password: TLS and three lines, over a slow line."""
IDLE_SECONDS = 90.0
"""Between two commands: cameras that stay say NOOP every minute at most."""
SEND_SECONDS = 10.0
"""For a reply to leave to a camera that does not read."""
MAX_COMMANDS = 2_000
"""Of one session: thirty pictures a minute are six lines each; beyond, come again."""
MAX_BAD, MAX_TRIES = 10, 3
"""Lines that are no command, and wrong passwords, before the line is closed."""
SEAT_SECONDS, SEAT_STEP = 20.0, 0.2
"""How long a picture waits in its camera for others to be taken."""

WORDS = {
    NOT_NOW: (553, "Nothing may be recorded of this camera now"),
    TOO_MANY: (450, "Too many pictures in this minute"),
    NO_PICTURE: (553, "Not kept: no whole JPEG in it"),
    AWAY: (451, "Not kept: try again soon"),
}
"""How FTP says what was refused."""


def tls_context(pem: Path) -> ssl.SSLContext:
    """The server's side of TLS 1.2 or later, from the file as it is now. Raises OSError. Blocking."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pem)
    return context


def peer_of(writer: asyncio.StreamWriter) -> str:
    """The address of who speaks."""
    return str((writer.get_extra_info("peername") or ("?",))[0])


class Session:
    """From the greeting to the end of one control connection."""

    def __init__(
        self,
        house: House,
        intake: Intake,
        wrong: Callable[[str, str | None], None],
        line: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """`wrong(peer, camera)`: told of each wrong password."""
        place = house.place.ftp
        assert place is not None
        self._house, self._intake, self._place, self._wrong = house, intake, place, wrong
        self._reader, self._writer = line
        self._peer = peer_of(line[1])
        self._dialogue = Dialogue(tls=place.certificate is not None, clear=place.clear)
        self._began = house.clock.monotonic()
        self._tls: ssl.SSLContext | None = None
        self._lane: Lane | None = None
        self._token = ""
        self._tries = self._bad = 0

    async def run(self) -> None:
        """Until it leaves, or is sent away. Raises OSError or TimeoutError when it is gone."""
        try:
            await self._say(reply(220, "Deposit of pictures"))
            for _ in range(MAX_COMMANDS):
                line = await self._line()
                if line is None or not await self._hear(line):
                    return
            await self._say(reply(421, "Come again"))
        finally:
            self._drop_lane()

    async def _line(self) -> bytes | None:
        left = IDLE_SECONDS
        if not self._dialogue.logged_in:
            left = max(0.0, self._began + LOGIN_SECONDS - self._house.clock.monotonic())
        try:
            async with asyncio.timeout(left):
                line = await self._reader.readline()
        except TimeoutError:
            await self._say(reply(421, "Too long"))
            return None
        except ValueError:  # longer than any command
            await self._say(reply(500, "Too long"))
            return None
        return line if line.endswith(b"\n") else None

    async def _hear(self, line: bytes) -> bool:
        """Answers one line; whether the session goes on."""
        try:
            command = read_command(line)
            answer = self._dialogue.hear(command)
        except BadLineError as fault:
            self._bad += 1
            await self._say(reply(501, str(fault)))
            return self._bad < MAX_BAD
        if isinstance(answer, Do):
            return await self._do(answer, command)
        await self._say(answer)
        return True

    async def _do(self, what: Do, command: Command) -> bool:
        if what is Do.LOG_IN:
            return await self._log_in(command.argument)
        if what is Do.SECURE:
            return await self._secure()
        if what is Do.STORE:
            return await self._store(command)
        if what is Do.LEAVE:
            await self._say(reply(221, "Goodbye"))
            return False
        await self._open_lane(extended=what is Do.EXTENDED)
        return True

    async def _log_in(self, password: str) -> bool:
        try:
            await asyncio.to_thread(self._intake.recognise, password, self._dialogue.user)
        except RefusedError as refused:
            return await self._not_in(refused)
        self._token, self._dialogue.logged_in = password, True
        await self._say(reply(230, "Deposit"))
        return True

    async def _not_in(self, refused: RefusedError) -> bool:
        if refused.status == AWAY:
            await self._say(reply(421, "Try again soon"))
            return False
        self._tries += 1
        names = (s.name for s in self._house.registry.cameras.values() if s.reference == self._dialogue.user)
        self._wrong(self._peer, next(names, None))
        await self._say(reply(530, "Wrong name or password"))
        return self._tries < MAX_TRIES

    async def _secure(self) -> bool:
        assert self._place.certificate is not None
        try:
            context = await asyncio.to_thread(tls_context, self._place.certificate)
        except OSError as fault:
            log.warning("deposits.no_certificate", fault=type(fault).__name__)
            await self._say(reply(431, "No certificate"))
            return True
        self._writer.transport.pause_reading()  # type: ignore[attr-defined]  # TLS begins after our reply
        if await self._said_too_early():
            return False
        self._writer.write(reply(234, "Begin"))
        await self._writer.start_tls(context, ssl_handshake_timeout=SEND_SECONDS)
        self._tls, self._dialogue.secured, self._dialogue.user = context, True, ""
        return True

    async def _said_too_early(self) -> bool:
        """Whether something in clear waits behind AUTH: slipped in by somebody on the way, it would pass for secured."""
        try:
            async with asyncio.timeout(0):
                return bool(await self._reader.read(1))
        except TimeoutError:
            return False

    async def _open_lane(self, *, extended: bool) -> None:
        self._drop_lane()
        local = self._writer.get_extra_info("sockname")
        if not extended and ":" in str(local[0]) and self._place.address is None:
            await self._say(reply(522, "EPSV"))
            return
        try:
            tls = self._tls if self._dialogue.protected else None
            self._lane = await Lane.open(local, self._place.ports, self._peer, tls)
        except NoLaneError:
            await self._say(reply(425, "No port is free"))
            return
        port = self._lane.port
        host = self._place.address or str(local[0])
        await self._say(extended_reply(port) if extended else passive_reply(host, port))

    def _drop_lane(self) -> None:
        if self._lane is not None:
            self._lane.close()
            self._lane = None

    async def _store(self, command: Command) -> bool:
        """One file, whole or not at all; whether the session goes on."""
        path = walked(self._dialogue.folder, command.argument)
        if self._lane is None:
            await self._say(reply(425, "PASV or EPSV first"))
            return True
        try:
            spec = await asyncio.to_thread(self._intake.admit, self._token)
            size = await self._take(spec, path)
        except RefusedError as refused:
            if refused.status == NOWHERE:  # another password has replaced it meanwhile
                await self._say(reply(421, "This password is over"))
                return False
            await self._say(reply(*WORDS.get(refused.status, (552, "Too large"))))
        except (OSError, TimeoutError):
            await self._say(reply(426, "Not kept: cut or too slow"))
        else:
            self._dialogue.sized(path, size)
            await self._say(reply(226, "Kept"))
        finally:
            self._drop_lane()
        return True

    async def _take(self, spec: CameraSpec, path: str) -> int:
        """Bytes kept. Raises RefusedError, OSError, TimeoutError."""
        assert self._lane is not None
        for _ in range(int(SEAT_SECONDS / SEAT_STEP)):
            if not self._intake.full:
                break
            await asyncio.sleep(SEAT_STEP)
        with self._intake.seat():
            await self._say(reply(150, "Send"))
            body = await self._lane.receive()
            self._drop_lane()
            heads = {"content-disposition": f'filename="{path.rpartition("/")[2]}"'}
            await asyncio.to_thread(self._intake.take, spec, body, heads, "FTP")
        return len(body)

    async def _say(self, said: bytes) -> None:
        self._writer.write(said)
        async with asyncio.timeout(SEND_SECONDS):
            with suppress(ConnectionResetError):
                await self._writer.drain()

"""The recorder's own listener: pictures go from here to browsers, the desk carries none (docs/design/video.md).

An event loop in a thread of its own: what a browser does never holds a camera back. Nothing of a ticket is logged.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from veilleur.recorder.deposits import Deposits
from veilleur.recorder.guests import Guest, Guests, NotAdmittedError
from veilleur.recorder.house import House
from veilleur.recorder.intake import Intake
from veilleur.recorder.limits import (
    CLOSE_SECONDS,
    GOING_AWAY,
    MAX_KNOCKING,
    MAX_MESSAGE,
    PING_SECONDS,
    PONG_SECONDS,
    TRY_LATER,
)
from veilleur.recorder.live import live
from veilleur.recorder.playing import play
from veilleur.recorder.talking import Talks
from veilleur.recorder.whep import Whep

log = structlog.get_logger()

Talk = Callable[[House, WebSocket, Guest], Awaitable[int]]
"""One conversation; returns the code its socket is closed with."""

STATUS = {TRY_LATER: 503, 4401: 401, 4403: 403, 4404: 404}
"""What HTTP says where a socket is closed with a code."""


class Door:
    """Around everything: the host's name, the page's origin, CORS for the desk alone."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app, self._house = app, house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._house.origins.is_host(host) or not self._house.origins.is_desk(origin, host):
            await _refuse(scope, receive, send)
            return

        async def send_dressed(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_dress(origin)]
            await send(message)

        await self._app(scope, receive, send_dressed)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: HTTP 403
        return
    await Response(status_code=403)(scope, receive, send)


def _dress(origin: str | None) -> list[tuple[bytes, bytes]]:
    said = [
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"content-security-policy", b"default-src 'none'"),
    ]
    if origin is not None:
        said += [
            (b"access-control-allow-origin", origin.encode("latin-1", "replace")),
            (b"access-control-allow-methods", b"GET, POST, DELETE"),
            (b"access-control-allow-headers", b"content-type"),
            (b"access-control-expose-headers", b"location, x-wall"),
            (b"vary", b"origin"),
        ]
    return said


class Listener:
    """The application and its server. `ready` once it accepts."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.guests = Guests(house.database, house.clock)
        self.whep = Whep(house, self.guests)
        self.talks = Talks()
        self.intake = Intake(house)
        self.deposits = Deposits(house, self.intake)
        self._knocking = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether it accepts."""
        return self._server is not None and self._server.started

    def app(self) -> ASGIApp:
        """The routes behind the door."""
        routes = [
            WebSocketRoute("/live", self._socket(live, "live")),
            WebSocketRoute("/play", self._socket(play, "play")),
            WebSocketRoute("/talk", self._socket(self.talks.talk, "talk")),
            Route("/still", self._still, methods=["GET"]),
            Route("/whep", self._whep, methods=["POST", "OPTIONS"]),
            Route("/whep/{name}", self._whep_end, methods=["DELETE", "OPTIONS"]),
            Route("/push/{token}", self.intake.post, methods=["POST"]),
            Route("/healthz", self._health, methods=["GET"]),
        ]
        return Door(Starlette(routes=routes), self.house)

    def start(self, sockets: Sequence[socket.socket]) -> None:
        """Serves these listening sockets from now on, in a thread."""
        config = uvicorn.Config(
            self.app(),
            log_config=None,
            log_level="warning",  # below, it writes the addresses of sockets, tickets and all
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=MAX_MESSAGE,
            ws_per_message_deflate=False,  # pictures do not shrink; they would cost a core
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PONG_SECONDS,
            h11_max_incomplete_event_size=MAX_MESSAGE,
            timeout_graceful_shutdown=2,
        )
        self._server = server = uvicorn.Server(config)

        async def serve() -> None:
            self.house.loop = asyncio.get_running_loop()
            self._watch = asyncio.create_task(self.guests.watch())
            deposits = asyncio.create_task(self.deposits.serve())
            try:
                await server.serve(sockets=list(sockets))
            finally:
                self._watch.cancel()
                deposits.cancel()
                await self.whep.close()

        self._thread = threading.Thread(target=_run, args=(serve,), name="listener", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Sends everybody away and ends."""
        if self._server is None or self._thread is None:
            return
        for guest in self.guests:
            guest.code = guest.code or GOING_AWAY
            self.house.on_loop(guest.gone.set)
        self._server.should_exit = True
        self._thread.join(timeout=5)

    def _socket(self, talk: Talk, door: str) -> Callable[[WebSocket], Awaitable[None]]:
        async def serve(visitor: WebSocket) -> None:
            if self._knocking >= MAX_KNOCKING:
                await visitor.close(1013)
                return
            self._knocking += 1
            try:
                await visitor.accept()
                guest = await self._enter(visitor, door)
            finally:
                self._knocking -= 1
            if guest is not None:
                await self._converse(talk, visitor, guest)

        return serve

    async def _enter(self, visitor: WebSocket, door: str) -> Guest | None:
        try:
            token = visitor.query_params.get("ticket", "")
            return await self.guests.enter(token, self.house.here(), door)
        except NotAdmittedError as refusal:
            await _close(visitor, refusal.code)
            return None

    async def _converse(self, talk: Talk, visitor: WebSocket, guest: Guest) -> None:
        """Until one of the two is over: the talk, or the right to it."""
        talking = asyncio.ensure_future(talk(self.house, visitor, guest))
        sent_away = asyncio.ensure_future(guest.gone.wait())
        try:
            await asyncio.wait((talking, sent_away), return_when=asyncio.FIRST_COMPLETED)
            code = guest.code
            if code is None:
                code = talking.result()
        except (WebSocketDisconnect, RuntimeError, OSError):  # the browser left in the middle of a message
            code = None
        finally:
            for task in (talking, sent_away):
                task.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError, OSError):
                await talking
            self.guests.leave(guest)
        if code is not None:
            await _close(visitor, code)

    async def _still(self, request: Request) -> Response:
        try:
            guest = await self._enter_http(request)
        except NotAdmittedError as refusal:
            return Response(status_code=STATUS.get(refusal.code, 503))
        try:
            held = guest.held
            still = await asyncio.to_thread(
                lambda: self.house.newest_still(held.camera_id, masked=held.masked)
            )
        finally:
            self.guests.leave(guest)
        if still is None:
            return Response(status_code=404)
        return Response(still.jpeg, media_type="image/jpeg", headers={"X-Wall": str(still.wall)})

    async def _enter_http(self, request: Request) -> Guest:
        if self._knocking >= MAX_KNOCKING:
            raise NotAdmittedError(TRY_LATER)
        self._knocking += 1
        try:
            return await self.guests.enter(request.query_params.get("ticket", ""), self.house.here(), "live")
        finally:
            self._knocking -= 1

    async def _whep(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204)
        offer = await self.whep.offer_of(request)
        if isinstance(offer, Response):
            return offer
        try:
            guest = await self._enter_http(request)
        except NotAdmittedError as refusal:
            return Response(status_code=STATUS.get(refusal.code, 503))
        return await self.whep.answer(guest, offer)

    async def _whep_end(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204)
        return Response(status_code=200 if await self.whep.end(request.path_params["name"]) else 404)

    async def _health(self, _request: Request) -> Response:
        return JSONResponse({"ready": self.ready, "cameras": len(self.house.here())})


async def _close(visitor: WebSocket, code: int) -> None:
    with suppress(TimeoutError, RuntimeError, WebSocketDisconnect, OSError):
        await asyncio.wait_for(visitor.close(code), CLOSE_SECONDS)


def _run(serve: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await serve()

    try:
        asyncio.run(main())
    except Exception:
        log.exception("listener.fault")

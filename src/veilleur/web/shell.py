"""Around every answer: the host's name, the nonce, the security headers, and the last net for errors.

A plain ASGI middleware: it must not buffer the stream.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from veilleur.kernel.clock import Clock
from veilleur.web.errors import TooLargeError, WrongHostError, answer_to

#: The whole of what a page of ours may do; `{nonce}` is new with each answer; `{pictures}`: the recorders' listeners.
CSP = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'{pictures}; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(self), geolocation=(), usb=(), payment=()",
}

#: The longest body a route takes, in bytes: a long note is some kilobytes.
MAX_BODY = 256 * 1024

HSTS = b"max-age=31536000"

Observe = Callable[[str, str, int, float], None]


def is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    """Whether we answer to this Host header: localhost, a name that was set, or a bare IP address.

    A rebinding attack needs a name of its own, so an address is harmless.
    """
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 or "]:" in host else host
    name = name.strip("[]").lower()
    if name == "localhost" or name in {item.lower() for item in allowed}:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bounded(receive: Receive) -> Receive:
    """A body that lies about its length, or says none, is cut where the bound is."""
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise TooLargeError
        return message

    return receive_bounded


class Shell:
    """See the module. `observe(route, method, status, seconds)` feeds the metrics."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        allowed_hosts: tuple[str, ...],
        secure: bool,
        observe: Observe,
        pictures_from: tuple[str, ...] = (),
    ) -> None:
        self._app, self._clock, self._observe = app, clock, observe
        self._allowed, self._secure = allowed_hosts, secure
        self._pictures = "".join(f" {origin}" for origin in pictures_from)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        scope.setdefault("state", {})["nonce"] = nonce
        started, status = self._clock.monotonic(), 0

        async def send_dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = self._dress(list(message["headers"]), scope["path"], nonce)
            await send(message)

        try:
            await self._inside(scope, receive, send_dressed)
        except Exception as error:  # the last net: a fault of ours must not be a page of traceback
            if status:
                raise
            await answer_to(error)(scope, receive, send_dressed)
        finally:
            route = scope.get("route")
            path = getattr(route, "path", "") or "other"
            self._observe(path, scope["method"], status, self._clock.monotonic() - started)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if not is_ours(host, self._allowed):
            raise WrongHostError(host=host[:100])
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise TooLargeError
        await self._app(scope, _bounded(receive), send)

    def _dress(self, headers: list[tuple[bytes, bytes]], path: str, nonce: str) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _ in headers}
        more = dict(HEADERS)
        more[b"content-security-policy"] = CSP.format(nonce=nonce, pictures=self._pictures).encode()
        if path.startswith("/api"):
            more[b"cache-control"] = b"no-store"
        if self._secure:
            more[b"strict-transport-security"] = HSTS
        return headers + [(name, value) for name, value in more.items() if name not in present]

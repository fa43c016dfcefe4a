"""A real desk process in a thread: uvicorn on a loopback port of its own, and clients that behave as a browser."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI

from tests.features.people.conftest import PASSWORD, Room
from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.logbook.sealer import seal_once
from veilleur.web.factory import create_app
from veilleur.web.services import DeskServices


@dataclass
class Browser:
    """A browser with its cookie, its CSRF token and a key for each command."""

    http: httpx2.Client
    csrf: str = ""

    def login(self, login: str, password: str = PASSWORD) -> httpx2.Response:
        answer = self.http.post("/api/login", json={"login": login, "password": password})
        if answer.status_code == 200:
            self.csrf = answer.json()["csrf"]
        return answer

    def get(self, path: str, **given: Any) -> httpx2.Response:
        return self.http.get(path, **given)

    def send(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": key or secrets.token_hex(8)}
        return self.http.request(method, path, json={} if body is None else body, headers=headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx2.Response:
        return self.send("POST", path, body, key=key)


@dataclass
class Desk:
    """The running application and what tests do around it."""

    url: str
    app: FastAPI
    room: Room
    dsn: str
    opened: list[httpx2.Client] = field(default_factory=list)

    def browser(self, login: str | None = None, **given: Any) -> Browser:
        # Plain HTTP on loopback: reading the machine's certificates, for each browser, took longer than all the rest.
        client = httpx2.Client(base_url=self.url, timeout=10, verify=False, **given)
        self.opened.append(client)
        browser = Browser(client)
        if login is not None:
            assert browser.login(login).status_code == 200
        return browser

    def seal(self) -> int:
        return seal_once(self.dsn, self.room.clock)


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Signals belong to pytest."""


@contextmanager
def serve(database: Database, clock: Clock, dsn: str, **services: Any) -> Iterator[Desk]:
    app = create_app(DeskServices(database, clock, **services))
    server = _Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, name="desk", daemon=True)
    thread.start()
    until = time.monotonic() + 15
    while not server.started and thread.is_alive() and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started, "the desk did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    desk = Desk(f"http://127.0.0.1:{port}", app, Room(database, clock), dsn)  # type: ignore[arg-type]
    try:
        yield desk
    finally:
        for client in desk.opened:
            client.close()
        server.should_exit = True
        thread.join(timeout=10)
        assert not thread.is_alive(), "the desk did not stop"

"""What stands outside the house, for real on loopback: a mail server, a gateway over HTTP, a program."""

from __future__ import annotations

import email
import email.policy
import http.server
import json
import re
import socketserver
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass
class Mail:
    """What the server took. `refuses`: how many messages it turns away first."""

    address: str = ""
    taken: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    refuses: int = 0
    tries: int = 0


@contextmanager
def mail_server() -> Iterator[Mail]:
    """RFC 5321, as much of it as a client needs."""
    mail = Mail()

    class Talk(socketserver.StreamRequestHandler):
        def say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 essai")
            to: list[str] = []
            while line := self.rfile.readline().decode().strip():
                verb = line.split()[0].upper()
                if verb == "RCPT":
                    to.append(re.search(r"<(.+)>", line)[1])  # type: ignore[index]
                elif verb == "DATA":
                    mail.tries += 1
                    if mail.tries <= mail.refuses:
                        self.say("451 plus tard")
                        continue
                    self.say("354 parlez")
                    text = b""
                    while (part := self.rfile.readline()) != b".\r\n":
                        text += part
                    mail.taken.append(email.message_from_bytes(text, policy=email.policy.default))
                    mail.to.append(to)
                elif verb == "QUIT":
                    self.say("221 au revoir")
                    return
                self.say("250 bien")

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)) as address:
        mail.address = address
        yield mail


@dataclass
class Gateway:
    """What it was asked. `status`: what it answers."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    status: int = 200


@contextmanager
def gateway() -> Iterator[Gateway]:
    """A server that takes requests and notes them: method, path, headers, body."""
    made = Gateway()

    class Talk(http.server.BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            said = json.loads(body) if body[:1] == b"{" else body.decode()
            made.asked.append((self.command, self.path, dict(self.headers), said))
            self.send_response(made.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = answer  # noqa: N815  # the names the library calls

        def log_message(self, *_: Any) -> None:
            """Silent."""

    with _serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Talk)) as address:
        made.url = f"http://{address}"
        yield made


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[str]:
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        host, port = server.server_address[:2]  # type: ignore[misc]
        yield f"{host}:{port}"  # type: ignore[str-bytes-safe]
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def program(folder: Path, lines: str) -> Path:
    """A shell program."""
    file = folder / "appeler.sh"
    file.write_text("#!/bin/sh\n" + lines + "\n", "utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file

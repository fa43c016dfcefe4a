"""Carrying a message out of the house: mail, a gateway over HTTP (SMS, voice), a program. Each bounded in time.

Standard library only: what must work when everything else fails should need little. Passwords are in files that the
settings name, read when needed, never in the database, the environment or an argument.
"""

from __future__ import annotations

import json
import os
import signal
import smtplib
import socket
import ssl
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException

from veilleur.settings import ChannelSettings, split_address

#: Characters of what a program or a server said that go to the log.
SAID = 300


class ChannelError(Exception):
    """The message did not leave. `why` is a code of the vocabulary «channel_fault»."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}"[:SAID])
        self.why = why


@dataclass(frozen=True)
class Message:
    """What is said, to one person, by one channel. `link`: where it is taken up, empty without `public_url`."""

    to: Sequence[str]
    subject: str
    text: str
    link: str


def send(channel: ChannelSettings, message: Message) -> None:
    """Carries a message by a channel, within its `timeout`. Raises ChannelError."""
    SENDERS[channel.kind](channel, message)


def send_mail(channel: ChannelSettings, message: Message) -> None:
    """SMTP (RFC 5321), with STARTTLS or TLS when set; logs in when a user is set."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = channel.sender, ", ".join(message.to), message.subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    mail.set_content(message.text)
    with _signed_in(channel) as server:
        server.send_message(mail)


@contextmanager
def _signed_in(channel: ChannelSettings) -> Iterator[smtplib.SMTP]:
    """A session with the mail server, secured and logged in as set. What fails in it raises ChannelError."""
    host, port = split_address(channel.server or "")
    secure = ssl.create_default_context() if channel.tls != "none" else None
    password = _secret(channel) if channel.user else ""
    try:
        with _smtp(channel, host, port, secure) as server:
            if channel.tls == "starttls" and secure is not None:
                server.starttls(context=secure)
            if channel.user:
                server.login(channel.user, password)
            yield server
    except TimeoutError as fault:
        raise ChannelError("too_slow", str(fault)) from None
    except smtplib.SMTPServerDisconnected as fault:
        slow = isinstance(fault.__context__, TimeoutError)
        raise ChannelError("too_slow" if slow else "unreachable", str(fault)) from None
    except smtplib.SMTPException as fault:
        raise ChannelError("refused", str(fault)) from None
    except OSError as fault:
        raise ChannelError("unreachable", str(fault)) from None


def _smtp(channel: ChannelSettings, host: str, port: int, secure: ssl.SSLContext | None) -> smtplib.SMTP:
    if channel.tls == "tls" and secure is not None:
        return smtplib.SMTP_SSL(host, port, timeout=channel.timeout, context=secure)
    return smtplib.SMTP(host, port, timeout=channel.timeout)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A gateway that sends us elsewhere has not taken the message."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Never followed."""


def send_http(channel: ChannelSettings, message: Message) -> None:
    """One request per address: `url` and `body` hold {to}, {text}, {subject}, {link}, written as their form asks."""
    for address in message.to:
        said = {"to": address, "text": message.text, "subject": message.subject, "link": message.link}
        as_json = "json" in channel.content_type
        body = fill(channel.body, said, _json_text if as_json else urllib.parse.quote_plus)
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked by the settings
            fill(channel.url or "", said, lambda value: urllib.parse.quote(value, safe="")),
            data=body.encode() if channel.method == "POST" else None,
            method=channel.method,
            headers={"Content-Type": channel.content_type, "User-Agent": "Veilleur"},
        )
        if channel.secret_file is not None:
            request.add_header("Authorization", f"Bearer {_secret(channel)}")
        fetch(request, channel.timeout)


def fetch(request: urllib.request.Request, timeout: float) -> None:
    """Sends a request; any 2xx is taken. No proxy, no redirection. Raises ChannelError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=timeout) as answer:
            answer.read(SAID)
    except urllib.error.HTTPError as fault:
        raise ChannelError("refused", f"HTTP {fault.code}") from None
    except TimeoutError as fault:
        raise ChannelError("too_slow", str(fault)) from None
    except (OSError, HTTPException) as fault:
        slow = isinstance(getattr(fault, "reason", None), TimeoutError)
        raise ChannelError("too_slow" if slow else "unreachable", str(fault)) from None


def fill(template: str, said: dict[str, str], form: Callable[[str], str]) -> str:
    """A template with its {places} filled; other braces (JSON) stay as they are."""
    for name, value in said.items():
        template = template.replace("{" + name + "}", form(value))
    return template


def _json_text(value: str) -> str:
    return json.dumps(value)[1:-1]


def send_by_script(channel: ChannelSettings, message: Message) -> None:
    """A program (a relay, a modem, a siren): the message is in its environment. Killed with its children when slow."""
    surroundings = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "VEILLEUR_SUBJECT": message.subject,
        "VEILLEUR_TEXT": message.text,
        "VEILLEUR_LINK": message.link,
    }
    for address in message.to:
        argv = [str(channel.program), *channel.arguments]
        try:
            running = subprocess.Popen(
                argv,
                env={**surroundings, "VEILLEUR_TO": address},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as fault:
            raise ChannelError("not_started", str(fault)) from None
        try:
            said, _ = running.communicate(timeout=channel.timeout)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
            raise ChannelError("too_slow") from None
        if running.returncode != 0:
            raise ChannelError("exit", f"{running.returncode} {said[-SAID:].decode('utf-8', 'replace')}")


def examine(channel: ChannelSettings) -> None:
    """Goes as far as a message would without sending one: a gateway is only connected to. Raises ChannelError."""
    if channel.secret_file is not None:
        _secret(channel)
    if channel.kind == "mail":
        with _signed_in(channel):
            return
    if channel.kind == "script":
        if not os.access(str(channel.program), os.X_OK):
            raise ChannelError("not_started", f"{channel.program}")
        return
    asked = urllib.parse.urlsplit(channel.url or "")
    port = asked.port or (443 if asked.scheme == "https" else 80)
    try:
        socket.create_connection((asked.hostname or "", port), channel.timeout).close()
    except TimeoutError as fault:
        raise ChannelError("too_slow", str(fault)) from None
    except OSError as fault:
        raise ChannelError("unreachable", str(fault)) from None


SENDERS: dict[str, Callable[[ChannelSettings, Message], None]] = {
    "mail": send_mail,
    "http": send_http,
    "script": send_by_script,
}


def _secret(channel: ChannelSettings) -> str:
    """The password or token of a channel, from its file. Raises ChannelError."""
    if channel.secret_file is None:
        raise ChannelError("secret_missing", "no secret_file")
    try:
        return channel.secret_file.expanduser().read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ChannelError("secret_missing", str(fault)) from None

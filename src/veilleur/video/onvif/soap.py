"""SOAP calls to a device, signed with the device's own clock.

Requests are written, and most answers read, by `onveef` (pure functions of text). Sending is ours: whole deadlines,
bounded answers, no redirection, no password in clear, and the clock asked before the first signature: most refusals
of ONVIF passwords are a clock that is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from xml.sax.saxutils import escape

from onveef import envelopes, parsers

from veilleur.kernel.clock import Clock
from veilleur.video.model import EPOCH, SourceError, to_wall
from veilleur.video.onvif.exchange import Answer, Exchange, Request
from veilleur.video.onvif.limits import ANSWER_SECONDS
from veilleur.video.onvif.markup import read_xml, understood
from veilleur.video.onvif.values import clean

Read = TypeVar("Read")

_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"  # noqa: S105
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"

#: A clock beyond is no clock; what is read from it would not fit a signature.
LAST_YEAR = 9_000

_DENIED = ("notauthorized", "not authorized", "notauthorised", "failedauthentication", "invalid username")


class Soap:
    """The calls to one device. `ahead`: microseconds that its clock is ahead of ours, None: it tells no time."""

    def __init__(self, exchange: Exchange, clock: Clock) -> None:
        self.exchange = exchange
        self.ahead: int | None = None
        self._clock = clock

    def ask_clock(self) -> None:
        """Measures `ahead` by GetSystemDateAndTime, which needs no password (ONVIF Core §8.3.2); else by HTTP's Date."""
        body = envelopes.device_get_system_date_time()
        before = self._clock.now()
        answer = self._post(self.exchange.base, self._envelope(body, signed=False))
        middle = to_wall(before + (self._clock.now() - before) / 2)
        self.ahead = answer.ahead
        if answer.status >= 400:
            return  # it wants a password even for the hour: HTTP's Date, when it has one, must do
        told = understood(parsers.parse_system_datetime, read_xml(answer.body)).get("UTCDateTime")
        if isinstance(told, dict):
            wall = _wall_of(told)
            self.ahead = self.ahead if wall is None else wall - middle

    def call(
        self,
        url: str,
        body: str,
        parser: Callable[[str], Read],
        *,
        action: str | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> Read:
        """Sends one operation and reads its answer. Raises SourceError."""
        answer = self._post(url, self._envelope(body, signed=True, action=action, to=url), seconds)
        if answer.status == 401 and self.ahead is None and answer.ahead is not None:
            self.ahead = answer.ahead
            answer = self._post(url, self._envelope(body, signed=True, action=action, to=url), seconds)
        document = self._judged(answer)
        return understood(parser, document)

    def _post(self, url: str, envelope: str, seconds: float = ANSWER_SECONDS) -> Answer:
        return self.exchange.ask(
            Request("POST", url, envelope.encode(), "application/soap+xml; charset=utf-8", seconds=seconds)
        )

    def _judged(self, answer: Answer) -> str:
        """The document of a good answer; SourceError for any other."""
        if answer.status in {401, 403}:
            raise self._refused()
        if answer.status == 404:
            raise SourceError("unsupported", "the device has no such service")
        try:
            document = read_xml(answer.body)
        except SourceError:
            if answer.status >= 400:
                raise SourceError("unsupported", f"the device answers HTTP {answer.status}") from None
            raise
        if not understood(parsers.has_soap_fault, document):
            if answer.status >= 400:
                raise SourceError("unsupported", f"the device answers HTTP {answer.status}")
            return document
        said = document.lower()
        if any(each in said for each in _DENIED):
            raise self._refused()
        raise SourceError(
            "unsupported", f"the device says: {self.shown(understood(parsers.parse_fault, document))}"
        )

    def _refused(self) -> SourceError:
        drift = "" if self.ahead is None else f"; its clock is {self.ahead / 1_000_000:+.0f} s from ours"
        return SourceError("refused", f"the device refuses this user or password{drift}")

    def shown(self, text: str) -> str:
        """A device's words as they may be shown: bounded, and without the password should it echo it."""
        password = self.exchange.credentials.password
        return clean(text.replace(password, "***") if password else text)

    def _envelope(self, body: str, *, signed: bool, action: str | None = None, to: str = "") -> str:
        head = self._security() if signed and self.exchange.credentials.user is not None else ""
        if action is not None:
            head += (
                f'<wsa:Action s:mustUnderstand="1">{escape(action)}</wsa:Action>'
                f"<wsa:MessageID>urn:uuid:{uuid.uuid4()}</wsa:MessageID>"
                f"<wsa:ReplyTo><wsa:Address>{_ANONYMOUS}</wsa:Address></wsa:ReplyTo>"
                f'<wsa:To s:mustUnderstand="1">{escape(to)}</wsa:To>'
            )
        return (
            f"{envelopes.XML_PROLOG}<s:Envelope {envelopes.NS_DECL}><s:Header>{head}</s:Header>"
            f"<s:Body>{body}</s:Body></s:Envelope>"
        )

    def _security(self) -> str:
        """A WS-UsernameToken (OASIS WSS 1.1 §3): digest of nonce, the DEVICE's hour, and the password."""
        hour = self._clock.now() + timedelta(microseconds=self.ahead or 0)
        created = f"{hour:%Y-%m-%dT%H:%M:%S}.{hour.microsecond // 1000:03d}Z"
        nonce = secrets.token_bytes(16)
        credentials = self.exchange.credentials
        digest = hashlib.sha1(
            nonce + created.encode() + credentials.password.encode(), usedforsecurity=False
        ).digest()
        return (
            f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{_WSSE}" xmlns:wsu="{_WSU}"><wsse:UsernameToken>'
            f"<wsse:Username>{escape(credentials.user or '')}</wsse:Username>"
            f'<wsse:Password Type="{_TOKEN}">{base64.b64encode(digest).decode()}</wsse:Password>'
            f'<wsse:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
            f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
        )


def _wall_of(told: dict[str, int]) -> int | None:
    """The hour of a GetSystemDateAndTime, as wall µs; its seconds are whole, so half a second is added."""
    try:
        if not EPOCH.year <= told["year"] <= LAST_YEAR:
            return None
        hour = datetime(
            told["year"], told["month"], told["day"], told["hour"], told["minute"], min(told["second"], 59),
            tzinfo=EPOCH.tzinfo,
        )  # fmt: skip
        return to_wall(hour) + 500_000
    except (KeyError, ValueError, TypeError, OverflowError):
        return None

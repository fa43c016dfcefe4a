"""How a recorder is asked: which address, which hours by its own clock, which words of RTSP."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, SourceError, from_wall
from veilleur.video.onvif import Device, Recording, Trust
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.exchange import Exchange, Request

_PLACE = re.compile(r"\{(start|end)(?::([^{}]{1,60}))?\}")
_FORM = re.compile(r"(?:%[YmdHMSs]|[^%])+")
TOLD_TO = 1_000_000
"""Clocks are told in whole seconds (µs): a smaller difference is none, and moves nothing."""
_COMPACT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Asking:
    """A replay to open. `way`: onvif-replay | rtsp-clock | template. `ahead`: µs of the recorder's clock, None: unknown."""

    way: str
    url: str
    start: int
    end: int
    ahead: int | None
    play: Mapping[str, str] = field(default_factory=dict)
    set_up: Mapping[str, str] = field(default_factory=dict)


def trust_of(address: Address) -> Trust:
    """How far the recorder is believed: options `fingerprint`, `clear_password`."""
    pinned = address.options.get("fingerprint")
    return Trust(str(pinned) if pinned else None, bool(address.options.get("clear_password")))


def asking(address: Address, start: int, end: int, clock: Clock) -> Asking:
    """What to ask of a recorder for wall µs of our clock. Raises SourceError.

    An http address, or option `onvif`: Profile G. An rtsp address with `{start}` and `{end}`: a template, filled in the
    recorder's zone (option `zone`, UTC by default) in the form `{start:%Y_%m_%d_%H_%M_%S}`. Else: `Range: clock=`.
    """
    device = str(address.options.get("onvif") or "")
    if address.main.startswith(("http://", "https://")):
        device = address.main
    if device and not address.main.startswith(("rtsp://", "rtsps://")):
        return _by_onvif(device, address, start, end, clock)
    if not address.main.startswith(("rtsp://", "rtsps://")):
        raise SourceError("unsupported", "a recorder's address begins with rtsp, rtsps, http or https")
    ahead = None
    if device:
        ahead = _ahead_of(
            Device.connect(device, address.user, address.password, clock=clock, trust=trust_of(address))
        )
    elif address.options.get("clock"):
        ahead = _http_ahead(str(address.options["clock"]), address, clock)
    if _PLACE.search(address.main):
        return Asking("template", address.main, start, end, ahead)
    return Asking("rtsp-clock", address.main, start, end, ahead)


def completed(asked: Asking, zone: str) -> Asking:
    """The same with its URL and headers written, once the recorder's clock is known as well as it will be."""
    ahead = asked.ahead
    if ahead is not None and abs(ahead) <= TOLD_TO:
        ahead = 0
    start, end = asked.start + (ahead or 0), asked.end + (ahead or 0)
    if asked.way == "template":
        return replace(asked, url=filled(asked.url, start, end, zone), ahead=ahead)
    play = {"Range": f"clock={_hour(start)}-{_hour(end)}", "Rate-Control": "no", "Immediate": "yes"}
    required = {"Require": "onvif-replay"} if asked.way == "onvif-replay" else {}
    return replace(asked, ahead=ahead, play={**required, **play}, set_up=required)


def filled(template: str, start: int, end: int, zone: str = "UTC") -> str:
    """A template's URL for two hours of the recorder (µs): only hours are put in, in forms of digits and letters."""
    try:
        local = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise SourceError("unsupported", f"no such time zone: {zone[:40]}") from None

    def put(place: re.Match[str]) -> str:
        form = place.group(2) or _COMPACT
        if not _FORM.fullmatch(form):
            raise SourceError("unsupported", "a form of hours is made of %Y %m %d %H %M %S, or %s alone")
        hour = from_wall(start if place.group(1) == "start" else end).astimezone(local)
        return hour.strftime(form.replace("%s", str(int(hour.timestamp()))))

    return _PLACE.sub(put, template)


def read_hour(text: str) -> int | None:
    """The beginning of a `Range: clock=20261123T021407.25Z-` as the recorder's wall µs, None when it is none."""
    found = re.search(r"clock=(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6})\d*)?Z", text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(each) for each in found.groups()[:6])
    micros = int((found.group(7) or "0").ljust(6, "0"))
    try:
        base = from_wall(0).replace(year=year, month=month, day=day, hour=hour, minute=minute)
    except ValueError:
        return None
    return (base - from_wall(0)) // timedelta(microseconds=1) + second * 1_000_000 + micros


def _hour(wall: int) -> str:
    """RFC 2326 §3.7: UTC, with its fraction."""
    at = from_wall(wall)
    return f"{at:%Y%m%dT%H%M%S}.{at.microsecond // 1000:03d}Z"


def _by_onvif(url: str, address: Address, start: int, end: int, clock: Clock) -> Asking:
    """Profile G: the recording named by option `recording`, else the one of source `source` that holds most of it."""
    device = Device.connect(url, address.user, address.password, clock=clock, trust=trust_of(address))
    token = address.options.get("recording")
    if not token:
        source = str(address.options.get("source") or "")
        held = [each for each in device.recordings() if source in {"", each.source, each.name}]
        chosen = max(held, key=lambda each: _overlap(each, start, end), default=None)
        if chosen is None or _overlap(chosen, start, end) <= 0:
            raise SourceError("ended", "the recorder holds nothing of these hours")
        token = chosen.token
    return Asking("onvif-replay", device.replay_uri(str(token)), start, end, _ahead_of(device))


def _overlap(recording: Recording, start: int, end: int) -> int:
    """µs of these hours that it says it holds; all of them when it says nothing."""
    first = start if recording.start is None else max(start, recording.start)
    last = end if recording.end is None else min(end, recording.end)
    return last - first


def _ahead_of(device: Device) -> int | None:
    return None if device.clock_offset_ms is None else device.clock_offset_ms * 1000


def _http_ahead(url: str, address: Address, clock: Clock) -> int | None:
    """The recorder's clock by HTTP's Date, at any page of its own; None when it says none."""
    if not url.startswith(("http://", "https://")):
        raise SourceError("unsupported", "option clock: an http address of the recorder")
    credentials = Credentials(address.user, address.password)
    exchange = Exchange(url, credentials, trust_of(address), clock)
    return exchange.ask(Request("GET", url)).ahead

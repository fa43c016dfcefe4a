"""A connected ONVIF device: its clock first, then its services, streams and pictures."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from onveef import envelopes, parsers

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, SourceError
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Trust
from veilleur.video.onvif.events import Events
from veilleur.video.onvif.exchange import Exchange, Request, netloc
from veilleur.video.onvif.limits import (
    MAX_PICTURE,
    MAX_PROFILES,
    MAX_PROFILES_ASKED,
    PICTURE_SECONDS,
)
from veilleur.video.onvif.ptz import Ptz
from veilleur.video.onvif.recordings import find_recordings, find_replay
from veilleur.video.onvif.soap import Soap
from veilleur.video.onvif.values import DevicePort, Identity, Profile, Recording, clean, views

Read = TypeVar("Read")

DEVICE_PATH = "/onvif/device_service"

_CODECS = {"h264": "h264", "h265": "hevc", "hevc": "hevc", "jpeg": "mjpeg", "mjpeg": "mjpeg"}
_JPEG = b"\xff\xd8\xff"


class Device:
    """An ONVIF device that answered (`DevicePort`). Calls block, each within its bound; safe between threads.

    Every method raises SourceError: `unreachable` (no answer, slow, cut), `refused` (user, password, certificate),
    `unsupported` (it does not do this, or answers nonsense). No message holds the password.
    """

    def __init__(self, soap: Soap, services: dict[str, str], clock: Clock) -> None:
        self._soap = soap
        self._services = services
        self._clock = clock
        self._profiles: list[Profile] | None = None
        self._ptz: Ptz | None = None
        self._events: list[Events] = []

    @classmethod
    def connect(
        cls,
        where: str,
        user: str | None = None,
        password: str | None = None,
        *,
        clock: Clock,
        trust: Trust | None = None,
    ) -> Device:
        """Reaches a device. `where`: an address, host:port, or the URL of its device service, without user.

        Its clock is read first, unsigned; then its services, with a signature made with that clock.
        """
        trust = trust or Trust()
        credentials = Credentials(user, password, clear=trust.clear_password)
        soap = Soap(Exchange(device_url(where), credentials, trust, clock), clock)
        soap.ask_clock()
        return cls(soap, _services(soap), clock)

    @property
    def clock_offset_ms(self) -> int | None:
        """What the device's clock is ahead of ours, ±500 ms (it tells whole seconds); None: it tells no time."""
        return None if self._soap.ahead is None else round(self._soap.ahead / 1000)

    @property
    def services(self) -> frozenset[str]:
        """What it says it does: media, ptz, events, search, replay…"""
        return frozenset(self._services)

    @property
    def url(self) -> str:
        """Its device service, as we reached it."""
        return self._soap.exchange.base

    def identity(self) -> Identity:
        """Who made it."""
        told = self._call("device", envelopes.device_get_information(), parsers.parse_device_information)
        return Identity(
            *(
                clean(told.get(key, ""))
                for key in ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber")
            )
        )

    def profiles(self) -> list[Profile]:
        """Its streams, asked once. Addresses of the first 16; the others have None until `stream_uri` is asked."""
        if self._profiles is None:
            self._profiles = self._ask_profiles()
        return list(self._profiles)

    def address(self) -> Address:
        """Its main and sub views as the sources of video take them."""
        profiles = self.profiles()
        if not any(each.rtsp for each in profiles):
            raise SourceError("unsupported", "the device offers no stream")
        main, sub = views(profiles)
        credentials = self._soap.exchange.credentials
        return Address(
            "onvif",
            main.rtsp or "",
            None if sub is None else sub.rtsp,
            credentials.user,
            credentials.password if credentials.user is not None else None,
            {"onvif": self.url, "profile": main.token, "sub_profile": None if sub is None else sub.token},
        )

    def stream_uri(self, token: str) -> str:
        """The RTSP URL of a profile, at the host we reached."""
        media2 = "media2" in self._services
        body = envelopes.media_get_stream_uri(profile_token=token, use_media2=media2)
        return self._told_url(body, parsers.parse_stream_uri, ("rtsp", "rtsps"))

    def snapshot(self, profile: Profile | None = None) -> bytes:
        """A JPEG of a profile, of the main view when none is named."""
        if profile is None:
            profile = next((each for each in self._by_size() if each.snapshot), None)
        if profile is None or profile.snapshot is None:
            raise SourceError("unsupported", "the device offers no snapshot")
        answer = self._soap.exchange.ask(
            Request("GET", profile.snapshot, limit=MAX_PICTURE, seconds=PICTURE_SECONDS)
        )
        if answer.status in {401, 403}:
            raise SourceError("refused", "the device refuses this user or password for its snapshot")
        if answer.status != 200 or not answer.body.startswith(_JPEG):
            raise SourceError("unsupported", f"the snapshot is no JPEG (HTTP {answer.status})")
        return answer.body

    @property
    def ptz(self) -> Ptz:
        """How to turn it."""
        if self._ptz is None:
            turning = next((each for each in self._by_size() if each.ptz), None)
            if turning is None or "ptz" not in self._services:
                raise SourceError("unsupported", "the device does not turn")
            self._ptz = Ptz(self._soap, self._services["ptz"], turning.token)
        return self._ptz

    def events(self) -> Events:
        """Begins to listen to its events, in a thread that ends with `close`."""
        listening = Events(self._soap, self._service("events"), self._clock)
        self._events.append(listening)
        return listening

    def recordings(self) -> list[Recording]:
        """What it has recorded (Profile G)."""
        return find_recordings(self._soap, self._service("search"))

    def replay_uri(self, token: str) -> str:
        """The RTSP URL that replays a recording, at the host we reached."""
        return find_replay(self._soap, self._service("replay"), token)

    def close(self) -> None:
        """Stops the camera if we made it turn, ends the subscriptions. Raises nothing: it may be gone."""
        for each in self._events:
            each.close()
        if self._ptz is not None:
            with contextlib.suppress(SourceError):
                self._ptz.close()

    def __enter__(self) -> Device:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _by_size(self) -> list[Profile]:
        return sorted(self.profiles(), key=lambda each: -each.width * each.height)

    def _service(self, name: str) -> str:
        if name not in self._services:
            raise SourceError("unsupported", f"the device has no {name} service")
        return self._services[name]

    def _call(self, service: str, body: str, parser: Callable[[str], Read]) -> Read:
        return self._soap.call(self._service(service), body, parser)

    def _told_url(self, body: str, parser: Callable[[str], str], schemes: tuple[str, ...]) -> str:
        told = self._call(self._media(), body, parser)
        if not told:
            raise SourceError("unsupported", "the device tells no address for this stream")
        url = self._soap.exchange.here(told)
        if urlsplit(url).scheme not in schemes:
            raise SourceError("unsupported", "the device tells an address of another kind")
        return url

    def _media(self) -> str:
        """Media2 shows H.265, Media1 hides it (ONVIF Media2 §1)."""
        return "media2" if "media2" in self._services else "media"

    def _ask_profiles(self) -> list[Profile]:
        body = envelopes.media_get_profiles(use_media2="media2" in self._services)
        try:
            told = self._call(self._media(), body, parsers.parse_profiles)
        except SourceError as fault:
            if fault.kind != "unsupported" or not {"media", "media2"} <= self._services.keys():
                raise
            told = []
        if not told and {"media", "media2"} <= self._services.keys():
            del self._services["media2"]  # announced, and empty or refused: Media1 is what works
            return self._ask_profiles()
        with_picture = [each for each in told if each.get("token") and each.get("video_encoder")]
        return [self._profile(each, number) for number, each in enumerate(with_picture[:MAX_PROFILES])]

    def _profile(self, told: dict[str, Any], number: int) -> Profile:
        token = str(told["token"])
        encoder = told.get("video_encoder") or {}
        rtsp = snapshot = None
        if number < MAX_PROFILES_ASKED:
            rtsp = _or_none(lambda: self.stream_uri(token))
            body = envelopes.media_get_snapshot_uri(
                profile_token=token, use_media2="media2" in self._services
            )
            snapshot = _or_none(lambda: self._told_url(body, parsers.parse_snapshot_uri, ("http", "https")))
        return Profile(
            token=token,
            name=clean(told.get("name") or token),
            source=clean((told.get("video_source") or {}).get("source_token", "")),
            codec=_CODECS.get(str(encoder.get("encoding", "")).lower(), "other"),
            width=_size(encoder.get("width")),
            height=_size(encoder.get("height")),
            fps=float(_size(encoder.get("fps_limit"))),
            rtsp=rtsp,
            snapshot=snapshot,
            ptz="ptz" in told,
            sound="audio_encoder" in told,
        )


def device_url(where: str) -> str:
    """The device service of an address, a host:port or a URL; SourceError «unsupported» when it is none of them."""
    text = where.strip()
    with contextlib.suppress(ValueError):
        text = netloc(text, None) if ipaddress.ip_address(text).version == 6 else text
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}{DEVICE_PATH}")
        if parts.scheme in {"http", "https"} and parts.hostname and not parts.username:
            place = netloc(parts.hostname, parts.port)
            path = parts.path if parts.path not in {"", "/"} else DEVICE_PATH
            return f"{parts.scheme}://{place}{path}" + (f"?{parts.query}" if parts.query else "")
    except ValueError:
        pass
    raise SourceError(
        "unsupported", "this is no address of an ONVIF device: host, host:port or http://host/path"
    )


def _services(soap: Soap) -> dict[str, str]:
    """What the device says it does, each at the host we reached; GetCapabilities for firmware before ONVIF 2.0."""
    base = soap.exchange.base
    try:
        told = soap.call(base, envelopes.device_get_services(), parsers.parse_services)
    except SourceError as fault:
        if fault.kind != "unsupported":
            raise
        told = {}
    if not told:
        told = soap.call(base, envelopes.device_get_capabilities(), parsers.parse_capabilities)
    services = {}
    for name, url in told.items():
        with contextlib.suppress(SourceError):
            services[name] = soap.exchange.here(url)
    return services | {"device": base}


def _or_none(asked: Callable[[], str]) -> str | None:
    """An address, None when the device does not offer it; other faults go through."""
    try:
        return asked()
    except SourceError as fault:
        if fault.kind == "unsupported":
            return None
        raise


def _size(told: object) -> int:
    """A size or a rate as told, 0 when it is none."""
    return told if isinstance(told, int) and 0 < told < 100_000 else 0


if TYPE_CHECKING:
    _port: type[DevicePort] = Device

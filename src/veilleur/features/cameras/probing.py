"""Opening an address for real, to say whether a camera is there: bounded in time, answers codes and one picture.

This is software of an intranet: private addresses are allowed. What is asked of a server is what a camera would be asked
(RTSP, an ONVIF call, one picture); nothing else of its answer is told. Needs the extra `veilleur[video]`.
"""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

from veilleur.features.cameras.bodies import FoundDevice, FoundProfile, FoundStream, Tried
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.errors import UnavailableError
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Address, Opened, SourceError
from veilleur.video.onvif import Device, Profile, discover
from veilleur.video.pictures import jpeg_of, picture_at
from veilleur.video.sources import open_source

#: Networks are waited for by the machine's own clock, even in the demonstration town.
WORLD = SystemClock()

#: Tries at once in one desk process: each may hold a thread for a few seconds.
TRIES = 2
_GATE = threading.BoundedSemaphore(TRIES)

#: A first picture is a keyframe: cameras send one every 1 to 4 s. Past it the stream is closed from beside.
PICTURE_SECONDS = 6.0

#: Pixels across: enough to recognise a view.
PICTURE_WIDTH = 640

#: Networks of this machine that are probed: more are virtual ones.
MAX_NETWORKS = 8


def try_address(address: Address) -> Tried:
    """Opens an address and tells what is there. Raises SourceError (unreachable, refused, unsupported, ended)."""
    with _turn():
        if address.kind == "onvif" and urlsplit(address.main).scheme in ("http", "https"):
            return _try_onvif(address)
        return _try_stream(address, [])


def find_devices() -> list[FoundDevice]:
    """ONVIF devices that answer on the networks of this machine. Raises SourceError."""
    with _turn(), ThreadPoolExecutor(MAX_NETWORKS) as threads:
        answers = threads.map(_devices, _interfaces())
        found = {each.url: each for answer in answers for each in answer}
    return list(found.values())


def _devices(interface: str) -> list[FoundDevice]:
    with suppress(SourceError):  # an interface without multicast
        return [
            FoundDevice(address=each.address, url=each.url, name=each.name, hardware=each.hardware)
            for each in discover(interface, clock=WORLD)
        ]
    return []


def keep_position(address: Address, name: str, token: str | None) -> str:
    """Has a camera that turns keep where it looks as a preset; its token. Raises SourceError."""
    with _turning(address) as device:
        return device.ptz.keep(name, token)


def forget_position(address: Address, token: str) -> None:
    """Has a camera that turns forget a preset, if it has it. Raises SourceError."""
    with _turning(address) as device:
        device.ptz.remove(token)


@contextmanager
def _turning(address: Address) -> Iterator[Device]:
    where = str(address.options.get("onvif") or urlsplit(address.main).hostname or "")
    with _turn(), Device.connect(where, address.user, address.password, clock=WORLD) as device:
        yield device


@contextmanager
def _turn() -> Iterator[None]:
    if not _GATE.acquire(blocking=False):
        raise UnavailableError("Another try is going on: try again in a moment.")
    try:
        yield
    finally:
        _GATE.release()


def _try_onvif(address: Address) -> Tried:
    with Device.connect(address.main, address.user, address.password, clock=WORLD) as device:
        profiles = [_profile(each) for each in device.profiles()]
        streams = device.address()
    tried = _try_stream(replace(streams, user=address.user, password=address.password), profiles)
    return tried.model_copy(update={"main": streams.main, "sub": streams.sub})


def _try_stream(address: Address, profiles: list[FoundProfile]) -> Tried:
    opened = open_source(address, clock=WORLD)
    closer = threading.Timer(PICTURE_SECONDS, opened.close)
    closer.start()
    try:
        picture = _first_picture(opened)
    finally:
        closer.cancel()
        opened.close()
    info = opened.info
    found = FoundStream(
        codec=info.codec, width=info.width, height=info.height, fps=info.fps, audio=opened.dropped_audio
    )
    return Tried(
        found=found,
        profiles=profiles,
        main=address.main,
        sub=address.sub,
        picture=base64.b64encode(picture).decode() if picture else None,
    )


def _first_picture(opened: Opened) -> bytes | None:
    """The first keyframe as a JPEG; None when it does not come or cannot be decoded."""
    for frame in opened.frames():
        if not frame.keyframe:
            continue
        if opened.info.codec == "mjpeg":
            return frame.data
        fragmenter = Fragmenter(opened.info)
        shown = picture_at(fragmenter.init + fragmenter.fragment(frame), frame.wall)
        return jpeg_of(shown[1], PICTURE_WIDTH) if shown is not None else None
    return None


def _profile(each: Profile) -> FoundProfile:
    return FoundProfile(
        token=each.token,
        name=each.name,
        codec=each.codec,
        width=each.width,
        height=each.height,
        fps=each.fps,
        rtsp=each.rtsp,
        ptz=each.ptz,
        audio=each.sound,
    )


def _interfaces() -> list[str]:
    """IPv4 addresses of this machine; loopback too, where a demonstration's cameras are."""
    with suppress(OSError):
        rows = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_DGRAM)
        named = [str(row[4][0]) for row in rows]
        return list(dict.fromkeys([*named, "127.0.0.1"]))[:MAX_NETWORKS]
    return ["127.0.0.1"]

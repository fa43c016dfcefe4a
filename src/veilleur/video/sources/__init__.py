"""Where pictures come from, behind one function: RTSP, HTTP, files. Nothing is decoded here; sound is never fetched."""

from __future__ import annotations

from veilleur.kernel.clock import Clock, SystemClock
from veilleur.video.model import Address, Opened, SourceError, StreamName
from veilleur.video.sources.files import open_file
from veilleur.video.sources.http import open_http
from veilleur.video.sources.rtsp import open_rtsp

__all__ = ["open_source"]

_OPENERS = {
    "rtsp": open_rtsp,
    "onvif": open_rtsp,  # its profiles were asked by video/onvif; what is left is RTSP
    "mjpeg": open_http,
    "snapshot": open_http,
    "file": open_file,
}


def open_source(address: Address, *, stream: StreamName = "main", clock: Clock | None = None) -> Opened:
    """Opens a stream of a camera; blocking (≤ 5 s): in the camera's own thread. The first frame is a keyframe.

    `stream="sub"` without a sub address opens the main one. SourceError says what is wrong, never the password. Kinds
    `recorder` and `push` are not opened from here."""
    opener = _OPENERS.get(address.kind)
    if opener is None:
        raise SourceError("unsupported", f"a camera of kind {address.kind} is not opened by its address")
    return opener(address, stream, clock or SystemClock())

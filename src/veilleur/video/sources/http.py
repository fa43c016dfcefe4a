"""Cameras that only speak HTTP: motion JPEG without end, or a snapshot asked for every few seconds."""

from __future__ import annotations

import http.client
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, Frame, Opened, SourceError, StreamInfo, StreamName
from veilleur.video.sources.addresses import Target, resolved, target_of
from veilleur.video.sources.multipart import MAX_PICTURE, START, Multipart, MultipartError, jpeg_size
from veilleur.video.sources.parameters import checked_size
from veilleur.video.sources.sockets import Line, watching
from veilleur.video.sources.timing import WallTimes

ANSWER_SECONDS = 5.0
"""Silence beyond this is a dead camera."""
BLOCK = 65_536
MIN_SECONDS, MAX_SECONDS = 0.2, 3600.0
"""Between snapshots: more often, the camera's web server suffers; more seldom, it is no camera."""


def open_http(address: Address, stream: StreamName, clock: Clock) -> Opened:
    """`mjpeg`: one endless answer. `snapshot`: an answer per picture, `options["seconds"]` apart (default 1)."""
    target = target_of(address, stream)
    if target.scheme not in ("http", "https"):
        raise SourceError("unsupported", "the address of this camera begins with http:// or https://")
    asker = _Asker(target, address)
    if address.kind == "snapshot":
        seconds = min(MAX_SECONDS, max(MIN_SECONDS, float(address.options.get("seconds", 1.0))))
        return _Pictures(asker, _snapshots(asker, seconds), clock, 1 / seconds).opened()
    return _Pictures(asker, _motion(asker), clock, 0.0).opened()


class _Here(urllib.request.HTTPRedirectHandler):
    """Follows nothing: what answers at an address answers there, or is no camera (a server must not lead us elsewhere)."""

    def redirect_request(self, *_: Any) -> None:
        """The answer is an error, as it is."""


class _Asker:
    """Asks one address, with the password when the camera wants it (Basic, Digest MD5: RFC 7617, 7616)."""

    def __init__(self, target: Target, address: Address) -> None:
        self.target = target
        self.closed = threading.Event()
        self._line: Line | None = None
        handlers: list[Any] = [urllib.request.ProxyHandler({}), _Here()]
        if address.user:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            known.add_password(None, target.url, address.user, address.password or "")
            handlers += [
                urllib.request.HTTPDigestAuthHandler(known),
                urllib.request.HTTPBasicAuthHandler(known),
            ]
        self._opener = urllib.request.build_opener(*handlers)

    def ask(self) -> Any:
        """The answer, to be read and closed. SourceError."""
        answer, failed = None, SourceError("unreachable", self.target.url)
        with watching(resolved(self.target)) as line:
            self._line = line
            try:
                answer = self._opener.open(self.target.url, timeout=ANSWER_SECONDS)
            except urllib.error.HTTPError as error:
                kind = "refused" if error.code in (401, 403) else "unsupported"
                failed = SourceError(kind, f"{self.target.url}: {error.code}")  # type: ignore[arg-type]
                error.close()
            except ValueError:  # urllib: a challenge of another scheme
                failed = SourceError("refused", f"{self.target.url}: an unknown way to ask for a password")
            except (OSError, http.client.HTTPException) as error:
                failed = SourceError("unreachable", f"{self.target.url}: {type(error).__name__}")
        if answer is None:
            raise failed
        return answer

    def released(self) -> None:
        """The answer was read or given up."""
        if self._line:
            self._line.release()

    def close(self) -> None:
        """Ends a read that waits."""
        self.closed.set()
        if self._line:
            self._line.cut()


def _motion(asker: _Asker) -> Iterator[bytes]:
    answer, failed = asker.ask(), SourceError("ended", "the camera ended the stream")
    try:
        parts = Multipart(answer.headers.get("Content-Type", ""))
        while not asker.closed.is_set() and (data := answer.read1(BLOCK)):
            yield from parts.feed(data)
    except MultipartError as error:
        failed = SourceError("unsupported", f"{asker.target.url}: {error}")
    except (OSError, http.client.HTTPException, ValueError):
        failed = SourceError("ended", "silence or a cut connection")
    finally:
        answer.close()
        asker.released()
    raise failed


def _snapshots(asker: _Asker, seconds: float) -> Iterator[bytes]:
    while not asker.closed.is_set():
        answer, picture = asker.ask(), b""
        try:
            picture = answer.read(MAX_PICTURE + 1)
        except (OSError, http.client.HTTPException, ValueError):
            picture = b""
        finally:
            answer.close()
            asker.released()
        if len(picture) > MAX_PICTURE or picture[:2] != START:
            raise SourceError("unsupported", f"{asker.target.url}: no JPEG")
        yield picture
        asker.closed.wait(seconds)
    raise SourceError("ended", "closed")


class _Pictures:
    """JPEGs as frames: each is a keyframe."""

    def __init__(self, asker: _Asker, pictures: Iterator[bytes], clock: Clock, fps: float) -> None:
        self._asker, self._pictures, self._times, self._fps = asker, pictures, WallTimes(clock), fps

    def opened(self) -> Opened:
        """Waits for the first picture, which says the size."""
        first = next(self._pictures)
        info = StreamInfo("mjpeg", *checked_size(*jpeg_size(first)), self._fps, b"")
        return Opened(info, lambda: self.frames(first, info), self._asker.close)

    def frames(self, first: bytes, info: StreamInfo) -> Iterator[Frame]:
        """Every picture; ends with SourceError."""
        last, duration = 0, round(1_000_000 / (self._fps or 10))
        for picture in _chained(first, self._pictures):
            size, news = jpeg_size(picture), None
            if size != (info.width, info.height):
                info = news = StreamInfo("mjpeg", *checked_size(*size), self._fps, b"")
            wall = self._times.of(None)
            duration = min(wall - last, 2_000_000) if last and not self._fps else duration
            last = wall
            yield Frame(wall, True, picture, duration, 0, news)


def _chained(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others

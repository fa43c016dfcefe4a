"""Motion JPEG over HTTP: `multipart/x-mixed-replace` (RFC 2046 5.1) as pictures. Takes bytes, gives JPEGs; reads nothing."""

from __future__ import annotations

import re
from typing import Literal

MAX_HEAD = 4096
"""Bytes of a part's header lines; cameras send under 200."""
MAX_PICTURE = 8 * 1024**2
"""Bytes of a JPEG; a 4K picture at the best quality is about 4 MB."""
START, END = b"\xff\xd8", b"\xff\xd9"
SIZES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
"""Markers of a frame header, which says the size (JPEG, ITU T.81 table B.1)."""


class MultipartError(ValueError):
    """What came is no motion JPEG."""


class Multipart:
    """Finds the pictures in the bytes of one answer."""

    def __init__(self, content_type: str) -> None:
        """`content_type`: of the answer. MultipartError when it is not multipart."""
        found = re.match(r'multipart/[^;]+;.*?boundary="?([^";\s]{1,200})"?', content_type, re.IGNORECASE)
        if not found:
            raise MultipartError("the answer is not multipart")
        self._boundary = b"--" + found[1].encode().removeprefix(b"--")  # some say it with its dashes
        self._buffer = bytearray()
        self._state: Literal["boundary", "head", "body"] = "boundary"
        self._length: int | None = None

    def feed(self, data: bytes) -> list[bytes]:
        """The pictures that are now whole."""
        self._buffer += data
        pictures = []
        while (part := self._next()) is not None:
            if part[:2] == START:
                pictures.append(part)
        return pictures

    def _next(self) -> bytes | None:
        """The next part, b"" when only the state moved, None when bytes are missing."""
        if self._state == "boundary":
            at = self._buffer.find(self._boundary)
            if at < 0:
                self._bound(MAX_HEAD)
                return None
            del self._buffer[: at + len(self._boundary)]
            self._state = "head"
        if self._state == "head":
            at = self._buffer.find(b"\r\n\r\n")
            if at < 0:
                self._bound(MAX_HEAD)
                return None
            said = re.search(rb"content-length:\s*(\d{1,9})", self._buffer[:at], re.IGNORECASE)
            self._length = int(said[1]) if said else None
            if self._length is not None and self._length > MAX_PICTURE:
                raise MultipartError("a picture is too long")
            del self._buffer[: at + 4]
            self._state = "body"
        return self._body()

    def _body(self) -> bytes | None:
        end = self._length
        if end is None:
            end = self._buffer.find(b"\r\n" + self._boundary)
        if end < 0 or len(self._buffer) < end:
            self._bound(MAX_PICTURE)
            return None
        part = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._state = "boundary"
        return part

    def _bound(self, most: int) -> None:
        if len(self._buffer) > most + 65_536:
            raise MultipartError("a part is too long")


def jpeg_size(picture: bytes) -> tuple[int, int]:
    """Width and height that a JPEG says; (0, 0) when it is none."""
    at = 2
    while picture[:2] == START and at + 9 <= len(picture) and picture[at] == 0xFF:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        if marker in SIZES:
            return int.from_bytes(picture[at + 7 : at + 9], "big"), int.from_bytes(
                picture[at + 5 : at + 7], "big"
            )
        at += 2 + length
    return 0, 0

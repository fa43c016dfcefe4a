"""Pictures that cameras and recorders push: an HTTP POST's body, or a file stored by FTP. No socket here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from veilleur.kernel.errors import InvalidError
from veilleur.video.onvif.values import clean
from veilleur.video.remote_limits import (
    MAX_PUSHED,
    MAX_PUSHED_PARTS,
    MAX_PUSHED_PICTURE,
    MAX_PUSHED_TEXT,
)
from veilleur.video.sources.multipart import jpeg_size

_START, _END = b"\xff\xd8\xff", b"\xff\xd9"


@dataclass(frozen=True)
class PushedPicture:
    """A JPEG as received. `name`: the file's or part's, the sender's own word."""

    name: str
    jpeg: bytes = field(repr=False)
    sha256: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Pushed:
    """What one push brought. `texts`: its other parts (event XML or JSON), bounded, never to be trusted as markup.

    `left_out`: parts that were neither a readable picture nor text.
    """

    pictures: tuple[PushedPicture, ...]
    texts: tuple[tuple[str, str], ...]
    left_out: int
    sha256: bytes


def accept_push(body: bytes, headers: Mapping[str, str]) -> Pushed:
    """Reads a push. `headers`: of the request, any case; for FTP, `{"content-disposition": 'filename="…"'}` or none.

    Multipart bodies (form-data, mixed, x-mixed-replace) give each part; anything else is one picture. InvalidError when
    there is neither a picture nor a text in it: answer so, that the sender's installer sees it.
    """
    if len(body) > MAX_PUSHED:
        raise InvalidError(f"a push is at most {MAX_PUSHED} bytes", field="body")
    said = {name.lower(): value for name, value in headers.items()}
    boundary = re.search(
        r'multipart/.{1,40}boundary="?([^";,\s]{1,200})"?', said.get("content-type", ""), re.IGNORECASE
    )
    parts = _parts(body, boundary.group(1)) if boundary else [(said, body)]
    pictures: list[PushedPicture] = []
    texts: list[tuple[str, str]] = []
    left_out = 0
    for heads, content in parts:
        picture = _picture(_name(heads), content)
        text = None if picture else _text(heads, content)
        if picture is not None:
            pictures.append(picture)
        elif text is not None:
            texts.append((_name(heads), text))
        else:
            left_out += 1
    if not pictures and not texts:
        raise InvalidError("no JPEG in what was pushed", field="body")
    return Pushed(tuple(pictures), tuple(texts), left_out, hashlib.sha256(body).digest())


def _parts(body: bytes, boundary: str) -> list[tuple[dict[str, str], bytes]]:
    """The parts of a multipart body (RFC 2046 §5.1). A part with its length is read by it: a JPEG may hold anything."""
    mark = b"--" + boundary.removeprefix("--").encode("latin-1", errors="replace")
    found: list[tuple[dict[str, str], bytes]] = []
    at = body.find(mark)
    while at >= 0 and len(found) < MAX_PUSHED_PARTS:
        start = at + len(mark)
        if body[start : start + 2] == b"--":
            break
        head_end = body.find(b"\r\n\r\n", start)
        if head_end < 0:
            break
        lines = body[start : min(head_end, start + MAX_PUSHED_TEXT)].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if ":" in line)
        heads = {name.strip().lower(): value.strip() for name, _, value in pairs}
        content = head_end + 4
        length = heads.get("content-length", "")
        end = content + int(length) if length.isascii() and length.isdigit() and len(length) < 10 else -1
        if end < 0 or not body[end : end + 2 + len(mark)].lstrip(b"\r\n").startswith(mark[:-2]):
            end = body.find(b"\r\n" + mark, content)
        end = len(body) if end < 0 else end
        found.append((heads, body[content:end]))
        at = body.find(mark, end)
    return found


def _picture(name: str, content: bytes) -> PushedPicture | None:
    """A whole JPEG of a bounded size, None for anything else. What some add behind its end is kept: as received."""
    if not content.startswith(_START) or len(content) > MAX_PUSHED_PICTURE:
        return None
    scan = _scan(content)
    if not scan or _END not in content[max(scan, len(content) - 1024) :]:
        return None
    width, height = jpeg_size(content)
    if not width or not height:
        return None
    return PushedPicture(name, content, hashlib.sha256(content).digest(), width, height)


def _scan(content: bytes) -> int:
    """Where the picture itself begins (T.81 B.1.4), 0: nowhere. The ends of thumbnails in its head are before it."""
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        if content[at + 1] == 0xDA:
            return at
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return 0


def _text(heads: Mapping[str, str], content: bytes) -> str | None:
    """A part that says to be text, or says nothing and is."""
    kind = heads.get("content-type", "text/plain").lower()
    if b"\0" in content or not any(each in kind for each in ("text", "xml", "json", "form")):
        return None
    try:
        text = content[:MAX_PUSHED_TEXT].decode()
    except UnicodeDecodeError:
        text = content[:MAX_PUSHED_TEXT].decode("latin-1")
    shown = "".join(each if each.isprintable() or each == "\n" else " " for each in text).strip()
    return shown or None


def _name(heads: Mapping[str, str]) -> str:
    """The sender's name of a file, without any folder."""
    said = heads.get("content-disposition", "")
    found = re.search(r'filename="?([^";]{1,300})', said) or re.search(r'\bname="?([^";]{1,300})', said)
    return clean(re.split(r"[/\\]", found.group(1))[-1]) if found else ""

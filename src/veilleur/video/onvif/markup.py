"""Reading the XML of devices: bounded, without entities, and mended where firmware is known to break it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar
from xml.etree.ElementTree import (
    Element,
    ParseError,
    TreeBuilder,
    tostring,
)

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from veilleur.video.model import SourceError
from veilleur.video.onvif.limits import MAX_DEPTH, MAX_ELEMENTS

Read = TypeVar("Read")

_USED = re.compile(r"<[/]?([A-Za-z_][\w.\-]{0,40}):|\s([A-Za-z_][\w.\-]{0,40}):[\w.\-]{1,60}\s*=")
_DECLARED = re.compile(r"\sxmlns:([A-Za-z_][\w.\-]{0,40})\s*=")
_ROOT = re.compile(r"<([A-Za-z_][\w.\-:]{0,80})")
_BARE = re.compile(r"&(?!#\d{1,7};|#x[0-9A-Fa-f]{1,6};|(?:amp|lt|gt|quot|apos);)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ENCODING = re.compile(rb"<\?xml[^>]{0,80}encoding=[\"']([A-Za-z0-9._\-]{1,20})[\"']")


class _TooMuchError(Exception):
    """The document is deeper or larger than any device's."""


class _Bounded(TreeBuilder):
    """A tree builder that counts."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        """An element begins."""
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise _TooMuchError
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        """An element ends."""
        self._depth -= 1
        return super().end(tag)


def read_xml(data: bytes) -> str:
    """A device's document, well-formed. Raises SourceError «unsupported» when it cannot be read.

    A document that declares a DTD or an entity is refused. One that is not well-formed is mended once: prefixes that
    nobody declared (ipycam 1.3 presets and status, several Chinese firmwares), bare ampersands in URLs, control
    characters, text around the envelope. What is still not well-formed is an error, never an empty answer.
    """
    try:
        try:
            return _parsed(data)
        except ParseError:
            return _parsed(_mended(data).encode())
    except ParseError as fault:
        raise SourceError(
            "unsupported", f"the device's XML cannot be read: line {fault.position[0]}"
        ) from None
    except DefusedXmlException:
        raise SourceError("unsupported", "the device's XML declares entities: refused") from None
    except _TooMuchError:
        raise SourceError("unsupported", "the device's XML is deeper or larger than any device's") from None
    except (ValueError, LookupError):
        raise SourceError("unsupported", "the device's XML is in no known encoding") from None


def understood(parser: Callable[[str], Read], document: str) -> Read:
    """What a reader of the library finds in a document of `read_xml`; what it stumbles on is the device's fault."""
    try:
        return parser(document)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as fault:
        raise SourceError(
            "unsupported", f"the device's answer makes no sense ({type(fault).__name__})"
        ) from None


def _parsed(data: bytes) -> str:
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.feed(data)
    root: Element = parser.close()
    return tostring(root, encoding="unicode")


def _mended(data: bytes) -> str:
    """The document without the known faults of firmware."""
    named = _ENCODING.match(data.lstrip()[:120])
    encoding = named.group(1).decode("ascii") if named else "utf-8"
    text = _CONTROL.sub("", data.decode(encoding, errors="replace"))
    start = _ROOT.search(text)
    if start is None:
        return text
    text = text[start.start() :]
    last = text.rfind(f"</{start.group(1)}>")
    if last >= 0:
        text = text[: last + len(start.group(1)) + 3]
    text = _BARE.sub("&amp;", text)
    used = {first or second for first, second in _USED.findall(text)}
    missing = sorted(used - set(_DECLARED.findall(text)) - {"xml", "xmlns"})
    # A prefix declared somewhere but used elsewhere stays unbound there: the root declares it for all.
    missing = missing or sorted(used - {"xml", "xmlns"} - set(_DECLARED.findall(text.split(">", 1)[0])))
    declared = "".join(f' xmlns:{prefix}="urn:veilleur:undeclared:{prefix}"' for prefix in missing)
    return f"<{start.group(1)}{declared}{text[start.end() - start.start() :]}"

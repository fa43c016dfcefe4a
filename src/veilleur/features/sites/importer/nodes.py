"""YAML as located text: every scalar stays the text that was written, every node knows its line.

A string loader: 015 stays «015», NO stays «NO»; only an unquoted `null`, `~` or nothing is null. Built from
parser events without recursion, one site at a time, with every size that a file controls bounded: a hostile
or mistaken file costs little and is refused with its line. Aliases, tags and repeated keys are refused.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import yaml

from veilleur.kernel.errors import InvalidError
from veilleur.locale.render import catalogue, render
from veilleur.locale.terminal import told

#: 18,000 sites weigh some 90 MB; nothing honest is larger than this.
MAX_BYTES = 512 * 1024 * 1024
#: The form itself is 10 deep (a procedure's condition).
MAX_DEPTH = 16
#: Nodes of one site or other object: a thousand zones and their fields fit.
MAX_NODES = 50_000
#: A consigne is a page at most.
MAX_SCALAR = 20_000
#: Lists at the top: sites, directory…
MAX_ITEMS = 200_000

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class FileRefusedError(InvalidError):
    """The file as a whole cannot be read (or the rejects file written): nothing was changed."""

    code = "file_refused"

    def __init__(self, reason: str, line: int | None = None, **params: Any) -> None:
        self.reason, self.line, self.details = reason, line, params
        said = self.sentence("fr")
        super().__init__(said, sentence=said)

    def sentence(self, language: str) -> str:
        """The reason in words, with its line."""
        texts = catalogue(language, "errors")
        place = render(language, texts["import.place"], {"line": self.line}) if self.line else ""
        why = {"why": told(str(self.details["why"]), language)} if self.details.get("why") else {}
        return place + render(language, texts[f"import.{self.reason}"], {**self.details, **why})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; `plain`: without quotes. Lines count from 1."""

    line: int
    text: str
    plain: bool

    @property
    def null(self) -> bool:
        """Whether it says «nothing»."""
        return self.plain and self.text in NULLS


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping with its keys' lines."""

    line: int
    items: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeqNode:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


Node = Scalar | MapNode | SeqNode


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` waits for its value."""

    node: MapNode | SeqNode
    key: str | None = None
    key_line: int = 0

    def take(self, child: Node) -> None:
        """Puts a value where it belongs, or takes it for a key."""
        if isinstance(self.node, SeqNode):
            self.node.items.append(child)
        elif self.key is None:
            if not isinstance(child, Scalar):
                raise FileRefusedError("key_not_text", child.line)
            if child.text in self.node.items:
                raise FileRefusedError("key_twice", child.line, field=child.text)
            self.key, self.key_line = child.text, child.line
        else:
            self.node.items[self.key], self.node.lines[self.key] = child, self.key_line
            self.key = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a top-level list (`sites`…), or the whole of another section (`centre`, an empty list)."""

    section: str
    section_line: int
    node: Node
    whole: bool = False

    @property
    def empty(self) -> bool:
        """Whether the section holds nothing."""
        node = self.node
        if not self.whole:
            return False
        return node.null if isinstance(node, Scalar) else isinstance(node, SeqNode) and not node.items


def read_items(path: Path) -> Iterator[Item]:
    """Every item of the file in its order, read one at a time. Raises FileRefusedError."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
            raise FileRefusedError("not_a_file", file=str(path))  # a pipe cannot be read twice
        if about.st_size > MAX_BYTES:
            raise FileRefusedError("too_big", most=MAX_BYTES // 1024 // 1024)
        with path.open("rb") as stream:
            yield from _items(stream)
    except OSError as error:
        raise FileRefusedError("unreadable", file=str(path), why=error.strerror) from None


def _items(stream: IO[bytes]) -> Iterator[Item]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from _top(_checked(yaml.parse(stream, loader)))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FileRefusedError("syntax", line, why=error.problem or error.context) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError) or "UTF-8" in str(error):
            raise FileRefusedError("not_utf8") from None
        why = str(error).splitlines()[0] if str(error) else ""
        raise FileRefusedError("not_text", why=why) from None


def _checked(events: Iterable[Any]) -> Iterator[Any]:
    """Refuses what no honest file holds, before anything is built."""
    depth = documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            raise FileRefusedError("alias", line, name=event.anchor)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise FileRefusedError("two_documents", line)
        if getattr(event, "tag", None) not in {None, "!"}:
            raise FileRefusedError("tag", line, tag=getattr(event, "tag", ""))
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_SCALAR:
            raise FileRefusedError("long_text", line, most=MAX_SCALAR)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise FileRefusedError("too_deep", line, most=MAX_DEPTH)
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event


def _top(events: Iterator[Any]) -> Iterator[Item]:
    """The document: a mapping of sections, each a list of items (yielded one by one) or a mapping."""
    for event in events:
        if isinstance(event, yaml.MappingStartEvent):
            break
        if isinstance(event, yaml.NodeEvent):
            if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in NULLS:
                return
            raise FileRefusedError("not_a_mapping", 1)
    else:
        return
    seen: set[str] = set()
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            break
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            raise FileRefusedError("key_not_text", line)
        if event.value in seen:
            raise FileRefusedError("key_twice", line, field=event.value)
        seen.add(event.value)
        yield from _section(event.value, line, events)
    for _ in events:  # a second document is refused by _checked
        pass


def _section(section: str, line: int, events: Iterator[Any]) -> Iterator[Item]:
    first = next(events)
    if not isinstance(first, yaml.SequenceStartEvent):
        yield Item(section, line, build(first, events), whole=True)
        return
    for count, event in enumerate(events, 1):
        if isinstance(event, yaml.SequenceEndEvent):
            if count == 1:
                yield Item(section, line, SeqNode(line), whole=True)
            return
        if count > MAX_ITEMS:
            raise FileRefusedError("too_many", line, field=section, most=MAX_ITEMS)
        yield Item(section, line, build(event, events))


def build(first: Any, events: Iterator[Any]) -> Node:
    """One node from its first event on. Raises FileRefusedError beyond MAX_NODES."""
    opened: list[_Open] = []
    count, event = 0, first
    while True:
        done = _node_of(event, opened)
        count += 1
        if count > MAX_NODES:
            raise FileRefusedError("too_many_nodes", event.start_mark.line + 1, most=MAX_NODES)
        if done is not None:
            if not opened:
                return done
            opened[-1].take(done)
        event = next(events)


def _node_of(event: Any, opened: list[_Open]) -> Node | None:
    """The node that an event completes; None while one opens."""
    line = event.start_mark.line + 1
    if isinstance(event, yaml.ScalarEvent):
        plain = event.style is None or event.style == ""
        return Scalar(line, event.value, plain)
    if isinstance(event, yaml.MappingStartEvent):
        opened.append(_Open(MapNode(line)))
        return None
    if isinstance(event, yaml.SequenceStartEvent):
        opened.append(_Open(SeqNode(line)))
        return None
    return opened.pop().node

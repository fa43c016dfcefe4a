"""Readers of one field each: located text in, a value out, or an issue with its line and its path."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from veilleur.features.sites.importer.nodes import MapNode, Node, Scalar, SeqNode
from veilleur.locale.render import catalogue, render


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault: where it is and what is wrong, as a code of the catalogue (`errors`, `import.<code>`)."""

    line: int | None
    where: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """«ligne 12, sites[S-0001].panels[1].account : …»."""
        return sentence(language, self.line, self.where, self.code, self.params)


def sentence(language: str, line: int | None, where: str, code: str, params: Mapping[str, Any]) -> str:
    """A located sentence of the catalogue."""
    texts = catalogue(language, "errors")
    said = render(language, texts.get(f"import.{code}", code), params)
    place = render(language, texts["import.place"], {"line": line, "where": where or None})
    return f"{place}{said}" if line is not None or where else said


@dataclass
class Reading:
    """One object being read: where it is in the file, and its faults."""

    where: str
    issues: list[Issue]

    def inner(self, step: str) -> Reading:
        """The same, one step deeper."""
        joined = f"{self.where}{step}" if step.startswith("[") or not self.where else f"{self.where}.{step}"
        return Reading(joined, self.issues)

    def clean(self) -> bool:
        """Whether nothing of this object is wrong so far."""
        return not any(issue.where.startswith(self.where) for issue in self.issues)

    def fault(self, line: int | None, code: str, **params: Any) -> None:
        """Notes a fault here."""
        self.issues.append(Issue(line, self.where, code, params))


#: What a reader gives when it noted a fault: the field is left out.
BAD: Any = object()

Read = Callable[[Node, Reading], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form."""

    read: Read
    required: bool = False


Form = Mapping[str, Field]


def read_form(node: Node, form: Form, reading: Reading) -> dict[str, Any]:
    """The fields that are present, null ones as None, `_line` and `_lines`. Unknown fields are faults."""
    if not isinstance(node, MapNode):
        reading.fault(node.line, "not_a_form")
        return {}
    values: dict[str, Any] = {"_line": node.line, "_lines": node.lines}
    for name, child in node.items.items():
        if name not in form:
            near = difflib.get_close_matches(name.lower(), list(form), 1, 0.6)
            reading.inner(name).fault(
                node.lines[name], "unknown_field", field=name, near=near[0] if near else None
            )
            continue
        known = form[name]
        if isinstance(child, Scalar) and child.null:
            if known.required:
                reading.inner(name).fault(node.lines[name], "required", field=name)
            else:
                values[name] = None
            continue
        value = known.read(child, reading.inner(name))
        if value is not BAD:
            values[name] = value
    for name, known in form.items():
        if known.required and name not in node.items:
            reading.fault(node.line, "required", field=name)
    return values


def scalar(node: Node, reading: Reading, *, longest: int = 200) -> str:
    """A text, trimmed; BAD with a fault when it is empty, too long or no text."""
    if not isinstance(node, Scalar):
        reading.fault(node.line, "not_text_value")
        return BAD  # type: ignore[no-any-return]
    said = node.text.strip()
    if not said:
        reading.fault(node.line, "empty")
        return BAD  # type: ignore[no-any-return]
    if len(said) > longest:
        reading.fault(node.line, "too_long", most=longest)
        return BAD  # type: ignore[no-any-return]
    if any(ord(character) < 32 and character not in "\n\t" for character in said):
        reading.fault(node.line, "control")
        return BAD  # type: ignore[no-any-return]
    return said


def text(longest: int = 200, pattern: str | None = None, code: str = "bad_form") -> Read:
    """A text, of a pattern if given."""
    compiled = re.compile(pattern) if pattern else None

    def read(node: Node, reading: Reading) -> Any:
        said = scalar(node, reading, longest=longest)
        if said is not BAD and compiled is not None and not compiled.fullmatch(said):
            reading.fault(node.line, code, value=said)
            return BAD
        return said

    return read


def choice(*words: str, also: Mapping[str, str] | None = None) -> Read:
    """One of a few words; `also` maps other spellings to them. Case does not count."""
    others = {key.lower(): word for key, word in (also or {}).items()}

    def read(node: Node, reading: Reading) -> Any:
        said = scalar(node, reading)
        if said is BAD:
            return BAD
        found = said.lower().replace("-", "_")
        found = others.get(said.lower(), found)
        if found not in words:
            near = difflib.get_close_matches(found, words, 1, 0.6)
            reading.fault(
                node.line, "not_among", value=said, known=list(words), near=near[0] if near else None
            )
            return BAD
        return found

    return read


FLAGS = {"true": True, "yes": True, "oui": True, "false": False, "no": False, "non": False}


def flag(node: Node, reading: Reading) -> Any:
    """yes or no: true, yes, oui, false, no, non."""
    said = scalar(node, reading)
    if said is BAD:
        return BAD
    if said.lower() not in FLAGS:
        reading.fault(node.line, "not_a_flag", value=said)
        return BAD
    return FLAGS[said.lower()]


def integer(least: int, most: int) -> Read:
    """A whole number within bounds. Digits are counted before they are converted."""

    def read(node: Node, reading: Reading) -> Any:
        said = scalar(node, reading)
        if said is BAD:
            return BAD
        if not re.fullmatch(r"-?[0-9]{1,12}", said) or not least <= int(said) <= most:
            reading.fault(node.line, "not_between", value=said[:40], least=least, most=most)
            return BAD
        return int(said)

    return read


def decimal(least: float, most: float) -> Read:
    """A decimal number within bounds."""

    def read(node: Node, reading: Reading) -> Any:
        said = scalar(node, reading)
        if said is BAD:
            return BAD
        number = said.replace(",", ".")
        if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,12})?", number) or not least <= float(number) <= most:
            reading.fault(node.line, "not_between", value=said[:40], least=least, most=most)
            return BAD
        return float(number)

    return read


def form(inner: Form) -> Read:
    """A form inside a form."""

    def read(node: Node, reading: Reading) -> Any:
        return read_form(node, inner, reading)

    return read


def listed(
    each: Read, *, most: int = 1000, name: Callable[[Node, int], str] | None = None, single: bool = False
) -> Read:
    """A list of values; `single`: one value alone stands for a list of one."""

    def read(node: Node, reading: Reading) -> Any:
        if not isinstance(node, SeqNode):
            if not single:
                reading.fault(node.line, "not_a_list")
                return BAD
            items: Sequence[Node] = [node]
        else:
            items = node.items
        if len(items) > most:
            reading.fault(node.line, "too_many_items", most=most)
            return BAD
        label = name or (lambda _, index: f"[{index}]")
        values = [each(item, reading.inner(label(item, index))) for index, item in enumerate(items, 1)]
        return [value for value in values if value is not BAD]

    return read


def plain(node: Node) -> Any:
    """A node as nested texts, lists and mappings; null scalars as None."""
    if isinstance(node, Scalar):
        return None if node.null else node.text
    if isinstance(node, SeqNode):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.items.items()}


def named(field_name: str) -> Callable[[Node, int], str]:
    """How a list's item is called in a path: by one of its fields when it has it, else by its rank (from 1)."""

    def label(node: Node, index: int) -> str:
        child = node.items.get(field_name) if isinstance(node, MapNode) else None
        said = child.text.strip()[:40] if isinstance(child, Scalar) else ""
        return f"[{said or index}]"

    return label

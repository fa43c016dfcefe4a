"""Renders an entry's sentence from its code and parameters.

Templates hold `{name}` (the parameter as it is) and `{name|vocabulary}` (its word in the section
`vocabulary`). Filters in place of a vocabulary: `time` (hh:mm:ss), `datetime`, `duration` (seconds → «1 min 05»),
`list`, `point` (the label of a point of a dossier), `phone` (a number as it is read and dialled). A list of codes
gives their words, separated by commas; a vocabulary's `*` stands for every value that it does not name, which is
how a plural is written: `{count} {count|n_signals}` with `{"0": "signal", "1": "signal", "*": "signaux"}`. A
parameter that is absent or null renders as «—»; square brackets enclose an optional part that disappears when one
of its parameters is absent: `Prise en compte[ après {delay|duration}]`.
The desk has the same renderer (desk/src/core/render.ts); tests/wording/render_cases.json holds both to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
PLACE = re.compile(r"\{(\w+)(?:\|(\w+))?\}")
OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
FRENCH = re.compile(r"\+33([1-9])(\d{8})")
FOREIGN = re.compile(r"(\+\d{2})(\d+)")


@lru_cache
def catalogue(language: str, section: str) -> dict[str, Any]:
    """One section (`entries`, `vocabulary`, `errors`) of a language, merged from its files (one per feature)."""
    merged: dict[str, Any] = {}
    for path in sorted((HERE / language).glob("*.json")):
        merged |= json.loads(path.read_text("utf-8")).get(section, {})
    return merged


def template(language: str, kind: str, version: int) -> str:
    """The sentence of an entry kind; old versions keep theirs under `kind@version`."""
    entries = catalogue(language, "entries")
    return cast(str, entries.get(f"{kind}@{version}") or entries.get(kind) or kind)


def render_entry(
    language: str, kind: str, version: int, payload: Mapping[str, Any], zone: str = "Europe/Paris"
) -> str:
    """The sentence, in a language and a time zone, from the payload `{"params": …, "actor_name": …}`."""
    params = {"actor": payload.get("actor_name") or None, **payload.get("params", {})}
    return render(language, template(language, kind, version), params, zone)


def render(language: str, pattern: str, params: Mapping[str, Any], zone: str = "Europe/Paris") -> str:
    """Fills one template."""

    def fill(match: re.Match[str]) -> str:
        return show(language, params.get(match[1]), match[2], zone)

    def optional(match: re.Match[str]) -> str:
        absent = any(params.get(m[1]) in (None, "", []) for m in PLACE.finditer(match[1]))
        return "" if absent else match[1]

    return PLACE.sub(fill, OPTIONAL.sub(optional, pattern))


def show(language: str, value: object, how: str | None, zone: str) -> str:
    """One parameter as text."""
    if value is None or value == "":
        return "—"
    match how:
        case "time" | "datetime":
            local = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone))
            return local.strftime("%H:%M:%S" if how == "time" else "%d/%m/%Y %H:%M:%S")
        case "duration":
            return duration(float(str(value)))
        case None:
            return plain(value)
        case _:
            return ", ".join(word(language, how, plain(item)) for item in listed(value))


def word(language: str, how: str, said: str) -> str:
    """One item of a list as it is, as the name of a point, a telephone number, a day («28/02/2027»), or by its word."""
    if how == "point":
        return point(language, said)
    if how == "phone":
        return phone(said)
    if how == "day":
        return "/".join(reversed(said.split("-")))
    words = {} if how == "list" else catalogue(language, "vocabulary").get(how, {})
    return str(words.get(said, words.get("*", said)))


def phone(number: str) -> str:
    """A number as a French operator reads and dials it: «06 39 98 12 34»; a foreign one keeps its prefix.

    The desk's twin is desk/src/core/phone.ts; the cases of tests/wording/render_cases.json hold both.
    """
    bare = re.sub(r"[\s.]", "", number)
    for pattern, prefix in ((FRENCH, "0"), (FOREIGN, "")):
        if found := pattern.fullmatch(bare):
            return f"{prefix}{found[1]} " + re.sub(r"(\d\d)(?=\d)", r"\1 ", found[2])
    return number


def point(language: str, label: str) -> str:
    """The label of a point: what people wrote, else in words what stands behind its «#».

    «#zone:015» → «point 015»; «#code:301» → «Absence secteur»; «#code:338:4» → «Batterie basse de module 4».
    """
    if not label.startswith("#"):
        return label
    kind, *rest = label[1:].split(":")
    words = catalogue(language, "vocabulary")
    if kind == "code" and rest and rest[0] in words["signal_code"]:
        return " ".join([words["signal_code"][rest[0]], *rest[1:]])
    return " ".join([words["point_kind"].get(kind, kind), *rest])


def listed(value: object) -> list[object]:
    """A list as it is, anything else as a list of one."""
    return cast(list[object], value) if isinstance(value, list) else [value]


def plain(value: object) -> str:
    """A parameter without a filter."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)


def duration(seconds: float) -> str:
    """Seconds as an operator reads them: «45 s», «1 min 05», «2 h 03»."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d}"
    return f"{whole // 3600} h {whole % 3600 // 60:02d}"

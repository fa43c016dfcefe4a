"""Readers of the values that only this form has: days, hours, instants, numbers, keys, secrets, steps."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from veilleur.features.procedures.queries import Problem
from veilleur.features.procedures.queries import problems as problems_of
from veilleur.features.sites.hours import parse_clock
from veilleur.features.sites.importer.fields import BAD, FLAGS, Form, Read, Reading, plain, read_form, scalar
from veilleur.features.sites.importer.nodes import MapNode, Node, Scalar, SeqNode
from veilleur.features.sites.model import canonical_number
from veilleur.features.sites.phones import normal_phone, short_number

#: What an export writes in place of a secret, and an import reads as «unchanged».
MASK = "***"
KEY_BYTES = (16, 24, 32)
DAY_NAMES = (
    ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
MAX_SETTINGS = 200


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret as the file gives it; `kept`: «***», what is there stays."""

    value: bytes
    kept: bool = False

    def __repr__(self) -> str:
        return "Secret(***)"


@dataclass(frozen=True, slots=True)
class Instant:
    """A time as written: with an offset it is one instant, without it is on the wall clock of the site's zone.

    A day alone begins at midnight; as an end it holds until the next one.
    """

    at: datetime
    whole_day: bool

    def resolve(self, zone: str, *, end: bool = False) -> datetime:
        """The instant, in UTC."""
        moment = self.at + timedelta(days=1) if end and self.whole_day else self.at
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZoneInfo(zone))
        return aware.astimezone(UTC)


def _read(node: Node, reading: Reading, convert: Any, code: str, longest: int = 100) -> Any:
    said = scalar(node, reading, longest=longest)
    if said is BAD:
        return BAD
    try:
        value = convert(said)
    except (ValueError, OverflowError):
        value = None
    if value is None:
        reading.fault(node.line, code, value=said)
        return BAD
    return value


def phone(node: Node, reading: Reading) -> Any:
    """A telephone number, kept in E.164."""
    return _read(node, reading, normal_phone, "bad_phone")


def phone_or_form(inner: Form) -> Read:
    """A number alone, or {number, label}."""

    def read(node: Node, reading: Reading) -> Any:
        if isinstance(node, Scalar):
            number_ = phone(node, reading)
            return BAD if number_ is BAD else {"number": number_, "label": None}
        row = read_form(node, inner, reading)
        return {"number": row["number"], "label": row.get("label")} if "number" in row else BAD

    return read


def reserved_number(node: Node, reading: Reading) -> Any:
    """A service's number: E.164 or short, or «***» (unchanged: it is confidential, D613-17)."""

    def convert(said: str) -> str | None:
        return said if said == MASK else normal_phone(said) or short_number(said)

    return _read(node, reading, convert, "bad_phone")


def number(node: Node, reading: Reading) -> Any:
    """A zone, area or user number, as written; it compares without leading zeros."""
    pattern = re.compile(r"[0-9A-Za-z]{1,8}")
    return _read(node, reading, lambda said: said if pattern.fullmatch(said) else None, "bad_number")


def hexadecimal(node: Node, reading: Reading) -> Any:
    """A receiver or prefix number, one to six hexadecimal digits, with or without its R or L."""

    def convert(said: str) -> str | None:
        digits = said.upper().removeprefix("R").removeprefix("L")
        return digits.lstrip("0") or "0" if re.fullmatch(r"[0-9A-F]{1,6}", digits) else None

    return _read(node, reading, convert, "bad_hexadecimal")


def network(node: Node, reading: Reading) -> Any:
    """An address or a network: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32."""
    return _read(node, reading, lambda said: str(ipaddress.ip_network(said, strict=False)), "bad_network")


def timezone(node: Node, reading: Reading) -> Any:
    """An IANA zone."""
    return _read(node, reading, lambda said: said if said in available_timezones() else None, "bad_timezone")


def clock(node: Node, reading: Reading) -> Any:
    """A local time HH:MM."""
    return _read(node, reading, lambda said: f"{parse_clock(said):%H:%M}", "bad_clock")


def day(node: Node, reading: Reading) -> Any:
    """A date, kept as its midnight UTC."""

    def convert(said: str) -> datetime:
        return datetime.combine(date.fromisoformat(said), time(), UTC)

    return _read(node, reading, convert, "bad_day")


def instant(node: Node, reading: Reading) -> Any:
    """A date, or a date and a time, with or without an offset."""

    def convert(said: str) -> Instant | None:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?", said):
            return None
        at = datetime.fromisoformat(said)
        return Instant(at, len(said) == 10) if 2000 <= at.year <= 2200 else None

    return _read(node, reading, convert, "bad_instant")


def day_number(said: str) -> int:
    """1 to 7, or the name of a day in French or English, at least its first two letters. Raises ValueError."""
    if said in {"1", "2", "3", "4", "5", "6", "7"}:
        return int(said)
    for names in DAY_NAMES:
        found = [i for i, name in enumerate(names, 1) if len(said) >= 2 and name.startswith(said)]
        if len(found) == 1:
            return found[0]
    raise ValueError(said)


def days_of(said: str) -> set[int]:
    """One day or a range, over the weekend too: «lun-ven», «sam-lun»."""
    first, _, last = said.strip().lower().rstrip(".").partition("-")
    begin = day_number(first.strip())
    end = day_number(last.strip()) if last else begin
    return {(begin - 1 + step) % 7 + 1 for step in range((end - begin) % 7 + 1)}


def days(node: Node, reading: Reading) -> Any:
    """Days of the week: a list, or words with commas: [1, 2], «lun-ven», «sam, dim»."""
    items = node.items if isinstance(node, SeqNode) else [node]
    chosen: set[int] = set()
    for item in items:
        said = scalar(item, reading)
        if said is BAD:
            return BAD
        try:
            for part in said.split(","):
                chosen |= days_of(part)
        except ValueError:
            reading.fault(item.line, "bad_days", value=said)
            return BAD
    return sorted(chosen)


def groups(node: Node, reading: Reading) -> Any:
    """Groups of areas: {name: [numbers]}; an area belongs to one."""
    if not isinstance(node, MapNode):
        reading.fault(node.line, "not_a_form")
        return BAD
    result: dict[str, list[str]] = {}
    taken: dict[str, str] = {}
    for name, members in node.items.items():
        inner = reading.inner(name)
        items = members.items if isinstance(members, SeqNode) else [members]
        numbers = [canonical_number(said) for item in items if (said := number(item, inner)) is not BAD]
        for area in numbers:
            if area in taken:
                inner.fault(members.line, "area_in_two_groups", area=area, other=taken[area])
            taken[area] = name
        result[name[:60]] = numbers
    return result


def panel_key(node: Node, reading: Reading) -> Any:
    """An AES key: 32, 48 or 64 hex digits, else 16, 24 or 32 characters; `text:` in front forces characters."""
    said = scalar(node, reading, longest=100)
    if said is BAD:
        return BAD
    if said == MASK:
        return Secret(b"", kept=True)
    forced = said.startswith("text:")
    said = said.removeprefix("text:")
    if not forced and len(said) in {2 * size for size in KEY_BYTES} and re.fullmatch(r"[0-9A-Fa-f]+", said):
        return Secret(bytes.fromhex(said))
    if said.isascii() and len(said) in KEY_BYTES:
        return Secret(said.encode("ascii"))
    reading.fault(node.line, "bad_key", length=len(said))  # the value itself stays out of messages
    return BAD


def secret(longest: int) -> Read:
    """A code word or duress word."""

    def read(node: Node, reading: Reading) -> Any:
        said = scalar(node, reading, longest=longest)
        if said is BAD:
            return BAD
        return Secret(b"", kept=True) if said == MASK else Secret(said.encode())

    return read


def steps(node: Node, reading: Reading) -> Any:
    """The steps of a procedure: their form belongs to `features/procedures`."""
    value = [_step(item) for item in node.items] if isinstance(node, SeqNode) else plain(node)
    problems = problems_of(value)
    for problem in problems:
        _tell(problem, node, reading)
    return BAD if problems else value


#: The field of a step that a problem is about, where its code alone says it.
STEP_FIELDS = {
    "bad_key": "key",
    "twice": "key",
    "unknown_act": "act",
    "rank_without_call": "rank",
    "bad_rank": "rank",
    "bad_timer": "timer",
    "unknown_service": "needs",
    "bad_results": "results",
    "bad_result": "results",
    "result_twice": "results",
    "not_of_call": "results",
    "bad_when": "when",
    "when_unknown_step": "when",
    "when_unknown_result": "when",
}


def step_as_kept(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step with its key and its act first, and its numbers and flags as such, not as texts."""
    kept = {name: step[name] for name in ("key", "act") if name in step} | dict(step)
    for name in ("rank", "timer"):
        said = kept.get(name)
        if isinstance(said, str) and re.fullmatch(r"[1-9][0-9]{0,5}", said):
            kept[name] = int(said)
    for name in ("parallel", "mandatory"):
        if isinstance(said := kept.get(name), str):
            kept[name] = FLAGS.get(said.lower(), said)
    return kept


def _step(node: Node) -> Any:
    value = plain(node)
    return step_as_kept(value) if isinstance(value, dict) else value


def _tell(problem: Problem, node: Node, reading: Reading) -> None:
    """A problem of the steps, at the line and the field of the step that has it."""
    why, where, line = problem.sentence("fr"), reading, node.line
    if problem.step and isinstance(node, SeqNode):
        item = node.items[problem.step - 1]
        where, line = reading.inner(f"[{problem.step}]"), item.line
        name = str(problem.params.get("field") or STEP_FIELDS.get(problem.code, ""))
        if isinstance(item, MapNode) and name in item.items:
            where, line = where.inner(name), item.lines[name]
    where.fault(line, "bad_steps", why=why)


def settings(node: Node, reading: Reading) -> Any:
    """Settings of the centre: nested mappings of numbers, flags, texts and lists."""
    if not isinstance(node, MapNode) or len(node.items) > MAX_SETTINGS:
        reading.fault(node.line, "not_a_form")
        return BAD
    return {key: _setting(value) for key, value in node.items.items()}


def _setting(node: Node) -> Any:
    if isinstance(node, SeqNode):
        return [_setting(item) for item in node.items]
    if isinstance(node, MapNode):
        return {key: _setting(value) for key, value in node.items.items()}
    if node.null:
        return None
    if node.plain and re.fullmatch(r"-?(0|[1-9][0-9]{0,11})", node.text):
        return int(node.text)
    return FLAGS.get(node.text.lower(), node.text) if node.plain else node.text

"""Data that belongs to no dialect: the account inside, and turning codes into neutral events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from veilleur.protocols.codes import CodeInfo, NumberKind
from veilleur.protocols.dc09.extended import redact_text
from veilleur.protocols.events import Category, Event, Qualifier


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a dialect's parser read: its events, and the codes that its table does not hold."""

    events: tuple[Event, ...]
    unknown_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """One code as the panel sent it, before its meaning is looked up."""

    code: str
    qualifier: Qualifier | None
    number: str | None = None
    area: str | None = None
    user: str | None = None
    text: str | None = None
    extras: Mapping[str, str] = field(default_factory=dict)


def split_account(data: str) -> tuple[str | None, str]:
    """Cut `#acct|rest`; the account is None when the data names none."""
    named, _, rest = data.lstrip().partition("|")
    return (named[1:].strip(), rest) if named.startswith("#") else (None, data)


def to_event(coded: Coded, info: CodeInfo | None, extended: Mapping[str, str]) -> Event:
    """The neutral event of a code. A code that no table holds is of category «unknown», never lost."""
    kind = info.number if info else NumberKind.ZONE
    qualifier = coded.qualifier or (info.qualifier if info else None) or Qualifier.NEW
    number, area, user = _shown(coded.number), _shown(coded.area), _shown(coded.user)
    extras = {name: redact_text(value) for name, value in coded.extras.items()} if coded.extras else {}
    return Event(
        category=info.category if info else Category.UNKNOWN,
        code=coded.code,
        qualifier=qualifier,
        area=number if kind is NumberKind.AREA and number else area,
        zone=number if kind is NumberKind.ZONE else None,
        user=number if kind is NumberKind.USER and number else user,
        text=_shown(coded.text),
        extended={**extended, **extras},
    )


def _shown(text: str | None) -> str | None:
    return redact_text(text) if text else text

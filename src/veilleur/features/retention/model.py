"""The rules of retention as data (`rules.toml`). Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files

from veilleur.kernel.errors import SettingsError

LONGEST = 20 * 366
"""Days: no centre keeps longer by a slip of the finger."""


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """What is kept for the same time on the same ground, in days. `basis`: the text of law, or «(U)» for a usage."""

    name: str
    days: int
    basis: str
    most: int = LONGEST
    """What the law lets a centre choose at most."""

    @property
    def age(self) -> timedelta:
        """How long."""
        return timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Personal:
    """The personal columns of a table: `columns` gives each the SQL of what it becomes."""

    table: str
    kept_as: str
    columns: Mapping[str, str]
    holds: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything `rules.toml` says. `rows`, `swept`, `plain`: table → what is said of it."""

    classes: Mapping[str, RetentionClass]
    personal: tuple[Personal, ...]
    rows: Mapping[str, Mapping[str, str]]
    swept: Mapping[str, str]
    plain: Mapping[str, tuple[str, ...]]

    def of(self, table: str) -> Personal:
        """The personal columns of a table. KeyError when it has none."""
        for one in self.personal:
            if one.table == table:
                return one
        raise KeyError(table)

    def with_days(self, days: Mapping[str, int]) -> Rules:
        """The same with a centre's own durations. Raises SettingsError."""
        classes = dict(self.classes)
        for name, count in days.items():
            if name not in classes:
                raise SettingsError(f"The setting «retention» knows {', '.join(classes)}; not «{name}».")
            most = classes[name].most
            if not 1 <= count <= most:
                raise SettingsError(f"retention.{name} is a number of days from 1 to {most}.")
            classes[name] = RetentionClass(name, count, classes[name].basis, most)
        return Rules(classes, self.personal, self.rows, self.swept, self.plain)


@lru_cache
def shipped_rules() -> Rules:
    """The rules that come with the software."""
    read = tomllib.loads(files(__package__).joinpath("rules.toml").read_text("utf-8"))
    return Rules(
        {
            row["name"]: RetentionClass(row["name"], row["days"], row["basis"], row.get("most", LONGEST))
            for row in read["class"]
        },
        tuple(Personal(row["table"], row["class"], row["columns"], row["holds"]) for row in read["column"]),
        read["rows"],
        read["swept"],
        {table: tuple(columns) for table, columns in read["plain"].items()},
    )

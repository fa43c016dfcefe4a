"""What an import would change, as data: computed without writing, shown by a dry run, then written in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import text

from veilleur.db.base import Base
from veilleur.features.sites.hours import period
from veilleur.features.sites.importer.fields import Issue, Reading
from veilleur.features.sites.importer.values import MASK, Secret
from veilleur.features.sites.secrets import open_panel_key, open_word, word_row
from veilleur.kernel.sealing import SealingKeys, camera_password_row, panel_key_row
from veilleur.logbook.act import Act

#: Columns that hold sealed secrets.
SEALED = frozenset({"key_sealed", "code_word", "duress_word", "password_sealed"})

#: Tables whose rows get their ids first: others refer to them, or their secrets are bound to them.
NUMBERED = frozenset({"customer", "brand", "site", "panel", "contact", "camera"})


@dataclass
class Change:
    """One row to add, set or end. `parents`: columns that take the id of a row added by the same plan."""

    verb: str
    table: type[Base]
    label: str
    attrs: dict[str, Any]
    row: Any = None
    before: dict[str, Any] = field(default_factory=dict)
    parents: dict[str, Change] = field(default_factory=dict)
    id: int | None = None

    def told(self) -> dict[str, Any]:
        """The change as the logbook keeps it: what was and what is, secrets masked."""
        return {
            "what": self.label,
            "verb": self.verb,
            "before": masked(self.before),
            "after": masked(self.attrs),
        }


def masked(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes without secrets."""
    return {name: _told(name, value) for name, value in attrs.items() if name not in {"sort_key", "search"}}


def _told(name: str, value: Any) -> Any:
    if isinstance(value, bytes) or (name in SEALED and value is not None):
        return MASK
    return value.isoformat() if type(value) is date else value


@dataclass(frozen=True)
class Under:
    """What a row belongs to: the column that names it, and its id or the change that adds it."""

    column: str
    id: int | None = None
    added: Change | None = None


@dataclass
class Plan:
    """All that one object of the file changes; no change: nothing is written."""

    changes: list[Change] = field(default_factory=list)
    notices: list[Issue] = field(default_factory=list)

    def add(self, table: type[Base], label: str, attrs: dict[str, Any], *under: Under) -> Change:
        """A row that does not exist yet, under those it belongs to."""
        kept = {name: value for name, value in attrs.items() if not _is_kept(value)}
        kept |= {owner.column: owner.id for owner in under if owner.id is not None}
        parents = {owner.column: owner.added for owner in under if owner.added is not None}
        change = Change("add", table, label, kept, parents=parents)
        self.changes.append(change)
        return change

    def set(self, row: Any, label: str, attrs: Mapping[str, Any], keys: SealingKeys) -> None:
        """A row of which some attributes may differ; equal ones are left alone."""
        differing = {name: value for name, value in attrs.items() if differs(row, name, value, keys)}
        if differing:
            before = {name: getattr(row, name) for name in differing}
            self.changes.append(Change("set", type(row), label, differing, row, before))

    def end(self, row: Any, label: str, column: str, now: Any) -> None:
        """A row that the file no longer holds."""
        self.changes.append(Change("end", type(row), label, {column: now}, row))

    def labels(self) -> list[str]:
        """What changes, in the file's own terms."""
        labels: list[str] = []
        for change in self.changes:
            if change.verb == "set" and "[" not in change.label:
                labels += sorted(name for name in change.attrs if name not in {"sort_key", "search"})
            elif change.label:
                # A key taken away lets frames in clear be believed: the sentence says so, not the details alone.
                gone = [name for name in change.attrs if name in SEALED and change.attrs[name] is None]
                labels.append(
                    change.label + "".join(f".{name.removesuffix('_sealed')}=null" for name in gone)
                )
        return labels


def _is_kept(value: object) -> bool:
    return isinstance(value, Secret) and value.kept


def differs(row: Any, name: str, value: Any, keys: SealingKeys) -> bool:
    """Whether an attribute is not yet what the file wants; secrets are opened to be compared."""
    current = getattr(row, name)
    if isinstance(value, Secret):
        if value.kept:
            return False
        if name == "key_sealed":
            return open_panel_key(keys.panels, row.id, current) != value.value
        if name == "password_sealed":
            return current is None or keys.cameras.open(current, camera_password_row(row.id)) != value.value
        word = open_word(keys.contacts, row.id, name, current)
        return word is None or word.encode() != value.value
    return bool(current != value)


def sealed(name: str, row_id: int, value: Secret, keys: SealingKeys) -> bytes:
    """A secret under its ring, bound to its row."""
    if name == "key_sealed":
        return keys.panels.seal(value.value, panel_key_row(row_id))
    if name == "password_sealed":
        return keys.cameras.seal(value.value, camera_password_row(row_id))
    return keys.contacts.seal(value.value, word_row(row_id, name))


@cache
def table_order() -> dict[str, int]:
    """Where each table stands among those it refers to; asked when every feature's tables are known."""
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def write_plan(act: Act, plan: Plan, entry_id: int, keys: SealingKeys) -> None:
    """Writes every change under one entry; rows that others refer to or whose secrets are sealed get ids first."""
    give_ids(act, plan.changes)
    for change in plan.changes:
        attrs = dict(change.attrs)
        row_id = change.id if change.verb == "add" else getattr(change.row, "id", None)
        for name, value in change.attrs.items():
            if isinstance(value, Secret):
                attrs[name] = sealed(name, row_id or 0, value, keys)
        if change.verb != "add":
            for name, value in {**attrs, "entry_id": entry_id}.items():
                setattr(change.row, name, value)
            continue
        attrs |= {column: parent.id for column, parent in change.parents.items()}
        if change.id is not None:
            attrs["id"] = change.id
        change.row = change.table(**attrs, entry_id=entry_id)
    add_in_order(act, [change.row for change in plan.changes if change.verb == "add"])


def add_in_order(act: Act, rows: Iterable[Any]) -> None:
    """Inserts rows, those that others refer to first: without relations a flush promises no order of tables."""
    waiting = sorted(rows, key=lambda row: table_order()[row.__tablename__])
    for _, same in groupby(waiting, key=lambda row: row.__tablename__):
        act.session.add_all(same)
        act.session.flush()
    act.session.flush()


def give_ids(act: Act, changes: Iterable[Change]) -> None:
    """Takes ids from the sequences, so that everything is written in one flush."""
    waiting = [change for change in changes if change.verb == "add" and change.id is None]
    for table in table_order():
        mine = [change for change in waiting if change.table.__tablename__ == table]
        if mine and table in NUMBERED:
            name = f"{table}_id_seq"
            ids = act.session.execute(
                text("SELECT nextval(:name) FROM generate_series(1, :count)"),
                {"name": name, "count": len(mine)},
            ).scalars()
            for change, row_id in zip(mine, ids, strict=True):
                change.id = row_id


Spec = Mapping[str, tuple[str, Any, Callable[[Any], Any] | None]]


def wanted(draft: Mapping[str, Any], spec: Spec, *, new: bool) -> dict[str, Any]:
    """Attributes from a draft: key → (column, default, conversion). Left out: kept, or the default when new."""
    attrs: dict[str, Any] = {}
    for key, (column, default, convert) in spec.items():
        if key in draft:
            value = draft[key]
            attrs[column] = default if value is None else convert(value) if convert else value
        elif new:
            attrs.setdefault(column, default)
    return attrs


def clean(value: Any) -> Any:
    """A draft's value without its line numbers nor its nulls, as rows hold it."""
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {
            key: clean(item) for key, item in value.items() if not key.startswith("_") and item is not None
        }
    return value


def hours(value: list[Any]) -> list[dict[str, Any]]:
    """Periods as rows hold them, every day written out."""
    return [period(row).as_json() for row in value]


def line_of(draft: Mapping[str, Any], key: str) -> int:
    """The line of a field, else of its object."""
    line: int = draft["_lines"].get(key, draft["_line"])
    return line


def refer(
    draft: Mapping[str, Any], key: str, known: Mapping[str, int], what: str, reading: Reading
) -> int | None:
    """The id behind a draft's reference; a fault when nothing has it."""
    reference = draft.get(key)
    if reference is None:
        return None
    if reference not in known:
        reading.inner(key).fault(line_of(draft, key), "unknown_reference", what=what, value=reference)
        return None
    return known[reference]

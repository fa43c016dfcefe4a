"""What crosses layers as plain values: who reads, what a role may do, and how a view reaches a screen.

No framework here. The HTTP aliases (`ActDep`, `ReaderDep`…) are in `features/http.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

#: Every role there is (issue 2 §7). A later role is a new word here and a column in the tables that name it.
ROLES = ("operator", "lead", "administrator", "auditor")

#: What a cell of a rights table may say.
CELLS = ("yes", "post", "-")


@dataclass(frozen=True)
class Scope:
    """Whose an object is: what a perimeter is compared with (ARCHITECTURE.md §5, «Perimeter»)."""

    organisation: str = "centre"
    customer_id: int | None = None
    commune: str | None = None


@dataclass(frozen=True)
class Perimeter:
    """What a person may see. Each list that is not None must hold the object's value; None lets all pass."""

    organisations: frozenset[str] | None = None
    customers: frozenset[int] | None = None
    communes: frozenset[str] | None = None

    def holds(self, scope: Scope) -> bool:
        """Whether an object of this scope is inside."""
        return (
            (self.organisations is None or scope.organisation in self.organisations)
            and (self.customers is None or scope.customer_id in self.customers)
            and (self.communes is None or scope.commune in self.communes)
        )

    @property
    def whole(self) -> bool:
        """Whether nothing is outside."""
        return self.organisations is None and self.customers is None and self.communes is None


@dataclass(frozen=True)
class Reader:
    """The person behind a request, as he is now: read once per request, never trusted from the client."""

    user_id: int
    name: str
    roles: frozenset[str]
    perimeter: Perimeter = field(default_factory=Perimeter)
    post_id: int | None = None
    language: str = "fr"
    activities: frozenset[str] = frozenset()
    """Activities that his valid titles allow: remote_monitoring | video | telecare."""
    barred: bool = False
    """A title of his was withdrawn or suspended and none is valid: he sees no image at all (L612-20)."""


@dataclass(frozen=True)
class Policy:
    """A feature's rights: ability → role → cell. Default deny: what the table does not say is refused."""

    cells: Mapping[str, Mapping[str, str]]

    def allows(self, reader: Reader, ability: str) -> bool:
        """Whether one of the reader's roles may do it now (`post`: only while he holds a post)."""
        row = self.cells[ability]
        said = {row.get(role, "-") for role in reader.roles}
        return "yes" in said or ("post" in said and reader.post_id is not None)

    def abilities(self, reader: Reader, among: Iterable[str] | None = None) -> list[str]:
        """The abilities the reader has now, in the table's order; `among` keeps only those named."""
        names = set(self.cells if among is None else among)
        return [name for name in self.cells if name in names and self.allows(reader, name)]

    @classmethod
    def read(cls, text: str) -> Policy:
        """Reads a rights table: a header of roles, then one line per ability with `yes`, `post` or `-`.

        `post` means «yes, while holding a post». Raises ValueError on an unknown role or cell: at import,
        not at 3 a.m. A role absent from the header has no right.
        """
        lines = [line.split() for line in text.strip().splitlines() if line.strip()]
        header, rows = lines[0], lines[1:]
        if unknown := set(header) - set(ROLES):
            raise ValueError(f"unknown roles in a rights table: {sorted(unknown)}")
        cells: dict[str, dict[str, str]] = {}
        for ability, *row in rows:
            if len(row) != len(header) or set(row) - set(CELLS) or ability in cells:
                raise ValueError(f"rights table: line «{ability}» does not fit its header")
            cells[ability] = dict(zip(header, row, strict=True))
        return cls(cells)


class CookieJar(Protocol):
    """Where `web` keeps the session's cookie: its name and flags are its business."""

    def put(self, response: Any, value: str) -> None:
        """Sets the session's cookie on an answer."""

    def clear(self, response: Any) -> None:
        """Takes it back."""


@dataclass(frozen=True)
class DeskFacts:
    """What every screen says of the centre it shows. `language`: that of the centre's reports and entries."""

    demo: bool = False
    language: str = "fr"


@dataclass(frozen=True)
class PolicyBook:
    """Every rights table of the routes that are registered."""

    policies: tuple[Policy, ...]

    def abilities(self, reader: Reader) -> list[str]:
        """All that the reader may do somewhere now, before any object's state is looked at."""
        return sorted({name for policy in self.policies for name in policy.abilities(reader)})


def nobody(_: Reader) -> list[str]:
    """No ability at all."""
    return []


def everybody(_: Reader) -> bool:
    """No further condition than the perimeter."""
    return True


@dataclass(frozen=True)
class View:
    """An object as screens show it, built once for all readers of a desk process.

    `body` is JSON without `abilities`; `version` is the row's `entry_id`; `abilities` answers for one reader
    and must depend only on the object and the reader. Kinds: incident | post | on_test | camera | centre.
    """

    kind: str
    id: int
    version: int
    body: Mapping[str, Any]
    scope: Scope = field(default_factory=Scope)
    abilities: Callable[[Reader], list[str]] = nobody
    admits: Callable[[Reader], bool] = everybody
    """What an object asks beside its perimeter: a camera, a title (need 11). Pure, as `abilities`."""

    perimeter_free: bool = False
    """True for what belongs to the room itself (posts, the centre): every reader of the room sees it."""
    gone: bool = False
    """True for what a snapshot no longer shows (closed, ended, removed): screens forget it."""

    def is_for(self, reader: Reader) -> bool:
        """Whether it exists for this reader."""
        return (self.perimeter_free or reader.perimeter.holds(self.scope)) and self.admits(reader)

    def seen_by(self, reader: Reader) -> dict[str, Any] | None:
        """What this reader's screen shows: None when it does not exist for him."""
        if not self.is_for(reader):
            return None
        return {**self.body, "abilities": self.abilities(reader)}

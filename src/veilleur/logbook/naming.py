"""Which sites and people the words of a search name.

Entries hold the ids of their site and actor. The names stay where they are kept, so that one which is changed is found at
once in every entry, old ones included, and one which is erased is found in none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.logbook.building import searchable

#: Letters of the shortest word that names a site or a person: fewer begin a name of nearly every one.
SHORTEST = 3
#: Sites, and people, that one search may name: a word which names more tells them not apart.
MOST_NAMED = 500
#: Ways that are tried: each costs a query, and the surest come first.
MOST_WAYS = 12

# By name of table: the logbook stands below the features.
SITES = "SELECT id, sort_key FROM site WHERE sort_key LIKE ANY(:patterns) ORDER BY id DESC LIMIT :most"
PEOPLE = (
    "SELECT id, sort_key FROM user_account WHERE sort_key LIKE ANY(:patterns) ORDER BY id DESC LIMIT :most"
)

#: Words that names answer to → whose names they are.
Answering = Mapping[frozenset[str], Sequence[int]]
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Way:
    """One way for an entry to answer to a search: these sites, these people, the other words in its sentence.

    None: whatever the site, whoever acted.
    """

    words: tuple[str, ...]
    sites: tuple[int, ...] | None = None
    people: tuple[int, ...] | None = None


def ways_of(session: ReadSession, words: Sequence[str]) -> list[Way]:
    """Every way to answer to folded words, the sentence alone first."""
    named = [word for word in words if len(word) >= SHORTEST]
    if not named:
        return [Way(tuple(words))]
    given = {"patterns": [f"%{word}%" for word in named], "most": MOST_NAMED}
    sites, people = (
        answering(words, {row.id: row.sort_key for row in session.execute(text(query), given)})
        for query in (SITES, PEOPLE)
    )
    return combined(words, sites, people)


def answering(words: Sequence[str], names: Mapping[int, str]) -> Answering:
    """Names by the words that begin one of theirs; a name that answers to none is left out."""
    found: dict[frozenset[str], list[int]] = defaultdict(list)
    for id_, name in names.items():
        parts = searchable(name).split()
        if hit := frozenset(word for word in words if any(part.startswith(word) for part in parts)):
            found[hit].append(id_)
    return found


def combined(words: Sequence[str], sites: Answering, people: Answering) -> list[Way]:
    """The ways without those that another one contains."""
    ways = []
    for of_site in (NOBODY, *sites):
        for of_person in (NOBODY, *people):
            if of_site and of_person and (of_site <= of_person or of_person <= of_site):
                continue
            ways.append(
                Way(
                    tuple(word for word in words if word not in of_site | of_person),
                    tuple(sites[of_site]) if of_site else None,
                    tuple(people[of_person]) if of_person else None,
                )
            )
    first, *others = ways
    return [first, *sorted(others, key=lambda way: len(way.words))][:MOST_WAYS]

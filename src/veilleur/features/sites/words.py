"""What was heard against the words of a site's contacts (practice P6): right, wrong, duress or near.

Case, accents, spaces, hyphens and a leading article are ignored: «L'Élan» is «elan». A near miss is shown
as near, never taken as right. A duress word wins over everything but an exact code word, whoever's it is
(practice P1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from veilleur.logbook.act import fold

#: Articles that people say before a word and files do not hold.
ARTICLE = re.compile(r"^(?:l[’' ]|d[’' ]|(?:le|la|les|un|une|des|du|the|a|an)\s+)")
NOISE = re.compile(r"[^0-9a-z]+")
#: Below this length a word one letter away is another word, not a near miss.
SHORT = 4
#: From this length on, two letters away is still near.
LONG = 8


@dataclass(frozen=True, slots=True, repr=False)
class ContactWords:
    """The opened words of one contact. Never shown, never logged."""

    contact_id: int
    authorised: bool
    code_word: str | None
    duress_word: str | None

    def __repr__(self) -> str:
        return f"ContactWords(contact_id={self.contact_id})"


@dataclass(frozen=True, slots=True)
class WordVerdict:
    """`result`: right | wrong | duress | near. `contact_id`: whose word it is (or nearly is).

    `near_of`: code | duress, for a near miss. `reason`: `not_authorised` when the word is that of a person
    who may no longer identify (result wrong); `other_person` when it is right but not the word of the
    person called.
    """

    result: str
    contact_id: int | None = None
    near_of: str | None = None
    reason: str | None = None


def squeeze(word: str) -> str:
    """What is compared: folded, without a leading article, letters and digits only."""
    folded = fold(word).strip()
    return NOISE.sub("", ARTICLE.sub("", folded)) or NOISE.sub("", folded)


def distance(left: str, right: str) -> int:
    """Edits between two words: insertion, deletion, substitution, exchange of neighbours."""
    rows = [list(range(len(right) + 1))]
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def is_near(heard: str, word: str) -> bool:
    """Whether squeezed words differ by no more than a slip of the ear or of the finger."""
    if not heard or not word or min(len(heard), len(word)) < SHORT:
        return False
    allowed = 2 if min(len(heard), len(word)) >= LONG else 1
    if abs(len(heard) - len(word)) <= allowed and distance(heard, word) <= allowed:
        return True
    return word in heard


def check_word(typed: str, words: Iterable[ContactWords], called: int | None = None) -> WordVerdict:
    """Compares what the operator typed with the words of the site's contacts.

    `called`: the contact who is on the line, when one knows. Order: his exact words, exact duress of anybody,
    exact code of anybody, near duress, near code, wrong.
    """
    heard = squeeze(typed)
    known = sorted(words, key=lambda row: row.contact_id != called)
    if not heard:
        return WordVerdict("wrong")
    own = [row for row in known if row.contact_id == called]
    return (
        _exact(heard, own, called)
        or _exact_duress(heard, known)
        or _exact(heard, known, called)
        or _near(heard, known)
        or WordVerdict("wrong")
    )


def _exact(heard: str, words: list[ContactWords], called: int | None) -> WordVerdict | None:
    matching = [row for row in words if row.code_word and squeeze(row.code_word) == heard]
    for row in matching:
        if row.authorised:
            other = called is not None and row.contact_id != called
            return WordVerdict("right", row.contact_id, reason="other_person" if other else None)
    if matching:
        return WordVerdict("wrong", matching[0].contact_id, reason="not_authorised")
    return None


def _exact_duress(heard: str, words: list[ContactWords]) -> WordVerdict | None:
    for row in words:
        if row.duress_word and squeeze(row.duress_word) == heard:
            return WordVerdict("duress", row.contact_id)
    return None


def _near(heard: str, words: list[ContactWords]) -> WordVerdict | None:
    for row in words:
        if row.duress_word and is_near(heard, squeeze(row.duress_word)):
            return WordVerdict("near", row.contact_id, near_of="duress")
    for row in words:
        if row.code_word and row.authorised and is_near(heard, squeeze(row.code_word)):
            return WordVerdict("near", row.contact_id, near_of="code")
    return None

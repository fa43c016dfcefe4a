"""What is heard against the words of the file (practice P6 and P1): a table of cases."""

from __future__ import annotations

import pytest

from veilleur.features.sites.words import ContactWords, check_word, squeeze

ANNE = ContactWords(1, True, "Lilas", "Orage")
BOB = ContactWords(2, True, "Élan d'or", "Tempête")
SEPARATED = ContactWords(3, False, "Ancienne clef", "Naufrage")
SHORT = ContactWords(4, True, "Nil", "Rio")
NEAR = ContactWords(5, True, "orange", "orage")
ALL = (ANNE, BOB, SEPARATED)

CASES = [
    # entendu, appelé, mots, résultat, de qui, proche de quoi, raison
    ("lilas", 1, ALL, ("right", 1, None, None)),
    ("LILAS ", 1, ALL, ("right", 1, None, None)),
    ("le lilas", 1, ALL, ("right", 1, None, None)),
    ("li-las", 1, ALL, ("right", 1, None, None)),
    ("elan dor", 2, ALL, ("right", 2, None, None)),
    ("L’Élan d’Or", 2, ALL, ("right", 2, None, None)),
    ("lilas", 2, ALL, ("right", 1, None, "other_person")),  # juste, mais c'est le mot d'Anne
    ("lilas", None, ALL, ("right", 1, None, None)),
    ("orage", 1, ALL, ("duress", 1, None, None)),
    ("L'ORAGE", 1, ALL, ("duress", 1, None, None)),
    ("tempete", 1, ALL, ("duress", 2, None, None)),  # la contrainte de n'importe qui
    ("naufrage", None, ALL, ("duress", 3, None, None)),  # même de qui n'est plus habilité
    ("ancienne clef", 3, ALL, ("wrong", 3, None, "not_authorised")),
    ("lila", 1, ALL, ("near", 1, "code", None)),
    ("lials", 1, ALL, ("near", 1, "code", None)),
    ("lilaz", 1, ALL, ("near", 1, "code", None)),
    ("c'est lilas", 1, ALL, ("near", 1, "code", None)),
    ("oragé", 1, ALL, ("duress", 1, None, None)),
    ("orrage", 1, ALL, ("near", 1, "duress", None)),
    ("ancienne clé", 3, ALL, ("wrong", None, None, None)),  # proche d'un mot qui n'ouvre plus rien
    ("rose", 1, ALL, ("wrong", None, None, None)),
    ("", 1, ALL, ("wrong", None, None, None)),
    ("!!!", 1, ALL, ("wrong", None, None, None)),
    ("lilas", 1, (), ("wrong", None, None, None)),
    ("nul", 4, (SHORT,), ("wrong", None, None, None)),  # trop court pour être proche
    ("nil", 4, (SHORT,), ("right", 4, None, None)),
    ("orange", 5, (NEAR,), ("right", 5, None, None)),  # l'exact passe avant tout
    ("orage", 5, (NEAR,), ("duress", 5, None, None)),
    ("orangé", 5, (NEAR,), ("right", 5, None, None)),
    ("oragne", 5, (NEAR,), ("near", 5, "duress", None)),  # la contrainte gagne sur un presque juste
]


@pytest.mark.parametrize(("heard", "called", "words", "expected"), CASES)
def test_what_is_heard(heard, called, words, expected):
    verdict = check_word(heard, words, called)
    assert (verdict.result, verdict.contact_id, verdict.near_of, verdict.reason) == expected


def test_a_word_made_of_an_article_alone_stays_a_word():
    assert squeeze("la") == "la"
    assert check_word("la", [ContactWords(1, True, "la", None)], 1).result == "right"


def test_words_are_never_shown():
    assert "Lilas" not in repr(ANNE)
    assert "Orage" not in str([ANNE])

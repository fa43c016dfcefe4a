"""What follows from a call's result, category by category (practice P4, P6): who is called next, and what else comes."""

from __future__ import annotations

import pytest

from veilleur.features.procedures.queries import Answer, all_built_in, parse_steps, progress

BOOK = {name: parse_steps(raw) for name, raw in all_built_in().items()}

#: What has nothing to do with calls is out of the way.
REST = {
    "clip": "nothing",
    "listen": "nothing",
    "agent": "engaged",
    "check": "alone",
    "read": "done",
    "hurt": "no",
}

#: Which steps this page is about.
WATCHED = frozenset(
    {"call_site", "call_contact", "call_next_contact", "call_police", "call_fire", "call_medical", "advise"}
)

#: Procédure, réponses des appels, la porte des biens cherche un second témoignage → étapes proposées.
TABLE = [
    # Intrusion : personne ne décide → le suivant ; personne de plus que prévu.
    ("intrusion", {"site": "no_answer"}, False, ["contact_1"]),
    ("intrusion", {"site": "not_obtained"}, False, ["contact_1"]),
    ("intrusion", {"site": "wrong_word"}, False, ["contact_1"]),
    ("intrusion", {"site": "informed"}, False, ["contact_1"]),
    ("intrusion", {"site": "mistake"}, False, ["advise"]),
    ("intrusion", {"site": "no_answer", "contact_1": "no_answer"}, False, ["contact_2"]),
    ("intrusion", {"site": "no_answer", "contact_1": "not_obtained"}, False, ["contact_2"]),
    ("intrusion", {"site": "no_answer", "contact_1": "wrong_word"}, False, ["contact_2"]),
    ("intrusion", {"site": "no_answer", "contact_1": "informed"}, False, []),
    ("intrusion", {"site": "no_answer", "contact_1": "mistake"}, False, ["advise"]),
    # Un premier « fait délictueux en cours » : la cascade continue, l’avis est proposé à côté, à justifier.
    ("intrusion", {"site": "offence"}, True, ["contact_1", "police"]),
    ("intrusion", {"site": "no_answer", "contact_1": "offence"}, True, ["contact_2", "police"]),
    ("intrusion", {"site": "offence", "contact_1": "no_answer"}, True, ["contact_2", "police"]),
    ("intrusion", {"site": "offence", "contact_1": "wrong_word"}, True, ["contact_2", "police"]),
    ("intrusion", {"site": "offence", "contact_1": "informed"}, True, ["contact_2", "police"]),
    ("intrusion", {"site": "offence", "contact_1": "mistake"}, True, ["contact_2", "police"]),
    (
        "intrusion",
        {"site": "no_answer", "contact_1": "no_answer", "contact_2": "offence"},
        True,
        ["contact_3", "police"],
    ),
    # La porte est justifiée, ou l’opérateur est passé outre : plus personne à réveiller.
    ("intrusion", {"site": "offence"}, False, ["police"]),
    ("intrusion", {"site": "no_answer", "contact_1": "offence"}, False, ["police"]),
    ("intrusion", {"site": "offence", "contact_1": "offence"}, False, ["police"]),
    # Le dernier destinataire aussi compte.
    (
        "intrusion",
        {"site": "no_answer", "contact_1": "no_answer", "contact_2": "no_answer", "contact_3": "offence"},
        True,
        ["police"],
    ),
    ("tamper", {"site": "offence"}, True, ["contact_1", "police"]),
    ("tamper", {"site": "no_answer", "contact_1": "offence"}, True, ["contact_2", "police"]),
    ("open_close", {"site": "offence"}, True, ["contact_1", "police"]),
    ("open_close", {"site": "mistake"}, False, []),
    ("path", {"site": "offence"}, True, ["contact_1", "police"]),
    ("path", {"site": "no_answer", "contact_1": "offence"}, True, ["contact_2", "police"]),
    ("technical", {"contact_1": "offence"}, True, ["contact_2", "police"]),
    ("technical", {"contact_1": "informed"}, False, ["technician"]),
    ("unknown", {"site": "offence"}, True, ["contact_1", "police"]),
    ("unknown", {"site": "mistake"}, False, ["technician"]),
    # Les personnes, le feu et le gaz n’ont pas de porte à recouper.
    ("personal", {"site": "offence"}, False, ["police"]),
    ("personal", {"site": "no_answer"}, False, ["contact_1"]),
    ("hold_up", {"police": "coming", "contact_1": "informed"}, False, []),
    ("hold_up", {"police": "coming", "contact_1": "no_answer"}, False, ["contact_2"]),
    ("fire", {"site": "no_answer"}, False, ["fire"]),
    ("fire", {"site": "mistake"}, False, ["contact_1"]),
    ("gas", {"site": "no_answer"}, False, ["fire"]),
    ("medical", {"site": "no_answer"}, False, ["medical", "contact_1"]),
]


@pytest.mark.parametrize(("name", "said", "corroborate", "expected"), TABLE)
def test_ce_qui_suit_d_un_appel(
    name: str, said: dict[str, str], corroborate: bool, expected: list[str]
) -> None:
    steps = BOOK[name]
    known = {step.key: step for step in steps}
    answers = {key: Answer(result) for key, result in (REST | said).items() if key in known}
    now = progress(steps, answers, corroborate=corroborate)
    assert [key for key in now.current if known[key].act in WATCHED] == expected


@pytest.mark.parametrize("name", sorted(BOOK))
def test_aucun_temoignage_n_est_sans_suite(name: str) -> None:
    """Wherever somebody may say that an offence is under way, a call to the police, or to rescue, may follow."""
    steps = BOOK[name]
    calls = [step.key for step in steps if step.act in ("call_site", "call_contact", "call_next_contact")]
    police = [step for step in steps if step.act in ("call_police", "call_fire", "call_medical")]
    if not police:
        assert name == "follow_up" or not calls  # in an événement nobody is called to tell
        return
    always = any(not step.when for step in police)
    named = {
        key for step in police for each in step.when for key, wanted in each.items() if "offence" in wanted
    }
    rescued = {"fire", "gas", "medical", "personal"}  # contacts are called there to be told, not to verify
    told = {step.key for step in steps if step.wording == "contact_told"}
    assert always or name in rescued or set(calls) - told <= named


def test_un_appel_passe_avec_un_motif_ne_perd_pas_le_suivant() -> None:
    steps = BOOK["intrusion"]
    answers = {key: Answer(result) for key, result in REST.items() if key in {step.key for step in steps}}
    answers |= {"site": Answer("offence"), "contact_1": Answer(None)}
    assert "contact_2" in progress(steps, answers, corroborate=True).current

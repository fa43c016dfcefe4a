"""Practice P6, the order of a call: the table, every breach of it, and the ends that go with what was heard."""

from __future__ import annotations

from itertools import product

import pytest

from veilleur.features.handling.conversation import (
    MAX_TRIES,
    MAX_TRIES_ONCE_WRONG,
    RESULTS,
    SAID,
    WORDS,
    CallState,
    Heard,
    Result,
    Stage,
    refuses_result,
    refuses_word,
)


def call(**changes: object) -> CallState:
    given: dict[str, object] = {"target": "contact", "direction": "out", "word": None, "result": None}
    return CallState(**(given | changes))  # type: ignore[arg-type]


def test_les_faits_ne_sont_que_dans_l_etape_des_faits() -> None:
    for stage, sentences in SAID.items():
        assert ("facts" in sentences) == (stage is Stage.FACTS)


def test_l_ordre_est_qui_nous_sommes_qui_etes_vous_mot_de_passe_puis_les_faits() -> None:
    assert call().sentences == ("who_we_are", "who_are_you", "code_word")
    assert call(word="right").sentences[0] == "facts"


def test_la_contrainte_se_conclut_par_la_phrase_du_mot_juste() -> None:
    """P1: what the customer's side hears at the end is the same."""
    assert call(word="duress").sentences == (call(word="right").sentences[-1],)


def test_mot_faux_ou_pas_obtenu_merci_au_revoir() -> None:
    for word in ("wrong", "not_obtained"):
        assert call(word=word).sentences == ("goodbye",)


#: mot déjà jugé · ce qu’on entend · comparé par l’écran ? · déjà affiché ? · essais · refus (None : admis)
CASES = [
    (None, "right", True, False, 0, None),
    (None, "near", True, False, 0, None),
    (None, "wrong", True, False, 0, None),
    (None, "duress", True, False, 0, None),
    (None, "right", False, False, 0, "call_word_not_typed"),  # «juste» à l’oreille sans avoir affiché le mot
    (None, "right", False, True, 0, None),
    (None, "near", False, True, 0, "call_word_not_typed"),
    (None, "wrong", False, False, 0, None),
    (None, "not_obtained", False, False, 0, None),
    (None, "duress", False, False, 0, None),
    ("wrong", "right", True, False, 1, None),  # mal entendu : une seconde saisie
    ("wrong", "right", True, False, MAX_TRIES_ONCE_WRONG, "call_too_many_tries"),
    ("wrong", "right", False, True, MAX_TRIES_ONCE_WRONG, "call_too_many_tries"),
    ("wrong", "wrong", False, False, MAX_TRIES_ONCE_WRONG, None),
    (None, "right", True, False, MAX_TRIES, "call_too_many_tries"),
    (None, "right", True, False, MAX_TRIES_ONCE_WRONG, None),  # la troisième frappe d’un mot presque juste
    ("wrong", "duress", True, False, MAX_TRIES, None),  # la contrainte s’entend toujours
    ("not_obtained", "right", True, False, 1, None),
    ("right", "wrong", True, False, 1, "call_word_known"),  # les faits ont été dits
    ("right", "right", True, False, 1, "call_word_known"),
    ("right", "duress", True, False, 1, None),
    ("duress", "right", True, False, 1, "call_word_known"),  # on ne sort pas de la contrainte
    ("duress", "not_obtained", False, False, 1, "call_word_known"),
]


@pytest.mark.parametrize(("word", "heard", "typed", "revealed", "tries", "refusal"), CASES)
def test_le_mot(
    word: str | None, heard: str, typed: bool, revealed: bool, tries: int, refusal: str | None
) -> None:
    state = call(word=word, revealed=revealed, tries=tries)
    assert refuses_word(state, Heard(heard), typed=typed) == refusal


def test_aucun_mot_n_est_demande_a_un_agent_ni_a_un_service() -> None:
    for target in ("responder", "directory"):
        state = call(target=target)
        assert state.stage is Stage.PLAIN
        assert refuses_word(state, Heard.RIGHT, typed=True) == "call_asks_no_word"
        assert refuses_result(state, Result.ANSWERED, None) is None


def test_apres_la_fin_rien_n_est_plus_dit_ni_juge() -> None:
    for heard, result in product(Heard, Result):
        ended = call(word="right", result="answered")
        assert refuses_word(ended, heard, typed=True) == "call_ended"
        assert refuses_result(ended, result, None) == "call_ended"
        assert ended.sentences == ()


#: Who answers must be judged first; who did not speak was not judged.
ENDS = [
    (None, "answered", None, "call_word_first"),
    (None, "rings", None, None),
    (None, "busy", None, None),
    (None, "voicemail", None, None),
    (None, "wrong_number", None, None),
    (None, "hung_up", None, None),
    (None, "other_person", None, None),
    ("right", "answered", "offence", None),
    ("right", "answered", None, "call_say_what_is_understood"),
    ("right", "rings", None, "call_result_contradicts_word"),
    ("right", "voicemail", None, "call_result_contradicts_word"),
    ("right", "hung_up", None, "call_result_contradicts_word"),
    ("wrong", "answered", None, None),
    ("wrong", "answered", "offence", "call_nobody_identified"),
    ("wrong", "busy", None, "call_result_contradicts_word"),
    ("wrong", "hung_up", None, None),
    ("not_obtained", "answered", None, None),
    ("not_obtained", "answered", "mistake", "call_nobody_identified"),
    ("duress", "answered", None, None),
    ("duress", "hung_up", None, None),
    ("duress", "voicemail", None, "call_result_contradicts_word"),
]


@pytest.mark.parametrize(("word", "result", "understood", "refusal"), ENDS)
def test_la_fin_de_l_appel(
    word: str | None, result: str, understood: str | None, refusal: str | None
) -> None:
    assert refuses_result(call(word=word), Result(result), understood) == refusal


def test_qui_nous_appelle_peut_ne_rien_dire_de_l_alarme() -> None:
    """What is understood is asked of our call-backs: two of them may prove (P4). A caller asks for something."""
    caller = call(target="caller", direction="in", word="right")
    assert refuses_result(caller, Result.ANSWERED, None) is None
    assert refuses_result(caller, Result.ANSWERED, "offence") is None


def test_chaque_resultat_a_sa_ligne_et_aucun_n_est_par_defaut() -> None:
    assert set(RESULTS) == set(Result)
    assert all(None in RESULTS[result] for result in Result if result is not Result.ANSWERED)
    assert set(WORDS) == set(Stage)

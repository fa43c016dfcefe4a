"""Whom to call now, as a table: P7, need 2."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from veilleur.features.continuity.model import Called, Person, Progress, StationRules, next_calls
from veilleur.kernel.errors import InvalidError

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
ANA, BRUNO = Person(1, "Ana", "person", ("mail",)), Person(2, "Bruno", "person", ("sms", "mail"))
BACKUP = Person(9, "Station de secours", "centre", ("mail",))
RULES = StationRules()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def progress(
    *,
    station: bool = False,
    step: int = 0,
    since: float | None = None,
    taken: float | None = None,
    calls: tuple[Called, ...] = (),
) -> Progress:
    return Progress(
        station, step, None if since is None else ago(since), None if taken is None else ago(taken), calls
    )


CASES = {
    "personne encore : le premier de la liste": (progress(), [ANA], 1),
    "il a le temps de répondre": (progress(step=1, since=60, calls=(Called(1, 1, "sent"),)), [], None),
    "il n’a pas répondu : le suivant": (
        progress(step=1, since=121, calls=(Called(1, 1, "sent"),)),
        [BRUNO],
        2,
    ),
    "rien n’est parti : le suivant tout de suite": (
        progress(step=1, since=3, calls=(Called(1, 1, "failed"),)),
        [BRUNO],
        2,
    ),
    "un moyen sur deux est parti : on attend": (
        progress(step=2, since=3, calls=(Called(2, 2, "failed"), Called(2, 2, "sent"))),
        [],
        None,
    ),
    "la liste recommence": (progress(step=2, since=121), [ANA], 3),
    "trois tours et c’est tout": (progress(step=6, since=5000), [], None),
    "la station ne répond plus : le centre de secours aussi": (progress(station=True), [BACKUP, ANA], 1),
    "le centre de secours une seule fois": (
        progress(station=True, step=1, since=3, calls=(Called(9, 0, "sent"), Called(1, 1, "sent"))),
        [],
        None,
    ),
    "quelqu’un a pris : personne d’autre": (progress(station=True, step=1, since=500, taken=400), [], None),
    "il n’est jamais arrivé : on recommence": (progress(step=6, since=5000, taken=901), [ANA], 7),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_qui_appeler_maintenant(case: tuple[Progress, list[Person], int | None]) -> None:
    stands, called, step = case
    found = next_calls(stands, [ANA, BRUNO, BACKUP], RULES, NOW)
    assert list(found.call) == called
    assert found.step == step
    assert found.forget is (stands.taken_at is not None and step is not None)


def test_une_liste_vide_se_dit_une_fois() -> None:
    assert next_calls(progress(), [], RULES, NOW).nobody
    assert not next_calls(progress(since=30), [], RULES, NOW).nobody


def test_un_centre_de_secours_seul_n_est_pas_personne() -> None:
    found = next_calls(progress(station=True), [BACKUP], RULES, NOW)
    assert (found.call, found.nobody) == ((BACKUP,), False)


@pytest.mark.parametrize(
    "said", [{"unheld_after": 0}, {"rounds": "3"}, {"stop_acknowledging": 1}, {"unheld": 5}, "60"]
)
def test_un_reglage_faux_se_nomme(said: object) -> None:
    with pytest.raises(InvalidError):
        StationRules.read({"station": said})


def test_ce_qui_est_absent_garde_sa_valeur() -> None:
    assert StationRules.read({"station": {"awake_within": 0}}) == StationRules(awake_within=0)
    assert StationRules.read({}) == RULES

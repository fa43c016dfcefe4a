"""The code tables, held against the public-domain ones of siadc09, and what events mean to each other."""

from __future__ import annotations

import pytest
from siadc09 import dc03, dc05

from veilleur.protocols import contact_id, meaning, sia_codes
from veilleur.protocols.codes import Nature, NumberKind
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.protocols.meaning import Arming

NEW, RESTORE, STATUS = Qualifier.NEW, Qualifier.RESTORE, Qualifier.STATUS


def event(code: str, qualifier: Qualifier | None = None, **numbers: str) -> Event:
    info = meaning.lookup(code)
    told = qualifier or (info.qualifier if info else None) or NEW
    return Event(info.category if info else Category.UNKNOWN, code, told, **numbers)  # type: ignore[arg-type]


def test_no_code_of_the_standards_is_missing() -> None:
    assert set(contact_id.TABLE) == set(dc05.EVENT)
    assert set(sia_codes.TABLE) == set(dc03.EVENT)


def test_numbers_are_users_where_the_standards_say_so() -> None:
    for table, theirs in ((contact_id.TABLE, dc05.EVENT), (sia_codes.TABLE, dc03.EVENT)):
        for code, info in table.items():
            assert (info.number is NumberKind.USER) == (theirs[code]["addr"] == "User"), code


def test_restores_name_codes_that_exist_and_are_no_restores() -> None:
    for code, info in sia_codes.TABLE.items():
        if info.restores:
            assert info.qualifier is RESTORE, code
        for ended in info.restores:
            assert sia_codes.TABLE[ended].qualifier is not RESTORE, (code, ended)


def test_every_alarm_that_the_tables_restore_says_it_in_words() -> None:
    for table in (contact_id.TABLE, sia_codes.TABLE):
        for info in table.values():
            assert info.category is not Category.UNKNOWN
            assert info.label_fr
            assert info.label_en
            told = info.label_fr.lower()
            assert not any(word in told for word in ("panique", "sabotage", "restauration", "hold-up")), told


@pytest.mark.parametrize(
    ("code", "category", "nature"),
    [
        ("130", Category.INTRUSION, Nature.ALARM),
        ("121", Category.DURESS, Nature.ALARM),
        ("122", Category.HOLD_UP, Nature.ALARM),
        ("110", Category.FIRE, Nature.ALARM),
        ("137", Category.TAMPER, Nature.ALARM),
        ("301", Category.POWER, Nature.FAULT),
        ("350", Category.COMMUNICATION, Nature.FAULT),
        ("401", Category.OPEN_CLOSE, Nature.INFORMATION),
        ("454", Category.OPEN_CLOSE, Nature.ALARM),
        ("570", Category.BYPASS, Nature.INFORMATION),
        ("602", Category.TEST, Nature.INFORMATION),
        ("BA", Category.INTRUSION, Nature.ALARM),
        ("BT", Category.TECHNICAL, Nature.FAULT),
        ("BB", Category.BYPASS, Nature.INFORMATION),
        ("HA", Category.HOLD_UP, Nature.ALARM),
        ("PA", Category.PANIC, Nature.ALARM),
        ("FA", Category.FIRE, Nature.ALARM),
        ("MA", Category.MEDICAL, Nature.ALARM),
        ("GA", Category.GAS, Nature.ALARM),
        ("WA", Category.WATER, Nature.ALARM),
        ("ZA", Category.ENVIRONMENT, Nature.ALARM),
        ("TA", Category.TAMPER, Nature.ALARM),
        ("YC", Category.COMMUNICATION, Nature.FAULT),
        ("AT", Category.POWER, Nature.FAULT),
        ("DF", Category.ACCESS, Nature.ALARM),
        ("RP", Category.TEST, Nature.INFORMATION),
        ("CI", Category.OPEN_CLOSE, Nature.ALARM),
    ],
)
def test_codes_that_decide_what_happens(code: str, category: Category, nature: Nature) -> None:
    info = meaning.lookup(code)
    assert info is not None
    assert (info.category, info.nature, info.alarm) == (category, nature, nature is Nature.ALARM)


@pytest.mark.parametrize(
    ("code", "qualifier", "words"),
    [
        ("401", NEW, "Mise hors service par utilisateur"),
        ("401", RESTORE, "Mise en service par utilisateur"),
        ("130", RESTORE, "Fin d'alarme – Intrusion"),
        ("301", RESTORE, "Retour secteur"),
        ("350", RESTORE, "Fin de défaut – Défaut de transmission"),
        ("130", STATUS, "Intrusion (toujours présent)"),
        ("BR", RESTORE, "Retour à la normale (intrusion)"),
        ("ZZ", NEW, "Code inconnu ZZ"),
    ],
)
def test_events_are_told_in_words_of_the_trade(code: str, qualifier: Qualifier, words: str) -> None:
    assert meaning.describe(event(code, qualifier)) == words


def test_each_dialect_describes_its_codes() -> None:
    assert contact_id.describe("137") == "Autosurveillance"
    assert contact_id.describe("401", RESTORE, language="en") == "Closing by user"
    assert contact_id.describe("999") == "Code Contact ID inconnu 999"
    assert sia_codes.describe("BH", language="en") == "Burglary alarm restore"
    assert sia_codes.describe("ZZ") == "Code SIA inconnu ZZ"
    assert meaning.nature_of(event("ZZ")) is None


@pytest.mark.parametrize(
    ("later", "earlier", "closed"),
    [
        (event("BH", zone="15"), event("BA", zone="15"), True),
        (event("BR", zone="015", area="1"), event("BA", zone="15", area="01"), True),
        (event("BR", zone="15"), event("BA", zone="15", area="1"), True),
        (event("BR", zone="16"), event("BA", zone="15"), False),
        (event("BR", zone="15", area="2"), event("BA", zone="15", area="1"), False),
        (event("BR", zone="15"), event("FA", zone="15"), False),
        (event("BJ", zone="15"), event("BA", zone="15"), False),
        (event("BC", user="1"), event("BA", zone="15"), False),
        (event("TR", zone="15"), event("TS"), False),
        (event("130", RESTORE, zone="015"), event("130", zone="015"), True),
        (event("130", RESTORE, zone="015"), event("131", zone="015"), False),
        (event("130", STATUS, zone="015"), event("130", zone="015"), False),
        (event("130", zone="015"), event("130", zone="015"), False),
        (event("401", RESTORE, user="1"), event("401", user="1"), False),
        (event("401", RESTORE, user="1", area="1"), event("454", user="0", area="1"), True),
        (event("CL", user="1", area="1"), event("CI", area="1"), True),
        (event("CL", user="1", area="2"), event("CI", area="1"), False),
        (event("OP", user="1"), event("CT", area="1"), True),
        (event("999", RESTORE, zone="1"), event("999", zone="1"), True),
        (event("301", RESTORE, zone="000"), event("301"), True),
    ],
)
def test_what_ends_what(later: Event, earlier: Event, closed: bool) -> None:
    assert meaning.closes(later, earlier) is closed


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (event("401"), Arming.DISARMED),
        (event("401", RESTORE), Arming.ARMED),
        (event("441", RESTORE), Arming.PARTIAL),
        (event("401", STATUS), None),
        (event("454"), None),
        (event("406"), None),
        (event("CL"), Arming.ARMED),
        (event("NL"), Arming.PARTIAL),
        (event("OP"), Arming.DISARMED),
        (event("CI"), None),
        (event("BA"), None),
    ],
)
def test_which_events_tell_the_state_of_an_area(told: Event, state: Arming | None) -> None:
    assert meaning.arming(told) is state


def test_a_cancel_is_known_as_one() -> None:
    assert meaning.is_cancel(event("BC"))
    assert meaning.is_cancel(event("406"))
    assert not meaning.is_cancel(event("BR"))

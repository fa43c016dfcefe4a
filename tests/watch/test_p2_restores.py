"""Practice P2 as a table: every kind of code × its restore × a disarming."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.watch.watch_stage import (
    NIGHT,
    NOW,
    cid,
    contact,
    decided,
    incident,
    panel,
    path,
    point,
    sia,
    site,
    told,
)
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event
from veilleur.watch.decisions import CloseItself, Open, ZoneState
from veilleur.watch.project import Imagined
from veilleur.watch.view import Heard

NEVER = {
    Category.INTRUSION, Category.TAMPER, Category.HOLD_UP, Category.DURESS, Category.PANIC, Category.MEDICAL,
    Category.PERSONAL, Category.FIRE, Category.GAS,
}  # fmt: skip


def played(view: Any, *events: Event) -> Imagined:
    """The site after these events, one second apart, nobody touching anything."""
    from veilleur.watch.decide import decide

    world = Imagined(view)
    for n, event in enumerate(events):
        dialect = "sia" if len(event.code) == 2 else "contact_id"
        said = Heard(n + 1, NOW + timedelta(seconds=n), event, "accepted", dialect, 0, 1)
        world = world.after(said, decide(world.site, world.incidents, said, said.at))
    return world


A_FAULT_FOR_US = "157"  # a bottle to change
CID_ALARMS = sorted(
    c
    for c, i in contact_id.TABLE.items()
    if i.nature is Nature.ALARM and i.category in NEVER and c != A_FAULT_FOR_US
)
CID_FAULTS = sorted(
    c
    for c, i in contact_id.TABLE.items()
    if i.nature is Nature.FAULT and i.category is not Category.TEST and c not in ("344", "920")
)


@pytest.mark.parametrize("code", CID_ALARMS)
def test_cid_la_fin_d_alarme_ne_clot_rien(code: str) -> None:
    """A restore three seconds later (Ajax and its panic button) leaves the dossier open; its point is normal."""
    world = played(site(), cid(f"1{code}"), cid(f"3{code}"))
    assert world.closed == ()
    assert len(world.incidents) == 1, code
    assert all(p.normal for p in world.incidents[0].points)


@pytest.mark.parametrize("code", CID_ALARMS)
def test_cid_ni_la_fin_ni_la_mise_hors_service_ne_closent(code: str) -> None:
    """Alarm, restore, then disarming by a known user: by default the contre-appel decides."""
    world = played(site(), cid(f"1{code}"), cid(f"3{code}"), cid("1401", "003"))
    assert world.closed == ()
    assert len(world.incidents) == 1


@pytest.mark.parametrize("code", CID_FAULTS)
def test_cid_la_fin_de_defaut_clot_le_defaut(code: str) -> None:
    world = played(site(), cid(f"1{code}"), cid(f"3{code}"))
    assert world.incidents == ()
    assert len(world.closed) == 1
    assert world.closed[0].priority >= 5


@pytest.mark.parametrize("code", CID_FAULTS)
def test_cid_la_mise_hors_service_ne_clot_pas_un_defaut(code: str) -> None:
    world = played(site(), cid(f"1{code}"), cid("1401", "003"))
    assert world.closed == ()
    assert len(world.incidents) == 1


SIA_PAIRS = sorted(
    (began, end)
    for end, info in sia_codes.TABLE.items()
    for began in info.restores
    if sia_codes.TABLE[began].category is not Category.OPEN_CLOSE
    and sia_codes.TABLE[began].nature is not Nature.INFORMATION
    and info.category is not Category.OPEN_CLOSE
)


@pytest.mark.parametrize(("began", "end"), SIA_PAIRS)
def test_sia_chaque_code_et_chaque_fin(began: str, end: str) -> None:
    """BH and BR both end a BA; an alarm stays open, a fault closes, both points are normal."""
    info = sia_codes.TABLE[began]
    world = played(site(), sia(began), sia(end))
    fault = info.nature is Nature.FAULT and began != "XQ"
    if fault:
        assert world.incidents == ()
        assert len(world.closed) == 1
    else:
        assert world.closed == ()
        assert [p.normal for i in world.incidents for p in i.points] == [True]


# title, event, dossier, what is decided
Case = tuple[str, Event, Any, list[str]]
CASES: list[Case] = [
    (
        "fin d'intrusion : l'état du point, rien d'autre",
        cid("3130"),
        incident(state="new"),
        ["point 1 normal", "montré dans 10 (restore)", "zone:1:1 normal par restore dans 10"],
    ),
    (
        "fin d'agression après 3 secondes (Ajax)",
        cid("3120", "002"),
        incident(family="person", category="panic", priority=1, points=(point("zone:1:2/panic", "panic"),)),
        ["point 2 normal", "montré dans 10 (restore)", "zone:1:2/panic normal par restore dans 10"],
    ),
    (
        "fin d'intrusion au numéro d'une agression : rien",
        cid("3130", "002"),
        incident(family="person", category="panic", priority=1, points=(point("zone:1:2/panic", "panic"),)),
        ["point 2 normal"],
    ),
    (
        "fin d'intrusion au numéro d'un incendie : rien",
        cid("3130", "002"),
        incident(family="fire", category="fire", priority=2, points=(point("zone:1:2/fire", "fire"),)),
        ["point 2 normal"],
    ),
    (
        "fin d'incendie au numéro d'une intrusion : rien",
        cid("3110", "001"),
        incident(),
        ["point 1 normal"],
    ),
    (
        "fin d'un autre point : rien",
        cid("3130", "002"),
        incident(),
        ["point 2 normal"],
    ),
    (
        "fin d'autosurveillance : ne rend pas l'intrusion du même point normale",
        cid("3144"),
        incident(points=(point("zone:1:1"), point("zone:1:1/tamper", "tamper"))),
        ["point 1 normal", "montré dans 10 (restore)", "zone:1:1/tamper normal par restore dans 10"],
    ),
    (
        "retour secteur : le défaut que personne n'a pris se clôt",
        cid("3301", "000", "00"),
        incident(
            family="technical",
            category="power",
            priority=6,
            state="new",
            points=(point("panel:1:301", "power", area=None),),
            clears_by_restore=True,
        ),
        ["montré dans 10 (restore)", "panel:1:301 normal par restore dans 10", "clôt 10 (restored)"],
    ),
    (
        "retour secteur : un défaut pris reste à celui qui l'a pris",
        cid("3301", "000", "00"),
        incident(
            family="technical",
            category="power",
            priority=6,
            state="taken",
            points=(point("panel:1:301", "power", area=None),),
            clears_by_restore=True,
        ),
        ["montré dans 10 (restore)", "panel:1:301 normal par restore dans 10"],
    ),
    (
        "retour secteur : la batterie est encore basse, le dossier reste",
        cid("3301", "000", "00"),
        incident(
            family="technical",
            category="power",
            priority=5,
            state="new",
            points=(
                point("panel:1:301", "power", area=None),
                point("panel:1:302", "power", area=None),
            ),
            clears_by_restore=True,
        ),
        ["montré dans 10 (restore)", "panel:1:301 normal par restore dans 10"],
    ),
    (
        "retour secteur : plus grave l'a rejoint, rien ne se clôt seul",
        cid("3301", "000", "00"),
        incident(
            family="technical",
            category="power",
            priority=3,
            state="new",
            points=(point("panel:1:301", "power", area=None),),
            clears_by_restore=True,
            marks=("must_handle",),
        ),
        ["montré dans 10 (restore)", "panel:1:301 normal par restore dans 10"],
    ),
]


@pytest.mark.parametrize(("title", "event", "dossier", "expected"), CASES, ids=[c[0] for c in CASES])
def test_table_des_fins(title: str, event: Event, dossier: Any, expected: list[str]) -> None:
    assert told(decided(site(), event, dossier), states=True) == expected


def clearing(**more: Any) -> Any:
    """An intrusion of 20 seconds ago whose contract accepts a disarming."""
    base = {"state": "new", "opened_at": NOW - timedelta(seconds=20), "clears_by_disarm": True}
    return incident(**(base | more))


DISARM: list[tuple[str, Callable[[], Any], Any, Event, bool]] = [
    ("contrat, usager connu, un point, dans le délai : clos", site, clearing(), cid("1401", "003"), True),
    ("sans le contrat : contre-appel", site, clearing(clears_by_disarm=False), cid("1401", "003"), False),
    ("usager inconnu", site, clearing(), cid("1401", "009"), False),
    ("usager sans numéro", site, clearing(), cid("1401", "000"), False),
    (
        "contact non habilité",
        lambda: site(contacts=(contact("Ancien gérant", "3", authorised=False),)),
        clearing(),
        cid("1401", "003"),
        False,
    ),
    (
        "deux points en alarme",
        site,
        clearing(points=(point("zone:1:1"), point("zone:1:2"))),
        cid("1401", "003"),
        False,
    ),
    (
        "autosurveillance",
        site,
        clearing(points=(point("zone:1:1/tamper", "tamper"),)),
        cid("1401", "003"),
        False,
    ),
    (
        "une voie perdue",
        lambda: site(panels=(panel(paths=(path(1, "lost"), path(2))),)),
        clearing(),
        cid("1401", "003"),
        False,
    ),
    (
        "après le délai d'entrée",
        site,
        clearing(opened_at=NOW - timedelta(seconds=61)),
        cid("1401", "003"),
        False,
    ),
    (
        "délai du contrat plus long",
        site,
        clearing(opened_at=NOW - timedelta(seconds=61), entry_delay=90),
        cid("1401", "003"),
        True,
    ),
    ("déjà pris : l'opérateur décide", site, clearing(state="taken"), cid("1401", "003"), False),
    ("hors plage", lambda: site(schedule=NIGHT), clearing(), cid("1401", "003"), False),
    ("mise en service : ne clôt rien", site, clearing(), cid("3401", "003"), False),
    ("SIA : mise hors service après alarme (OR)", site, clearing(), sia("OR", "3"), True),
]


@pytest.mark.parametrize(("title", "view", "dossier", "event", "closes"), DISARM, ids=[c[0] for c in DISARM])
def test_table_du_retrait_par_mise_hors_service(
    title: str, view: Callable[[], Any], dossier: Any, event: Event, closes: bool
) -> None:
    decisions = decided(view(), event, dossier)
    assert (CloseItself(10, "disarmed_in_time") in decisions) is closes


def test_le_contrat_peut_lister_un_technique_mais_jamais_une_intrusion() -> None:
    """`clears_by_restore` works for a technical alarm; the same words on an intrusion change nothing."""
    rule = ({"code": "150", "clears_by_restore": True}, {"code": "130", "clears_by_restore": True})
    view = site(codes=rule)
    assert played(view, cid("1150"), cid("3150")).incidents == ()
    assert len(played(view, cid("1130"), cid("3130")).incidents) == 1


def test_un_defaut_rejoint_par_une_alarme_technique_ne_se_clot_plus() -> None:
    world = played(site(), cid("1301", "000"), cid("1150", "002"), cid("3301", "000"), cid("3150", "002"))
    assert world.closed == ()
    assert world.incidents[0].marks == ("must_handle",)


def test_le_dossier_ouvert_dit_ce_qui_le_clot() -> None:
    opened = [d for d in decided(site(), cid("1301", "000", "00")) if isinstance(d, Open)]
    assert opened[0].headline["clears_by_restore"] is True


def test_un_numero_reste_en_alarme_tant_qu_une_autre_nature_l_est() -> None:
    """The end of the intrusion says nothing of the fire that the same number told."""
    fire = incident(family="fire", points=(point("zone:1:2/fire", "fire", zone_id=2),))
    assert decided(site(), cid("3130", "002"), fire) == ()
    assert ZoneState(1, "2", "normal") in decided(site(), cid("3110", "002"), fire)

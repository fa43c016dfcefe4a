"""From stored signals to dossiers, on a real database: the queue, its order, its quarantine, its fence."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from tests.watch.watch_stage import cid, decided, incident, on_test, sia, site
from veilleur.features.incidents import commands
from veilleur.features.sites.commands import accept_connection
from veilleur.watch.deciding import EVENTS_AT_ONCE, PROOFS_OF_LIFE, Decider
from veilleur.watch.lease import LeaseLostError, acquire, fence, release, renew
from veilleur.watch.view import Rules


def test_une_intrusion_ouvre_un_dossier_qui_sonne(station: Any) -> None:
    signal = station.receive(cid("1130"))
    assert station.decide_all() == 1
    (dossier,) = station.incidents()
    assert (dossier.family, dossier.priority, dossier.state) == ("intrusion", 3, "new")
    assert dossier.ringing_since is not None
    assert dossier.opened_at == station.clock.now()
    assert dossier.headline["zone_name"] == "Point 1"
    point = station.points(dossier.id)[f"zone:{station.panel_id}:1"]
    assert point.zone_id == station.value("SELECT id FROM zone WHERE number = '1'")
    assert station.value("SELECT state FROM zone WHERE number = '1'") == "alarm"
    assert station.value("SELECT decided_at FROM signal WHERE id = :id", id=signal) == station.clock.now()
    assert station.column("SELECT role FROM incident_signal") == ["opened"]


def test_la_nuit_entiere_d_un_site(station: Any) -> None:
    """Intrusion, second point, restores, disarming, arming: one dossier, confirmed, nothing lost, all entered."""
    for event in (cid("1130"), cid("1130", "002"), cid("3130"), cid("3130", "002"), cid("1401", "003")):
        station.receive(event)
        station.clock.advance(1)
    assert station.decide_all() == 5
    (dossier,) = station.incidents()
    assert (dossier.priority, dossier.signal_count, dossier.normal) == (2, 5, True)
    assert dossier.headline["marks"] == ["confirmed"]
    assert station.column("SELECT role FROM incident_signal ORDER BY signal_id") == [
        "opened", "new_point", "restore", "restore", "arming",
    ]  # fmt: skip
    assert station.value("SELECT armed FROM area WHERE number = '1'") is False
    kinds = station.kinds()
    assert "incident.woken" in kinds
    assert "area.disarmed" in kinds


def test_tous_les_evenements_d_un_bloc_se_voient_l_un_l_autre(station: Any) -> None:
    """Two points in one SIA block: the second joins the dossier of the first and confirms it."""
    station.receive(cid("1130"), cid("1130", "002"))
    station.decide_all()
    (dossier,) = station.incidents()
    assert (dossier.priority, dossier.signal_count) == (2, 1)
    assert station.column("SELECT event_index FROM incident_signal ORDER BY 1") == [0, 1]


def test_un_bloc_de_cent_evenements_ne_retient_que_son_site(station: Any) -> None:
    """One lawful frame may hold hundreds of events: decided by parts, the others having their turn between."""
    site, panel = station.add_site(2)
    many = EVENTS_AT_ONCE * 3 + 1
    station.receive(*(cid("1130", f"{number:03d}") for number in range(1, many + 1)))
    decider = station.decider()
    assert decider.run_batch() == 1
    assert station.value("SELECT events_decided FROM signal") == EVENTS_AT_ONCE
    station.receive(cid("1120"), site=site, panel=panel)
    assert decider.run_batch() == 2
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 1
    assert station.incidents(site)[0].category == "panic"
    station.decide_all()
    assert station.column("SELECT event_index FROM incident_signal WHERE signal_id = 1 ORDER BY 1") == list(
        range(many)
    )
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 0


def test_les_sites_parlent_a_tour_de_role_les_personnes_d_abord(station: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("veilleur.watch.deciding.LOOK_AGAIN", -1.0)  # one signal, then one looks again
    site, panel = station.add_site(2)
    talkative = [station.receive(cid("1130", f"{number:03d}")) for number in range(1, 4)]
    quiet = station.receive(cid("1130"), site=site, panel=panel)
    third, panel = station.add_site(3)
    person = station.receive(cid("1120"), site=third, panel=panel)
    decider, order = station.decider(), []
    while decider.run_batch():
        decided = station.column("SELECT id FROM signal WHERE decided_at IS NOT NULL ORDER BY id")
        order += [each for each in decided if each not in order]
    assert order == [person, talkative[0], quiet, *talkative[1:]]


def test_le_point_inconnu_est_cree_quand_il_parle(station: Any) -> None:
    station.receive(cid("1130", "042"))
    station.decide_all()
    (dossier,) = station.incidents()
    zone = station.value("SELECT id FROM zone WHERE number = '42' AND discovered")
    assert zone is not None
    assert station.points(dossier.id)[f"zone:{station.panel_id}:42"].zone_id == zone
    assert dossier.headline["marks"] == ["unknown_zone"]


def test_un_defaut_se_clot_avec_son_retour(station: Any) -> None:
    station.receive(cid("1301", "000", "00"))
    station.receive(cid("3301", "000", "00"))
    station.decide_all()
    assert station.incidents() == []
    (dossier,) = station.incidents(closed=True)
    assert (dossier.state, dossier.outcome) == ("closed", "restored")
    assert station.value("SELECT count(*) FROM deadline WHERE done_at IS NULL") == 0


def test_un_defaut_pris_ne_se_clot_pas_sous_les_mains(station: Any) -> None:
    station.receive(cid("1301", "000", "00"))
    station.decide_all()
    user = make_user(station)
    (dossier,) = station.incidents()
    with station.act(user) as act:
        commands.take(act, dossier.id)
    station.receive(cid("3301", "000", "00"))
    station.decide_all()
    (dossier,) = station.incidents()
    assert (dossier.state, dossier.normal) == ("taken", True)


def make_user(station: Any) -> Any:
    """An operator."""
    from veilleur.features.people.tables import User
    from veilleur.logbook.act import Actor

    with station.act() as act:
        entry = act.record("user.added", {})
        user = User(
            login="lea",
            name="Léa",
            sort_key="lea",
            password_hash="x",
            roles=["operator"],
            perimeter={},
            entry_id=entry,
        )
        act.session.add(user)
        act.session.flush()
        return Actor("user", user.id, "Léa")


def test_reveil_d_un_dossier_pris(station: Any) -> None:
    """Need 1 whole: taken, then a new point: rings, to be taken again, on its own clock."""
    station.receive(cid("1130"))
    station.decide_all()
    user = make_user(station)
    (dossier,) = station.incidents()
    with station.act(user) as act:
        commands.take(act, dossier.id)
    assert station.incidents()[0].ringing_since is None
    station.clock.advance(40)
    station.receive(cid("1130", "002"))
    station.decide_all()
    (dossier,) = station.incidents()
    assert (dossier.state, dossier.ring_reason, dossier.ringing_since) == (
        "new",
        "higher",
        station.clock.now(),
    )
    due = station.value("SELECT due_at FROM deadline WHERE kind = 'untaken' AND done_at IS NULL")
    assert due == station.clock.now() + timedelta(seconds=30)


def test_fantomes_et_troubles_ne_font_pas_de_dossier(station: Any) -> None:
    for verdict in ("ghost", "no_key", "bad_key", "stale"):
        station.receive(cid("1130"), verdict=verdict, site=None, panel=None)
    station.decide_all()
    assert station.value("SELECT count(*) FROM incident") == 0
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 0


def test_un_compte_connu_sur_une_autre_ligne_fait_un_dossier_de_son_site(station: Any) -> None:
    """P9: a security trouble that is shown, never lost; ambiguous, it is the station's own."""
    stray = {"verdict": "other_line", "site": None, "panel": None}
    asked = [station.receive(cid(code), **stray) for code in ("1130", "1130", "1602")]
    station.decide_all()
    (dossier,) = station.incidents()
    assert (dossier.site_id, dossier.family, dossier.priority) == (station.site_id, "service", 3)
    assert (dossier.headline["marks"], dossier.signal_count) == (["other_line"], 2)
    assert dossier.state == "new"
    assert station.value("SELECT armed FROM area WHERE number = '1'") is not False
    assert station.column("SELECT signal_id FROM incident_signal ORDER BY 1") == asked[:2]
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 0


@pytest.mark.parametrize("code", sorted(PROOFS_OF_LIFE))
def test_une_preuve_de_vie_ne_decide_rien(code: str) -> None:
    """What SETTLE_TESTS settles without asking is what decide() would have settled."""
    event = replace(sia(code, "0") if len(code) == 2 else cid(f"1{code}", "000"), zone="000")
    for view in (site(), site(armed=None), site(on_tests=(on_test(),)), site(connection="suspended")):
        assert decided(view, event, incident(agent="on_the_way")) == ()


def test_les_preuves_de_vie_se_reglent_ensemble_sauf_exception(station: Any) -> None:
    special, panel = station.add_site(2, codes=[{"code": "602", "nature": "alarm", "priority": 4}])
    for _ in range(30):
        station.receive(cid("1602", "000", "00"))
    station.receive(cid("1602", "000", "00"), site=special, panel=panel)
    with_point = station.receive(cid("1611", "042"))
    mixed = station.receive(cid("1602", "000", "00"), cid("1130"))
    decider = station.decider()
    assert decider._settle_quiet(Rules()) == 30
    assert set(station.column("SELECT id FROM signal WHERE decided_at IS NULL")) >= {with_point, mixed}
    assert station.decide_all() == 3
    assert [i.priority for i in station.incidents(special)] == [4]
    assert station.value("SELECT count(*) FROM zone WHERE number = '42'") == 1
    assert station.incidents()[0].family == "intrusion"


def test_illisible_sans_site_sur_le_site_de_la_station(station: Any) -> None:
    station.receive(verdict="unreadable", site=None, panel=None)
    station.receive(verdict="unreadable", site=None, panel=None)
    station.decide_all()
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    (dossier,) = station.incidents(centre)
    assert (dossier.family, dossier.priority, dossier.signal_count) == ("service", 2, 2)


def test_resilie_ecrit_et_non_traite(station: Any) -> None:
    site, panel = station.add_site(2, connection="terminated")
    station.receive(cid("1120"), site=site, panel=panel)
    station.decide_all()
    assert station.incidents(site) == []
    assert station.kinds()[-1] == "signal.not_treated"


def test_un_signal_que_decide_ne_comprend_pas_est_mis_de_cote(station: Any) -> None:
    """Quarantine: retried once alone, then a dossier «non interprété» with the raw category's priority."""
    bad = station.receive({"category": "hold_up", "code": "122", "qualifier": "sideways"})
    good = station.receive(cid("1130"))
    decider = station.decider()
    assert decider.run_batch() == 2
    assert (decider.counters.retried, decider.counters.quarantined) == (2, 1)
    aside, dossier = station.incidents()
    assert (aside.family, aside.category, aside.priority) == ("service", "hold_up", 1)
    assert aside.headline["marks"] == ["not_interpreted"]
    assert aside.headline["signal"] == bad
    assert dossier.family == "intrusion"
    assert station.column("SELECT id FROM signal WHERE decided_at IS NOT NULL ORDER BY id") == [bad, good]
    assert station.column("SELECT attempts FROM signal ORDER BY id") == [2, 0]
    assert "signal.set_aside" in station.kinds()


def test_sans_categorie_lisible_priorite_2_meme_sans_site(station: Any) -> None:
    station.receive({"category": "?", "code": "?"}, site=None, panel=None, verdict="unknown_code")
    station.decide_all()
    (aside,) = station.incidents(station.value("SELECT id FROM site WHERE reference = 'CENTRE'"))
    assert (aside.category, aside.priority) == ("unknown", 2)


def test_une_exception_du_fichier_qui_fait_lever_decide(station: Any) -> None:
    """A bad rule of a site sets its signals aside, and only its own."""
    site, panel = station.add_site(2, codes=[{"category": "burglary"}])
    station.receive(cid("1130"), site=site, panel=panel)
    station.receive(cid("1130"))
    station.decide_all()
    assert station.incidents(site)[0].headline["marks"] == ["not_interpreted"]
    assert station.incidents()[0].family == "intrusion"


def test_aucun_signal_d_un_ecrivain_lent_n_est_perdu(station: Any) -> None:
    """A writer holds its transaction while a later one commits and is decided; then it commits."""
    with psycopg.connect(station.database.dsn) as slow:
        early = station.receive(cid("1130"), connection=slow)
        late = station.receive(cid("1130", "002"))
        assert early < late
        assert station.decide_all() == 1
        slow.commit()
    assert station.decide_all() == 1
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 0
    (dossier,) = station.incidents()
    assert dossier.signal_count == 2


def test_le_site_tenu_retient_ses_signaux_et_nul_autre(station: Any) -> None:
    site, panel = station.add_site(2)
    first = station.receive(cid("1130"))
    station.receive(cid("1130", "002"))
    station.receive(cid("1130"), site=site, panel=panel)
    with psycopg.connect(station.database.dsn) as other:
        other.execute("SELECT 1 FROM site WHERE id = %s FOR UPDATE", (station.site_id,))
        refused: list[str] = []
        decider = station.decider()
        sqlalchemy_event.listen(
            decider.database.engine,
            "handle_error",
            lambda fault: refused.append(type(fault.original_exception).__name__),
        )
        assert decider.run_batch() == 1
        assert refused == ["LockNotAvailable"]  # one wait, not one per signal of the site
    assert station.incidents(site)[0].family == "intrusion"
    assert station.value("SELECT min(id) FROM signal WHERE decided_at IS NULL") == first
    assert station.decide_all() == 2


def test_deux_veilles_une_seule_decide(station: Any) -> None:
    """Both see the same signals; the fence lets one epoch through, the row lock decides each signal once."""
    for n in range(12):
        station.receive(cid("1130", f"{n % 3 + 1:03d}"))
    release(station.database, station.held)
    newer = acquire(station.database, "watch", "other", ttl=3600)
    assert newer is not None
    assert newer.epoch == station.held.epoch + 1
    refused: list[BaseException] = []
    threads = [
        threading.Thread(target=run_all, args=(station, held, refused))
        for held in (station.held, newer, newer)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert [type(error) for error in refused] == [LeaseLostError]
    (dossier,) = station.incidents()
    assert dossier.signal_count == 12
    assert station.value("SELECT count(*) FROM entry WHERE kind = 'incident.opened'") == 1


def run_all(station: Any, held: Any, refused: list[BaseException]) -> None:
    decider = Decider(station.database, station.clock, held)
    try:
        while decider.run_batch():
            pass
    except LeaseLostError as error:
        refused.append(error)


def test_le_bail_perdu_en_chemin_refuse_la_suite(station: Any) -> None:
    station.receive(cid("1130"))
    decider = station.decider()
    assert decider.run_batch() == 1
    release(station.database, station.held)
    assert acquire(station.database, "watch", "other", ttl=3600) is not None
    station.receive(cid("1130", "002"))
    with pytest.raises(LeaseLostError):
        decider.run_batch()
    with pytest.raises(LeaseLostError):
        renew(station.database, station.held)
    assert station.value("SELECT count(*) FROM signal WHERE decided_at IS NULL") == 1


def test_la_reprise_attend_la_transaction_qui_decide(station: Any) -> None:
    """A takeover cannot slip between a deciding transaction's fence and its commit."""
    release(station.database, station.held)
    with station.database.write() as session:
        fence(session, station.held)
        with psycopg.connect(station.database.dsn) as other:
            other.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("UPDATE lease SET epoch = epoch + 1")


def test_le_bail_expire_se_reprend_et_le_vivant_se_garde(station: Any) -> None:
    assert acquire(station.database, "watch", "other") is None
    with station.database.write() as session:
        session.execute(text("UPDATE lease SET until = clock_timestamp() - interval '1 second'"))
    taken = acquire(station.database, "watch", "other")
    assert taken is not None
    assert taken.epoch == station.held.epoch + 1


def test_un_site_en_raccordement_retient_l_essai_de_chaque_point(station):
    """Need 3: what a point says while «en cours» is its test; once in service, an alarm is an alarm."""
    site, panel = station.add_site(2, connection="connecting")
    times = "SELECT {} FROM zone WHERE number = '1' AND site_id = :site"
    station.receive(cid("1130", "001"), site=site, panel=panel)
    station.decide_all()
    assert station.value(times.format("tested_at = alarm_at AND tested_at = seen_at"), site=site) is True
    assert station.incidents(site) == []
    station.clock.advance(60)
    with station.act() as act:
        accept_connection(act, site, accepted_by="M. Fil", motif="later")
    station.receive(cid("1130", "001"), site=site, panel=panel)
    station.decide_all()
    assert station.value(times.format("alarm_at > tested_at"), site=site) is True
    assert len(station.incidents(site)) == 1

"""The loop as the role runs it: leading, standing by, taking over; and the replay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.watch.watch_stage import cid
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.errors import NotFoundError
from veilleur.watch.lease import release
from veilleur.watch.loop import Watch
from veilleur.watch.replay import replay


def until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Waits for a condition, at most that long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def running(station: Any) -> Any:
    """Starts watches in threads; stops them at the end."""
    release(station.database, station.held)
    started: list[tuple[threading.Event, threading.Thread]] = []

    def start(holder: str, ttl: float = 0.6) -> tuple[Watch, threading.Event]:
        watch, stop = Watch(station.database, SystemClock(), holder, ttl=ttl), threading.Event()
        thread = threading.Thread(target=watch.run, args=(stop,))
        thread.start()
        started.append((stop, thread))
        return watch, stop

    yield start
    for stop, _ in started:
        stop.set()
    for _, thread in started:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_un_signal_devient_un_dossier(station: Any, running: Any) -> None:
    watch, _ = running("a", 6.0)
    assert until(lambda: watch.leading)
    station.receive(cid("1130"))
    assert until(lambda: len(station.incidents()) == 1)
    assert "watch.started" in station.kinds()


def test_la_seconde_veille_attend_puis_reprend(station: Any, running: Any) -> None:
    first, stop = running("a", 4.0)
    assert until(lambda: first.leading)
    second, _ = running("b", 4.0)
    station.receive(cid("1130"))
    assert until(lambda: len(station.incidents()) == 1)
    time.sleep(9)  # more than two leases: the first one prolongs its own
    assert (first.leading, second.leading) == (True, False)
    assert station.kinds().count("watch.started") == 1
    stop.set()
    assert until(lambda: second.leading, seconds=30)
    station.receive(cid("1130", "002"))
    assert until(lambda: station.incidents()[0].signal_count == 2)
    assert second.counters.decided >= 1


def test_la_veille_dont_le_bail_est_pris_cesse_de_decider(station: Any, running: Any) -> None:
    """A holder that slept: somebody forced a new epoch; it stops at once, then stands by."""
    from sqlalchemy import text

    watch, _ = running("a")
    assert until(lambda: watch.leading)
    with station.database.write() as session:
        session.execute(
            text(
                "UPDATE lease SET holder = 'thief', epoch = epoch + 1, until = clock_timestamp() + interval '1 hour'"
            )
        )
    assert until(lambda: not watch.leading)
    station.receive(cid("1130"))
    time.sleep(0.5)
    assert station.incidents() == []


def test_rejouer_un_site_dit_ce_qui_serait_decide_sans_rien_ecrire(station: Any) -> None:
    station.receive(cid("1130"))
    station.receive(cid("1130", "002"))
    station.receive(cid("3130"))
    second = station.value("SELECT id FROM signal ORDER BY id OFFSET 1 LIMIT 1")
    station.decide_all()
    before = station.value("SELECT count(*) FROM entry")
    said = [line.as_json() for line in replay(station.database, site="S-0001")]
    names = [[d["decision"] for d in line["decisions"]] for line in said]
    assert names == [["ZoneState", "Open"], ["ZoneState", "Join"], ["ZoneState", "Attach", "PointBack"]]
    assert said[1]["decisions"][1]["ring"] == "higher"
    (one,) = replay(station.database, signal=second)
    assert one.as_json() == said[1]
    assert station.value("SELECT count(*) FROM entry") == before


def test_le_rejeu_et_la_base_disent_la_meme_chose(station: Any) -> None:
    """What was applied is what the replay imagines: same dossiers, same priorities, same points."""
    from veilleur.watch.project import Imagined  # noqa: F401  # the model both share

    for event in (
        cid("1130"),
        cid("1144", "002"),
        cid("1301", "000", "00"),
        cid("1120", "003"),
        cid("3301", "000", "00"),
    ):
        station.receive(event)
    station.decide_all()
    opened = [
        d["priority"]
        for line in replay(station.database, site="S-0001")
        for d in line.as_json()["decisions"]
        if d["decision"] == "Open"
    ]
    closed = [
        d
        for line in replay(station.database, site="S-0001")
        for d in line.as_json()["decisions"]
        if d["decision"] == "CloseItself"
    ]
    stored = station.incidents(closed=True)
    assert len(opened) == len(stored) == 3
    assert len(closed) == 1 == len([i for i in stored if i.closed_at])


def test_rejouer_ce_qui_n_existe_pas(station: Any) -> None:
    with pytest.raises(NotFoundError):
        list(replay(station.database, site="S-9999"))
    with pytest.raises(NotFoundError):
        list(replay(station.database, signal=999_999))

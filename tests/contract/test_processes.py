"""What the centre promises of its processes (ARCHITECTURE.md §2, §3, §7): kills, restarts, the ordered stop."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import psutil

from tests.acceptance.centre import Centre

#: Seconds that something killed may take to serve again. The supervisor waits half a second; a loaded machine longer.
BACK = 90.0


def wait(until: Callable[[], object], seconds: float = BACK) -> None:
    """Looks until it is so; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it did not come back"
        time.sleep(0.1)


def child(centre: Centre, role: str) -> psutil.Process | None:
    """The process of a role."""
    for process in psutil.Process(centre.process.pid).children():
        with suppress(psutil.Error):  # it may die while one looks
            if process.cmdline()[3:5] == ["run", role]:
                return process
    return None


def postmaster(centre: Centre) -> int | None:
    """The pid of the embedded database, while its file says that it runs."""
    file = centre.data_dir / "postgres" / "postmaster.pid"
    try:
        return int(file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None


def zones(centre: Centre, account: str) -> list[str]:
    """The zones an account has told, in order."""
    lines = centre.lines("signals", "--json", "--account", account)
    return [event["zone"] for line in lines for event in line["events"]]


def test_a_reception_killed_loses_nothing_and_answers_again(centre: Centre) -> None:
    panel = centre.panel("2345")
    assert centre.say(panel, "130", number="001")
    before = child(centre, "reception")
    assert before is not None
    before.send_signal(signal.SIGKILL)
    wait(lambda: (now := child(centre, "reception")) is not None and now.pid != before.pid)
    wait(lambda: centre.say(panel, "130", number="002"))
    wait(lambda: centre.health()[0] == 200)
    assert zones(centre, "2345") == ["001", "002"]


def test_each_role_that_dies_is_started_again(centre: Centre) -> None:
    for role in ("watch", "desk", "worker"):
        before = child(centre, role)
        assert before is not None
        before.send_signal(signal.SIGKILL)
        wait(lambda role=role, pid=before.pid: (now := child(centre, role)) is not None and now.pid != pid)
    wait(lambda: centre.health()[0] == 200)
    # The watch that came back decides what was received while it was away.
    assert centre.say(centre.panel("2345"), "131", number="003")
    wait(lambda: any(len(line["signals"]) >= 3 for line in centre.lines("incidents", "--json")))


def test_the_database_killed_is_said_then_comes_back_by_itself(centre: Centre) -> None:
    panel = centre.panel("2345")
    assert centre.say(panel, "130", number="004")
    first = postmaster(centre)
    assert first is not None
    supervisor = psutil.Process(centre.process.pid)
    supervisor.suspend()  # else the database is back before one can look
    try:
        psutil.Process(first).kill()
        wait(lambda: centre.health()[0] == 503)
        assert centre.health()[1]["ready"] is False
        assert b'"ACK"' not in centre.answer(panel, "130", "005"), "acknowledged, and could not be committed"
    finally:
        supervisor.resume()
    wait(lambda: postmaster(centre) not in (None, first))
    wait(lambda: centre.health()[0] == 200)
    wait(lambda: centre.say(panel, "130", number="006"))
    told = zones(centre, "2345")
    assert "004" in told
    assert told[-1] == "006"
    assert "CONFORME" in centre.told("logbook", "verify")


def test_sigterm_stops_every_process(centre: Centre) -> None:
    centre.say(centre.panel("2345"), "602")
    everybody = psutil.Process(centre.process.pid).children(recursive=True)
    database = postmaster(centre)
    assert database is not None
    everybody.append(psutil.Process(database))
    assert len(everybody) > 5
    centre.process.send_signal(signal.SIGTERM)
    assert centre.process.wait(60) == 0
    _gone, alive = psutil.wait_procs(everybody, timeout=5)
    assert alive == []
    assert json.loads((centre.data_dir / "run.json").read_text())
    # What was acknowledged is there for a command that comes after: the database starts for its length.
    assert "004" in zones(centre, "2345")

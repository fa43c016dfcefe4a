"""Cameras beside each other: one that suffers disturbs no other; leases are shared, and taken over from the dead."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.recorder.stage import Stage, until
from veilleur.features.cameras.addresses import check_address
from veilleur.features.cameras.tables import Authorisation, Camera, CameraStatus
from veilleur.features.sites.tables import Area
from veilleur.kernel.clock import GuardedClock
from veilleur.recorder.house import House
from veilleur.recorder.leases import YOUNG, Leases, fair_share
from veilleur.recorder.registry import Registry
from veilleur.recorder.writing import Writing
from veilleur.video.checking import check
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Frame, StreamInfo, to_wall

pytestmark = pytest.mark.peer


def pulse(stage: Stage, holder: str, role: str = "recorder") -> None:
    """A sign of life, as the role's pulse gives it."""
    with stage.database.write() as session:
        session.execute(
            text(
                "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail, version, knows) "
                "VALUES (:role, :holder, :now, :now, true, '{}', '1', '0007') "
                "ON CONFLICT (role, holder) DO UPDATE SET seen_at = excluded.seen_at"
            ),
            {"role": role, "holder": holder, "now": stage.clock.now()},
        )


def test_a_wrong_password_and_a_dead_address_disturb_nobody(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    served = rtsp(film("h264"), "h264", "--user", "u", "--password", "bon", "--copies", "2")
    good = stage.camera(served.url(), password="bon")
    wrong = stage.camera(served.url("/cam1"), password="mauvais")
    dead = stage.camera("rtsp://127.0.0.1:9/cam")
    with stage.recorder():
        stage.online(good)
        until(lambda: stage.faults(wrong) == {"refused"}, "the refusal")
        until(lambda: stage.faults(dead) == {"unreachable"}, "the fault")
        row = stage.status(wrong)
        assert row is not None
        assert (row.state, row.detail["trouble"]) == ("offline", "refused")
        # What a slow machine does to its own pictures is its own; what is wrong with the others is not this camera's.
        assert not stage.faults(good) & {"refused", "unreachable", "gap"}
        # The password is set right: the fault is over by itself, within the back-off.
        stage.change(
            Camera,
            wrong,
            password_sealed=stage.keys.seal(b"bon", f"camera/{wrong}/password"),
        )
        stage.online(wrong)
        until(lambda: not stage.faults(wrong), "the end of the fault")
    [report] = check(stage.folder, cameras=[str(good)])
    assert report.sound, report
    # A machine that is too slow may miss pictures, and then says «gap»; what others suffer is never this camera's.
    assert {gap.reason for gap in report.gaps} <= {"stopped", "gap"}, report.gaps


def test_files_and_folders_are_cameras(stage: Stage, film: Callable[..., Path], tmp_path: Path) -> None:
    """By a `file:` URL, with what it escapes, and by a plain path."""
    folder = tmp_path / "à voir"
    folder.mkdir()
    for name in ("1.h264", "2.h264"):
        shutil.copy(film("h264"), folder / name)
    given = (folder.as_uri(), str(folder), (folder / "1.h264").as_uri(), str(folder / "1.h264"))
    checked = [check_address("file", main, None, None, {}, files=True).source for main in given]
    cameras = [stage.camera("", source=source) for source in checked]
    cameras += [
        stage.camera(given[1], source={"kind": "file"}),
        stage.camera(given[3], source={"kind": "file"}),
    ]
    with stage.recorder():
        for camera in cameras:
            stage.online(camera)


def test_changes_are_noticed_and_gaps_say_why(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    with stage.recorder():
        stage.online(camera)
        stage.change(Camera, camera, suspended_at=stage.clock.now(), suspended_reason="by_hand")
        until(lambda: (row := stage.status(camera)) and row.state == "suspended" and not row.recording)
        stage.change(Camera, camera, suspended_at=None, suspended_reason=None)
        stage.online(camera)
        yesterday = stage.clock.now().date() - timedelta(days=1)
        stage.change(Authorisation, stage.authorisation, expires_on=yesterday)
        until(lambda: (row := stage.status(camera)) and row.state == "suspended" and not row.recording)
        stage.change(Authorisation, stage.authorisation, expires_on=yesterday + timedelta(days=30))
        stage.online(camera)
        stage.change(Camera, camera, removed_at=stage.clock.now())
        until(lambda: not lease(stage, camera), "the end of the lease")
    [report] = check(stage.folder)
    assert report.sound, report
    assert [gap.reason for gap in report.gaps] == ["suspended", "forbidden", "stopped"]


def lease(stage: Stage, camera: int) -> str | None:
    """Who runs a camera."""
    query = text("SELECT holder FROM camera_lease WHERE camera_id = :c AND until > clock_timestamp()")
    with stage.database.read() as session:
        found = session.execute(query, {"c": camera}).scalar_one_or_none()
    return None if found is None else str(found)


def test_a_home_is_recorded_only_while_its_alarm_is_open_and_an_area_armed(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    from veilleur.features.incidents import commands as incidents
    from veilleur.features.incidents.model import Opening, PointRef, SignalRef

    camera = stage.camera(rtsp(film("h264"), "h264").url(), regime="home", authorisation_id=None)
    with stage.recorder():
        until(lambda: (row := stage.status(camera)) and row.state == "suspended")
        with stage.act() as act:
            entry = act.record("test.area")
            area = Area(site_id=stage.site, number="1", name="Maison", armed=True, entry_id=entry)
            act.session.add(area)
            act.session.flush()
            area_id = area.id
            headline: dict[str, Any] = {
                "code": "130", "dialect": "contact_id", "category": "intrusion", "qualifier": "new", "zone": "1",
                "zone_name": None, "area": "1", "user": None, "text": None, "marks": [],
            }  # fmt: skip
            opening = Opening(
                site_id=stage.site, group="main", family="intrusion", category="intrusion", priority=3,
                needs_operator=True, procedure_event="intrusion", limits={}, headline=headline,
            )  # fmt: skip
            signal = SignalRef(1, 0, stage.clock.now(), "opened")
            incidents.open_incident(
                act, opening, signal, PointRef("zone:1:1", "salon", "intrusion", "1", None)
            )
        stage.online(camera)
        stage.change(Area, area_id, armed=False)
        until(lambda: (row := stage.status(camera)) and row.state == "suspended" and not row.recording)
    assert [gap.reason for gap in check(stage.folder)[0].gaps] == ["forbidden"]


def test_two_recorders_share_cameras_and_one_takes_over_from_the_dead(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    served = rtsp(film("h264"), "h264", "--copies", "4")
    cameras = [stage.camera(served.url(f"/cam{n or ''}")) for n in range(4)]
    alive, beating = threading.Event(), {"test/one", "test/two"}

    def beat() -> None:
        while not alive.wait(0.5):
            for holder in tuple(beating):
                pulse(stage, holder)

    pulse(stage, "test/one")
    pulse(stage, "test/two")
    beats = threading.Thread(target=beat)
    beats.start()
    try:
        with stage.recorder("one"):
            with stage.recorder("two", number=2):
                for camera in cameras:
                    stage.online(camera)
                holders = [lease(stage, camera) for camera in cameras]
                assert sorted(holders) == ["test/one"] * 2 + ["test/two"] * 2  # type: ignore[type-var]
                beating.discard("test/two")
            until(lambda: {lease(stage, camera) for camera in cameras} == {"test/one"}, "the takeover")
            for camera in cameras:
                stage.online(camera)
    finally:
        alive.set()
        beats.join()
    assert all(report.sound for report in check(stage.folder))


def test_leases_are_fenced_by_the_database(stage: Stage) -> None:
    cameras = [stage.camera(f"rtsp://127.0.0.1:9/{n}") for n in range(3)]
    clock = GuardedClock(stage.clock)
    one = Leases(stage.database, clock, "test/one", "http://one", 12)
    two = Leases(stage.database, clock, "test/two", "http://two", 12)
    pulse(stage, "test/one")
    assert one.turn(cameras) == set(cameras)
    assert two.turn(cameras) == set()
    with stage.database.write() as session:  # the first one slept through its leases
        session.execute(text("UPDATE camera_lease SET until = clock_timestamp() - interval '1 second'"))
    pulse(stage, "test/two")
    assert len(two.turn(cameras)) == fair_share(3, 2, 12) == 2
    assert one.turn(cameras) == set(cameras) - set(two.held)
    assert all(epoch == 2 for epoch in two.held.values())
    two.release()
    assert {lease(stage, camera) for camera in two.held} == set()


def test_what_is_recorded_is_not_given_back_for_the_sake_of_balance(stage: Stage) -> None:
    cameras = [stage.camera(f"rtsp://127.0.0.1:9/{n}") for n in range(4)]
    clock = GuardedClock(stage.clock)
    one = Leases(stage.database, clock, "test/one", "http://one", 12)
    pulse(stage, "test/one")
    assert one.turn(cameras) == set(cameras)
    with stage.database.write() as session:
        session.add_all(
            CameraStatus(
                camera_id=each, state="online", since=stage.clock.now(), seen_at=stage.clock.now(), recording=True,
                detail={},
            )
            for each in cameras[1:]
        )  # fmt: skip
    one._began = -YOUNG
    pulse(stage, "test/two")  # it returns, and has no work
    assert one.turn(cameras) == set(cameras[1:]), "the one that nothing is kept of"
    one._given_back = 0.0
    assert one.turn(cameras) == set(cameras[1:])


def test_recorders_that_start_together_share_at_once(stage: Stage) -> None:
    cameras = [stage.camera(f"rtsp://127.0.0.1:9/{n}") for n in range(6)]
    clock = GuardedClock(stage.clock)
    one = Leases(stage.database, clock, "test/one", "http://one", 12)
    two = Leases(stage.database, clock, "test/two", "http://two", 12)
    pulse(stage, "test/one")
    assert len(one.turn(cameras)) == 6, "the first one there"
    pulse(stage, "test/two")
    for _ in range(3):
        one.turn(cameras)
        two.turn(cameras)
    assert (len(one.held), len(two.held)) == (3, 3)


def test_a_share_is_never_more_than_one_recorder_takes() -> None:
    assert [fair_share(n, 2, 12) for n in (0, 1, 5, 24, 100)] == [0, 1, 3, 12, 12]


def test_a_newcomer_is_ready_but_opens_its_door_once_its_predecessor_is_gone(stage: Stage) -> None:
    before = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        with stage.recorder(predecessor=before.pid) as newcomer:
            with socket.socket() as probe:
                assert probe.connect_ex(newcomer.place.listen) != 0
            before.kill()
            before.wait()

            def listens() -> bool:
                with socket.socket() as probe:
                    return probe.connect_ex(newcomer.place.listen) == 0

            until(listens, "the door")
            until(lambda: newcomer.health["ready"])
    finally:
        before.kill()
        before.wait()


@pytest.mark.long  # a port must stay free from one recorder to the next: not beside other tests
def test_an_address_that_is_taken_is_asked_for_again_while_cameras_are_recorded(
    stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    camera = stage.camera(rtsp(film("h264"), "h264").url())
    place = stage.place()
    with socket.create_server(place.listen), stage.recorder(place=place, ready=False) as running:
        stage.online(camera)
        assert not running.health["ready"]
    with stage.recorder(place=place) as running:
        assert running.health["ready"]


def test_who_takes_a_camera_over_waits_for_the_pen_of_who_had_it(stage: Stage) -> None:
    stage.camera("rtsp://127.0.0.1:9/cam")
    registry = Registry(stage.database, stage.keys)
    registry.refresh()
    [spec] = registry.cameras.values()
    house = House(stage.database, stage.clock, stage.place(), "test/one", registry)
    before, after = Writing(house, spec), Writing(house, spec)
    made = Fragmenter(StreamInfo("mjpeg", 320, 180, 1, b""))
    wall = to_wall(stage.clock.now()) // 60_000_000 * 60_000_000

    def write(pen: Writing, second: int) -> None:
        frame = Frame(wall + second * 1_000_000, True, b"\xff\xd8" + bytes(500) + b"\xff\xd9", 1_000_000)
        pen.write(frame, made.fragment(frame))

    before.begin(made)
    write(before, 0)
    after.begin(made)  # it has the lease already; the other still closes its film
    write(after, 1)
    assert (before.recording, after.recording) == (True, False)
    write(before, 1)
    before.pause("stopped")
    before.close()
    write(after, 2)
    assert after.recording
    after.pause("stopped")
    after.close()
    [report] = check(stage.folder)
    assert report.sound, report
    assert (report.segments, report.repaired) == (2, [])

"""What the terminal is told at start: where to go once alarms can be taken, then what is late and what shuts it."""

from __future__ import annotations

import io
import socket
from pathlib import Path

import pytest
from rich.console import Console

from tests.acceptance.centre import free_port
from veilleur.announcing import LATE, NEEDED, Announcer
from veilleur.centre import beside_another, open_video_doors
from veilleur.composition import video_installed
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.doors import Doors
from veilleur.settings import Settings, load_settings

ALL = {"watch", "reception", "desk", "worker", "recorder"}

needs_video = pytest.mark.skipif(not video_installed(), reason="the extra veilleur[video] is not installed")


def settings(folder: Path, **more: object) -> Settings:
    return load_settings(data_dir=folder, recorders=1, **more)


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    return io.StringIO()


@needs_video
def test_the_address_is_told_before_pictures_are_ready_and_why_they_are_not(
    tmp_path: Path, clock: ManualClock, screen: io.StringIO
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        house = settings(tmp_path, video_http=f"127.0.0.1:{port}")
        doors = Doors()
        shut = open_video_doors(house, doors)
        doors.close()
    announcer = Announcer(house, clock, shut, Console(file=screen, width=300))
    announcer.look({"watch", "reception"})
    assert screen.getvalue() == ""
    announcer.look(NEEDED)
    words = screen.getvalue()
    assert words.index(house.http) < words.index(f"le port {port} est pris. Libérez-le")
    assert "réglage video_http (VEILLEUR_VIDEO_HTTP" in words
    assert "worker" not in words  # it has a little time
    clock.advance(LATE + 1)
    announcer.look(NEEDED)
    announcer.look(NEEDED)
    assert screen.getvalue().count("worker n’est pas encore prêt") == 1
    assert screen.getvalue().count("est pris") == 1
    assert not announcer.over
    announcer.look(ALL)
    assert "recorder : prêt." in screen.getvalue()
    assert announcer.over


@needs_video
def test_a_demonstration_beside_another_looks_for_a_free_port_unless_one_is_set(tmp_path: Path) -> None:
    usual = int(settings(tmp_path).video_http.rpartition(":")[2])
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", usual))
            other.listen()
        except OSError:
            pass  # somebody else has it: as good
        moved = beside_another(settings(tmp_path))
        assert moved.video_http != settings(tmp_path).video_http
        assert open_and_close(moved) == {}
    asked = settings(tmp_path, video_http=f"127.0.0.1:{free_port()}")
    assert beside_another(asked) is asked


def open_and_close(house: Settings) -> dict[str, object]:
    doors = Doors()
    try:
        return dict(open_video_doors(house, doors))
    finally:
        doors.close()

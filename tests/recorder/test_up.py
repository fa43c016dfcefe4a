"""`veilleur up` with a recorder: its address told, a camera recorded, killed and back, the ordered stop."""

from __future__ import annotations

import json
import signal
import socket
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.acceptance.centre import Centre, centre_up, free_port
from tests.recorder.stage import PATIENCE, SESSION, Stage, until
from veilleur.composition import Context
from veilleur.settings import load_settings
from veilleur.video.checking import check

pytestmark = pytest.mark.peer


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """Its recorder's port is another's at first: given back once the terminal has said so, below the desk's address."""
    port, log = free_port(2), tmp_path / "up.log"
    environment = {"VEILLEUR_RECORDERS": "1", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{port}", "LC_ALL": "fr_FR"}
    said = f"L’enregistreur 1 n’est pas prêt : le port {port} est pris."
    with socket.create_server(("127.0.0.1", port)) as other, ThreadPoolExecutor(1) as thread:
        waited = thread.submit(lambda: (until(lambda: said in told(log), "the sentence"), other.close()))
        with centre_up(tmp_path / "data", environment=environment) as running:
            waited.result()
            words = told(log)
            assert words.index(f"http://{running.http}") < words.index(said)
            assert f"{said} Libérez-le, ou choisissez-en un autre par le réglage video_http" in words
            until(lambda: "recorder : prêt." in told(log), "the recorder, once its port is free")
            yield running


def told(log: Path) -> str:
    return log.read_text() if log.exists() else ""


def recorder(centre: Centre) -> psutil.Process | None:
    for process in psutil.Process(centre.process.pid).children():
        with suppress(psutil.Error):
            if process.cmdline()[3:5] == ["run", "recorder"]:
                return process
    return None


@pytest.mark.long
async def test_a_killed_recorder_comes_back_with_a_gap_and_a_chain_that_holds(
    centre: Centre, film: Callable[..., Path], rtsp: Callable[..., Any]
) -> None:
    assert centre.health()[1]["roles"]["recorder"]["ready"]
    noted = json.loads((centre.data_dir / "run.json").read_text())
    assert noted["recorders"]["recorder"].startswith("127.0.0.1:")
    with urllib.request.urlopen(f"{centre.url}/") as page:
        assert f" ws://{noted['recorders']['recorder']}" in page.headers["content-security-policy"]
    assert "Rôle recorder : prêt" in centre.told("doctor")
    context = Context(load_settings(data_dir=centre.data_dir))
    try:
        stage = Stage(context.database(), context.keys.cameras, centre.data_dir / "video")
        stage.desk = centre.http
        stage.set_up()
        camera = stage.camera(rtsp(film("h264"), "h264").url())
        stage.online(camera)
        async with stage.socket(camera) as socket:
            assert (await socket.text("stream"))["codec"] == "h264"
            assert (await socket.binary())[0] == 0
            assert socket.line.request.path.startswith("/live?ticket=")
            before = recorder(centre)
            assert before is not None
            began = stage.clock.now()
            before.send_signal(signal.SIGKILL)
            assert await socket.closed() in (1001, 1006, 1012)
        until(lambda: (now := recorder(centre)) and now.pid != before.pid, "the recorder")
        until(lambda: (row := stage.status(camera)) and row.seen_at > began and row.recording, "the camera")
        until(lambda: centre.health()[0] == 200, "the centre")
        assert SESSION not in (centre.data_dir.parent / "up.log").read_bytes()
        log = (centre.data_dir.parent / "up.log").read_text()
        assert socket.token not in log
        assert "ticket=" not in log
    finally:
        context.close()
    centre.process.send_signal(signal.SIGTERM)
    assert centre.process.wait(PATIENCE) == 0
    [report] = check(centre.data_dir / "video")
    assert report.sound, report
    assert len(report.repaired) == 1
    assert report.gaps[0].reason == "stopped"

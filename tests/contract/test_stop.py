"""The end of `veilleur up`: one clean line and code 0, whoever is still connected (ARCHITECTURE.md §7)."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.centre import Centre, centre_up, free_port

PATIENCE = 60.0


def unfinished(centre: Centre, request: str) -> socket.socket:
    """A client in the middle of a request when the centre ends."""
    host, _, port = centre.http.partition(":")
    client = socket.create_connection((host, int(port)), timeout=10)
    client.sendall(request.format(host=centre.http).encode())
    return client


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_one_clean_line(tmp_path: Path, number: signal.Signals) -> None:
    """An upload that hangs and a kept connection: neither a trace nor a word but the goodbye."""
    log = tmp_path / "up.log"
    with centre_up(tmp_path / "data") as centre:
        hanging = unfinished(
            centre,
            "POST /api/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            "X-CSRF-Token: none\r\nContent-Length: 5000\r\n\r\n{{",
        )
        kept = unfinished(centre, "GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert kept.recv(12) == b"HTTP/1.1 200"
        before = len(log.read_text())
        centre.process.send_signal(number)
        centre.process.send_signal(number)  # an impatient hand
        code = centre.process.wait(PATIENCE)
        hanging.close()
        kept.close()
        assert log.read_text()[before:].split("\n") == ["Veilleur est arrêté.", ""]
        assert code == 0


@pytest.mark.slow
def test_it_ends_as_clean_before_it_is_ready(tmp_path: Path) -> None:
    """Stopped while the database is being made."""
    with (tmp_path / "up.log").open("wb") as out:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "veilleur", "up", "--data-dir", str(tmp_path / "data")),
                *("--http", f"127.0.0.1:{free_port()}", "--dc09", f"127.0.0.1:{free_port()}"),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        end = 30.0
        while not (tmp_path / "data" / "postgres").exists():
            assert process.poll() is None
            assert end > 0
            end -= 0.05
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    said = (tmp_path / "up.log").read_text()
    assert "Traceback" not in said
    assert said.endswith("Veilleur est arrêté.\n")

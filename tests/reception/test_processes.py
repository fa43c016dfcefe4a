"""Receptions as processes: kill -9 between store and reply, two on one port, a stop that loses nothing."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.reception.reception_house import plant_panel
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.sealing import KeyRing
from veilleur.protocols import dc09

PROGRAM = Path(__file__).parent / "reception_program.py"
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@contextmanager
def reception(dsn: str, keys: KeyRing, *more: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running reception and its TCP port."""
    command = [sys.executable, str(PROGRAM), "--dsn", dsn, "--keys", str(keys.path), *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        while line and not line.startswith("["):
            line = process.stdout.readline()
        (tcp,) = [each for each in json.loads(line) if each.startswith("R1/tcp")]
        yield process, int(tcp.rpartition(":")[2])
    finally:
        process.kill()
        process.wait(timeout=10)
        if process.stdout:
            process.stdout.close()


def cid(sequence: int) -> bytes:
    return dc09.build_frame("ADM-CID", sequence=sequence, account="1234", data=dc09.cid_data("1234", "130"))


def dial(port: int, frame: bytes) -> bytes | None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(frame)
        try:
            return connection.recv(1024) or None
        except ConnectionError:
            return None


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def test_killed_between_store_and_reply_the_signal_is_kept_once(database: Any, keys: KeyRing) -> None:
    """Rule 4: the panel sends again, another process acknowledges, and nothing is stored twice."""
    plant_panel(database.app_dsn, SystemClock(), "1234")
    with reception(database.app_dsn, keys, "--die-before-reply") as (process, port):
        assert dial(port, cid(1)) is None
        assert process.wait(timeout=10) == -signal.SIGKILL
    assert rows(database.app_dsn, "SELECT verdict FROM signal") == [("accepted",)]
    with reception(database.app_dsn, keys) as (_, port):
        reply = dial(port, cid(1))
    assert reply is not None
    assert dc09.parse_reply(reply).token == "ACK"
    assert rows(database.app_dsn, "SELECT count(*) FROM signal") == [(1,)]
    assert rows(database.app_dsn, "SELECT count(*) FROM signal_copy") == [(1,)]


def test_two_processes_share_a_port_and_a_window(database: Any, keys: KeyRing) -> None:
    plant_panel(database.app_dsn, SystemClock(), "1234")
    first = reception(database.app_dsn, keys, "--share", "--holder", "program/1")
    with (
        first as (_, port),
        reception(database.app_dsn, keys, "--share", "--holder", "program/2", "--port", str(port)) as (
            _,
            same,
        ),
    ):
        assert same == port
        for sequence in range(1, 21):
            for _ in range(3):
                reply = dial(port, cid(sequence))
                assert reply is not None
                assert dc09.parse_reply(reply).token == "ACK"
    assert rows(database.app_dsn, "SELECT count(*), count(DISTINCT sequence) FROM signal") == [(20, 20)]
    assert rows(database.app_dsn, "SELECT count(*) FROM signal_copy") == [(40,)]
    assert rows(database.app_dsn, "SELECT count(*) FROM reception_watermark") == [(2,)]


def test_a_stop_answers_what_it_received(database: Any, keys: KeyRing) -> None:
    plant_panel(database.app_dsn, SystemClock(), "1234")
    with reception(database.app_dsn, keys) as (process, port):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"".join(cid(n) for n in range(1, 201)))
            replies = connection.recv(65536)
            process.send_signal(signal.SIGTERM)
            while more := connection.recv(65536):
                replies += more
        assert process.wait(timeout=15) == 0
    acknowledged = [dc09.parse_reply(reply + b"\r").sequence for reply in replies.split(b"\r")[:-1]]
    stored = [row[0] for row in rows(database.app_dsn, "SELECT sequence FROM signal ORDER BY id")]
    assert acknowledged
    assert set(acknowledged) <= set(stored)
    # Whatever was stored was acknowledged: the panel sends nothing twice because of a deployment.
    assert set(stored) == set(acknowledged)
    assert rows(database.app_dsn, "SELECT stopped_at IS NOT NULL FROM reception_watermark") == [(True,)]

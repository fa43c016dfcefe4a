"""Listening sockets handed from one process to another."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from veilleur.kernel.doors import AddressBusyError, Doors, handed, keep_trying

CHILD = """
from veilleur.kernel.doors import inherited
(door,) = inherited()["R1/tcp"]
peer, _ = door.accept()
peer.sendall(b"served")
peer.close()
assert inherited() == {}, "taken once"
"""


def test_a_child_serves_whoever_connected_before_it_lived() -> None:
    doors = Doors()
    port = doors.open("R1/tcp", "127.0.0.1", 0)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as early:
        doors.opened["R1/tcp"][0].setblocking(True)
        numbers = doors.numbers(["R1/tcp", "no such door"])
        done = subprocess.run(
            [sys.executable, "-c", CHILD],
            env=os.environ | handed(numbers),
            pass_fds=numbers["R1/tcp"],
            timeout=60,
            check=True,
        )
        assert done.returncode == 0
        assert early.recv(10) == b"served"
    doors.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_busy_address_is_one_sentence_and_may_be_waited_for() -> None:
    first, second = Doors(), Doors()
    port = first.open("http", "127.0.0.1", 0)
    with pytest.raises(AddressBusyError, match=f"http cannot listen on 127.0.0.1:{port}"):
        second.open("http", "127.0.0.1", port)
    assert second.numbers(["http"]) == {}

    def again() -> bool:
        first.close()
        return True

    assert keep_trying(lambda: second.open("http", "127.0.0.1", port), again) == port
    second.close()


def test_udp_has_the_port_of_its_line() -> None:
    doors = Doors()
    port = doors.open("R1/tcp", "127.0.0.1", 0)
    assert doors.open("R1/udp", "127.0.0.1", port, udp=True) == port
    doors.close()

"""Machines played by network namespaces on one bridge, and threads that stand on one of them. Needs root."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

CLONE_NEWNET = 0x40000000


def ip(*words: str) -> None:
    """One `ip …`."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def enter(namespace: str) -> None:
    """This thread stands on that machine from now on: namespaces are a thread's own."""
    handle = os.open(f"/var/run/netns/{namespace}", os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).setns(handle, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        os.close(handle)


@dataclass
class Lan:
    """Machines by name, each with an address; `switch` is the bridge's own namespace."""

    prefix: str
    addresses: dict[str, str] = field(default_factory=dict)

    @property
    def switch(self) -> str:
        """The namespace of the bridge."""
        return f"{self.prefix}switch"

    def namespace(self, name: str) -> str:
        """A machine's namespace."""
        return f"{self.prefix}{name}"

    def argv(self, name: str, *argv: str) -> list[str]:
        """A program on a machine; its pid is that of the process started."""
        return ["ip", "netns", "exec", self.namespace(name), *argv]

    def plug(self, name: str, number: int) -> None:
        """A machine with its cable in the switch."""
        space, cable = self.namespace(name), f"c{number}"
        ip("netns", "add", space)
        ip("-n", self.switch, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip("-n", self.switch, "link", "set", cable, "master", "br0", "up")
        self.addresses[name] = f"10.77.0.{number}"
        ip("-n", space, "addr", "add", f"{self.addresses[name]}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-n", space, "link", "set", device, "up")

    def unplug(self, name: str) -> None:
        """Its cable is out: nothing it sends arrives, and nobody is told."""
        ip("-n", self.switch, "link", "set", f"c{self.addresses[name].rpartition('.')[2]}", "down")

    @contextmanager
    def standing_on(self, name: str) -> Iterator[ThreadPoolExecutor]:
        """Threads on a machine."""
        with ThreadPoolExecutor(4, initializer=enter, initargs=(self.namespace(name),)) as threads:
            yield threads


@contextmanager
def lan(*machines: str) -> Iterator[Lan]:
    """The network; a loud skip where one may not be made."""
    made = Lan(f"vt{os.getpid() % 100_000}")
    try:
        ip("netns", "add", made.switch)
        ip("-n", made.switch, "link", "add", "br0", "type", "bridge")
        ip("-n", made.switch, "link", "set", "br0", "up")
        for number, name in enumerate(machines, start=1):
            made.plug(name, number)
    except (subprocess.CalledProcessError, FileNotFoundError) as fault:
        _remove(made, machines)
        told = getattr(fault, "stderr", "") or fault
        pytest.skip(f"NOT TESTED: a second machine; no network namespaces here ({told})")
    try:
        yield made
    finally:
        _remove(made, machines)


def _remove(made: Lan, machines: tuple[str, ...]) -> None:
    for space in (*(made.namespace(name) for name in machines), made.switch):
        subprocess.run(["ip", "netns", "del", space], check=False, capture_output=True)

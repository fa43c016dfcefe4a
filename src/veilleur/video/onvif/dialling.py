"""Reaching a device: a socket within a deadline, names included, TLS with a pinned certificate when one is known."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError
from veilleur.video.onvif.limits import CONNECT_SECONDS


@dataclass(frozen=True)
class Trust:
    """How far a device is believed. `fingerprint`: SHA-256 (hex) of its certificate, for https and rtsps.

    Cameras sign their certificates themselves: without a fingerprint the line is encrypted, not authenticated.
    `clear_password`: it may get its password in Basic over a line that is not encrypted (some snapshots want that).
    """

    fingerprint: str | None = None
    clear_password: bool = False


class Deadline:
    """A moment after which nothing is waited for any more, on the injected monotonic clock."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._end = clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises SourceError «unreachable» when there are none."""
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise SourceError("unreachable", "the device is too slow")
        return left


def dial(host: str, port: int, *, tls: bool, trust: Trust, deadline: Deadline) -> socket.socket:
    """A connection to the device. Raises SourceError «unreachable», or «refused» for another certificate."""
    wait = min(deadline.left(), CONNECT_SECONDS)
    address = _resolve(host, port, wait)
    try:
        connected = socket.create_connection(address, timeout=min(deadline.left(), CONNECT_SECONDS))
    except OSError as fault:
        raise SourceError("unreachable", f"nothing answers at {host}:{port} ({_reason(fault)})") from None
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _encrypted(connected, host, trust, deadline) if tls else connected


def receive(connected: socket.socket, size: int, deadline: Deadline) -> bytes:
    """Up to `size` bytes, b"" at the end. Raises SourceError «unreachable» at the deadline or when the line is cut."""
    left = deadline.left()
    try:
        connected.settimeout(left)
        return connected.recv(size)
    except TimeoutError:
        raise SourceError("unreachable", "the device is too slow") from None
    except OSError as fault:
        raise SourceError("unreachable", f"the line was cut ({_reason(fault)})") from None


def send(connected: socket.socket, data: bytes, deadline: Deadline) -> None:
    """Everything, or SourceError «unreachable»."""
    left = deadline.left()
    try:
        connected.settimeout(left)
        connected.sendall(data)
    except OSError as fault:
        raise SourceError("unreachable", f"the line was cut ({_reason(fault)})") from None


def _resolve(host: str, port: int, wait: float) -> tuple[str, int]:
    """An address of the host. The system's resolver knows no deadline: a thread asks it, and is left behind."""
    try:
        return str(ipaddress.ip_address(host)), port
    except ValueError:
        pass
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            return

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(wait)
    if not found:
        raise SourceError("unreachable", f"no address for the name {host}")
    return found[0], port


def _encrypted(plain: socket.socket, host: str, trust: Trust, deadline: Deadline) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # self-signed everywhere; the fingerprint is what is believed
    try:
        plain.settimeout(deadline.left())
        secured = context.wrap_socket(plain, server_hostname=host)
    except OSError as fault:
        plain.close()
        raise SourceError("unreachable", f"no TLS with {host} ({_reason(fault)})") from None
    certificate = hashlib.sha256(secured.getpeercert(binary_form=True) or b"").hexdigest()
    wanted = (trust.fingerprint or "").replace(":", "").lower()
    if wanted and not hmac.compare_digest(certificate.encode(), wanted.encode()):
        secured.close()
        raise SourceError("refused", f"{host} shows another certificate than the one on its sheet")
    return secured


def _reason(fault: OSError) -> str:
    return "too slow" if isinstance(fault, TimeoutError) else (fault.strerror or type(fault).__name__)

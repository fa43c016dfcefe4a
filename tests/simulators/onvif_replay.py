"""A recorder's RTSP replay (RFC 2326, ONVIF Streaming §6) on loopback, written from the specifications: it holds
pictures dated by its OWN clock and answers `Range: clock=`; it can misbehave on command."""

from __future__ import annotations

import base64
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.simulators.onvif_h264 import parameter_sets
from tests.simulators.onvif_words import digest_is_right

CHALLENGE = 'WWW-Authenticate: Digest realm="camera", nonce="n0nce", qop="auth"'


@dataclass
class Recorder:
    """What it holds (its own hour, NAL units), how it behaves, what it was asked."""

    pictures: list[tuple[datetime, list[bytes]]] = field(default_factory=list)
    ahead: timedelta = timedelta(0)
    password: bool = True
    extension: bool = True
    ranged: bool = True
    dates: bool = True
    in_band: bool = True
    bye: bool = True
    drop: frozenset[int] = frozenset()
    trouble: str = ""
    port: int = 0
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    hang: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/replay") -> str:
        """Where it replays."""
        return f"rtsp://127.0.0.1:{self.port}{path}"


@contextmanager
def running_recorder(recorder: Recorder) -> Iterator[Recorder]:
    """The recorder on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    recorder.port = listening.getsockname()[1]
    listening.settimeout(0.05)
    ended = threading.Event()
    talks: list[threading.Thread] = []

    def accept() -> None:
        while not ended.is_set():
            try:
                line, _ = listening.accept()
            except TimeoutError:
                continue
            line.settimeout(10)
            talks.append(threading.Thread(target=_converse, args=(recorder, line)))
            talks[-1].start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield recorder
    finally:
        ended.set()
        recorder.hang.set()
        thread.join()
        for each in talks:
            each.join()
        listening.close()


def _converse(recorder: Recorder, line: socket.socket) -> None:
    buffer = b""
    with line:
        try:
            while True:
                while b"\r\n\r\n" not in buffer:
                    data = line.recv(65536)
                    if not data:
                        return
                    buffer += data
                head, _, buffer = buffer.partition(b"\r\n\r\n")
                first, *lines = head.decode().split("\r\n")
                method, url, _ = first.split(" ")
                headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
                recorder.asked.append((method, url, headers))
                if not _answer(recorder, line, method, url, headers):
                    return
        except OSError:
            return


def _answer(recorder: Recorder, line: socket.socket, method: str, url: str, headers: dict[str, str]) -> bool:
    said = [f"CSeq: {headers['cseq']}"]
    if recorder.dates:
        said.append(f"Date: {datetime.now(UTC) + recorder.ahead:%a, %d %b %Y %H:%M:%S} GMT")
    if recorder.trouble == "mute":
        recorder.hang.wait(30)
        return False
    if recorder.trouble == "babble":
        line.sendall(b"HTTP/1.1 400 What?\r\n\r\n")
        return True
    if recorder.trouble == "endless":
        for _ in range(200):
            line.sendall(b"X" * 1000)
        return True
    if recorder.password and not digest_is_right(headers.get("authorization", ""), method):
        return _send(line, "401 Unauthorized", [*said, CHALLENGE])
    if method == "DESCRIBE":
        sets = ",".join(base64.b64encode(each).decode() for each in parameter_sets(64, 48))
        sound = "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:track0\r\n"
        video = f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets={sets}\r\n"
        if recorder.trouble == "jpeg":
            video = "m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"
        body = f"v=0\r\ns=replay\r\na=control:*\r\n{sound}{video}a=framerate:10\r\na=control:track1\r\n"
        return _send(line, "200 OK", [*said, "Content-Type: application/sdp", f"Content-Base: {url}/"], body)
    if method == "SETUP":
        return _send(
            line, "200 OK", [*said, "Session: 42;timeout=60", "Transport: RTP/AVP/TCP;interleaved=4-5"]
        )
    if method == "PLAY":
        return _play(recorder, line, url, headers, said)
    return _send(line, "200 OK", said) and method != "TEARDOWN"


def _play(
    recorder: Recorder, line: socket.socket, url: str, headers: dict[str, str], said: list[str]
) -> bool:
    start, end = _hours(url, headers)
    chosen = [(at, units) for at, units in recorder.pictures if (start is None or at >= start) and at < end]
    if not chosen:
        return _send(line, "457 Invalid Range", said)
    if recorder.ranged:
        said.append(f"Range: clock={chosen[0][0]:%Y%m%dT%H%M%S.%f}Z-")
        said.append("RTP-Info: url=track1;seq=1;rtptime=4294960000")
    _send(line, "200 OK", said)
    sequence = 0
    for number, (at, units) in enumerate(chosen):
        stamp = (4_294_960_000 + round((at - chosen[0][0]).total_seconds() * 90_000)) % 2**32
        payloads = list(
            _payloads(units if recorder.in_band else [u for u in units if u[0] & 31 not in {7, 8}])
        )
        for index, payload in enumerate(payloads):
            sequence += 1
            if number in recorder.drop and index == 1:
                continue
            packet = _rtp(
                sequence, stamp, index == len(payloads) - 1, at if recorder.extension else None, payload
            )
            line.sendall(b"$\x04" + struct.pack(">H", len(packet)) + packet)
        line.sendall(b"$\x05" + struct.pack(">H", 8) + bytes([0x80, 201, 0, 1, 0, 0, 0, 1]))
        if recorder.trouble == "cut" and number == 7:
            return False
        if recorder.trouble == "freeze" and number == 7:
            recorder.hang.wait(30)
            return False
    if recorder.trouble == "monster":
        for first in [True] + [False] * 400:
            sequence += 1
            packet = _rtp(sequence, 1, False, None, b"\x7c" + (b"\x85" if first else b"\x05") + b"a" * 60_000)
            line.sendall(b"$\x04" + struct.pack(">H", len(packet)) + packet)
    if recorder.bye:
        line.sendall(b"$\x05" + struct.pack(">H", 8) + bytes([0x81, 203, 0, 1, 0, 0, 0, 1]))
        time.sleep(0.01)
    return True


def _hours(url: str, headers: dict[str, str]) -> tuple[datetime | None, datetime]:
    """What is asked, in whole seconds: by Range, or by starttime and endtime in the URL. As recorders do, it goes on
    to the end of a second; here of the next one, so that a picture always comes after all that was asked."""
    told = re.search(r"clock=(\S+?)Z-(\S+?)Z", headers.get("range", "")) or re.search(
        r"starttime=(\w+)Z&endtime=(\w+)Z", url
    )
    if told is None:
        return None, datetime.max.replace(tzinfo=UTC)
    first, last = (
        datetime.strptime(each.partition(".")[0], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        for each in told.groups()
    )
    return first, last + timedelta(seconds=2)


def _payloads(units: list[bytes]) -> Iterator[bytes]:
    """Single units, the parameter sets in one STAP-A, long ones in FU-A (RFC 6184)."""
    small = [each for each in units if each[0] & 31 in {7, 8}]
    if small:
        yield b"\x78" + b"".join(struct.pack(">H", len(each)) + each for each in small)
    for unit in units:
        if unit in small:
            continue
        if len(unit) <= 1400:
            yield unit
            continue
        pieces = [unit[n : n + 1400] for n in range(1, len(unit), 1400)]
        for n, piece in enumerate(pieces):
            flags = (0x80 if n == 0 else 0) | (0x40 if n == len(pieces) - 1 else 0) | unit[0] & 31
            yield bytes([unit[0] & 0xE0 | 28, flags]) + piece


def _rtp(sequence: int, stamp: int, marker: bool, at: datetime | None, payload: bytes) -> bytes:
    head = struct.pack(
        ">BBHII", 0x90 if at else 0x80, 96 | (0x80 if marker else 0), sequence & 0xFFFF, stamp, 0xCAFE
    )
    if at is None:
        return head + payload
    since = (at - datetime(1900, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)
    micros = at.microsecond * 2**32 // 1_000_000
    return head + struct.pack(">HHIIBBH", 0xABAC, 3, int(since), micros, 0x80, 0, 0) + payload


def _send(line: socket.socket, status: str, headers: list[str], body: str = "") -> bool:
    lines = [f"RTSP/1.0 {status}", *headers, *([f"Content-Length: {len(body)}"] if body else []), "", ""]
    line.sendall("\r\n".join(lines).encode() + body.encode())
    return True

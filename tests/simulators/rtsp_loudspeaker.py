"""A camera's loudspeaker on loopback, written from ONVIF's Streaming Specification §5.3: it can misbehave on command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.simulators.onvif_words import digest_is_right

CHALLENGE = 'WWW-Authenticate: Digest realm="camera", nonce="n0nce", qop="auth"'
VIDEO = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:video\r\na=recvonly\r\n"
SOUND = "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:sound\r\na=recvonly\r\n"
BACK = "m=audio 0 RTP/AVP 97 8\r\na=rtpmap:97 G726-32/8000\r\na=control:back\r\na=sendonly\r\n"
REQUIRED = "www.onvif.org/ver20/backchannel"


@dataclass
class Camera:
    """What it offers, how it behaves, what it was asked and heard (RTP packets, whole)."""

    offer: str = VIDEO + SOUND + BACK
    password: bool = True
    trouble: str = ""
    port: int = 0
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    hang: threading.Event = field(default_factory=threading.Event)

    def url(self) -> str:
        """Where it is."""
        return f"rtsp://127.0.0.1:{self.port}/live?channel=1"


@contextmanager
def running_camera(camera: Camera) -> Iterator[Camera]:
    """The camera on a free port, for one conversation after the other."""
    listening = socket.create_server(("127.0.0.1", 0))
    camera.port = listening.getsockname()[1]
    listening.settimeout(0.05)
    ended = threading.Event()

    def accept() -> None:
        while not ended.is_set():
            try:
                line, _ = listening.accept()
            except TimeoutError:
                continue
            line.settimeout(10)
            with line:
                try:
                    _converse(camera, line)
                except OSError:
                    continue

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield camera
    finally:
        ended.set()
        camera.hang.set()
        thread.join()
        listening.close()


def _converse(camera: Camera, line: socket.socket) -> None:
    buffer = b""
    while True:
        while not _whole(buffer):
            data = line.recv(65536)
            if not data:
                return
            buffer += data
        if buffer[:1] == b"$":
            size = 4 + int.from_bytes(buffer[2:4], "big")
            camera.heard.append(buffer[4:size])
            buffer = buffer[size:]
            if camera.trouble == "cut" and len(camera.heard) == 5:
                return
            if camera.trouble == "bye" and len(camera.heard) == 5:
                line.sendall(b"$\x07\x00\x08" + bytes([0x81, 203, 0, 1, 0, 0, 0, 1]))
            if camera.trouble == "chatter":
                line.sendall(b"$\x02\x10\x00" + bytes(0x1000))
            continue
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, url, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines)}
        camera.asked.append((method, url, headers))
        if not _answer(camera, line, method, headers):
            return


def _whole(buffer: bytes) -> bool:
    if buffer[:1] == b"$":
        return len(buffer) >= 4 and len(buffer) >= 4 + int.from_bytes(buffer[2:4], "big")
    return b"\r\n\r\n" in buffer


def _answer(camera: Camera, line: socket.socket, method: str, headers: dict[str, str]) -> bool:
    said = [f"CSeq: {headers['cseq']}"]
    if camera.trouble == "mute":
        camera.hang.wait(30)
        return False
    if camera.trouble == "babble":
        line.sendall(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        return True
    if camera.password and not digest_is_right(headers.get("authorization", ""), method):
        return _send(line, "401 Unauthorized", [*said, CHALLENGE])
    if camera.trouble == "deaf" or headers.get("require") != REQUIRED:
        return _send(line, "551 Option not supported", [*said, f"Unsupported: {REQUIRED}"])
    if method == "DESCRIBE":
        body = f"v=0\r\ns=camera\r\na=control:*\r\n{camera.offer}"
        return _send(line, "200 OK", [*said, "Content-Type: application/sdp"], body)
    if method == "SETUP" and camera.trouble == "busy":
        return _send(line, "453 Not Enough Bandwidth", said)
    if method == "SETUP":
        transport = "Transport: RTP/AVP/TCP;unicast;interleaved=6-7"
        return _send(line, "200 OK", [*said, "Session: 42;timeout=60", transport])
    return _send(line, "200 OK", [*said, "Session: 42"]) and method != "TEARDOWN"


def _send(line: socket.socket, status: str, headers: list[str], body: str = "") -> bool:
    lines = [f"RTSP/1.0 {status}", *headers, *([f"Content-Length: {len(body)}"] if body else []), "", ""]
    line.sendall("\r\n".join(lines).encode() + body.encode())
    return True

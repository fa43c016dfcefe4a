"""A camera that says what a test tells it: answers DESCRIBE, SETUP and PLAY, then sends packets as they are asked for."""

from __future__ import annotations

import base64
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from veilleur.protocols.rtsp import Sender, h264_payloads, interleave

#: A real SPS and PPS of 320×180 (x264), without start codes; the slices behind them are never decoded.
SPS = bytes.fromhex("6742c00cda05067e7c0440000003004000000c83c50aa8")
PPS = bytes.fromhex("68ce0fc8")

#: Seconds after each of the first two pictures, and the others: what comes all at once was kept for who comes.
FIRST_PACE, PACE = 0.1, 0.005


@dataclass
class Camera:
    """The server's side of one connection. `asked`: its requests. `basic`: what it wants to hear, by Basic only."""

    line: socket.socket
    session: str = "7;timeout=60"
    answers: dict[str, bytes] = field(default_factory=dict)
    basic: str = ""
    asked: list[str] = field(default_factory=list)
    sender: Sender = field(default_factory=lambda: Sender(payload_type=96, ssrc=7))

    def converse(self) -> None:
        """Until PLAY was answered."""
        while self.answer() != "PLAY":
            continue

    def answer(self) -> str:
        """Reads one request and answers it; its method."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += (read := self.line.recv(1))
            if not read:
                raise IndexError("the client left")
        method, sequence = head.split()[0].decode(), head.partition(b"CSeq: ")[2].split()[0]
        self.asked.append(method)
        if self.basic and f"Authorization: Basic {self.basic}\r\n".encode() not in head:
            challenge = b'WWW-Authenticate: Basic realm="camera"\r\n'
            self.line.sendall(
                b"RTSP/1.0 401 Unauthorized\r\nCSeq: " + sequence + b"\r\n" + challenge + b"\r\n"
            )
            return "refused"
        more, body = b"", b""
        if method == "DESCRIBE":
            sets = ",".join(base64.b64encode(each).decode() for each in (SPS, PPS))
            body = (
                "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:25\r\n"
                f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={sets}\r\na=control:track\r\n"
                "m=audio 0 RTP/AVP 8\r\na=control:sound\r\n"
            ).encode()
        elif method == "SETUP":
            more = f"Session: {self.session}\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n".encode()
        status = self.answers.get(method, b"200 OK")
        length = b"Content-Length: %d\r\n" % len(body)
        self.line.sendall(
            b"RTSP/1.0 " + status + b"\r\nCSeq: " + sequence + b"\r\n" + more + length + b"\r\n" + body
        )
        return method

    def picture(self, number: int, *units: bytes, drop: int | None = None) -> None:
        """A picture, stamped for 25 a second; `drop`: which of its packets is never sent."""
        packets = self.sender.packets(h264_payloads(units), number * 3600)
        self.line.sendall(b"".join(interleave(0, each) for n, each in enumerate(packets) if n != drop))
        threading.Event().wait(FIRST_PACE if number < 2 else PACE)


def idr(size: int = 3000) -> bytes:
    """A keyframe's slice."""
    return bytes.fromhex("6588843a0c600141013a3902") + b"k" * size


def slice_of(number: int, size: int = 3000) -> bytes:
    """Another picture's slice, which says its number."""
    return bytes.fromhex("419a22bc3d0e1ed3") + struct.pack(">I", 0x7F7F7F00 + number % 200 + 1) + b"p" * size


@contextmanager
def scripted(play: object, **given: object) -> Iterator[str]:
    """A camera that plays `play(camera)` once, in a thread, and then closes; its address."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            line, _ = door.accept()
            with line:
                camera = Camera(line, **given)  # type: ignore[arg-type]
                with suppress(IndexError, OSError):  # it was given up
                    camera.converse()
                    play(camera)  # type: ignore[operator]

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{door.getsockname()[1]}/cam"
        thread.join(10)

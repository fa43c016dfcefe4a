"""The built-in dialler's side of the line: a real frame, through the real socket, and its acknowledgement or why not."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import datetime

from veilleur.kernel import chain
from veilleur.protocols import dc09

PATIENCE = 4.0
"""Seconds for connecting, and again for the answer: a healthy reception takes milliseconds."""

MAX_REPLY = 4096
"""Bytes; a receiver's reply is under 300."""

#: Addresses that mean «every interface», and where they are reached on this machine.
ANYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  # translated, not bound


@dataclass(frozen=True)
class Target:
    """A reception line as this machine reaches it. `transport`: tcp, or udp where the line has no TCP."""

    line: str
    host: str
    port: int
    transport: str = "tcp"


def frame(nonce: str, sequence: int, now: datetime) -> bytes:
    """What is dialled: a periodic test of the centre's own account, with the round's secret."""
    return dc09.build_frame(
        "ADM-CID",
        sequence=sequence % 9999 + 1,
        account=chain.ACCOUNT,
        data=dc09.cid_data(chain.ACCOUNT, chain.CODE),
        extended=[(chain.BLOCK, nonce)],
        timestamp=now,
    )


def dial(target: Target, said: bytes, patience: float = PATIENCE) -> str | None:
    """Sends a frame; None when it was acknowledged, else why not: a code of the vocabulary «line_fault»."""
    host = ANYWHERE.get(target.host, target.host)
    try:
        reply = (
            _udp(host, target.port, said, patience)
            if target.transport == "udp"
            else _tcp(host, target.port, said, patience)
        )
        answer = dc09.parse_reply(reply)
    except TimeoutError:
        return "silent"
    except OSError:
        return "not_listening"
    except dc09.BadReplyError:
        return "bad_reply"
    return None if answer.token == "ACK" else "refused"  # noqa: S105  # a word of the protocol


def _tcp(host: str, port: int, said: bytes, patience: float) -> bytes:
    with socket.create_connection((host, port), timeout=patience) as line:
        line.sendall(said)
        heard = b""
        while not heard.endswith(b"\r") and len(heard) < MAX_REPLY:
            part = line.recv(MAX_REPLY)
            if not part:
                raise dc09.BadReplyError("closed")
            heard += part
        return heard


def _udp(host: str, port: int, said: bytes, patience: float) -> bytes:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(patience)
        line.connect((host, port))
        line.send(said)
        return line.recv(MAX_REPLY)

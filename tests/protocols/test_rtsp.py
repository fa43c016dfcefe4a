"""RTSP requests and answers (RFC 2326) of real clients' shape, authentication, and what breaks a connection."""

from __future__ import annotations

import base64
import hashlib

import pytest

from veilleur.protocols import rtsp
from veilleur.protocols.rtsp.limits import MAX_BODY, MAX_HEAD, MAX_HEADERS, MAX_UNSENT, MAX_URL

SPS, PPS = bytes.fromhex("674d401f"), bytes.fromhex("68ee3c80")
PRESENTATION = rtsp.Presentation("quai", [rtsp.h264_track([SPS, PPS], 12), rtsp.pcma_track()])
URL = "rtsp://127.0.0.1:8554/quai/main"
TCP = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
BACK = {"Require": "www.onvif.org/ver20/backchannel"}


def connect(credentials: rtsp.Credentials | None = None) -> rtsp.Connection:
    def offer(path: str) -> rtsp.Offer | None:
        return rtsp.Offer(PRESENTATION, credentials) if path == "quai/main" else None

    return rtsp.Connection(offer, nonce="n0nce", session="5E55")


def ask(
    connection: rtsp.Connection, method: str, url: str = URL, **headers: str
) -> tuple[int, str, list[rtsp.Event]]:
    """The status, the whole answer and the events of one request."""
    lines = [f"{method} {url} RTSP/1.0", "CSeq: 7", *(f"{k}: {v}" for k, v in headers.items())]
    events = connection.receive_data("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
    answer = connection.data_to_send().decode()
    assert "CSeq: 7\r\n" in answer
    return int(answer.split(" ")[1]), answer, events


def test_a_client_describes_sets_up_plays_pauses_and_leaves() -> None:
    connection = connect()
    assert ask(connection, "OPTIONS")[0] == 200
    status, answer, _ = ask(connection, "DESCRIBE", Accept="application/sdp")
    assert status == 200
    assert "Content-Base: rtsp://127.0.0.1:8554/quai/main/\r\n" in answer
    assert "profile-level-id=4D401F; sprop-parameter-sets=Z01AHw==,aO48gA==\r\n" in answer
    assert answer.count("m=") == answer.count("a=control:trackID=") == 2
    assert ask(connection, "PLAY", Session="5E55")[0] == 454  # not before SETUP
    status, answer, events = ask(connection, "SETUP", f"{URL}/trackID=0", **TCP)
    assert (status, events) == (200, [rtsp.SetUp("quai/main", "trackID=0")])
    assert "Session: 5E55;timeout=60\r\n" in answer
    assert ask(connection, "PLAY", f"{URL}/", Session="5E55")[2] == [
        rtsp.Playing("quai/main", {"trackID=0": (0, 1)})
    ]
    assert ask(connection, "SETUP", f"{URL}/trackID=1", **TCP)[0] == 455  # not while playing
    assert ask(connection, "GET_PARAMETER", Session="5E55")[0] == 200
    assert connection.receive_data(b"$\x01\x00\x04abcd") == [rtsp.Report(1, b"abcd")]
    assert ask(connection, "PAUSE", Session="5E55")[2] == [rtsp.Paused()]
    assert ask(connection, "TEARDOWN", Session="5E55")[2] == [rtsp.Paused()]
    assert ask(connection, "PLAY", Session="5E55")[0] == 454


def test_several_tracks_get_channels_of_their_own() -> None:
    connection = connect()
    ask(connection, "SETUP", f"{URL}/trackID=0", Transport="RTP/AVP;unicast;client_port=5-6,RTP/AVP/TCP")
    assert ask(connection, "SETUP", f"{URL}/trackID=1", **TCP)[0] == 461  # 0-1 are the picture's
    answer = ask(connection, "SETUP", f"{URL}/trackID=1", Transport="RTP/AVP/TCP;unicast")[1]
    assert "interleaved=2-3" in answer
    (event,) = ask(connection, "PLAY", Session="5E55;timeout=60")[2]
    assert event == rtsp.Playing("quai/main", {"trackID=0": (0, 1), "trackID=1": (2, 3)})


@pytest.mark.parametrize(
    ("method", "url", "headers", "status"),
    [
        ("DESCRIBE", "rtsp://h/elsewhere", {}, 404),
        ("DESCRIBE", "rtsp://[broken/", {}, 404),
        ("RECORD", URL, {}, 501),
        ("SETUP", f"{URL}/trackID=0", {"Transport": "RTP/AVP;unicast;client_port=5000-5001"}, 461),
        ("SETUP", f"{URL}/trackID=0", {"Transport": "RTP/AVP/TCP;interleaved=255-256"}, 461),
        ("SETUP", f"{URL}/trackID=0", {}, 461),
        ("SETUP", f"{URL}/trackID=9", TCP, 404),
        ("SETUP", URL, TCP, 459),
        ("SETUP", f"{URL}/trackID=0", {**TCP, "Session": "other"}, 454),
        ("PLAY", URL, {}, 454),
        ("TEARDOWN", URL, {"Session": "other"}, 454),
        ("DESCRIBE", URL, BACK, 551),
        ("SETUP", f"{URL}/trackID=2", {**TCP, **BACK}, 551),
        ("SETUP", f"{URL}/trackID=2", TCP, 404),
    ],
)
def test_what_is_refused(method: str, url: str, headers: dict[str, str], status: int) -> None:
    assert ask(connect(), method, url, **headers)[::2] == (status, [])


def test_a_track_to_speak_on_is_told_to_who_requires_it_and_to_nobody_else() -> None:
    offered = rtsp.Offer(PRESENTATION, speech=rtsp.speech_track())
    connection = rtsp.Connection(lambda _: offered, nonce="n0nce", session="5E55")
    assert "sendonly" not in ask(connection, "DESCRIBE")[1]
    assert ask(connection, "SETUP", f"{URL}/trackID=2", **TCP)[0] == 404
    assert "a=sendonly\r\na=control:trackID=2" in ask(connection, "DESCRIBE", **BACK)[1]
    assert ask(connection, "SETUP", f"{URL}/trackID=2", **TCP, **BACK)[0] == 200
    assert ask(connection, "PLAY", Session="5E55", **BACK)[0] == 200
    assert connection.receive_data(b"$\x00\x00\x02ab") == [rtsp.Report(0, b"ab")]


def _digest(user: str, password: str, method: str, *, qop: bool, nonce: str = "n0nce") -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    secret, request = md5(f"{user}:Veilleur:{password}"), md5(f"{method}:{URL}")
    middle = f"{nonce}:00000001:c:auth" if qop else nonce
    tail = ', qop=auth, nc=00000001, cnonce="c"' if qop else ""
    response = md5(f"{secret}:{middle}:{request}")
    return f'Digest username="{user}", realm="Veilleur", nonce="{nonce}", uri="{URL}", response="{response}"{tail}'


@pytest.mark.parametrize("qop", [True, False])
def test_digest_admits_the_password_and_nothing_else(qop: bool) -> None:
    connection = connect(rtsp.Credentials("garde", "lilas"))
    status, answer, _ = ask(connection, "DESCRIBE")
    assert status == 401
    assert 'WWW-Authenticate: Digest realm="Veilleur", nonce="n0nce"' in answer
    assert "Basic" not in answer
    good = _digest("garde", "lilas", "DESCRIBE", qop=qop)
    assert ask(connection, "DESCRIBE", Authorization=good)[0] == 200
    for bad in (
        _digest("garde", "orage", "DESCRIBE", qop=qop),
        _digest("autre", "lilas", "DESCRIBE", qop=qop),
        _digest("garde", "lilas", "PLAY", qop=qop),
        _digest("garde", "lilas", "DESCRIBE", qop=qop, nonce="old"),
        good.replace("quai/main", "quai/other"),
        good.replace('response="', 'response="é'),
        "Basic " + base64.b64encode(b"garde:lilas").decode(),
        "Digest",
    ):
        assert ask(connection, "DESCRIBE", Authorization=bad)[0] == 401
    assert ask(connection, "SETUP", f"{URL}/trackID=0", **TCP)[0] == 401


def test_basic_where_it_is_offered() -> None:
    connection = connect(rtsp.Credentials("garde", "lilas", basic=True))
    assert 'WWW-Authenticate: Basic realm="Veilleur"' in ask(connection, "DESCRIBE")[1]
    for text, status in ((b"garde:lilas", 200), (b"garde:orage", 401)):
        header = "Basic " + base64.b64encode(text).decode()
        assert ask(connection, "DESCRIBE", Authorization=header)[0] == status
    assert ask(connection, "DESCRIBE", Authorization="Basic é")[0] == 401


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\x16\x03\x01\x02\x00", 400),  # TLS on the wrong port
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"OPTIONS * RTSP/2.0\r\nCSeq: 1\r\n\r\n", 505),
        (b"OPTIONS " + b"a" * MAX_HEAD, 400),
        (b"OPTIONS " + b"a" * (MAX_URL + 1) + b" RTSP/1.0\r\n\r\n", 414),
        (b"OPTIONS * RTSP/1.0\r\n" + b"a: b\r\n" * (MAX_HEADERS + 1) + b"\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\n folded: x\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n", 400),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1), 413),
        (b"OPTIONS * RTSP/1.0\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", 413),
        (b"OPTIONS * RTSP/1.0\r\n\r\n", 400),  # without CSeq
    ],
)
def test_what_breaks_the_framing_ends_the_connection(raw: bytes, status: int) -> None:
    connection = connect()
    (event,) = connection.receive_data(raw + b"\r\n\r\nOPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n")
    assert isinstance(event, rtsp.Closing)
    assert connection.data_to_send().startswith(b"RTSP/1.0 %d " % status)
    assert connection.receive_data(b"OPTIONS * RTSP/1.0\r\nCSeq: 3\r\n\r\n") == []
    assert connection.data_to_send() == b""


def test_a_flood_of_requests_without_reading_is_ended() -> None:
    connection = connect()
    flood = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" * 10_000
    (event,) = connection.receive_data(flood)
    assert isinstance(event, rtsp.Closing)
    assert len(connection.data_to_send()) < MAX_UNSENT + 1_000


def test_the_body_of_a_request_is_passed_over_and_bare_line_feeds_are_read() -> None:
    connection = connect()
    connection.receive_data(
        b"SET_PARAMETER * RTSP/1.0\nCSeq: 1\nContent-Length: 3\n\n$\x00\x00\r\nOPTIONS * RTSP/1.0\nCSeq: 2\n\n"
    )
    assert connection.data_to_send().count(b"CSeq") == 2

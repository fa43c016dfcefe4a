"""Against third-party codecs: the messages that a dialler builds, and those of another codec."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from my_dc09_spt.msg import dc03_msg, dc05_msg, dc09_msg
from siadc09 import message as peer

from tests.protocols.corpus import NOW, one
from veilleur.protocols import dc09

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the dialler's use of utcnow()
KEY = b"0123456789ABCDEF"


def dialler_frame(kind: str, payload: str, key: bytes | None = None, line: int | None = 0) -> dc09.Frame:
    return one(dc09_msg("1234", key, None, line).dc09block(12, kind, payload).encode("ascii"))


@pytest.mark.parametrize("line", [0, 10, None])
def test_contact_id_of_the_dialler(line: int | None) -> None:
    payload = dc05_msg.dc05event("1234", {"code": 130, "q": 3, "area": 1, "zone": 15})
    opened = dc09.open_frame(dialler_frame("ADM-CID", payload, line=line), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    (event,) = opened.content.events
    assert (event.code, event.qualifier, event.area, event.zone) == ("130", "restore", "01", "015")


@pytest.mark.parametrize("flavor", [None, "xsia"])
def test_sia_of_the_dialler(flavor: str | None) -> None:
    told = {
        "code": "BA",
        "area": 1,
        "zone": 15,
        "zonename": "Hall",
        "user": 7,
        "time": "10:01:02",
        "text": "Est",
    }
    payload = dc03_msg.dc03event("1234", told | {"flavor": flavor})
    payload += dc09_msg.dc09_extra({"lon": "2.35", "lat": "48.85", "mac": "0026b9e4268b"})
    opened = dc09.open_frame(dialler_frame("SIA-DCS", payload), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    (event,) = opened.content.events
    assert (event.code, event.area, event.zone, event.user) == ("BA", "1", "15", "7")
    assert event.text == "Hall Est"
    assert opened.content.extended == {"X": "2.35", "Y": "48.85", "M": "0026b9e4268b"}
    assert event.extended["ti"] == "10:01:02"


@pytest.mark.parametrize("kind", ["NULL", "ADM-CID"])
def test_encrypted_by_the_dialler(kind: str) -> None:
    payload = "]" if kind == "NULL" else dc05_msg.dc05event("1234", {"code": 130})
    frame = dialler_frame(kind, payload, KEY)
    opened = dc09.open_frame(frame, key=KEY, now=datetime.now(UTC), window=(-60, 60))
    assert isinstance(opened, dc09.Opened)
    assert opened.content.link_test == (kind == "NULL")


@pytest.mark.parametrize("key", [None, KEY])
def test_the_dialler_reads_our_answers(key: bytes | None) -> None:
    frame = dialler_frame("ADM-CID", dc05_msg.dc05event("1234", {}), key)
    reply = dc09.ack(frame, key=key, now=datetime.now(UTC)).decode("ascii")
    token, offset = dc09_msg("1234", key, None, 0).dc09answer(12, reply)
    assert token == "ACK"
    assert offset is None or abs(offset) < 2
    later = datetime.now(UTC) + timedelta(hours=1)
    token, offset = dc09_msg("1234", key, None, 0).dc09answer(12, dc09.nak(later).decode("ascii"))
    assert token == "NAK"
    assert offset == pytest.approx(3600, abs=2)


@pytest.mark.parametrize("key", [None, KEY, bytes(32)])
def test_another_codec_reads_what_we_build(key: bytes | None) -> None:
    raw = dc09.build_frame(
        "SIA-DCS",
        sequence=12,
        account="1234",
        receiver="1",
        prefix="A",
        data=dc09.sia_data("1234", "BA15", area="1"),
        extended=[("M", "0026b9e4268b")],
        timestamp=NOW,
        key=key,
    )
    read = peer.parse_frame(raw, key)
    assert (read.idtoken, read.seq, read.timestamp, read.encrypted) == ("SIA-DCS", 12, NOW, key is not None)
    assert (read.account.acct, read.account.rcvr, read.account.pref) == (0x1234, 1, 0xA)
    assert one(raw).account == "1234"
    assert "Burglary Alarm" in str(read)

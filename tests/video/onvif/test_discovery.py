"""Who is there: a real multicast on loopback, and answers of hostile devices."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager

import pytest

from veilleur.kernel.clock import SystemClock
from veilleur.video.model import SourceError
from veilleur.video.onvif import discover
from veilleur.video.onvif.discovery import GROUP, PORT, read_matches
from veilleur.video.onvif.limits import MAX_FOUND

CLOCK = SystemClock()

MATCH = (
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">'
    "<s:Body><d:ProbeMatches>{matches}</d:ProbeMatches></s:Body></s:Envelope>"
)
ONE = (
    "<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:{id}</a:Address></a:EndpointReference>"
    "<d:Scopes>onvif://www.onvif.org/name/Quai onvif://www.onvif.org/hardware/X1</d:Scopes>"
    "<d:XAddrs>{xaddrs}</d:XAddrs></d:ProbeMatch>"
)


def answer(*xaddrs):
    return MATCH.format(
        matches="".join(ONE.format(id=n, xaddrs=each) for n, each in enumerate(xaddrs))
    ).encode()


@contextmanager
def device_on_loopback(*answers):
    """Answers each probe of the group, on loopback, until the end."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((GROUP, PORT))
    membership = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("127.0.0.1"))
    listening.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    listening.settimeout(0.1)
    done = threading.Event()

    def run():
        while not done.is_set():
            try:
                data, sender = listening.recvfrom(65535)
            except TimeoutError:
                continue
            assert b"NetworkVideoTransmitter" in data
            for each in answers:
                listening.sendto(each, sender)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        listening.close()


def test_devices_answer_a_probe():
    good = answer("http://127.0.0.1:8080/onvif/device_service http://[fe80::1]/x")
    bad = b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"
    with device_on_loopback(bad, b"\xff" * 20_000, good, good):
        heard = discover("127.0.0.1", clock=CLOCK, seconds=1.0)
    (found,) = [each for each in heard if each.name == "Quai"]  # devices of other tests may answer too
    assert (found.address, found.url) == ("127.0.0.1", "http://127.0.0.1:8080/onvif/device_service")
    assert (found.name, found.hardware, found.endpoint) == ("Quai", "X1", "urn:uuid:0")


def test_a_flood_of_answers_is_bounded():
    many = [answer(f"http://127.0.0.1:{port}/a") for port in range(1, 60_000, 50)]
    with device_on_loopback(*many):
        assert len(discover("127.0.0.1", clock=CLOCK, seconds=1.0)) <= MAX_FOUND


def test_nobody_is_an_empty_list():
    heard = discover("127.0.0.1", clock=CLOCK, seconds=0.3)
    assert [each for each in heard if each.name == "Quai"] == []  # devices of other tests may answer


@pytest.mark.parametrize("interface", ["eth0", "", "2001:db8::1", "192.0.2.77"])
def test_a_probe_that_cannot_leave_is_an_error(interface):
    with pytest.raises(SourceError):
        discover(interface, clock=CLOCK, seconds=0.3)


@pytest.mark.parametrize(
    ("told", "url"),
    [
        ("http://192.0.2.9:81/a/b", "http://192.0.2.5:81/a/b"),
        ("http://192.0.2.9/a http://192.0.2.5:8000/b", "http://192.0.2.5:8000/b"),
        ("file:///etc/passwd", "http://192.0.2.5/onvif/device_service"),
        ("", "http://192.0.2.5/onvif/device_service"),
    ],
)
def test_a_device_is_where_it_answered_from(told, url):
    (found,) = read_matches(answer(told), "192.0.2.5", CLOCK)
    assert found.url == url


def test_an_address_that_is_none_is_left_out():
    assert read_matches(answer("http://192.0.2.5:99999/a", "http://["), "192.0.2.5", CLOCK) == []

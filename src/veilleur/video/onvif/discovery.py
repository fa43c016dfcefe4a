"""Who is there: a WS-Discovery probe on one network, bounded in time, answers and bytes."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import uuid
from urllib.parse import urlsplit

from onveef import wsdiscovery

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Trust
from veilleur.video.onvif.exchange import Exchange, netloc
from veilleur.video.onvif.limits import DISCOVERY_SECONDS, MAX_DATAGRAM, MAX_DATAGRAMS, MAX_FOUND
from veilleur.video.onvif.markup import read_xml, understood
from veilleur.video.onvif.values import Found, clean

GROUP, PORT = "239.255.255.250", 3702
_PROBES = 3  # multicast is lossy, and a device may be slow to wake: one probe a second


def discover(interface: str, *, clock: Clock, seconds: float = DISCOVERY_SECONDS) -> list[Found]:
    """The devices that answer on the network of a local address (`interface`, IPv4), in the order of their addresses.

    Raises SourceError «unreachable» when the probe cannot be sent. Answers that cannot be read are left out.
    """
    try:
        ipaddress.IPv4Address(interface)
        probing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    except (ValueError, OSError):
        raise SourceError("unsupported", "discovery wants an IPv4 address of this machine") from None
    found: dict[str, Found] = {}
    with probing:
        try:
            probing.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
            probing.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            probing.bind((interface, 0))
            _listen(probing, found, clock, min(seconds, 3 * DISCOVERY_SECONDS))
        except OSError as fault:
            raise SourceError(
                "unreachable", f"no probe can leave from {interface}: {fault.strerror}"
            ) from None
    return sorted(found.values(), key=lambda each: (ipaddress.ip_address(each.address), each.url))


def _listen(probing: socket.socket, found: dict[str, Found], clock: Clock, seconds: float) -> None:
    begun = clock.monotonic()
    sent = 0
    for _ in range(MAX_DATAGRAMS):
        elapsed = clock.monotonic() - begun
        if elapsed >= seconds:
            return
        if sent < _PROBES and elapsed >= sent * seconds / _PROBES:
            message = wsdiscovery.build_probe(message_id=f"urn:uuid:{uuid.uuid4()}")
            probing.sendto(message.encode(), (GROUP, PORT))
            sent += 1
        until = sent * seconds / _PROBES if sent < _PROBES else seconds
        probing.settimeout(max(0.01, until - elapsed))
        try:
            data, sender = probing.recvfrom(MAX_DATAGRAM + 1)
        except TimeoutError:
            continue
        if len(data) > MAX_DATAGRAM:
            continue
        for each in read_matches(data, str(sender[0]), clock):
            if len(found) < MAX_FOUND or each.url in found:
                found[each.url] = each


def read_matches(data: bytes, sender: str, clock: Clock) -> list[Found]:
    """The devices of one answer, at the address that sent it; empty when it cannot be read."""
    try:
        matches = understood(_matches, read_xml(data))
    except SourceError:
        return []
    devices = []
    for match in matches[:MAX_FOUND]:
        with contextlib.suppress(SourceError, ValueError):
            devices.append(_found(match, sender, clock))
    return devices


def _found(match: wsdiscovery.DiscoveredDevice, sender: str, clock: Clock) -> Found:
    """A device of the library in our words. Of several addresses, the one that the sender has; else the first, there."""
    own = [url for url in match.xaddrs if urlsplit(url).hostname == sender]
    told = (own or [url for url in match.xaddrs if url.startswith(("http:", "https:"))] or [""])[0]
    parts = urlsplit(told)
    port = parts.port if parts.scheme else None
    base = f"{parts.scheme or 'http'}://{netloc(sender, port)}/onvif/device_service"
    url = Exchange(base, Credentials(None, None), Trust(), clock).here(parts.path or "/onvif/device_service")
    return Found(sender, url, clean(match.name), clean(match.hardware), clean(match.endpoint_reference))


def _matches(document: str) -> list[wsdiscovery.DiscoveredDevice]:
    return wsdiscovery.parse_probe_matches(document)

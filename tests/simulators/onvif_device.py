"""An ONVIF device and recorder, written from the specifications and not from our client; it can misbehave on command.

Device, Media, PTZ, Events (pull point), Search and Replay (Profile G) over HTTP on loopback. It judges WS-UsernameToken
with its OWN clock, as cameras do: a signature made with another hour is refused.
"""

from __future__ import annotations

import base64
import hashlib
import re
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from tests.simulators.onvif_words import (
    ACTION_NOT_SUPPORTED,
    BOMB,
    ENVELOPE,
    JPEG,
    NAMESPACES,
    PASSWORD,
    PROFILES,
    USER,
    digest_is_right,
)


@dataclass
class Behaviour:
    """What the device does; tests change it while it runs. `trouble` strikes the operations named in `where`."""

    ahead: timedelta = timedelta(0)
    trouble: str = ""
    where: tuple[str, ...] = ()
    advertised: str = ""
    """The host it believes to have; empty: the right one."""
    services: tuple[str, ...] = tuple(NAMESPACES)
    replay: str = "rtsp://127.0.0.1:554/replay"
    recordings: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    events: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    presets: str = '<tptz:Preset token="p1"><tt:Name>Portail</tt:Name></tptz:Preset>'
    refuses_timeout: bool = False
    snapshot_auth: str = "digest"
    elsewhere: str = ""


@dataclass
class Simulator:
    """A running device: where it listens, what was asked."""

    port: int
    behaviour: Behaviour
    asked: list[str] = field(default_factory=list)
    orders: list[tuple[str, dict[str, float]]] = field(default_factory=list)
    subscriptions: set[str] = field(default_factory=set)
    bodies: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its device service."""
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    def now(self) -> datetime:
        """Its own hour."""
        return datetime.now(UTC) + self.behaviour.ahead

    def place(self) -> str:
        """Host and port as it tells them."""
        return self.behaviour.advertised or f"127.0.0.1:{self.port}"


@contextmanager
def running_device(
    behaviour: Behaviour | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Simulator]:
    """A device on a free port of loopback."""
    simulator = Simulator(0, behaviour or Behaviour())

    class Handler(_Handler):
        device = simulator

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    simulator.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    device: Simulator

    def log_message(self, *_: object) -> None:
        """Silence."""

    def do_GET(self) -> None:
        """The snapshot, behind HTTP's own challenges."""
        said = self.headers.get("Authorization", "")
        self.device.headers.append(said)
        wanted = self.device.behaviour.snapshot_auth
        if wanted == "basic" and said != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            return self._send(401, b"", {"WWW-Authenticate": 'Basic realm="camera"'})
        if wanted == "digest" and not digest_is_right(said, "GET"):
            challenge = 'Digest realm="camera", nonce="n0nce", qop="auth", algorithm=SHA-256'
            return self._send(401, b"", {"WWW-Authenticate": challenge})
        if self._trouble("Snapshot"):
            return None
        return self._send(200, JPEG, {"Content-Type": "image/jpeg"})

    def do_POST(self) -> None:
        """One SOAP operation."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        operation = re.search(r"<s:Body><(?:\w+):(\w+)", body).group(1)
        self.device.asked.append(operation)
        self.device.bodies.append(body)
        if operation != "GetSystemDateAndTime" and not self._signed(body):
            fault = ACTION_NOT_SUPPORTED.replace("ActionNotSupported", "NotAuthorized")
            return self._soap(fault.format(reason="Sender not Authorized"), 400)
        if self._trouble(operation):
            return None
        answer = getattr(self, f"_{operation}", None)
        if answer is None:
            return self._soap(ACTION_NOT_SUPPORTED.format(reason="Optional Action Not Implemented"), 500)
        told = answer(body)
        return None if told is None else self._soap(told)

    def _signed(self, body: str) -> bool:
        parts = re.search(
            r"Username>([^<]*)<.*?Password Type=\"[^\"]*#PasswordDigest\">([^<]*)<.*?Nonce[^>]*>([^<]*)<.*?Created>([^<]*)<",
            body, re.DOTALL,
        )  # fmt: skip
        if parts is None:
            return False
        user, digest, nonce, created = parts.groups()
        if abs(datetime.fromisoformat(created) - self.device.now()) > timedelta(seconds=5):
            return False
        right = hashlib.sha1(base64.b64decode(nonce) + created.encode() + PASSWORD.encode()).digest()
        return user == USER and base64.b64decode(digest) == right

    def _trouble(self, operation: str) -> bool:
        """Misbehaves when told to; whether it did."""
        wanted = self.device.behaviour
        if not wanted.trouble or (wanted.where and operation not in wanted.where):
            return False
        getattr(self, f"_trouble_{wanted.trouble}")()
        return True

    def _trouble_garbage(self) -> None:
        self._send(200, b"<env:Envelope><env:Body><tds:Get", {})

    def _trouble_html(self) -> None:
        self._send(200, b"<html><body><p>Login<br></body></html>", {})

    def _trouble_bomb(self) -> None:
        self._send(200, BOMB.encode(), {})

    def _trouble_deep(self) -> None:
        self._send(200, b"<a>" * 5000 + b"</a>" * 5000, {})

    def _trouble_huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(10 * 1024 * 1024))
        self.end_headers()
        self._pour(b"<a>" + b" " * 65533 for _ in range(160))

    def _trouble_endless_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self._pour(b"X-Filler: " + b"a" * 1000 + b"\r\n" for _ in range(2000))

    def _trouble_truncated(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self._pour([b"<env:Envelope>"])
        self.close_connection = True

    def _trouble_drip(self) -> None:
        """A byte now and then, for much longer than anybody should wait."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        self._pour(_slowly(b"<"))

    def _trouble_redirect(self) -> None:
        self._send(302, b"", {"Location": self.device.behaviour.elsewhere})

    def _trouble_fault_with_password(self) -> None:
        self._soap(
            ACTION_NOT_SUPPORTED.replace("ActionNotSupported", "InvalidArgVal").format(
                reason=f"bad {PASSWORD}"
            ),
            500,
        )

    def _pour(self, parts: object) -> None:
        try:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
        except OSError:
            self.close_connection = True

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        self.send_header("Date", self.device.now().strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _soap(self, body: str, status: int = 200) -> None:
        self._send(status, ENVELOPE.format(body=body).encode(), {"Content-Type": "application/soap+xml"})

    def _GetSystemDateAndTime(self, _: str) -> str:  # noqa: N802
        now = self.device.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetServices(self, _: str) -> str:  # noqa: N802
        each = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{NAMESPACES[name]}/wsdl</tds:Namespace>"
            f"<tds:XAddr>http://{self.device.place()}/onvif/{name}</tds:XAddr></tds:Service>"
            for name in self.device.behaviour.services
        )
        return f"<tds:GetServicesResponse>{each}</tds:GetServicesResponse>"

    def _GetDeviceInformation(self, _: str) -> str:  # noqa: N802
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Atelier</tds:Manufacturer>"
            "<tds:Model>Sim\x85ulateur 1</tds:Model>"
            "<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>42</tds:SerialNumber></tds:GetDeviceInformationResponse>"
        )

    def _GetProfiles(self, _: str) -> str:  # noqa: N802
        turning = '<tt:PTZConfiguration token="z"><tt:Name>z</tt:Name></tt:PTZConfiguration>'
        each = "".join(
            f'<trt:Profiles token="{name}" fixed="true"><tt:Name>{name}</tt:Name><tt:VideoSourceConfiguration token="v">'
            "<tt:SourceToken>lens</tt:SourceToken></tt:VideoSourceConfiguration>"
            f'<tt:VideoEncoderConfiguration token="e-{name}"><tt:Encoding>{codec}</tt:Encoding>'
            f"<tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
            f"<tt:RateControl><tt:FrameRateLimit>{fps}</tt:FrameRateLimit></tt:RateControl></tt:VideoEncoderConfiguration>"
            f"{turning}</trt:Profiles>"
            for name, codec, width, height, fps in PROFILES
        )
        return f"<trt:GetProfilesResponse>{each}</trt:GetProfilesResponse>"

    def _GetStreamUri(self, body: str) -> str:  # noqa: N802
        token = re.search(r"ProfileToken>([^<]*)<", body).group(1)
        host = self.device.place().partition(":")[0]
        return f"<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>rtsp://{host}:8554/{token}?a=1&amp;b=2</tt:Uri></trt:MediaUri></trt:GetStreamUriResponse>"

    def _GetSnapshotUri(self, _: str) -> str:  # noqa: N802
        told = "<trt:MediaUri><tt:Uri>/snap.jpg</tt:Uri></trt:MediaUri>"
        return f"<trt:GetSnapshotUriResponse>{told}</trt:GetSnapshotUriResponse>"

    def _ContinuousMove(self, body: str) -> str:  # noqa: N802
        if self.device.behaviour.refuses_timeout and "Timeout" in body:
            self._soap(
                ACTION_NOT_SUPPORTED.replace("ActionNotSupported", "InvalidArgVal").format(reason="timeout"),
                400,
            )
            return None
        speeds = (
            dict(zip(("pan", "tilt"), re.findall(r'PanTilt x="([^"]*)" y="([^"]*)"', body)[0], strict=True))
            if "PanTilt" in body
            else {}
        )
        if zoom := re.search(r'Zoom x="([^"]*)"', body):
            speeds["zoom"] = zoom.group(1)
        self.device.orders.append(("move", {axis: float(value) for axis, value in speeds.items()}))
        return "<tptz:ContinuousMoveResponse/>"

    def _Stop(self, _: str) -> str:  # noqa: N802
        self.device.orders.append(("stop", {}))
        return "<tptz:StopResponse/>"

    def _GetPresets(self, _: str) -> str:  # noqa: N802
        return f"<tptz:GetPresetsResponse>{self.device.behaviour.presets}</tptz:GetPresetsResponse>"

    def _GotoPreset(self, body: str) -> str:  # noqa: N802
        self.device.orders.append((re.search(r"PresetToken>([^<]*)<", body).group(1), {}))
        return "<tptz:GotoPresetResponse/>"

    def _GetStatus(self, _: str) -> str:  # noqa: N802
        return (
            '<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="0.25" y="-0.5"/><tt:Zoom x="nan"/>'
            "</tt:Position>"
            "<tt:MoveStatus><tt:PanTilt>IDLE</tt:PanTilt><tt:Zoom>MOVING</tt:Zoom></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def _CreatePullPointSubscription(self, _: str) -> str:  # noqa: N802
        name = f"/onvif/sub/{len(self.device.asked)}"
        self.device.subscriptions.add(name)
        return (
            "<tev:CreatePullPointSubscriptionResponse><tev:SubscriptionReference><wsa5:Address>"
            f"http://{self.device.place()}{name}</wsa5:Address></tev:SubscriptionReference></tev:CreatePullPointSubscriptionResponse>"
        )

    def _PullMessages(self, _: str) -> str | None:  # noqa: N802
        device = self.device
        for _ in range(10):
            if device.behaviour.events or self.path not in device.subscriptions:
                break
            time.sleep(0.02)
        if self.path not in device.subscriptions:
            refused = ACTION_NOT_SUPPORTED.replace("ActionNotSupported", "InvalidArgVal")
            self._soap(refused.format(reason="no such subscription"), 400)
            return None
        taken = device.behaviour.events[:50]
        del device.behaviour.events[: len(taken)]  # a test may add one meanwhile
        each = "".join(
            f"<wsnt:NotificationMessage><wsnt:Topic>{escape(topic)}</wsnt:Topic><wsnt:Message>"
            f'<tt:Message UtcTime="{at}" PropertyOperation="Changed">'
            "<tt:Source><tt:SimpleItem Name='Input' Value='1'/></tt:Source><tt:Data>"
            + "".join(f'<tt:SimpleItem Name="{escape(k)}" Value="{escape(v)}"/>' for k, v in items.items())
            + "</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>"
            for topic, at, items in taken
        )
        return f"<tev:PullMessagesResponse>{each}</tev:PullMessagesResponse>"

    def _Renew(self, _: str) -> str:  # noqa: N802
        return "<wsnt:RenewResponse/>"

    def _Unsubscribe(self, _: str) -> str:  # noqa: N802
        self.device.subscriptions.discard(self.path)
        return "<wsnt:UnsubscribeResponse/>"

    def _FindRecordings(self, _: str) -> str:  # noqa: N802
        return (
            "<tse:FindRecordingsResponse><tse:SearchToken>s1</tse:SearchToken></tse:FindRecordingsResponse>"
        )

    def _GetRecordingSearchResults(self, _: str) -> str:  # noqa: N802
        each = "".join(
            f"<tt:RecordingInformation><tt:RecordingToken>{token}</tt:RecordingToken><tt:Source><tt:SourceId>lens</tt:SourceId>"
            f"<tt:Name>Quai</tt:Name></tt:Source><tt:EarliestRecording>{a:%Y-%m-%dT%H:%M:%SZ}</tt:EarliestRecording>"
            f"<tt:LatestRecording>{b:%Y-%m-%dT%H:%M:%SZ}</tt:LatestRecording></tt:RecordingInformation>"
            for token, a, b in self.device.behaviour.recordings
        )
        return (
            "<tse:GetRecordingSearchResultsResponse><tse:ResultList><tt:SearchState>Completed</tt:SearchState>"
            f"{each}</tse:ResultList></tse:GetRecordingSearchResultsResponse>"
        )

    def _EndSearch(self, _: str) -> str:  # noqa: N802
        return "<tse:EndSearchResponse/>"

    def _GetReplayUri(self, _: str) -> str:  # noqa: N802
        return f"<trp:GetReplayUriResponse><trp:Uri>{escape(self.device.behaviour.replay)}</trp:Uri></trp:GetReplayUriResponse>"


def _slowly(byte: bytes) -> Iterator[bytes]:
    for _ in range(600):
        time.sleep(0.1)
        yield byte

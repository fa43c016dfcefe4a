"""The ONVIF face of the demonstration's cameras: hour, profiles, streams, snapshot, PTZ; enough for any ordinary client.

One HTTP port for all: `http://HOST:PORT/onvif/KEY/device_service`. Each camera judges signatures by its own clock, as real ones
do. A PTZ has no lens to turn: it steps from one drawn view to the next, so that the picture changes.
"""

from __future__ import annotations

import re
import secrets
import threading
from contextlib import suppress
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from veilleur.demo.camera_head import Head
from veilleur.demo.camera_soap import (
    Fault,
    NotOneOfMine,
    Signature,
    answer_of,
    attribute,
    fault_of,
    is_signed,
    read_request,
    text,
)
from veilleur.demo.camera_stills import still
from veilleur.protocols.rtsp.auth import Credentials, admits, challenges

if TYPE_CHECKING:
    from veilleur.demo.cameras import Camera, CameraServer

MAX_REQUEST = 65_536  # bytes of a SOAP request; clients send some 2 kB
REQUEST_SECONDS = 10.0  # for a client to finish what it began
MAX_THREADS = 32  # requests at once; the rest wait in the listening queue
NAME_LENGTH = 100  # characters of a preset's name

_PATH = re.compile(r"/onvif/([a-z0-9-]{1,64})/(device_service|media_service|ptz_service|snapshot\.jpg)")
_UNSIGNED = {
    "GetSystemDateAndTime",
    "GetCapabilities",
    "GetServices",
}  # ONVIF Core §5.9.4: pre-authentication
_NAMES = {"device": "ver10/device", "media": "ver10/media", "ptz": "ver20/ptz"}


class OnvifFace:
    """An HTTP server beside the cameras, in threads of its own."""

    def __init__(self, house: CameraServer, host: str, port: int) -> None:
        face = self

        class Handler(_Handler):
            owner = face

        self.house = house
        self.nonce = secrets.token_hex(16)
        self.heads = {
            key: Head([token for token, _ in each.plan.presets]) for key, each in house.cameras.items()
        }
        self.lock = threading.Lock()
        self.places = threading.BoundedSemaphore(MAX_THREADS)
        self._server = _Server((host, port), Handler)
        self._server.places = self.places
        self.address = (str(self._server.server_address[0]), int(self._server.server_address[1]))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No more requests."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, key: str, service: str = "device_service") -> str:
        """A service of a camera."""
        return f"http://{self.address[0]}:{self.address[1]}/onvif/{key}/{service}"

    def show(self, key: str) -> None:
        """The picture follows the head."""
        token = self.heads[key].token
        whole = self.house.cameras[key].plan.presets[0][0]
        self.house.change(key, origin="ptz", position="" if token == whole else token)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    places: threading.BoundedSemaphore

    def process_request(self, request: object, client_address: object) -> None:
        """A thread each, never more than there are places."""
        self.places.acquire()
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        """The place is free again whatever happens."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self.places.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves in the middle is nothing to tell."""


class _Handler(BaseHTTPRequestHandler):
    owner: OnvifFace
    camera: Camera | None = None
    timeout = REQUEST_SECONDS
    protocol_version = "HTTP/1.0"  # one request, then the thread is free

    def log_message(self, *_: object) -> None:
        """Silence."""

    def _camera(self, *services: str) -> tuple[str, Camera] | None:
        match = _PATH.fullmatch(self.path)
        camera = self.owner.house.cameras.get(match[1]) if match and match[2].startswith(services) else None
        if camera is None or match is None:
            self.send_error(404)
            return None
        if camera.condition().gone:
            return None  # cut without a word
        self.camera = camera
        return match[1], camera

    def do_GET(self) -> None:
        """The snapshot, behind HTTP Digest."""
        found = self._camera("snapshot")
        if found is None:
            return
        _, camera = found
        password = camera.condition().password
        if password is not None:
            credentials = Credentials(camera.plan.user, password)
            given = self.headers.get("Authorization")
            if not admits(credentials, self.owner.nonce, "GET", self.path, given):
                self._send(401, b"", {"WWW-Authenticate": challenges(credentials, self.owner.nonce)[0]})
                return
        self._send(200, still(camera), {"Content-Type": "image/jpeg"})

    def do_POST(self) -> None:
        """One SOAP operation."""
        found = self._camera("device", "media", "ptz")
        if found is None:
            return
        size = self.headers.get("Content-Length", "")
        if not (size.isascii() and size.isdigit() and len(size) < 9 and int(size) <= MAX_REQUEST):
            self.send_error(413)
            return
        try:
            operation, body, signature = read_request(self.rfile.read(int(size)))
            told = self._operate(*found, operation, body, signature)
        except Fault as fault:
            self._soap(fault.status, fault_of(fault))
        else:
            self._soap(200, answer_of(told))

    def _operate(
        self, key: str, camera: Camera, operation: str, body: ET.Element, signature: Signature | None
    ) -> str:
        password = camera.condition().password
        if (
            password is not None
            and operation not in _UNSIGNED
            and not is_signed(signature, camera.plan.user, password, camera.now())
        ):
            raise Fault(400, "NotAuthorized", "Sender not authorized")
        desk = _Answers(self.owner, key, camera)
        with self.owner.lock:
            return desk.answer(operation, body)

    def _soap(self, status: int, body: bytes) -> None:
        self._send(status, body, {"Content-Type": "application/soap+xml; charset=utf-8"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        if self.camera is not None:
            self.send_header("Date", format_datetime(self.camera.now(), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(body)


class _Answers:
    """What one camera says, operation by operation."""

    def __init__(self, face: OnvifFace, key: str, camera: Camera) -> None:
        self._face, self._key, self._camera = face, key, camera

    def answer(self, operation: str, body: ET.Element) -> str:
        """The answer's XML. Raises Fault."""
        known = {
            "GetSystemDateAndTime": self._hour,
            "GetServices": self._services,
            "GetCapabilities": self._capabilities,
            "GetDeviceInformation": self._identity,
            "GetProfiles": self._profiles,
            "GetStreamUri": self._stream_uri,
            "GetSnapshotUri": self._snapshot_uri,
        }
        turning = {
            "ContinuousMove": self._move,
            "Stop": self._stop,
            "GetPresets": self._presets,
            "GotoPreset": self._goto,
            "SetPreset": self._keep,
            "RemovePreset": self._forget,
            "GetStatus": self._status,
        }
        does = known | (turning if self._camera.plan.ptz else {})
        if operation not in does:
            raise NotOneOfMine
        return does[operation](body)

    def _hour(self, _: ET.Element) -> str:
        now = self._camera.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>UTC0</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time>"
            f"<tt:Date><tt:Year>{now.year}</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _names(self) -> list[str]:
        return [name for name in _NAMES if name != "ptz" or self._camera.plan.ptz]

    def _services(self, _: ET.Element) -> str:
        each = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/{_NAMES[name]}/wsdl</tds:Namespace>"
            f"<tds:XAddr>{self._face.url(self._key, f'{name}_service')}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for name in self._names()
        )
        return f"<tds:GetServicesResponse>{each}</tds:GetServicesResponse>"

    def _capabilities(self, _: ET.Element) -> str:
        each = "".join(
            f"<tt:{tag}><tt:XAddr>{self._face.url(self._key, f'{name}_service')}</tt:XAddr></tt:{tag}>"
            for name, tag in (("device", "Device"), ("media", "Media"), ("ptz", "PTZ"))
            if name in self._names()
        )
        return f"<tds:GetCapabilitiesResponse><tds:Capabilities>{each}</tds:Capabilities></tds:GetCapabilitiesResponse>"

    def _identity(self, _: ET.Element) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Veilleur</tds:Manufacturer><tds:Model>Démonstration</tds:Model>"
            f"<tds:FirmwareVersion>1</tds:FirmwareVersion><tds:SerialNumber>{self._key}</tds:SerialNumber>"
            f"<tds:HardwareId>{self._key}</tds:HardwareId></tds:GetDeviceInformationResponse>"
        )

    def _profiles(self, _: ET.Element) -> str:
        each = "".join(self._profile(name) for name in ("main", "sub"))
        return f"<trt:GetProfilesResponse>{each}</trt:GetProfilesResponse>"

    def _profile(self, name: str) -> str:
        clip = self._camera.clip(name)
        names = "<tt:Name>head</tt:Name><tt:NodeToken>head</tt:NodeToken>"
        head = f'<tt:PTZConfiguration token="head">{names}</tt:PTZConfiguration>'
        return (
            f'<trt:Profiles token="{name}" fixed="true"><tt:Name>{name}</tt:Name>'
            '<tt:VideoSourceConfiguration token="lens"><tt:Name>lens</tt:Name><tt:SourceToken>lens</tt:SourceToken>'
            "</tt:VideoSourceConfiguration>"
            f'<tt:VideoEncoderConfiguration token="{name}"><tt:Name>{name}</tt:Name>'
            f"<tt:Encoding>{'H265' if clip.codec == 'hevc' else 'H264'}</tt:Encoding>"
            f"<tt:Resolution><tt:Width>{clip.width}</tt:Width><tt:Height>{clip.height}</tt:Height></tt:Resolution>"
            f"<tt:RateControl><tt:FrameRateLimit>{clip.fps:.0f}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>"
            "<tt:BitrateLimit>512</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>"
            f"{head if self._camera.plan.ptz else ''}</trt:Profiles>"
        )

    def _stream_uri(self, body: ET.Element) -> str:
        token = text(body, "ProfileToken")
        if token not in ("main", "sub"):
            raise Fault(400, "NoProfile", "no such profile")
        uri = self._face.house.url(self._key, token)
        told = f"<trt:MediaUri><tt:Uri>{uri}</tt:Uri></trt:MediaUri>"
        return f"<trt:GetStreamUriResponse>{told}</trt:GetStreamUriResponse>"

    def _snapshot_uri(self, _: ET.Element) -> str:
        told = f"<trt:MediaUri><tt:Uri>{self._face.url(self._key, 'snapshot.jpg')}</tt:Uri></trt:MediaUri>"
        return f"<trt:GetSnapshotUriResponse>{told}</trt:GetSnapshotUriResponse>"

    def _move(self, body: ET.Element) -> str:
        pan, zoom = attribute(body, "PanTilt", "x"), attribute(body, "Zoom", "x")
        self._face.heads[self._key].turn(pan, zoom, self._face.house.seconds())
        self._face.show(self._key)
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, _: ET.Element) -> str:
        self._face.heads[self._key].stop()
        return "<tptz:StopResponse/>"

    def _presets(self, _: ET.Element) -> str:
        kept = {token: name for token, (name, _) in self._face.heads[self._key].kept.items()}
        each = "".join(
            f'<tptz:Preset token="{token}"><tt:Name>{escape(name)}</tt:Name></tptz:Preset>'
            for token, name in (dict(self._camera.plan.presets) | kept).items()
            if token not in self._face.heads[self._key].gone
        )
        return f"<tptz:GetPresetsResponse>{each}</tptz:GetPresetsResponse>"

    def _goto(self, body: ET.Element) -> str:
        try:
            self._face.heads[self._key].go(text(body, "PresetToken"))
        except ValueError:
            raise Fault(400, "NoToken", "no such preset") from None
        self._face.show(self._key)
        return "<tptz:GotoPresetResponse/>"

    def _keep(self, body: ET.Element) -> str:
        name, token = text(body, "PresetName"), text(body, "PresetToken")
        if not 0 < len(name) <= NAME_LENGTH:
            raise Fault(400, "InvalidPresetName", "no such name")
        try:
            made = self._face.heads[self._key].keep(name, token)
        except ValueError:
            raise Fault(400, "TooManyPresets", "no such preset, or no room for another") from None
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{made}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _forget(self, body: ET.Element) -> str:
        try:
            self._face.heads[self._key].forget(text(body, "PresetToken"))
        except ValueError:
            raise Fault(400, "NoToken", "no such preset") from None
        return "<tptz:RemovePresetResponse/>"

    def _status(self, _: ET.Element) -> str:
        pan, zoom, moving = self._face.heads[self._key].told(self._face.house.seconds())
        state = "MOVING" if moving else "IDLE"
        return (
            f'<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="{pan:g}" y="0"/>'
            f'<tt:Zoom x="{zoom:g}"/></tt:Position>'
            f"<tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt><tt:Zoom>{state}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{self._camera.now():%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

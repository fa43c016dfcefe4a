"""What routes of cameras are asked and answer, beside their views."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

#: Reasons, names and places, as the import bounds them.
Name = Annotated[str, Field(min_length=1, max_length=200)]
Url = Annotated[str, Field(min_length=1, max_length=1000)]
Token = Annotated[str, Field(min_length=1, max_length=64)]
Role = Annotated[str, Field(pattern=r"^(operator|lead|administrator|auditor)$")]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,8}$")]

KIND = r"^(rtsp|onvif|mjpeg|snapshot|recorder|push)$"
REGIME = r"^(public_road|public_place|private|home)$"
REFERENCE = r"^[^\s#][^\r\n\t]*$"


class Strict(BaseModel):
    """A field that is not known is a mistake, not something to be dropped."""

    model_config = ConfigDict(extra="forbid")


class Corner(Strict):
    """A corner of a mask, from 0 to 1."""

    x: Annotated[float, Field(ge=0, le=1)]
    y: Annotated[float, Field(ge=0, le=1)]


class MaskAsked(Strict):
    """A mask as it shall be."""

    kind: Annotated[str, Field(pattern=r"^(legal|role)$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    preset: Token | None = None
    polygon: Annotated[list[Corner], Field(max_length=100)]


class PresetAsked(Strict):
    """A preset as it shall be."""

    token: Token
    name: Annotated[str, Field(min_length=1, max_length=100)]


class KeptAsked(Strict):
    """Where the camera looks now, as a preset of this name; `token`: in the place of that one."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    token: Token | None = None


class ForgottenAsked(Strict):
    """A preset that shall be no more; `file_only`: in the file, whatever the camera keeps."""

    token: Token
    file_only: bool = False


class ZoneAsked(Strict):
    """A point that the camera sees."""

    area: Number | None = None
    zone: Number | None = None
    preset: Token | None = None


class CameraAsked(Strict):
    """Fields of a camera; those left out stay as they are. A list that is given is complete.

    `address`, `sub`: URLs; a user and a password inside one are taken out of it, the password sealed. `kind` left
    out: told by the URL. `neighbours`: ids, nearest first. `authorisation`: a reference.
    """

    reference: Annotated[str, Field(min_length=1, max_length=64, pattern=REFERENCE)] | None = None
    name: Name | None = None
    place: Annotated[str, Field(max_length=300)] | None = None
    regime: Annotated[str, Field(pattern=REGIME)] | None = None
    purpose: Annotated[str, Field(max_length=300)] | None = None
    authorisation: Annotated[str, Field(max_length=64)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    bearing: Annotated[float, Field(ge=0, le=360)] | None = None
    fov: Annotated[float, Field(ge=1, le=360)] | None = None
    narrow: bool | None = None
    kind: Annotated[str, Field(pattern=KIND)] | None = None
    address: Url | None = None
    sub: Url | None = None
    user: Annotated[str, Field(max_length=100)] | None = None
    password: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    options: dict[Annotated[str, Field(max_length=60)], Any] | None = Field(default=None, max_length=50)
    ptz: bool | None = None
    talk: bool | None = None
    record: bool | None = None
    retention_days: Annotated[int, Field(ge=1, le=30)] | None = None
    min_retention_days: Annotated[int, Field(ge=0, le=30)] | None = None
    live_roles: Annotated[list[Role], Field(max_length=4)] | None = None
    recorded_roles: Annotated[list[Role], Field(max_length=4)] | None = None
    neighbours: Annotated[list[int], Field(max_length=20)] | None = None
    masks: Annotated[list[MaskAsked], Field(max_length=50)] | None = None
    presets: Annotated[list[PresetAsked], Field(max_length=300)] | None = None
    zones: Annotated[list[ZoneAsked], Field(max_length=200)] | None = None


class NewCameraAsked(CameraAsked):
    """A camera that does not exist yet."""

    site_id: int


class PasswordAsked(Strict):
    """A new password; null takes it away."""

    password: Annotated[str, Field(min_length=1, max_length=200)] | None


class ReasonAsked(Strict):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class TryAsked(Strict):
    """An address to open. `kind` left out: told by the URL."""

    address: Url
    user: Annotated[str, Field(max_length=100)] | None = None
    password: Annotated[str, Field(max_length=200)] | None = None
    kind: Annotated[str, Field(pattern=KIND)] | None = None


class FoundStream(BaseModel):
    """What a stream is. `audio`: it offers sound, which is never set up."""

    codec: str
    width: int
    height: int
    fps: float
    audio: bool


class FoundProfile(BaseModel):
    """A stream that an ONVIF device offers."""

    token: str
    name: str
    codec: str
    width: int
    height: int
    fps: float
    rtsp: str | None
    ptz: bool
    audio: bool


class Tried(BaseModel):
    """What answered at an address. `main`, `sub`: the streams to keep; `picture`: a JPEG in base64."""

    found: FoundStream
    profiles: list[FoundProfile]
    main: str
    sub: str | None
    picture: str | None


class FoundDevice(BaseModel):
    """An ONVIF device that answered a probe."""

    address: str
    url: str
    name: str
    hardware: str


class Devices(BaseModel):
    """All that answered."""

    devices: list[FoundDevice]


class Made(BaseModel):
    """What was made."""

    id: int

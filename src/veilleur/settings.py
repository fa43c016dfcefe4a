"""One frozen Settings, read once: the command line wins over VEILLEUR_* over DATA/veilleur.toml over defaults."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from veilleur.kernel.errors import SettingsError

CONFIG_NAME = "veilleur.toml"


class LineSettings(BaseModel):
    """A named reception line: where panels dial to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(
        pattern=r"^[A-Za-z0-9_-]{1,16}$", description="Name shown and used in site files, e.g. R1."
    )
    listen: str = Field(description="HOST:PORT; TCP and UDP.")
    transports: tuple[str, ...] = Field(default=("tcp", "udp"), description="Any of tcp, udp.")
    share_port: bool = Field(
        default=False, description="Let several receptions of this centre serve the same port (SO_REUSEPORT)."
    )


class ChannelSettings(BaseModel):
    """A way out of the house for calls (practice P7). Which people it is used for is imported (`on_call`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="Named by the ways of the on-call list.")
    kind: Literal["mail", "http", "script"]
    timeout: float = Field(default=20.0, gt=0, le=120, description="Seconds for one message.")
    server: str | None = Field(default=None, description="mail: HOST:PORT of the SMTP server.")
    tls: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="mail: how it is secured."
    )
    sender: str = Field(default="veilleur@localhost", description="mail: From.")
    user: str | None = Field(
        default=None, description="mail: login of the server; its password: secret_file."
    )
    url: str | None = Field(default=None, description="http: with {to}, {text}, {subject}, {link}.")
    method: Literal["POST", "GET"] = "POST"
    content_type: str = "application/json"
    body: str = Field(default='{"to": "{to}", "text": "{text}"}', description="http: the same places.")
    program: Path | None = Field(default=None, description="script: an absolute path.")
    arguments: tuple[str, ...] = ()
    secret_file: Path | None = Field(
        default=None, description="A file with the password or the bearer token."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind == "mail":
            split_address(self.server or "")
        if self.kind == "http" and not (self.url or "").startswith(("http://", "https://")):
            raise ValueError(f"the channel «{self.name}» needs a url, http:// or https://")
        if self.kind == "script" and not (self.program and self.program.is_absolute()):
            raise ValueError(f"the channel «{self.name}» needs the absolute path of a program")
        return self


@dataclass(frozen=True)
class Outside:
    """What reaches out of the house: the channels of calls, our own address outside, and the outgoing heartbeat."""

    channels: tuple[ChannelSettings, ...] = ()
    public_url: str | None = None
    heartbeat_url: str | None = None
    heartbeat_method: str = "GET"

    def channel(self, name: str) -> ChannelSettings | None:
        """A channel by its name."""
        return next((each for each in self.channels if each.name == name), None)


class Settings(BaseSettings):
    """Every setting of the centre's software. What belongs to the centre's business is imported, not set here."""

    model_config = SettingsConfigDict(
        env_prefix="VEILLEUR_", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data_dir: Path = Field(default=Path("veilleur-data"), description="Where everything is kept.")
    http: str = Field(default="127.0.0.1:8600", description="HOST:PORT of the desk.")
    dc09: str = Field(default="127.0.0.1:10009", description="HOST:PORT of the first DC-09 line (R1).")
    lines: tuple[LineSettings, ...] = Field(
        default=(), description="More DC-09 lines: name, listen, transports."
    )
    database_url: str | None = Field(
        default=None, description="An outside PostgreSQL ≥ 15, application role; absent: the embedded one."
    )
    database_owner_url: str | None = Field(
        default=None, description="The same database, owner role, for migrations."
    )
    postgres_user: str | None = Field(
        default=None, description="As root: the user the embedded PostgreSQL runs as; absent: nobody."
    )
    postgres_bin: Path | None = Field(
        default=None, description="Binaries of the embedded PostgreSQL; absent: ours."
    )
    secure_cookies: bool = Field(
        default=False, description="Set to true behind HTTPS: cookies are then Secure."
    )
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Host names the desk answers to, besides its own address; empty: any on loopback.",
    )
    checkpoint_dir: Path | None = Field(
        default=None,
        description="A folder that leaves the machine (mounted share): one checkpoint a day is put there.",
    )
    wal_archive: Path | None = Field(
        default=None,
        description="A folder of another disk or machine: the embedded database’s log is followed there as it is "
        "written, so that «veilleur restore» brings back everything up to the last second.",
    )
    retention: dict[str, int] = Field(
        default={}, description="Days that a class of personal data is kept; the classes: personal-data.md."
    )
    channels: tuple[ChannelSettings, ...] = Field(
        default=(),
        description="Ways out for calls to people on call: name, kind mail, http or script; see continuity.",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where the desk is reached from outside: messages to people on call then hold a link to take the call.",
    )
    heartbeat_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Asked each minute while the whole chain is verified: an outside dead-man’s switch notices our death.",
    )
    heartbeat_method: Literal["GET", "POST"] = Field(default="GET", description="How heartbeat_url is asked.")
    ntp_server: str | None = Field(
        default=None, description="HOST or HOST:PORT of a time server that our clock is compared with."
    )
    certificates: tuple[Path, ...] = Field(
        default=(),
        description="Certificates (PEM) whose end is watched, e.g. that of the HTTPS in front of the desk.",
    )
    video_http: str = Field(
        default="127.0.0.1:8601",
        description="HOST:PORT where the first recorder serves pictures; recorder n: port + n − 1.",
    )
    video_public_url: str | None = Field(
        default=None,
        pattern=r"^https?://",
        description="Where browsers reach the first recorder, when not at video_http; behind a proxy, recorder n: /n added.",
    )
    video_dir: Path | None = Field(
        default=None, description="Folder of the recordings; absent: video/ in the data directory."
    )
    video_store: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9+.-]*://",
        description="URL of an object store (s3://bucket/prefix) where closed hours of recordings go.",
    )
    video_ftp: str | None = Field(
        default=None,
        description="HOST:PORT where cameras that push do so by FTP; recorder n: port + n − 1; absent: no FTP.",
    )
    video_ftp_ports: str = Field(
        default="8630-8661",
        description="FIRST-LAST: ports of its passive mode, the only one; open them with the first.",
    )
    video_ftp_address: str | None = Field(
        default=None,
        pattern=r"^\d{1,3}(\.\d{1,3}){3}$",
        description="The IPv4 address that cameras reach it by, when it is behind an address translation.",
    )
    video_ftp_certificate: Path | None = Field(
        default=None,
        description="PEM file with certificate, chain and key: FTP is then secured (AUTH TLS).",
    )
    video_ftp_clear: bool = Field(
        default=False,
        description="Let cameras without TLS say their password in clear: whoever listens on the way reads it.",
    )
    recorders: int = Field(
        default=1, ge=0, le=64, description="Recorder processes on this machine; 0: no video here."
    )
    cameras_per_recorder: int = Field(
        default=12, ge=1, le=100, description="Cameras that one recorder takes at most."
    )
    disk_warning_gib: float = Field(default=5.0, ge=0, description="Free GiB under which a fault opens.")
    disk_critical_gib: float = Field(default=1.0, ge=0, description="Free GiB under which it is urgent.")
    backup_max_age: int = Field(
        default=192, ge=0, description="Hours after which a backup is too old; 0: backups are not watched."
    )
    metrics_token_file: Path | None = Field(
        default=None,
        description="A file with a bearer token: /metrics then answers whoever shows it; without it, this machine only.",
    )
    demo: bool = Field(default=False, description="The demonstration town, on its own clock.")
    demo_rtsp: str = Field(
        default="127.0.0.1:8554",
        description="HOST:PORT of the demonstration's cameras; their ONVIF face: the next port.",
    )
    demo_footage: Path | None = Field(
        default=None,
        description="A folder of MP4 files that the demonstration's cameras play instead of the scenes.",
    )
    log_level: str = Field(default="info", description="debug, info, warning or error.")

    @field_validator("http", "dc09", "video_http", "demo_rtsp")
    @classmethod
    def _address(cls, value: str) -> str:
        split_address(value)
        return value

    @model_validator(mode="after")
    def _deposits(self) -> Self:
        if self.video_ftp is not None:
            split_address(self.video_ftp)
            if self.video_ftp_certificate is None and not self.video_ftp_clear:
                raise ValueError("video_ftp needs video_ftp_certificate, or video_ftp_clear = true")
        split_ports(self.video_ftp_ports)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, then environment, then the file beside the data."""
        data_dir = init_settings().get("data_dir") or env_settings().get("data_dir") or "veilleur-data"
        toml = TomlConfigSettingsSource(settings_cls, Path(str(data_dir)) / CONFIG_NAME)
        return init_settings, env_settings, toml

    def outside(self) -> Outside:
        """What reaches out of the house."""
        return Outside(self.channels, self.public_url, self.heartbeat_url, self.heartbeat_method)

    def recorder_address(self, number: int) -> str:
        """HOST:PORT of the listener of recorder `number`, 1 for the first."""
        host, port = split_address(self.video_http)
        return f"[{host}]:{port + number - 1}" if ":" in host else f"{host}:{port + number - 1}"

    def recorder_url(self, number: int) -> str:
        """Where browsers reach that listener, without a slash at the end."""
        if self.video_public_url is None:
            return f"http://{self.recorder_address(number)}"
        return self.video_public_url.rstrip("/") + (f"/{number}" if number > 1 else "")

    def recorder_ftp(self, number: int) -> tuple[str, int] | None:
        """Where recorder `number` takes pictures by FTP; None: it does not."""
        if self.video_ftp is None:
            return None
        host, port = split_address(self.video_ftp)
        return host, port + number - 1 if port else 0

    def reception_lines(self) -> tuple[LineSettings, ...]:
        """Every line, R1 first."""
        return (LineSettings(name="R1", listen=self.dc09), *self.lines)


def split_address(value: str) -> tuple[str, int]:
    """`HOST:PORT` (IPv6 in brackets) as a pair; raises ValueError with what is wrong."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"«{value}» is not HOST:PORT, for instance 127.0.0.1:8600")
    return host.strip("[]"), int(port)


def split_ports(value: str) -> tuple[int, int]:
    """`FIRST-LAST` as a pair; raises ValueError with what is wrong."""
    first, _, last = value.partition("-")
    if not (first.isdecimal() and last.isdecimal() and 0 < int(first) <= int(last) <= 65535):
        raise ValueError(f"«{value}» is not FIRST-LAST, for instance 8630-8661")
    return int(first), int(last)


def load_settings(**given: Any) -> Settings:
    """Reads the settings; None means «not given». Raises SettingsError with the first fault in one sentence."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{CONFIG_NAME} is not a settings file: {error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting «{where}» is wrong: {first['msg']}.") from None

"""One frozen Settings, read once: the command line wins over VEILLEUR_* over DATA/veilleur.toml over defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
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
    demo: bool = Field(default=False, description="The demonstration town, on its own clock.")
    log_level: str = Field(default="info", description="debug, info, warning or error.")

    @field_validator("http", "dc09")
    @classmethod
    def _address(cls, value: str) -> str:
        split_address(value)
        return value

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

    def reception_lines(self) -> tuple[LineSettings, ...]:
        """Every line, R1 first."""
        return (LineSettings(name="R1", listen=self.dc09), *self.lines)


def split_address(value: str) -> tuple[str, int]:
    """`HOST:PORT` (IPv6 in brackets) as a pair; raises ValueError with what is wrong."""
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"«{value}» is not HOST:PORT, for instance 127.0.0.1:8600")
    return host.strip("[]"), int(port)


def load_settings(**given: Any) -> Settings:
    """Reads the settings; None means «not given». Raises SettingsError with the first fault in one sentence."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The setting «{where}» is wrong: {first['msg']}.") from None

"""Addresses of cameras as people give them: checked, and what is secret in them taken out. Opens nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

#: What a camera's URL may begin with, by kind of address. Nothing else is ever opened (no `file`, `ftp`, `gopher`…).
NETWORK = ("rtsp", "rtsps", "http", "https")
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "rtsp": ("rtsp", "rtsps"),
    "onvif": NETWORK,
    "mjpeg": ("http", "https"),
    "snapshot": ("http", "https"),
    "recorder": NETWORK,
    "file": ("file",),
    "push": ("push",),
}

#: Characters of a URL; the longest of a recorder's replay is under 400.
MAX_URL = 1000
MAX_USER = 100
MAX_PASSWORD = 200

#: Names under which cameras take a password in the query or the options: its place is the sealed field.
SECRET_NAMES = frozenset({"password", "passwd", "pass", "pwd", "pw", "secret", "token", "auth", "authbasic"})


class BadAddressError(ValueError):
    """An address that no camera has. `code`: bad_url, bad_scheme, secret_in_address, two_passwords, file_refused."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Checked:
    """A checked address: `source` as the column holds it, and the password that was found in a URL."""

    source: dict[str, Any]
    password: str | None = field(default=None, repr=False)


def check_address(  # the fields of an address
    kind: str, main: str, sub: str | None, user: str | None, options: Mapping[str, Any], *, files: bool
) -> Checked:
    """The address of a camera. User and password inside a URL are taken out of it. Raises BadAddressError.

    `files`: whether `file:` is admitted: to the command line and the demonstration only; a plain absolute path stands for it.
    """
    if kind == "file" and not files:
        raise BadAddressError("file_refused")
    clean: list[str | None] = []
    users, passwords = [user] if user else [], list[str]()
    for given in (main, sub):
        if given is None:
            clean.append(None)
            continue
        url = _file_url(given) if kind == "file" else given
        told, name, password = _url(kind, url)
        clean.append(told)
        users += [name] if name else []
        passwords += [password] if password else []
    if len(set(users)) > 1 or len(set(passwords)) > 1:
        raise BadAddressError("two_passwords")
    name = users[0] if users else None
    if (name and len(name) > MAX_USER) or (passwords and len(passwords[0]) > MAX_PASSWORD):
        raise BadAddressError("bad_url")
    if any(key.lower() in SECRET_NAMES for key in _keys(options)):
        raise BadAddressError("secret_in_address")
    for place in ("onvif", "clock"):
        _service(options.get(place))
    source = {"kind": kind, "main": clean[0], "sub": clean[1], "user": name, "options": dict(options)}
    return Checked(source, passwords[0] if passwords else None)


def _file_url(given: str) -> str:
    """A plain absolute path as the URL that stands for it; anything else as it is."""
    if not given.startswith("/") or not given.isprintable():
        return given
    return PurePosixPath(given).as_uri()


def _service(where: object) -> None:
    """Another address of the camera, among its options: of its ONVIF service, or one whose answer tells the hour."""
    if where is None or (isinstance(where, str) and re.fullmatch(r"[A-Za-z0-9.:\[\]-]{1,260}", where)):
        return  # an address, or host:port
    if not isinstance(where, str) or len(where) > MAX_URL:
        raise BadAddressError("bad_url")
    _, user, password = _url("snapshot", where)
    if user or password:
        raise BadAddressError("secret_in_address")


def _keys(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [str(key) for key in value] + [name for inner in value.values() for name in _keys(inner)]
    if isinstance(value, list):
        return [name for inner in value for name in _keys(inner)]
    return []


def _url(kind: str, url: str) -> tuple[str, str | None, str | None]:
    """A URL without what is secret, its user, its password."""
    if len(url) > MAX_URL or not re.fullmatch(r"[!-~]+", url):
        raise BadAddressError("bad_url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise BadAddressError("bad_url") from None
    schemes = SCHEMES[kind]
    if parts.scheme not in schemes:
        raise BadAddressError("bad_scheme", known=list(schemes))
    if kind == "file":
        if host or not parts.path.startswith("/"):
            raise BadAddressError("bad_url")
        return url, None, None
    if not host or port == 0 or parts.fragment:
        raise BadAddressError("bad_url")
    if any(name.lower() in SECRET_NAMES for name, _ in query):
        raise BadAddressError("secret_in_address")
    place = parts.netloc.rpartition("@")[2]
    user, password = parts.username, parts.password
    clean = urlunsplit(parts._replace(netloc=place))
    return clean, unquote(user) if user else None, unquote(password) if password else None

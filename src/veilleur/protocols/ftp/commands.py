"""Lines of the control connection: commands read, replies written, folders that exist nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_LINE = 512
"""Bytes of a command: a path of a camera (folder by date, serial number) has some 100."""
MAX_PATH = 255
"""Characters of a folder that a camera made up; it is only ever said back to it."""

_TELNET = re.compile(rb"\xff[\xf0-\xfa]|\xff[\xfb-\xfe].?")
"""What telnet puts before ABOR (RFC 959 §5.3, RFC 854): interrupt, data mark, and options that nobody wants."""


class BadLineError(ValueError):
    """A line that is no command."""


@dataclass(frozen=True)
class Command:
    """`verb` in capitals; `argument` as sent, without the space before it."""

    verb: str
    argument: str = ""


def read_command(line: bytes) -> Command:
    """One line, with or without its end. Raises BadLineError for anything that is not a verb and printable text."""
    if len(line) > MAX_LINE:
        raise BadLineError("too long")
    said = _TELNET.sub(b"", line).rstrip(b"\r\n")
    try:
        words = said.decode()
    except UnicodeDecodeError:
        words = said.decode("latin-1")  # cameras older than RFC 2640
    verb, _, argument = words.partition(" ")
    if not re.fullmatch(r"[A-Za-z]{3,4}", verb) or not all(letter.isprintable() for letter in argument):
        raise BadLineError("no command")
    return Command(verb.upper(), argument)


def reply(code: int, words: str) -> bytes:
    """A reply of one line (RFC 959 §4.2). `words` are ours, or a path that `walked` made: never a line break."""
    return f"{code} {words}\r\n".encode()


def feature_reply(names: list[str]) -> bytes:
    """The answer to FEAT (RFC 2389 §3.2)."""
    return "".join(["211-Features\r\n", *(f" {name}\r\n" for name in names), "211 End\r\n"]).encode()


def passive_reply(host: str, port: int) -> bytes:
    """The answer to PASV: an IPv4 address and a port in six numbers (RFC 959 §4.1.2)."""
    return reply(227, f"Entering Passive Mode ({host.replace('.', ',')},{port >> 8},{port & 255})")


def extended_reply(port: int) -> bytes:
    """The answer to EPSV: the port alone, the address is the one already spoken to (RFC 2428 §3)."""
    return reply(229, f"Entering Extended Passive Mode (|||{port}|)")


def quoted(path: str) -> str:
    """A path as PWD and MKD say it: quotes doubled (RFC 959, appendix II)."""
    return '"' + path.replace('"', '""') + '"'


def walked(folder: str, said: str) -> str:
    """Where `said` leads from `folder`: an absolute path of names alone. Never above the root, which is no folder.

    Raises BadLineError when it is too long. It is only a name: nothing on any disk is called so.
    """
    start = [] if said.startswith("/") else folder.split("/")
    names: list[str] = []
    for name in [*start, *said.replace("\\", "/").split("/")]:
        if name == "..":
            names = names[:-1]
        elif name not in ("", "."):
            names.append(name)
    path = "/" + "/".join(names)
    if len(path) > MAX_PATH:
        raise BadLineError("the path is too long")
    return path

"""What is answered to each command of a camera that deposits, and what is to be done for it.

Nothing is read, listed, renamed or erased here, and we connect to nobody: PORT is how a server is made to knock on
other people's doors (bounce attack, RFC 2577 §3), so every transfer is passive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from veilleur.protocols.ftp.commands import BadLineError, Command, feature_reply, quoted, reply, walked

MAX_STORED = 16
"""Files of one session whose size may be asked afterwards (SIZE): cameras ask for the last one."""


class Do(Enum):
    """What the caller does, and then answers."""

    LOG_IN = "log_in"
    SECURE = "secure"
    PASSIVE = "passive"
    EXTENDED = "extended"
    STORE = "store"
    LEAVE = "leave"


@dataclass
class Dialogue:
    """One session. `tls`: whether it may be secured; `clear`: whether a password may be said in clear."""

    tls: bool
    clear: bool
    secured: bool = False
    protected: bool = False
    logged_in: bool = False
    user: str = ""
    folder: str = "/"
    stored: dict[str, int] = field(default_factory=dict)

    def hear(self, command: Command) -> bytes | Do:
        """The reply, or what to do first. `BadLineError` when an argument cannot be."""
        before = _BEFORE.get(command.verb)
        if before is not None:
            return before(self, command)
        inside = _INSIDE.get(command.verb)
        if inside is None:
            return reply(502, "Not here: pictures are deposited, nothing else")
        if not self.logged_in:
            return self.unsecured() or reply(530, "Log in first")
        return inside(self, command)

    def sized(self, path: str, size: int) -> None:
        """A file was kept."""
        self.stored[path] = size
        while len(self.stored) > MAX_STORED:
            del self.stored[next(iter(self.stored))]

    def unsecured(self) -> bytes | None:
        """Why nobody may log in yet; None: he may."""
        if self.secured or self.clear:
            return None
        return reply(530, "No password in clear here: AUTH TLS first")


def _user(me: Dialogue, said: Command) -> bytes | Do:
    refused = me.unsecured()
    if refused is None:
        me.user, me.logged_in = said.argument, False
    return refused or reply(331, "Password")


def _pass(me: Dialogue, _said: Command) -> bytes | Do:
    if not me.user:
        return me.unsecured() or reply(503, "USER first")
    return Do.LOG_IN


def _auth(me: Dialogue, said: Command) -> bytes | Do:
    if not me.tls or said.argument.upper() not in ("TLS", "TLS-C", "SSL"):
        return reply(504, "Not here")
    return reply(503, "Secured already") if me.secured else Do.SECURE


def _prot(me: Dialogue, said: Command) -> bytes | Do:
    level = said.argument.upper()
    if not me.secured:
        return reply(503, "AUTH TLS first")
    if level not in ("P", "C") or (level == "C" and not me.clear):
        return reply(534 if level == "C" else 536, "PROT P alone")
    me.protected = level == "P"
    return reply(200, f"PROT {level}")


def _features(me: Dialogue, _said: Command) -> bytes | Do:
    secure = ["AUTH TLS", "PBSZ", "PROT"] if me.tls else []
    return feature_reply(["EPSV", "PASV", "SIZE", "UTF8", *secure])


def _option(me: Dialogue, said: Command) -> bytes | Do:
    return reply(200, "Always") if said.argument.upper() == "UTF8 ON" else reply(501, "No such option")


def _type(me: Dialogue, said: Command) -> bytes | Do:
    kind = said.argument.upper()
    # Some cameras say A and send the picture all the same: what comes is kept as it came.
    return reply(200, "As it comes") if kind in ("I", "A", "A N", "L 8") else reply(504, "I alone")


def _enter(me: Dialogue, said: Command) -> bytes | Do:
    me.folder = walked(me.folder, said.argument)
    return reply(250, quoted(me.folder))


def _made(me: Dialogue, said: Command) -> bytes | Do:
    return reply(257, quoted(walked(me.folder, said.argument)))


def _size(me: Dialogue, said: Command) -> bytes | Do:
    size = me.stored.get(walked(me.folder, said.argument))
    return reply(550, "Not stored in this session") if size is None else reply(213, str(size))


def _extended(me: Dialogue, said: Command) -> bytes | Do:
    return reply(200, "Always") if said.argument.upper() == "ALL" else Do.EXTENDED


def _store(me: Dialogue, said: Command) -> bytes | Do:
    if walked(me.folder, said.argument) in ("/", me.folder):
        raise BadLineError("no name")
    if me.secured and not me.protected and not me.clear:
        return reply(521, "PROT P first")
    return Do.STORE


def _only(word: str) -> Callable[[Dialogue, Command], bytes | Do]:
    """MODE and STRU: what everybody says."""
    return lambda _me, said: (
        reply(200, "So be it") if said.argument.upper() == word else reply(504, f"{word} alone")
    )


_BEFORE: dict[str, Callable[[Dialogue, Command], bytes | Do]] = {
    "USER": _user,
    "PASS": _pass,
    "AUTH": _auth,
    "PBSZ": lambda me, _said: reply(200, "PBSZ=0") if me.secured else reply(503, "AUTH TLS first"),
    "PROT": _prot,
    "FEAT": _features,
    "OPTS": _option,
    "SYST": lambda _me, _said: reply(215, "UNIX Type: L8"),
    "NOOP": lambda _me, _said: reply(200, "Here"),
    "QUIT": lambda _me, _said: Do.LEAVE,
    "PORT": lambda _me, _said: reply(502, "Passive mode alone (PASV, EPSV)"),
    "EPRT": lambda _me, _said: reply(502, "Passive mode alone (PASV, EPSV)"),
}
"""By verb, for anybody."""

_INSIDE: dict[str, Callable[[Dialogue, Command], bytes | Do]] = {
    "TYPE": _type,
    "MODE": _only("S"),
    "STRU": _only("F"),
    "ALLO": lambda _me, _said: reply(202, "Not needed"),
    "PWD": lambda me, _said: reply(257, quoted(me.folder)),
    "XPWD": lambda me, _said: reply(257, quoted(me.folder)),
    "CWD": _enter,
    "XCWD": _enter,
    "CDUP": lambda me, _said: _enter(me, Command("CWD", "..")),
    "XCUP": lambda me, _said: _enter(me, Command("CWD", "..")),
    "MKD": _made,
    "XMKD": _made,
    "SIZE": _size,
    "PASV": lambda _me, _said: Do.PASSIVE,
    "EPSV": _extended,
    "STOR": _store,
    "ABOR": lambda _me, _said: reply(226, "Nothing was under way"),
}
"""By verb, once logged in."""

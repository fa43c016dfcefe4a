"""Which system account PostgreSQL runs under, and where that account can go.

PostgreSQL refuses to run as root and wants a passwd entry for its uid: as root we drop to the setting's user,
else `nobody`; an ordinary user runs it as itself.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from veilleur.kernel.errors import SettingsError


@dataclass(frozen=True)
class Account:
    """A system account; `process_user` is the name of the account our own process runs under."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]
    process_user: str

    @property
    def drops(self) -> bool:
        """True when PostgreSQL runs under another account than ours (we are root)."""
        return os.geteuid() == 0

    def give(self, path: Path, mode: int) -> None:
        """Makes `path` this account's, with these permissions."""
        if self.drops:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        path.chmod(mode)

    def allowed(self, path: Path, bits: int) -> bool:
        """Whether the permission bits (4 read, 2 write, 1 enter) grant this account `bits` on `path` itself.

        Access lists are not read: the answer may be a false «no», never taken as final by our callers.
        """
        try:
            info = path.stat()
        except OSError:
            return False
        if info.st_uid == self.uid:
            granted = info.st_mode >> 6
        elif info.st_gid in self.groups:
            granted = info.st_mode >> 3
        else:
            granted = info.st_mode
        return granted & bits == bits

    def can_enter(self, directory: Path) -> bool:
        """Whether every folder from the root down to `directory` may be entered by this account."""
        resolved = directory.resolve()
        return all(self.allowed(folder, 1) for folder in (resolved, *resolved.parents))

    def can_run(self, program: Path) -> bool:
        """Whether this account can read and run `program`."""
        resolved = program.resolve()
        return self.can_enter(resolved.parent) and self.allowed(resolved, 5)


def account_for(user: str | None) -> Account:
    """The account PostgreSQL is to run under, from the setting (None: chosen here).

    Raises SettingsError when the account does not exist, is root, or is not ours while we are not root.
    """
    own = os.geteuid()
    try:
        process_user = pwd.getpwuid(own).pw_name
    except KeyError:
        raise SettingsError(
            f"The uid {own} has no entry in /etc/passwd and PostgreSQL needs one: "
            f"add a line for it, or run Veilleur under an account that has one.",
            uid=own,
        ) from None
    wanted = user or ("nobody" if own == 0 else process_user)
    try:
        entry = pwd.getpwnam(wanted)
    except KeyError:
        raise SettingsError(
            f"The account «{wanted}» that should run PostgreSQL does not exist: "
            f"create it (useradd --system {wanted}) or set another.",
            user=wanted,
        ) from None
    if entry.pw_uid == 0:
        raise SettingsError("PostgreSQL refuses to run as root: set another account for it, or none.")
    if own not in (0, entry.pw_uid):
        raise SettingsError(
            f"Veilleur runs as «{process_user}» and cannot run PostgreSQL as «{wanted}»: "
            f"leave that setting empty, or start Veilleur as root or as «{wanted}».",
            user=wanted,
        )
    groups = frozenset(os.getgrouplist(wanted, entry.pw_gid))
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, groups, process_user)


def owned_privately(path: Path, uid: int) -> bool:
    """Whether `path` is a real folder (no link) of this uid that nobody else can enter."""
    info = path.lstat()
    return stat.S_ISDIR(info.st_mode) and info.st_uid == uid and stat.S_IMODE(info.st_mode) == 0o700

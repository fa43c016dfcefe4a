"""The files and folders of one embedded cluster.

DATA/postgres/            the cluster (PostgreSQL's account, 0700)
DATA/postgres.lock        held by the supervisor (flock)
DATA/postgres.json        where the running cluster listens; there only while it runs
DATA/logs/postgres/       its logs
/run/veilleur-<hash>/     the unix socket (PostgreSQL's account, 0700)
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from veilleur.db.embedded.accounts import Account, owned_privately
from veilleur.kernel.errors import SettingsError

PORT = 5432
"""Only part of the socket's name: nothing listens on TCP."""

SOCKET_NAME = f".s.PGSQL.{PORT}"

LONGEST_SOCKET_PATH = 107
"""sun_path holds 108 bytes with its final NUL (unix(7))."""

LONGEST_CLUSTER_PATH = 900
"""PostgreSQL cuts paths at MAXPGPATH (1024); its own file names take the rest."""

UNREACHABLE = "/proc/self/cwd"
"""How a process names the folder it stands in, whatever the permissions of the parents above it."""


@dataclass(frozen=True)
class Places:
    """Every path of the cluster in `data` (an absolute, resolved folder)."""

    data: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.data / "postgres"

    @property
    def staging(self) -> Path:
        """Where initdb works: renamed to `cluster` once whole, so that a cut leaves no half cluster."""
        return self.data / "postgres.init"

    @property
    def lock(self) -> Path:
        """The supervisor's lock file."""
        return self.data / "postgres.lock"

    @property
    def runtime(self) -> Path:
        """The file that says where the running cluster listens."""
        return self.data / "postgres.json"

    @property
    def logs(self) -> Path:
        """PostgreSQL's log folder."""
        return self.data / "logs" / "postgres"

    @property
    def start_log(self) -> Path:
        """What PostgreSQL says before it opens its own log; ours, hence not in its folder."""
        return self.data / "logs" / "postgres-start.log"


def places_in(data_dir: Path) -> Places:
    """The places of a data directory, which need not exist yet."""
    return Places(data_dir.expanduser().resolve())


def prepare(places: Places, account: Account) -> None:
    """Creates what is missing and lets PostgreSQL's account through `data` and `logs`.

    When we are root these two folders become enterable (o+x) but not listable: the files in them keep their
    own permissions. Their parents are left alone; see `spoken_path`.
    """
    try:
        places.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        places.logs.parent.mkdir(mode=0o700, exist_ok=True)
        places.logs.mkdir(mode=0o700, exist_ok=True)
        for folder in (places.data, places.logs.parent):
            if not account.allowed(folder, 1):
                folder.chmod(folder.stat().st_mode & 0o7777 | 0o001)
        account.give(places.logs, 0o700)
    except OSError as fault:
        raise SettingsError(
            f"The data directory {places.data} cannot be prepared ({fault}): "
            f"give it to the account that runs Veilleur, or choose another.",
            data_dir=str(places.data),
        ) from fault


def spoken_path(folder: Path, account: Account) -> str:
    """The name under which PostgreSQL, started in `folder`, is told of it.

    Usually its path. Under a closed parent (/root, a home) or beyond PostgreSQL's longest path it is
    /proc/self/cwd: PostgreSQL stays for ever in the folder it was started in, and every process of it
    inherits it, so that no parent has to be opened to its account.
    """
    if len(os.fsencode(folder)) <= LONGEST_CLUSTER_PATH and account.can_enter(folder):
        return str(folder)
    if not Path(UNREACHABLE).exists():
        raise SettingsError(
            f"The account «{account.name}» cannot enter {folder.parent} and /proc is not mounted: "
            f"choose a data directory elsewhere, such as /var/lib/veilleur.",
            user=account.name,
        )
    return UNREACHABLE


def socket_folder(places: Places, account: Account) -> Path:
    """Creates (or takes again) the private folder of the unix socket: short, 0700, PostgreSQL's account.

    In systemd's RuntimeDirectory when there is one, else /run for root, else /tmp. Not in XDG_RUNTIME_DIR: it
    is emptied when its user logs out, under the feet of a centre left running.
    """
    name = "veilleur-" + hashlib.sha256(os.fsencode(places.data)).hexdigest()[:12]
    if not account.drops:
        name += f"-{account.uid}"
    given = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    bases = ([Path(given)] if given else []) + ([Path("/run")] if account.drops else []) + [Path("/tmp")]  # noqa: S108
    faults = []
    for base in bases:
        folder = base / name
        if len(os.fsencode(folder / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
            faults.append(f"{base} is too long a path")
        elif not account.can_enter(base):
            faults.append(f"«{account.name}» cannot enter {base}")
        elif (fault := _take(folder, account)) is None:
            return folder
        else:
            faults.append(fault)
    raise SettingsError(f"No folder for the database's socket: {'; '.join(faults)}.")


def _take(folder: Path, account: Account) -> str | None:
    """Creates `folder`, or checks that the one there is private; the fault in words, or None."""
    try:
        try:
            folder.mkdir(mode=0o700)
            account.give(folder, 0o700)
        except FileExistsError:
            if account.drops and owned_privately(folder, 0):  # cut between mkdir and chown
                account.give(folder, 0o700)
            if not owned_privately(folder, account.uid):
                return f"{folder} is there already and is not private to «{account.name}»: remove it"
    except OSError as fault:
        return str(fault)
    return None

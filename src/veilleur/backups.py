"""Backups of a centre on the embedded database: the cluster, the settings and, when asked, the keys.

One backup is one folder, `veilleur-<UTC time>`: `backup.json` (what it is), `base/` (the cluster), `files/` (settings
and the town's clock) and perhaps `keys/`. It appears whole or not at all. A centre on an outside PostgreSQL is backed
up by the tools of that PostgreSQL; its keys and settings are a few files of the data directory.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from veilleur import __version__
from veilleur.composition import TOWN_FILE, Context
from veilleur.db.embedded import BackupError
from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.backup import Recovery, first_segment, prune_log, put_back, replay, take_base
from veilleur.db.embedded.binaries import Binaries, find_binaries
from veilleur.db.embedded.places import places_in
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.errors import SettingsError
from veilleur.logbook.act import Act, Actor
from veilleur.settings import CONFIG_NAME

PREFIX = "veilleur-"
KEPT_FILES = (CONFIG_NAME, TOWN_FILE)
KEY_FILES = ("panel.key", "contact.key", "log.key", "camera.key")
LATER_KEYS = frozenset({"camera.key"})
"""Files that a backup of an older centre may lack: made anew."""


@dataclass(frozen=True)
class Backup:
    """What `backup.json` says. `made_at`: UTC, RFC 3339; `segment`: the first segment of log that the copy needs."""

    made_at: str
    version: str
    postgresql: str
    segment: str
    keys: bool
    entries: int

    @classmethod
    def of(cls, folder: Path) -> Backup:
        """Reads the backup in `folder`. Raises BackupError."""
        try:
            return cls(**json.loads((folder / "backup.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError) as fault:
            raise BackupError(f"{folder} is no backup of Veilleur ({fault}).") from fault


def make_backup(context: Context, into: Path, *, with_keys: bool) -> Path:
    """Makes a backup in a new folder of `into` while the centre runs, and enters it in the logbook. Returns the folder.

    Raises BackupError, SettingsError (an outside database).
    """
    binaries = _binaries(context)
    now = SystemClock().now()  # of the world outside, even for the demonstration town
    whole = into.expanduser().resolve() / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}"
    draft = whole.with_name(whole.name + ".partial")
    if whole.exists():
        raise BackupError(f"{whole} exists already.")
    try:
        draft.mkdir(mode=0o700, parents=True)
    except OSError as fault:
        raise BackupError(f"{draft} cannot be made ({fault}).") from fault
    with context.database().write() as session:
        act = Act(session, context.clock.now(), Actor("cli", name="veilleur backup"))
        last = act.record(
            "centre.backed_up", {"place": str(whole), "keys": "inside" if with_keys else "outside"}
        )
    try:
        take_base(context.cluster, binaries, draft / "base")
        _copy(context.data_dir, draft / "files", KEPT_FILES)
        if with_keys:
            _copy(context.data_dir / "keys", draft / "keys", KEY_FILES)
        said = Backup(
            f"{now:%Y-%m-%dT%H:%M:%SZ}",
            __version__,
            binaries.version,
            first_segment(draft / "base"),
            with_keys,
            last,
        )
        (draft / "backup.json").write_text(json.dumps(asdict(said), indent=2) + "\n", "utf-8")
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    _sync(draft)
    draft.rename(whole)
    _sync(whole.parent)
    return whole


def backups_in(folder: Path) -> list[Path]:
    """The whole backups of a folder, oldest first."""
    return sorted(path for path in folder.expanduser().glob(PREFIX + "*") if (path / "backup.json").is_file())


def keep_last(folder: Path, count: int, archive: Path | None) -> tuple[list[Path], int]:
    """Removes all but the last `count` backups, then the log that the oldest kept one does not need.

    Returns the folders removed and the number of segments.
    """
    every = backups_in(folder)
    gone = every[: max(0, len(every) - count)]
    for path in gone:
        shutil.rmtree(path)
    oldest = Backup.of(every[len(gone)]).segment
    return gone, prune_log(archive, oldest) if archive is not None and archive.is_dir() else 0


def restore(
    context: Context, backup: Path, *, archive: Path | None, until: datetime | None, keys: Path | None
) -> Recovery:
    """Makes the empty data directory of `context` a centre again, as it was at `until` (UTC; None: the last commit).

    `keys`: the folder of the key files when the backup holds none. The restoration is entered in the logbook. Raises
    BackupError, SettingsError.
    """
    binaries = _binaries(context)
    said = Backup.of(backup)
    settings = context.settings
    places = places_in(context.data_dir)
    source = keys or (backup / "keys" if said.keys else None)
    if source is None:
        raise BackupError(
            "This backup holds no keys: name the folder where they are kept (--keys). Without them no code word and "
            "no panel key of this centre can ever be read again."
        )
    missing = [name for name in KEY_FILES if name not in LATER_KEYS and not (source / name).is_file()]
    if missing:
        raise BackupError(f"{source} lacks {', '.join(missing)}.")
    if until is not None and until < datetime.fromisoformat(said.made_at):
        raise BackupError(f"This backup was made at {said.made_at}: it cannot go back before that.")
    put_back(backup / "base", places, binaries, archive=archive, user=settings.postgres_user)
    _copy(backup / "files", context.data_dir, KEPT_FILES)
    _copy(source, context.data_dir / "keys", KEY_FILES)
    found = replay(
        places,
        until=until,
        user=settings.postgres_user,
        bin_dir=settings.postgres_bin,
        clock=SystemClock(),
    )
    with context.database().write() as session:
        act = Act(session, context.clock.now(), Actor("cli", name="veilleur restore"))
        act.record(
            "centre.restored",
            {
                "made_at": said.made_at,
                "last_commit": found.last_commit.astimezone(UTC).isoformat(timespec="seconds")
                if found.last_commit
                else None,
            },
        )
    return found


def _binaries(context: Context) -> Binaries:
    settings = context.settings
    if settings.database_url is not None:
        raise SettingsError(
            "This centre is on an outside PostgreSQL: back it up with that server's own tools (pgBackRest, Barman, "
            f"pg_basebackup), and keep {context.data_dir / 'keys'} and {CONFIG_NAME} beside."
        )
    return find_binaries(settings.postgres_bin, account_for(settings.postgres_user))


def _copy(source: Path, target: Path, names: tuple[str, ...]) -> None:
    """Copies those of `names` that are there, readable to their owner only."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in names:
        if (source / name).is_file():
            fresh = target / name
            shutil.copyfile(source / name, fresh)
            fresh.chmod(0o600)
            _sync(fresh)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)

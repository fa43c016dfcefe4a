"""What may be wrong with the house itself, each looked at by a function: pure reading, no dossier here.

A check answers a map: key → a fault, None for «well», and leaves a key out while it cannot tell.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock, SystemClock
from veilleur.protocols import sntp
from veilleur.settings import Settings, split_address

GIB = 1024**3

SLOW_COMMIT = 1.0
"""Seconds: panels wait for a commit before they are answered; theirs is some milliseconds."""

WRAPAROUND = 1_500_000_000
"""Transactions since the oldest frozen row: PostgreSQL stops writing some 600 million later."""

ROLE_SILENT = 15.0
"""Seconds: a role that died is started again within this."""

DECIDED_LATE = timedelta(seconds=10)
"""A signal that waits longer for its dossier than any storm that was measured makes it wait."""

LINE_UNHEARD = timedelta(seconds=8)
"""A frame of the built-in dialler that did not come through by then did not come through."""

CLOCK_OFF = timedelta(seconds=2)
NTP_PATIENCE = 2.0

EXPIRES_SOON, EXPIRES_NOW = timedelta(days=30), timedelta(days=7)

WAL_SLOT = "veilleur_wal"
"""db/embedded/backup.py: the slot that keeps the log until its stream has it."""


@dataclass(frozen=True)
class Fault:
    """`code` of the vocabulary «internal_code»; `text`: which one, how much. Priority 1 to 10."""

    code: str
    text: str
    priority: int = 5


Found = Mapping[str, Fault | None]

# The last sign of life of each role that did not say goodbye, of the last day.
ROLES = text("""
SELECT DISTINCT ON (role) role, extract(epoch FROM cast(:now AS timestamptz) - seen_at) AS age, ready
FROM role_status ORDER BY role, seen_at DESC""")

DATABASE = text("SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()")

UNDECIDED = text("SELECT min(received_at) FROM signal WHERE decided_at IS NULL AND attempts = 0")

LINES = text("SELECT line, sent_at, received_at, acknowledged, fault FROM chain_line ORDER BY line")

BACKED_UP = text("""
SELECT (SELECT max(happened_at) FROM entry WHERE kind = 'centre.backed_up') AS last,
       (SELECT min(happened_at) FROM entry) AS first""")

FOLLOWED = text("SELECT active FROM pg_replication_slots WHERE slot_name = :slot")


@dataclass(frozen=True)
class House:
    """What is looked at."""

    database: Database
    clock: Clock
    settings: Settings
    world: Clock = field(default_factory=SystemClock)
    """The hour outside, even for the demonstration town: that of time servers and certificates."""


def disk(house: House) -> Iterator[tuple[str, Fault | None]]:
    """Room where the data are, and where the log is followed."""
    settings = house.settings
    places = {"data": settings.data_dir, "archive": settings.wal_archive}
    for name, place in places.items():
        if place is None:
            continue
        free = shutil.disk_usage(_existing(place.expanduser().resolve())).free / GIB
        said = f"{free:.1f} Gio"
        fault = None
        if free < settings.disk_critical_gib:
            fault = Fault("disk_full", said, 2)
        elif free < settings.disk_warning_gib:
            fault = Fault("disk_full", said, 5)
        yield f"disk:{name}", fault


def _existing(place: Path) -> Path:
    return place if place.exists() else next(p for p in place.parents if p.exists())


def database(house: House) -> Iterator[tuple[str, Fault | None]]:
    """How long a commit takes, and how far the oldest transaction is from the end of their numbers."""
    began = house.clock.monotonic()
    with house.database.write() as session:
        session.execute(text("SELECT pg_current_xact_id()"))
    took = house.clock.monotonic() - began
    yield "database:commit", Fault("database_slow", f"{took:.1f} s", 4) if took > SLOW_COMMIT else None
    with house.database.read() as session:
        old = session.execute(DATABASE).scalar_one()
    yield "database:age", Fault("database_old", f"{old:,}".replace(",", " "), 4) if old > WRAPAROUND else None


def roles(house: House) -> Iterator[tuple[str, Fault | None]]:
    """Every role that was seen today speaks."""
    with house.database.read() as session:
        rows = session.execute(ROLES, {"now": house.clock.now()}).all()
    for row in rows:
        silent = row.age > ROLE_SILENT and row.role != "watch"
        yield f"role:{row.role}", Fault("role_silent", row.role, 3) if silent else None


def decisions(house: House) -> Iterator[tuple[str, Fault | None]]:
    """How long the oldest signal waits for its decision."""
    with house.database.read() as session:
        oldest = session.execute(UNDECIDED).scalar_one()
    waits = house.clock.now() - oldest if oldest is not None else timedelta()
    said = f"{waits.total_seconds():.0f} s"
    yield "decisions", Fault("decisions_late", said, 2) if waits > DECIDED_LATE else None


def lines(house: House) -> Iterator[tuple[str, Fault | None]]:
    """Each reception line as the built-in dialler hears it."""
    now = house.clock.now()
    with house.database.read() as session:
        rows = session.execute(LINES).all()
    for row in rows:
        if row.received_at is not None:
            yield f"line:{row.line}", None
        elif now - row.sent_at > LINE_UNHEARD:
            yield f"line:{row.line}", Fault("line_unheard", row.line, 2)


def hour(house: House) -> Iterator[tuple[str, Fault | None]]:
    """Our clock against a time server, when one is set."""
    server = house.settings.ntp_server
    if server is None:
        return
    try:
        off = ask_time(server, house.world)
    except (OSError, sntp.BadTimeReplyError):
        yield "ntp:reach", Fault("ntp_silent", server, 6)
        return
    yield "ntp:reach", None
    said = f"{off.total_seconds():+.1f} s"
    yield "ntp:offset", Fault("clock_off", said, 5) if abs(off) > CLOCK_OFF else None


def ask_time(server: str, clock: Clock, patience: float = NTP_PATIENCE) -> timedelta:
    """A time server's time minus ours. Raises OSError (silent within `patience`), BadTimeReplyError."""
    host, port = split_address(server if server.rpartition(":")[2].isdigit() else f"{server}:123")
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, proto) as line:
        line.settimeout(patience)
        line.connect(address)
        sent = clock.now()
        asked = sntp.request(sent)
        line.send(asked)
        reply = line.recv(512)
        return sntp.offset(reply, asked, sent, clock.now())


def certificates(house: House) -> Iterator[tuple[str, Fault | None]]:
    """Certificates that the settings name, that of pushes by FTP too: when the first of each file ends."""
    now = house.world.now()
    ftp = house.settings.video_ftp_certificate
    for file in dict.fromkeys((*house.settings.certificates, *([ftp] if ftp is not None else []))):
        try:
            ends = min(
                each.not_valid_after_utc
                for each in x509.load_pem_x509_certificates(file.expanduser().read_bytes())
            )
        except (OSError, ValueError):
            yield f"certificate:{file.name}", Fault("certificate_unread", file.name, 6)
            continue
        yield f"certificate:{file.name}", _expiry(file.name, ends, now)


def _expiry(name: str, ends: datetime, now: datetime) -> Fault | None:
    if ends - now > EXPIRES_SOON:
        return None
    said = f"{name}, {ends:%d/%m/%Y}"
    return Fault("certificate_ends", said, 4 if ends - now <= EXPIRES_NOW else 6)


def backups(house: House) -> Iterator[tuple[str, Fault | None]]:
    """The last backup is not too old; a centre younger than that needs none yet."""
    most = timedelta(hours=house.settings.backup_max_age)
    if not most:
        return
    with house.database.read() as session:
        row = session.execute(BACKED_UP).one()
    since: datetime | None = row.last or row.first
    late = since is not None and house.clock.now() - since > most
    said = f"{row.last:%d/%m/%Y %H:%M}" if row.last else "—"
    yield "backup:age", Fault("backup_old", said, 5) if late else None


def log_stream(house: House) -> Iterator[tuple[str, Fault | None]]:
    """The write-ahead log is followed, when the settings ask for it."""
    if house.settings.wal_archive is None or house.settings.database_url is not None:
        return
    with house.database.read() as session:
        active = session.execute(FOLLOWED, {"slot": WAL_SLOT}).scalar()
    yield (
        "wal:followed",
        None if active else Fault("log_not_followed", str(house.settings.wal_archive.name), 4),
    )


CHECKS: tuple[Callable[[House], Iterator[tuple[str, Fault | None]]], ...] = (
    disk,
    database,
    roles,
    lines,
    hour,
    certificates,
    backups,
    log_stream,
    decisions,
)


def examine(house: House) -> dict[str, Fault | None]:
    """Every check; one that cannot be made says nothing of its keys."""
    found: dict[str, Fault | None] = {}
    for check in CHECKS:
        try:
            found.update(check(house))
        except (OSError, DBAPIError):
            continue
    return found

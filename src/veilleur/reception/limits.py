"""Every bound on what a peer, or the database, can cost a reception (house rule 7), each with its reason.

Limits never refuse newcomers while a stranger can be let go instead: a panel that redials in a storm of idle
connections gets its turn. A stranger is a connection that has delivered no valid frame of a known account.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass

# 10,000 idle strangers beside 5,000 panels of a concentrator, with room; about 4 kB each.
MAX_CONNECTIONS = 20_000

# File descriptors kept for the database, logs and what the library opens.
DESCRIPTORS_KEPT = 256

# Homes behind one carrier-grade address dial together after a power cut. Larger than the bursts in which the
# loop accepts (100), so that a concentrator's first frame is read before this bites.
MAX_STRANGERS_PER_PEER = 256

# A beginning of frame must be followed by its end: the slowest modem in the field needs 2 s for 4 kB.
PARTIAL_SECONDS = 30.0

# A stranger that says nothing: diallers speak at once.
STRANGER_SECONDS = 60.0

# A known panel may keep its line open between two daily tests.
KNOWN_SECONDS = 26 * 3600.0

# Malformed messages on one connection that never delivered a valid frame of a known account.
MAX_BAD_FRAMES = 20

# Frames of one connection that wait for their answer; beyond, we stop reading it and TCP holds the rest.
MAX_PENDING = 64

# Replies that a peer does not read (bytes): beyond, we stop reading it too.
MAX_UNREAD_REPLIES = 64 * 1024

# How often idle connections are looked for, in seconds.
SWEEP_SECONDS = 1.0

# Connections that the system holds while the loop is busy.
BACKLOG = 1024

# Datagrams that the system holds while the loop is busy (bytes).
UDP_BUFFER = 4 * 1024 * 1024

# Addresses remembered as having delivered a valid frame of a known account.
MAX_KNOWN_PEERS = 200_000

# Records that wait for the next commit: two seconds of the fastest storm measured. Strangers' records (ghosts,
# wrong keys) may fill half, so that they never crowd out known accounts.
MAX_WAITING = 20_000

# Records in one transaction. Panels that wait for their answer move in step: one batch of them all would leave the store
# idle while they are read and answered, and reception idle while they are stored. Two of half the size take turns; with 300
# panels that is a quarter more frames a second than 500 at once, and 120 or 96 give no more (docs/design/figures.md).
MAX_BATCH = 160

# Records that make a batch beside one under way worth its cost: fewer wait for it to be committed. However small, a batch
# costs as much as thirty records of a large one (its statements, its entry, its commit).
WORTH_OVERLAPPING = 64

# Panels send again after 5 s at the earliest: an answer later than this meets its own retransmission.
STORE_PATIENCE = 4.0

# Before connecting to the database again, in seconds: doubled up to the last.
RECONNECT_FIRST, RECONNECT_LAST = 0.1, 2.0

# Whether the database still keeps what it commits is asked again this often, in seconds.
SAFETY_SECONDS = 30.0

# A link test is acknowledged only while last-seen was committed less than this ago (law 2), in seconds.
FRESH_SECONDS = 5.0

# Last-seen and counters are written this often, in seconds.
FLUSH_SECONDS = 1.0

# How often the panels in memory are compared with the database when nothing tells us of a change, in seconds.
REGISTRY_SECONDS = 1.0

# Signals stored per minute for one unknown account on one line (protocols.md rule 5); more are only counted.
GHOSTS_PER_MINUTE = 10

# Unknown accounts per minute in all: account numbers made up by a flood must not fill a table.
GHOST_ACCOUNTS_PER_MINUTE = 300

# Rows per minute and account for each refusal (wrong key, clear, stale…); more are only counted.
REFUSALS_PER_MINUTE = 10

# Rows per minute in all for refusals that strangers can cause with made-up accounts.
REFUSALS_IN_ALL_PER_MINUTE = 600

# Distinct (line, peer, kind) counted per minute; the rest is counted together under the peer «*».
MAX_TROUBLES_PER_MINUTE = 200

# Accounts named with their count beside one such counter: a peer that makes up accounts costs one row all the same; the
# rest is «other accounts».
MAX_ACCOUNTS_OF_TROUBLE = 8

# Bytes of a sample kept with a trouble: enough to recognise a device.
MAX_SAMPLE = 512


@dataclass(frozen=True)
class Limits:
    """The bounds that a line may set otherwise than the house."""

    connections: int = MAX_CONNECTIONS
    strangers_per_peer: int = MAX_STRANGERS_PER_PEER
    partial_seconds: float = PARTIAL_SECONDS
    stranger_seconds: float = STRANGER_SECONDS
    known_seconds: float = KNOWN_SECONDS
    bad_frames: int = MAX_BAD_FRAMES
    pending: int = MAX_PENDING


def raise_descriptors() -> int:
    """Asks the system for as many descriptors as it grants; returns how many connections they allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(int(soft) - DESCRIPTORS_KEPT, 1)

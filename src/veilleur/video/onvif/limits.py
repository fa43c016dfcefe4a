"""Every bound on what a camera, or who answers in its place, can cost us (house rule 7), each with its reason."""

from __future__ import annotations

# A camera on a LAN accepts in milliseconds; behind ADSL in 200. Part of the five seconds of `REACH_SECONDS`.
CONNECT_SECONDS = 3.0

# Unreachable must be said within five seconds (practice: a levée de doute never waits for a dead recorder).
REACH_SECONDS = 5.0

# One whole answer, from the connection to its last byte: a trickle of bytes does not prolong it.
ANSWER_SECONDS = 5.0

# A whole snapshot: 1 MB over 1 Mbit/s.
PICTURE_SECONDS = 10.0

# Status line and headers of an answer (bytes).
MAX_HEAD = 32 * 1024

# A recorder of 64 channels tells its profiles in less than 1 MB.
MAX_ANSWER = 2 * 1024 * 1024

# A 4K JPEG of the best quality.
MAX_PICTURE = 8 * 1024 * 1024

# ONVIF's own schemas nest less than 20 deep.
MAX_DEPTH = 48

# 64 channels × 4 profiles × 120 elements.
MAX_ELEMENTS = 60_000

# Redirections of one request, to the same host only.
MAX_REDIRECTS = 1

# Names, tokens, topics and values of a device that are kept (characters).
MAX_TEXT = 200

# Profiles, presets, recordings that are read; a 64-channel recorder has 256 profiles.
MAX_PROFILES, MAX_PRESETS, MAX_RECORDINGS = 256, 300, 1_000

# A preset's token (ONVIF: ReferenceToken, 64 characters).
MAX_PRESET_TOKEN = 64

# Profiles whose addresses are asked one by one: main and sub of the first channels. The others are asked by token.
MAX_PROFILES_ASKED = 16

# URLs longer than this are nobody's.
MAX_URL = 1_000

# A PTZ camera stops by itself when the line is cut while it turns (the desk speaks each 300 ms).
MOVE_SECONDS = 1

# What one pull of events waits, asks for, and how long a subscription lives without renewal.
PULL_SECONDS, PULL_MESSAGES, SUBSCRIPTION_SECONDS = 5, 50, 60

# Events that wait for their reader; beyond, the oldest go and are counted.
MAX_EVENTS_WAITING = 500

# Source and data items of one event.
MAX_EVENT_ITEMS = 32

# Before subscribing again after a failure, in seconds: doubled up to the last.
AGAIN_FIRST, AGAIN_LAST = 1.0, 30.0

# Rounds of one search for recordings, and what each waits (seconds).
SEARCH_ROUNDS, SEARCH_WAIT = 10, 2

# Discovery: how long it listens, how many datagrams it reads, how many devices it keeps, how long one may be.
DISCOVERY_SECONDS, MAX_DATAGRAMS, MAX_FOUND, MAX_DATAGRAM = 3.0, 2_000, 256, 16 * 1024

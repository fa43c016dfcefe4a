"""Every bound on what a customer's recorder, or who answers in its place, can cost us (house rule 7)."""

from __future__ import annotations

# The whole opening: questions in SOAP, description, set-up. Behind ADSL, ten round trips and a slow disk.
OPEN_SECONDS = 20.0

# From PLAY to the first keyframe: a recorder may have to wake a disk.
FIRST_SECONDS = 15.0

# Nothing for so long in the middle of a replay: it is over, whether the recorder says so or not.
SILENCE_SECONDS = 8.0

# What a pull may take and bring when its caller says nothing: ten minutes of 4 Mbit/s over a slow line.
PULL_SECONDS, PULL_BYTES = 600.0, 512 * 1024 * 1024

# One asks for what surrounds an alarm. Longer is an extraction, hour by hour.
MAX_PULL_MICROSECONDS = 3_600_000_000

# RTSP: the lines of a message, and its body (a description is 1 kB).
MAX_RTSP_HEAD, MAX_RTSP_BODY = 16 * 1024, 64 * 1024

# RTP that may come before the answer to PLAY (bytes).
MAX_EARLY = 4 * 1024 * 1024

# Messages that are no answer to us (events of the recorder) before the answer.
MAX_STRAY = 1_000

# Reads (64 KiB) between two packets that we send: who sends us more is no loudspeaker, the rest waits for the next.
MAX_SKIMMED = 8

# A 4K keyframe of 20 Mbit/s is 3 MB.
MAX_PICTURE = 16 * 1024 * 1024

# Parameter sets in a description, and pieces of one picture: two for a packet of 1 kB, at the size above.
MAX_SETS, MAX_PIECES = 16, 32_768

# A session that is not spoken to ends after 60 s, or what its server says (RFC 2326 §12.37): speak at half, not every instant.
ALIVE_SECONDS, ALIVE_LEAST = 25.0, 2.0

# A pushed body: a few 4K pictures and their XML.
MAX_PUSHED, MAX_PUSHED_PICTURE, MAX_PUSHED_PARTS, MAX_PUSHED_TEXT = (
    32 * 1024 * 1024,
    8 * 1024 * 1024,
    32,
    4_000,
)

"""Bounds on everything a peer can send (house rule 7), each with its reason."""

from __future__ import annotations

# DC-09 §5.5.1.2: the length field is '0' and three hexadecimal digits.
MAX_DECLARED_LENGTH = 0xFFF

# LF, CRC (4), length (4) and CR around the declared length.
FRAME_OVERHEAD = 10

# The longest frame the standard can declare; nothing longer is ever buffered.
MAX_FRAME = MAX_DECLARED_LENGTH + FRAME_OVERHEAD

# What can still become a frame's beginning at the end of the buffer: LF, CRC, length, quote.
MAX_HEADER_START = 10

# Bytes of a malformed message kept for the counters: enough to recognise a device, never a store.
MAX_MALFORMED_KEPT = 128

# A stream of noise is told once per this many bytes, so that a flood costs counters and not messages.
MAX_NOISE_RUN = 4096

# Annex H tokens have at most 7 characters; vendors' own are seen up to 12.
MAX_TOKEN = 16

# DC-09 §5.5.1.3 says four digits; a longer one is echoed rather than answered by silence.
MAX_SEQUENCE = 6

# DC-09 §5.5.1.4 and .5: up to 6 hexadecimal digits for R and L.
MAX_RECEIVER = 6

# DC-09 §5.5.1.6: 3 to 16 characters; some dialers pad or prefix theirs.
MAX_ACCOUNT = 24

# AES block, and the size of the pad that randomises the first block under a zero IV (DC-09 §5.4.4.3).
BLOCK = 16

# The largest UDP payload; anything longer did not arrive in one datagram.
MAX_DATAGRAM = 65_535

"""What a peer may cost the recorder: sockets, sizes and delays, each with its reason."""

from __future__ import annotations

MAX_SOCKETS = 300
"""At once: four walls of 25 tiles, their playbacks, and as many again while they change."""
MAX_KNOCKING = 64
"""Sockets whose ticket is being looked at: who has none holds no more than these."""
MAX_PER_VIEWING = 60
"""Sockets of one viewing: a wall of 25 tiles, its hotspot, and the old ones while they close."""
MAX_MESSAGE = 16 * 1024
"""Bytes of a message from a browser: the longest is a request of playback, some 200."""
MESSAGES_PER_SECOND = 60
"""From one browser: a joystick says 20 a second. Beyond, its socket waits."""
PING_SECONDS, PONG_SECONDS = 5.0, 10.0
"""A browser whose machine went dark frees its place within 15 s."""
BEAT_SECONDS = 1.0
LOOK_SECONDS = 1.0
"""Between two looks at what was revoked: its sockets close within 2 s."""
UNSURE_SECONDS = 60.0
"""A database silent for longer: nobody can say that these sockets are still allowed, they close."""
CLOSE_SECONDS = 1.0
"""For a close frame to leave to a browser that does not read."""
SEND_SECONDS = 10.0
"""A message that a browser did not take by then: it is too slow (4408)."""

TICKET, REVOKED, ELSEWHERE, SLOW = 4401, 4403, 4404, 4408
"""Why a socket is closed by us (docs/design/video.md)."""
TRY_LATER, GOING_AWAY, TOO_BIG = 1013, 1001, 1009
"""The same of RFC 6455, 7.4.1: full, we stop, a message we do not take."""

MAX_SDP = 32 * 1024
"""Bytes of an SDP offer: Chromium's has 6 KiB."""
MAX_WHEP = 32
"""WebRTC sessions at once: each costs its own encryption."""

"""Bounds on everything a client can send (house rule 7), each with its reason."""

from __future__ import annotations

# A request line and its headers; real clients send under 1 KiB, a Digest answer included.
MAX_HEAD = 16_384

# Headers of one request; ffmpeg and GStreamer send at most ten.
MAX_HEADERS = 64

# A body: GET_PARAMETER and SET_PARAMETER lists only, a few names.
MAX_BODY = 16_384

# RFC 2326 §10.12: `$`, channel, and a length on two bytes.
INTERLEAVED_HEAD = 4
MAX_INTERLEAVED = INTERLEAVED_HEAD + 0xFFFF

# Tracks one connection may set up: a picture and a sound, and room for a metadata track.
MAX_TRACKS = 4

# Characters of a request's URL; those of cameras stay under 200.
MAX_URL = 2_048

# Answers kept for a client that sends requests without reading: a flood of OPTIONS ends the connection.
MAX_UNSENT = 262_144

# RTP payload, so that a packet passes one Ethernet frame (1500 less IP, UDP, RTP headers and a tunnel's share).
MAX_PAYLOAD = 1_400

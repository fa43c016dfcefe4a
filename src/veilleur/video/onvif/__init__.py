"""Our port to ONVIF devices: discovery, profiles, snapshots, PTZ, events, clock, recordings (Profile G).

The library's types never leave this package: what comes out is in `values`, what goes wrong is a `SourceError`.
The driver's quality sheet is docs/reference/onvif.md; a test checks that each of its rows is tested.
"""

from __future__ import annotations

from veilleur.video.onvif.device import Device, device_url
from veilleur.video.onvif.dialling import Trust
from veilleur.video.onvif.discovery import discover
from veilleur.video.onvif.events import Events
from veilleur.video.onvif.ptz import Ptz
from veilleur.video.onvif.values import (
    DeviceEvent,
    DevicePort,
    EventsPort,
    Found,
    Identity,
    Position,
    Preset,
    Profile,
    PtzPort,
    Recording,
    views,
)

__all__ = [
    "Device",
    "DeviceEvent",
    "DevicePort",
    "Events",
    "EventsPort",
    "Found",
    "Identity",
    "Position",
    "Preset",
    "Profile",
    "Ptz",
    "PtzPort",
    "Recording",
    "Trust",
    "device_url",
    "discover",
    "views",
]

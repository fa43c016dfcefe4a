"""The cameras in memory: read again within two seconds of a change.

Found without a cursor over a sequence, as reception's registry does: rows are never deleted and each change raises
`entry_id`, hence sums over the tables move with every change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.cameras.model import kept_days
from veilleur.features.incidents.limits import FAULT_PRIORITY
from veilleur.features.viewing.access import ALARM_FAMILIES
from veilleur.kernel.errors import VeilleurError
from veilleur.kernel.ports import Scope
from veilleur.kernel.sealing import KeyRing, camera_password_row
from veilleur.recorder.permission import Standing
from veilleur.video.model import Address

log = structlog.get_logger()

# Moves with every change of a camera, of its masks or of its authorisation.
SUMS = text("""
SELECT (SELECT sum(entry_id) FROM camera), (SELECT sum(entry_id) FROM camera_mask),
       (SELECT sum(entry_id) FROM authorisation)""")

# Every camera in use, with its masks.
CAMERAS = text("""
SELECT c.*, a.expires_on, a.retention_days AS authorised_days, a.min_retention_days AS authorised_minimum,
  coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'preset', m.preset,
            'polygon', m.polygon, 'checked_at', m.checked_at, 'state', m.state) ORDER BY m.id) FROM camera_mask m
            WHERE m.camera_id = c.id AND m.removed_at IS NULL), '[]') AS masks
FROM camera c LEFT JOIN authorisation a ON a.id = c.authorisation_id
WHERE c.removed_at IS NULL ORDER BY c.id""")

# Sites whose homes may be looked into: an alarm is open there and an area is armed.
ALARMS = text("""
SELECT DISTINCT i.site_id FROM incident i JOIN area a ON a.site_id = i.site_id AND a.armed
WHERE i.closed_at IS NULL AND i.family = ANY(:families) AND i.priority < :fault AND i.site_id = ANY(:sites)""")

ASKED_KINDS = ("recorder", "push")
"""Kinds of source that nobody keeps running."""


@dataclass(frozen=True)
class Mask:
    """A mask: `legal` (in the camera) or `role` (drawn by us). `polygon`: (x, y) from 0 to 1."""

    id: int
    kind: str
    preset: str | None
    polygon: tuple[tuple[float, float], ...]
    checked_at: datetime | None = None
    state: str = "unknown"


@dataclass(frozen=True)
class CameraSpec:
    """A camera as its row says. `retention_days`: already capped by its authorisation. `address` holds the password."""

    id: int
    version: int
    reference: str
    name: str
    site_id: int
    scope: Scope
    standing: Standing
    address: Address
    narrow: bool
    ptz: bool
    retention_days: int
    min_retention_days: int
    live_roles: frozenset[str]
    recorded_roles: frozenset[str]
    expected: Mapping[str, Any] = field(default_factory=dict, hash=False)
    masks: tuple[Mask, ...] = ()

    def role_masks(self) -> tuple[Mask, ...]:
        """The masks that we draw."""
        return tuple(mask for mask in self.masks if mask.kind == "role")


@dataclass
class Registry:
    """Every camera in use that a recorder may run, kept by `refresh`."""

    database: Database
    keys: KeyRing
    cameras: dict[int, CameraSpec] = field(default_factory=dict)
    _sums: tuple[Any, ...] | None = None
    _told: set[int] = field(default_factory=set)

    def refresh(self) -> bool:
        """Reads again when something changed; whether it did. Raises what the database raises."""
        with self.database.read() as session:
            sums = tuple(session.execute(SUMS).one())
            if sums == self._sums:
                return False
            read = [self._spec(row) for row in session.execute(CAMERAS).mappings()]
        self.cameras = {spec.id: spec for spec in read if spec is not None}
        self._sums = sums
        return True

    def leasable(self) -> set[int]:
        """The cameras that some recorder keeps running."""
        return {camera for camera, spec in self.cameras.items() if spec.address.kind not in ASKED_KINDS}

    def on_demand(self) -> set[int]:
        """Those that nobody keeps running: pictures are asked of a customer's recorder, or pushed to us."""
        return self.cameras.keys() - self.leasable()

    def _spec(self, row: Mapping[Any, Any]) -> CameraSpec | None:
        try:
            return read_spec(row, self._password(row["id"], row["password_sealed"], row["entry_id"]))
        except (KeyError, TypeError, ValueError) as fault:
            if row["entry_id"] not in self._told:
                self._told.add(row["entry_id"])
                log.warning("camera_cannot_be_read", camera=row["reference"], fault=type(fault).__name__)
            return None

    def _password(self, camera_id: int, sealed: bytes | None, version: int) -> str | None:
        if sealed is None:
            return None
        before = self.cameras.get(camera_id)
        if before is not None and before.version == version:
            return before.address.password
        try:
            return self.keys.open(bytes(sealed), camera_password_row(camera_id)).decode()
        except VeilleurError as fault:
            log.warning("camera_password_cannot_be_opened", camera=camera_id, fault=fault.message)
            return None


def read_spec(row: Mapping[Any, Any], password: str | None) -> CameraSpec:
    """A row of CAMERAS as a value. Raises KeyError, TypeError or ValueError for a source we cannot read."""
    source = row["source"]
    most = kept_days(row["regime"], row["retention_days"], row["authorised_days"])
    return CameraSpec(
        id=row["id"],
        version=row["entry_id"],
        reference=row["reference"],
        name=row["name"],
        site_id=row["site_id"],
        scope=Scope(row["organisation"], row["customer_id"], row["commune"]),
        standing=Standing(
            row["regime"],
            row["expires_on"],
            row["suspended_reason"] or ("by_hand" if row["suspended_at"] else None),
            row["record"],
        ),
        address=Address(
            kind=source["kind"],
            main=source["main"],
            sub=source.get("sub") or None,
            user=source.get("user") or None,
            password=password,
            options=dict(source.get("options") or {}),
        ),
        narrow=row["narrow"],
        ptz=row["ptz"],
        retention_days=most,
        min_retention_days=min(most, max(row["min_retention_days"], row["authorised_minimum"] or 0)),
        live_roles=frozenset(row["live_roles"]),
        recorded_roles=frozenset(row["recorded_roles"]),
        expected=row["expected"] or {},
        masks=tuple(
            Mask(
                m["id"],
                m["kind"],
                m["preset"],
                tuple((float(p["x"]), float(p["y"])) for p in m["polygon"]),
                datetime.fromisoformat(m["checked_at"]) if m["checked_at"] else None,
                m["state"],
            )
            for m in row["masks"]
        ),
    )


def sites_in_alarm(session: ReadSession, sites: Collection[int]) -> set[int]:
    """Which of these sites have an incident open and an area armed."""
    asked = {"sites": sorted(sites), "families": list(ALARM_FAMILIES), "fault": FAULT_PRIORITY}
    return set(session.scalars(ALARMS, asked)) if sites else set()

"""Cameras and authorisations as the file of an import writes them; passwords masked unless a ring is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from veilleur.features.cameras.planning import AUTHORISATION, CAMERA
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Authorisation, Camera, CameraMask, CameraPreset, CameraZone
from veilleur.features.sites.importer.values import MASK as MASKED
from veilleur.kernel.sealing import KeyRing


def camera_told(
    row: Camera,
    ring: KeyRing | None,
    *,
    authorisation: str | None,
    neighbours: Sequence[str],
    masks: Sequence[CameraMask],
    presets: Sequence[CameraPreset],
    zones: Sequence[CameraZone],
) -> dict[str, Any]:
    """One camera; what is at its default is left out."""
    told: dict[str, Any] = {"reference": row.reference, "name": row.name, "regime": row.regime}
    for key, (column, default, _) in CAMERA.items():
        value = getattr(row, column)
        if key not in {"name", "regime", "password"} and value != default:
            told[key] = value
    told |= _kept({"authorisation": authorisation})
    if row.lat is not None and row.lon is not None:
        told["position"] = {"lat": row.lat, "lon": row.lon}
    told["address"] = _kept({key: row.source.get(key) for key in ("kind", "main", "sub", "user", "options")})
    if row.password_sealed is not None:
        told["password"] = CameraRing(ring).open(row.id, row.password_sealed) if ring else MASKED
    return told | _kept(
        {
            "neighbours": list(neighbours),
            "masks": [mask_told(mask) for mask in masks if mask.removed_at is None],
            "presets": [
                {"token": each.token, "name": each.name} for each in presets if each.removed_at is None
            ],
            "zones": [
                _kept({"area": each.area, "zone": each.zone, "preset": each.preset})
                for each in zones
                if each.removed_at is None
            ],
        }
    )


def mask_told(row: CameraMask) -> dict[str, Any]:
    """One mask."""
    return {"kind": row.kind, "name": row.name, **_kept({"preset": row.preset}), "polygon": row.polygon}


def told_authorisation(row: Authorisation, customer: str | None) -> dict[str, Any]:
    """One authorisation; what its form requires is always written."""
    told: dict[str, Any] = {"reference": row.reference}
    for key, (column, default, _) in AUTHORISATION.items():
        value = getattr(row, column)
        if value != default or key == "retention_days":
            told[key] = value.isoformat() if key in {"granted_on", "expires_on"} else value
    return told | _kept({"customer": customer})


def _kept(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}

"""The town's cameras as the file of an import: `cameras.yaml` with its addresses and its dates made real."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from veilleur.demo.town import CAMERAS_FILE, TOWN
from veilleur.settings import split_address

#: What the file calls public order is this purpose of L251-2.
PURPOSE = "assaults_thefts"
SYSTEM = "Vidéoprotection de Villeneuve-sur-Essai"
COMMUNE = "99001"


def camera_import(today: date, rtsp: str, path: Path = CAMERAS_FILE) -> dict[str, Any]:
    """What to import after the town: customers, authorisations, and each site with its cameras.

    `rtsp`: HOST:PORT of «demo cameras»; their ONVIF face is on the next port. The file is ours: KeyError if it is not.
    """
    written = yaml.safe_load(path.read_text("utf-8"))
    town = yaml.safe_load(TOWN.read_text("utf-8"))
    names = {site["reference"]: site["name"] for site in town["sites"]}
    sites: dict[str, dict[str, Any]] = {site["reference"]: dict(site) for site in written["sites"]}
    references = {camera["key"]: camera["reference"] for camera in written["cameras"]}
    for camera in written["cameras"]:
        site = camera["site"]
        kept = sites.setdefault(site, {"reference": site, "name": names.get(site, site)})
        kept.setdefault("cameras", []).append(_camera(camera, references, rtsp))
    return {
        "customers": list(written["customers"]),
        "authorisations": [_authorisation(row, today) for row in written["authorisations"]],
        "sites": list(sites.values()),
    }


def walls(path: Path = CAMERAS_FILE) -> list[dict[str, Any]]:
    """The shared walls, their cameras by reference."""
    return list(yaml.safe_load(path.read_text("utf-8"))["walls"])


def rounds(path: Path = CAMERAS_FILE) -> str:
    """The rounds, as the file of `veilleur patrols import`."""
    return yaml.safe_dump({"patrols": yaml.safe_load(path.read_text("utf-8"))["patrols"]}, allow_unicode=True)


def reserved(path: Path = CAMERAS_FILE) -> list[tuple[str, str]]:
    """PTZ cameras that a colleague holds at the start: (reference of the camera, login)."""
    cameras = yaml.safe_load(path.read_text("utf-8"))["cameras"]
    return [(camera["reference"], camera["reserved_by"]) for camera in cameras if "reserved_by" in camera]


def _authorisation(row: dict[str, Any], today: date) -> dict[str, Any]:
    return {
        "reference": row["number"],
        "system": SYSTEM,
        "number": row["number"],
        "authority": row["authority"],
        "granted_on": f"{today - timedelta(days=row['issued_days_ago'])}",
        "expires_on": f"{today + timedelta(days=row['expires_in_days'])}",
        "purposes": [PURPOSE],
        "retention_days": row["retention_days"],
        "customer": "C-VILLE",
        "commune": COMMUNE,
    }


def _camera(row: dict[str, Any], references: dict[str, str], rtsp: str) -> dict[str, Any]:
    told = {key: row[key] for key in ("reference", "name", "place", "regime", "narrow", "bearing", "fov")}
    told |= {"position": {"lat": row["lat"], "lon": row["lon"]}, "ptz": row.get("ptz", False)}
    if "authorisation" in row:
        told |= {"authorisation": row["authorisation"], "purpose": PURPOSE}
    told["address"] = _address(row, rtsp)
    told |= {key: row[key] for key in ("password", "presets") if key in row}
    told["neighbours"] = [references[key] for key in row.get("neighbours", ())]
    told["zones"] = [{"zone": number} for number in row.get("zones", ())]
    told["masks"] = [
        {"kind": kind, "name": f"Masque {number}", "polygon": [{"x": x, "y": y} for x, y in corners]}
        for number, (kind, corners) in enumerate(
            [("legal", each) for each in row.get("masks", ())]
            + [("role", each) for each in row.get("role_masks", ())],
            1,
        )
    ]
    return told


def _address(row: dict[str, Any], rtsp: str) -> dict[str, Any]:
    host, port = split_address(rtsp)
    shown = f"[{host}]" if ":" in host else host
    streams = {"main": "replay"} if row["kind"] == "recorder" else {"main": "main", "sub": "sub"}
    address: dict[str, Any] = {"kind": row["kind"]} | {
        view: f"rtsp://{shown}:{port}/{row['key']}/{stream}" for view, stream in streams.items()
    }
    if "user" in row:
        address["user"] = row["user"]
    if row["kind"] in ("onvif", "recorder"):  # of a recorder, its clock
        url = f"http://{shown}:{port + 1}/onvif/{row['key']}/device_service"
        address["options"] = {"onvif": url}
    return address

"""A town's file with cameras of every regime, imported; its people over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.features.sites.conftest import World, world
from tests.web.serving import Browser, Desk, serve
from veilleur.features.cameras.secrets import CameraRing
from veilleur.features.cameras.tables import Camera
from veilleur.kernel.sealing import KeyRing

__all__ = ["world"]

PASSWORD = "zibelhonte-cam"
AUTHORISATION = """
authorisations:
  - {reference: A-1, system: Centre-ville, number: 2026-0117, authority: Préfet de l’Essai, expires_on: 2028-12-18,
     purposes: [assaults_thefts], retention_days: 15, commune: "99001"}
"""
TOWN = f"""
customers: [{{reference: C-1, name: Ville}}, {{reference: C-2, name: Logistique}}]
{AUTHORISATION}
sites:
  - reference: S-1
    name: Voie publique
    customer: C-1
    commune: "99001"
    cameras:
      - reference: VP-1
        name: Place Carnot
        regime: public_road
        purpose: assaults_thefts
        authorisation: A-1
        address: {{kind: rtsp, main: "rtsp://192.0.2.10/main", sub: "rtsp://192.0.2.10/sub", user: veilleur}}
        password: {PASSWORD}
        ptz: yes
        neighbours: [P-1]
        masks:
          - {{kind: legal, name: Fenêtres, polygon: [{{x: 0, y: 0}}, {{x: 0.2, y: 0}}, {{x: 0.2, y: 0.3}}]}}
          - {{kind: role, name: Entrée, polygon: [{{x: 0.5, y: 0.5}}, {{x: 0.7, y: 0.5}}, {{x: 0.7, y: 0.8}}]}}
        presets: [{{token: "1", name: Large}}]
  - reference: S-2
    name: Entrepôt
    customer: C-2
    commune: "99002"
    panels: [{{account: "0001", zones: [{{number: "015", area: "1", name: Quai}}]}}]
    cameras:
      - reference: P-1
        name: Quai
        regime: private
        address: {{kind: rtsp, main: "rtsp://192.0.2.20/main"}}
        zones: [{{area: "1", zone: "015"}}]
      - {{reference: H-1, name: Jardin, regime: home, address: {{kind: snapshot, main: "http://192.0.2.21/i.jpg"}}}}
"""


@pytest.fixture
def town(world: World) -> World:
    """The file, taken."""
    world.taken(TOWN)
    return world


def camera(world: World, reference: str = "VP-1") -> Camera:
    """A camera as its row is now."""
    found: Camera = world.rows(Camera, Camera.reference == reference)[0]
    return found


@pytest.fixture
def desk(town: World) -> Iterator[Desk]:
    """The desk of that town."""
    given: dict[Any, object] = {
        KeyRing: town.keys.contacts,
        CameraRing: CameraRing(town.keys.cameras),
    }
    with serve(town.database, town.clock, town.database.dsn, provide=given) as running:
        yield running


def person(desk: Desk, login: str, *roles: str, post: bool = True, activities: Any = ("video",)) -> Browser:
    """Somebody logged in, at a post of his kind when he holds one."""
    kinds = ["remote_monitoring", *activities] if activities else ["remote_monitoring"]
    desk.room.user(login, *roles, activities=kinds, expires_on=date(2030, 1, 1))
    browser = desk.browser(login)
    if post:
        post_id = desk.room.post(f"Poste {login}", "both" if "video" in kinds else "remote_monitoring")
        assert browser.post(f"/api/posts/{post_id}/take", {"motif": "surveillance"}).status_code == 204
    return browser

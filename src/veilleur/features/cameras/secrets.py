"""Passwords of cameras: sealed under their own ring, bound to the camera's row, never read back by anybody."""

from __future__ import annotations

from dataclasses import dataclass

from veilleur.features.cameras.tables import Camera
from veilleur.kernel.sealing import KeyRing, camera_password_row
from veilleur.video.model import Address


@dataclass(frozen=True)
class CameraRing:
    """The ring of `camera.key`, as a type of its own: a route asks for this one and not for that of the contacts."""

    ring: KeyRing

    def seal(self, camera_id: int, password: str) -> bytes:
        """A password under the newest key, bound to its camera."""
        return self.ring.seal(password.encode(), camera_password_row(camera_id))

    def open(self, camera_id: int, sealed: bytes | None) -> str | None:
        """The password, for whoever connects to the camera; None when it has none. Raises SealError."""
        return None if sealed is None else self.ring.open(sealed, camera_password_row(camera_id)).decode()


def address_of(camera: Camera, ring: CameraRing) -> Address:
    """Where the camera's pictures come from, with its password: for the recorder and for a try. Raises SealError."""
    source = camera.source
    return Address(
        kind=source["kind"],
        main=source["main"],
        sub=source.get("sub"),
        user=source.get("user"),
        password=ring.open(camera.id, camera.password_sealed),
        options=dict(source.get("options") or {}),
    )

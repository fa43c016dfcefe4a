"""The centre's keys on disk: three sealing keys and the logbook's signing key. Never by environment or argument."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from veilleur.kernel.sealing import KeyRing, open_key_ring


@dataclass(frozen=True)
class Keys:
    """Key files under DATA/keys, each opened when first needed, made at first start.

    `panels`: panel keys, for reception and the command line only. `contacts`: contact secrets, for the desk and the
    command line. `cameras`: passwords of cameras, for the recorder, the desk and the command line. `log`: the
    file of the logbook's Ed25519 key, for the sealer and the command line.
    """

    folder: Path

    @cached_property
    def panels(self) -> KeyRing:
        """Seals AES keys of panels."""
        return open_key_ring(self.folder / "panel.key")

    @cached_property
    def contacts(self) -> KeyRing:
        """Seals code words and duress words."""
        return open_key_ring(self.folder / "contact.key")

    @cached_property
    def cameras(self) -> KeyRing:
        """Seals passwords of cameras."""
        return open_key_ring(self.folder / "camera.key")

    def make(self) -> None:
        """Makes the sealing keys at first start, so that a backup taken before their first use has them."""
        for ring in (self.panels, self.contacts, self.cameras):
            ring.newest  # noqa: B018  # opening makes the file

    @property
    def log(self) -> Path:
        """The logbook's signing key file."""
        return self.folder / "log.key"

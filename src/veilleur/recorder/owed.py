"""What the object store still has to erase: kept in a file of each camera until it has, however long the store is away."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from veilleur.video.store import IMAGES, LocalStore, ObjectStore

OWED = "owed"
"""In the camera's folder: a path a line, as in the store below the camera."""


@dataclass(frozen=True)
class Owed:
    """Retention's debt towards an object store."""

    store: LocalStore
    objects: ObjectStore

    def add(self, camera: str, files: Iterable[str]) -> None:
        """These files are to go, and the images beside them. To be called before they are erased here. OSError."""
        paths = list(files)
        hours = dict.fromkeys(path.rpartition("/")[0] for path in paths)
        paths += [f"{hour}/{name}" for hour in hours for name in IMAGES]
        with (self.store.camera(camera) / OWED).open("a", encoding="utf-8") as file:
            file.writelines(f"{path}\n" for path in paths)
            file.flush()
            os.fsync(file.fileno())

    def pay(self) -> None:
        """Erases what is owed, and forgets it. UnavailableError: the store is away; what is left stays owed. OSError."""
        for camera in self.store.cameras():
            file = self.store.camera(camera) / OWED
            with suppress(FileNotFoundError):
                paths = file.read_text("utf-8").splitlines()
                for path in dict.fromkeys(paths):
                    self.objects.erase(camera, path)
                file.unlink()

"""A stream as browsers see it: its hub, and its frames for who re-makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from veilleur.recorder.taps import Taps
from veilleur.video.fragments import Fragmenter
from veilleur.video.hub import Hub, Viewer
from veilleur.video.model import Frame, StreamInfo


class Watched(Protocol):
    """What a browser watches: a view, or one that is made while somebody watches it."""

    @property
    def last_wall(self) -> int | None:
        """When its last picture was taken."""

    def join(self) -> Viewer:
        """A new viewer, in the running loop. Raises OverflowError."""

    def leave(self, viewer: Viewer) -> None:
        """A viewer goes."""


@dataclass(eq=False)
class View:
    """One view of a camera: main, sub, or one that we make of it (masked, H.264, JPEG)."""

    hub: Hub = field(default_factory=Hub)
    taps: Taps = field(default_factory=Taps)
    _made: Fragmenter | None = None
    _hidden: bool = False

    @property
    def info(self) -> StreamInfo | None:
        """What it is now; None while it does not run."""
        return self.taps.info

    @property
    def last_wall(self) -> int | None:
        """When its last picture was taken."""
        return self.hub.last or None

    def begin(self, info: StreamInfo, fragmenter: Fragmenter) -> None:
        """The stream begins, or has new parameters."""
        self._made = fragmenter
        self.taps.begin(info)
        self.hub.begin(info, fragmenter.init, fragmenter.mime)

    def frame(self, frame: Frame, fragment: bytes, *, shown: bool = True) -> None:
        """A picture. `shown` false: it is only kept, or only looked at; who joins later does not find it."""
        if shown:
            self._hidden = False
            self.hub.publish(frame, fragment)
            self.taps.put(frame)
        elif not self._hidden and self._made is not None:
            self._hidden = True
            self.begin(self._made.info, self._made)

    def end(self) -> None:
        """The stream is over for now; viewers wait for its next beginning."""
        self.taps.begin(None)

    def join(self) -> Viewer:
        """A new viewer: the current GOP is the first it reads."""
        return self.hub.join()

    def leave(self, viewer: Viewer) -> None:
        """A viewer goes."""
        viewer.close()

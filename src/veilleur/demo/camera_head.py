"""The head of a PTZ of the demonstration: it has no lens to turn, and steps from one drawn view to the next."""

from __future__ import annotations

STEP_SECONDS = 0.8  # between two views while a PTZ keeps turning
MOST_KEPT = 50  # presets that clients may add
MOVING_SECONDS = 1.0  # after the last order it has stopped by itself


class Head:
    """A PTZ's head: which of its views it shows. Seconds are the loop's."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._place = 0  # 0: the whole view; then from left to right
        self._moved = self._stepped = float("-inf")
        self.kept: dict[str, tuple[str, int]] = {}
        self.gone: set[str] = set()
        self._made = 0

    @property
    def token(self) -> str:
        """The preset it shows."""
        return self._tokens[self._place] if self._tokens else ""

    def go(self, token: str) -> None:
        """To a preset. Raises ValueError."""
        if token in self.gone:
            raise ValueError(token)
        self._place = self.kept[token][1] if token in self.kept else self._tokens.index(token)
        self._moved = float("-inf")

    def keep(self, name: str, token: str) -> str:
        """Where it stands, under a token of its own or in the place of one. Raises ValueError: not known, or no room."""
        known = token in self._tokens or token in self.kept
        if (token and not known) or (token not in self.kept and len(self.kept) >= MOST_KEPT):
            raise ValueError(token)
        self._made += not token
        made = token or f"kept-{self._made}"
        self.kept[made] = (name, self._place)
        return made

    def forget(self, token: str) -> None:
        """Raises ValueError when there is no such preset."""
        if token in self.gone or (token not in self._tokens and token not in self.kept):
            raise ValueError(token)
        self.kept.pop(token, None)
        self.gone |= {token}

    def turn(self, pan: float, zoom: float, now: float) -> None:
        """One view further, if it has turned for long enough. Zooming in from the whole view shows its middle."""
        self._moved = now
        if now - self._stepped < STEP_SECONDS or len(self._tokens) < 2 or (pan == 0 and zoom == 0):
            return
        self._stepped = now
        last = len(self._tokens) - 1
        if zoom < 0:
            self._place = 0
        elif zoom > 0 and self._place == 0:
            self._place = (last + 1) // 2
        elif pan > 0:
            self._place = last if self._place == 0 else min(self._place + 1, last)
        elif pan < 0:
            self._place = 1 if self._place == 0 else max(self._place - 1, 1)

    def stop(self) -> None:
        """Stays; the next order turns at once."""
        self._moved = self._stepped = float("-inf")

    def told(self, now: float) -> tuple[float, float, bool]:
        """Pan −1..1, zoom 0..1, and whether it moves."""
        last = len(self._tokens) - 1
        pan = 0.0 if self._place == 0 or last < 2 else -1 + 2 * (self._place - 1) / (last - 1)
        return pan, float(self._place > 0), now - self._moved < MOVING_SECONDS

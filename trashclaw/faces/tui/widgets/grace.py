"""The grace period of a pane that asks: keys that were meant for the prompt never answer."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

GRACE_S = 0.5


class Grace:
    """Tells whether a pane listens yet: some time after it asked, or after the last key that came too early."""

    def __init__(self, length_s: float = GRACE_S, now: Callable[[], float] = monotonic) -> None:
        self.length_s = length_s
        self._now = now
        self._ends_at = 0.0

    def begin(self) -> None:
        """Start, or start again since the person is still typing."""
        self._ends_at = self._now() + self.length_s

    @property
    def is_over(self) -> bool:
        """Whether keys count."""
        return self._now() >= self._ends_at

    @property
    def left_s(self) -> float:
        """Seconds until keys count."""
        return max(0.0, self._ends_at - self._now())

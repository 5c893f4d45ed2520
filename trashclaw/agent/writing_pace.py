"""How fast an answer is written now, and how much of it there is."""

from __future__ import annotations

from collections import deque

_WINDOW_S = 3.0
_TELL_EVERY_S = 0.2
_LEAST_S = 0.3
"""Below this, what is measured is chance."""


class WritingPace:
    """Counts the tokens of an answer; a server sends about one in each of its events."""

    def __init__(self) -> None:
        self.tokens = 0
        """Since the answer began."""

        self._told_at: float | None = None
        self._came: deque[tuple[float, int]] = deque()
        """When pieces came, in seconds, and how many there were by then; of the last few seconds."""

    def add(self, at: float, tokens: int = 1) -> bool:
        """Count what came `at` this time, in tokens; tell whether it is time to say something."""
        self.tokens += tokens
        self._came.append((at, self.tokens))
        while len(self._came) > 2 and self._came[1][0] <= at - _WINDOW_S:
            self._came.popleft()
        if self._told_at is not None and at - self._told_at < _TELL_EVERY_S:
            return False
        self._told_at = at
        return True

    def rest(self) -> None:
        """Begin to measure anew: something else is done in between."""
        self._came.clear()

    @property
    def tokens_per_s(self) -> float | None:
        """The speed of the last few seconds; `None` at the beginning."""
        if not self._came:
            return None
        (began, before), (at, now) = self._came[0], self._came[-1]
        return (now - before) / (at - began) if at - began > _LEAST_S else None

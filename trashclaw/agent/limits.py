"""How long a turn may go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one turn; `None` is no bound."""

    steps: int | None = 40
    tokens: int | None = None
    """Completion tokens of all steps together."""

    time_s: float | None = None

    def room(self, tokens: int) -> int | None:
        """Return how many tokens may still be written, or `None` where there is no limit."""
        return None if self.tokens is None else max(0, self.tokens - tokens)

    def reached(self, steps: int, tokens: int, time_s: float) -> str:
        """Return which limit stands in the way of another step, in words, or an empty string."""
        if self.steps is not None and steps >= self.steps:
            return f"the limit of {self.steps} steps is reached"
        if self.tokens is not None and tokens >= self.tokens:
            return f"the limit of {self.tokens} written tokens is reached"
        if self.time_s is not None and time_s >= self.time_s:
            return f"the limit of {self.time_s:g} s is reached"
        return ""

"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """Time as the machine has it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from some start, never going back."""
        return time.monotonic()

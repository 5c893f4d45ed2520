"""What a command did that cannot land, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that stays as it is, whatever is accepted."""

    path: str
    reason: str

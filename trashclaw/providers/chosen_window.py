"""The window of a session as it was chosen, with the reason for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChosenWindow:
    """A session's window in tokens, and why it is that."""

    tokens: int
    reason: str
    """A short clause for a person."""

    warning: str = ""
    """What may go wrong with it, with the figures."""

    hint: str = ""
    is_assumed: bool = False
    """Nobody says how long a window the model was made for."""

"""The session's mode, as the gate sees it."""

from __future__ import annotations

from trashclaw.config.schema import Settings
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode


def first_mode(settings: Settings, *, can_ask: bool) -> Mode:
    """Return the mode that a session begins in: without a screen nothing is changed unless it is said."""
    if settings.mode is not None:
        return settings.mode
    if not can_ask and settings.allow_write:
        return Mode.ACCEPT
    return Mode.REVIEW if can_ask or settings.allow_shell else Mode.PLAN


class CurrentMode:
    """Holds the mode; in a folder that is not trusted it cannot leave `plan`."""

    def __init__(self, mode: Mode, *, is_fixed: bool = False) -> None:
        self._mode = Mode.PLAN if is_fixed else mode
        self.is_fixed = is_fixed
        """Whether the mode cannot leave `plan`."""

    def __call__(self) -> Mode:
        """Return the mode."""
        return self._mode

    def choose(self, mode: Mode) -> None:
        """Change the mode.

        Raises:
            UsageError: the folder is not trusted.
        """
        if self.is_fixed and mode is not Mode.PLAN:
            raise UsageError("This folder is not trusted, so nothing is changed here.", "/trust asks whether it is.")
        self._mode = mode

"""The size of the terminal, looked at again while nothing is typed: a change of it that was lost is taken up late."""

from __future__ import annotations

from typing import Any

from textual.app import App, ScreenStackError
from textual.geometry import Size
from textual.message import Message


class SizeLost(Message):
    """The terminal has another size than what is shown, for longer than that takes."""

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size


class SizeWatch:
    """Compares what is shown with the terminal, whenever it is asked to."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._other: Size | None = None
        """The size that was seen last, where another one is shown."""

    def lost(self, size: Size) -> SizeLost | None:
        """Return what to tell the app of the terminal's size: something, when it is missed for the second time."""
        try:
            shown = self._app.screen.size
        except ScreenStackError:
            return None
        is_missed = size not in (shown, Size(0, 0))
        is_told = is_missed and size == self._other
        self._other = size if is_missed and not is_told else None
        return SizeLost(size) if is_told else None

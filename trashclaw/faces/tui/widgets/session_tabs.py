"""The row of sessions that are open: one is in front, and those that need the person are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.tab_row import NEW_TAB, tab_row
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual import events

    from trashclaw.faces.tui.drawing.tab_row import TabFace


class SessionTabs(Row):
    """One row of tabs; it stands on a screen only where there are two or more."""

    DEFAULT_CSS = """
    SessionTabs {
        padding: 0 1;
        background: $surface;
    }
    """

    def __init__(self, faces: Sequence[TabFace]) -> None:
        super().__init__()
        self._faces = tuple(faces)
        self._ends: list[tuple[int, str]] = []

    @property
    def faces(self) -> Sequence[TabFace]:
        """What is shown."""
        return self._faces

    def show(self, faces: Sequence[TabFace]) -> None:
        """Show other tabs, or other states of them."""
        if tuple(faces) != self._faces:
            self._faces = tuple(faces)
            self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        line, self._ends = tab_row(self._faces, width, self.look)
        return line

    def on_click(self, event: events.Click) -> None:
        """Go to the tab that was clicked, or open a new one."""
        offset = event.get_content_offset(self)
        for end, mode in self._ends:
            if offset is not None and offset.x < end:
                self.post_message(msg.NewTabWanted() if mode == NEW_TAB else msg.TabChosen(mode))
                return

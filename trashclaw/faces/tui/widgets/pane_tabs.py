"""The tabs of a narrow screen: one pane is shown, and the one that needs the person is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from textual import events

PANES = {"conversation": "Conversation", "plan": "Plan", "tools": "Tools", "changes": "Changes", "question": "Question"}


class PaneTabs(Row):
    """One row of pane names."""

    DEFAULT_CSS = """
    PaneTabs {
        padding: 0 2;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._shown = "conversation"
        self._waiting = ""
        self._ends: list[tuple[int, str]] = []

    def show(self, shown: str, waiting: str) -> None:
        """Show which pane is in front and which one waits for the person (empty: none)."""
        if (shown, waiting) != (self._shown, self._waiting):
            self._shown, self._waiting = shown, waiting
            self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        look = self.look
        line = Text(end="")
        self._ends = []
        for pane, name in PANES.items():
            if pane == "question" and self._waiting != pane:
                continue
            is_waiting = pane == self._waiting
            ink = look.accent + Style(bold=True, underline=True) if pane == self._shown else look.muted
            line.append(name, style=look.warning + Style(bold=True) if is_waiting else ink)
            line.append(f" {look.signs.waiting}" if is_waiting else "", style=look.warning)
            self._ends.append((line.cell_len, pane))
            line.append("   ")
        return line

    def on_click(self, event: events.Click) -> None:
        """Choose the pane that was clicked."""
        offset = event.get_content_offset(self)
        for end, pane in self._ends:
            if offset is not None and offset.x < end:
                self.post_message(msg.PaneChosen(pane))
                return

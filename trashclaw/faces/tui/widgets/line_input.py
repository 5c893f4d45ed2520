"""A one-line input in which nothing that is pasted can steer the terminal."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from trashclaw.faces.visible import visible_line


class LineInput(Input):
    """An input without a frame and without a blinking cursor."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False, compact=True)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        """Take a paste as one line, with its control characters made visible."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(visible_line(event.text.strip()))

"""A one-line input that keeps the order of its keys, and in which nothing that is pasted can steer the terminal."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.visible import visible_line


class LineInput(Input):
    """An input without a frame and without a blinking cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.LINE)

    class Stepped(Message):
        """Up (-1) or Down (1) was pressed, or a key for more; comes in its turn among the changes of the text."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False, compact=True)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        """Do at once what keys mean that are no letters; Textual asks the base class next."""
        if not event.is_printable and await do_bound_key(self, event.key):
            event.stop()
            event.prevent_default()

    def action_step(self, step: int) -> None:
        """Ask for another row of the list."""
        self.post_message(self.Stepped(step))

    def _on_paste(self, event: events.Paste) -> None:
        """Take a paste as one line, with its control characters made visible."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor(visible_line(event.text.strip()))

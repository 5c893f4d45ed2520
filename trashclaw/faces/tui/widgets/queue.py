"""The queue: what the person sent while a turn runs, until it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.keymap import key_name, keys_of
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.events import QueuedInput

MAX_SHOWN = 3


class QueueRows(Row):
    """Shows the newest queued messages, a row each; hidden while there are none."""

    DEFAULT_CSS = """
    QueueRows {
        height: auto;
        display: none;
        padding: 0 2;
    }
    QueueRows.-filled {
        display: block;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._queue: Sequence[QueuedInput] = ()

    @property
    def newest(self) -> QueuedInput | None:
        """The message that would be taken back."""
        return self._queue[-1] if self._queue else None

    def show(self, queue: Sequence[QueuedInput]) -> None:
        """Show a queue."""
        if tuple(queue) == tuple(self._queue):
            return
        self._queue = tuple(queue)
        self.set_class(bool(queue), "-filled")
        self.styles.height = min(MAX_SHOWN, len(queue)) or None
        self.refresh(layout=True)

    def row(self, y: int, width: int) -> Text:
        """Return one queued message."""
        look = self.look
        shown = self._queue[-MAX_SHOWN:]
        if y >= len(shown):
            return Text()
        word = "steers next: " if shown[y].origin == "steer" else "queued: "
        line = Text(word, style=look.accent, end="")
        right = Text(f"{key_name(keys_of('prompt.recall')[0])} edits" if y == len(shown) - 1 else "", style=look.muted)
        room = max(8, width - line.cell_len - right.cell_len - 2)
        line.append(cut(shown[y].text, room, look), style=look.text)
        return spread(line, right, width, look)

"""The queue: what the person sent while a turn runs, until it is read; each message can be edited and moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import cut, pointed, spread
from trashclaw.faces.tui.keymap import Group, bindings, hint, hints_in
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from trashclaw.protocol.events import QueuedInput
    from trashclaw.protocol.ops import QueuedAs

MAX_SHOWN = 3
MAX_OPEN = 8
"""Rows while the queue has the focus."""


class QueueRows(Row, can_focus=True):
    """Shows the newest queued messages, a row each; hidden while there are none."""

    BINDINGS = bindings(Group.QUEUE)
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
        self._current: str = ""
        """The id of the message that keys are for."""

    @property
    def newest(self) -> QueuedInput | None:
        """The message that would be taken back."""
        return self._queue[-1] if self._queue else None

    def show(self, queue: Sequence[QueuedInput]) -> None:
        """Show a queue; the focus leaves one in which nothing waits any more."""
        if tuple(queue) == tuple(self._queue):
            return
        at = self._at
        self._queue = tuple(queue)
        if queue and self._current not in {entry.entry_id for entry in queue}:
            self._current = queue[min(at, len(queue) - 1)].entry_id
        if not queue and self.has_focus:
            self.action_leave()
        self.set_class(bool(queue), "-filled")
        self._fit()

    def row(self, y: int, width: int) -> Text:
        """Return one queued message."""
        look, shown = self.look, self._shown
        if y >= len(shown):
            return Text()
        entry = shown[y]
        is_last, is_current = y == len(shown) - 1, self.has_focus and entry.entry_id == self._current
        word = "steers next: " if entry.origin == "steer" else "queued: "
        line = Text(word, style=look.accent, end="")
        right = Text(self._hints(width // 2) if is_last or is_current else "", style=look.muted)
        room = max(8, width - line.cell_len - right.cell_len - (4 if self.has_focus else 2))
        line.append(cut(entry.text, room, look), style=look.text)
        if not self.has_focus:
            return spread(line, right, width, look)
        line = spread(line, right if is_current else Text(), width - 2, look)
        return pointed(line, look, width, is_current=is_current)

    def action_step(self, step: int) -> None:
        """Go to another message; below the last one is the prompt."""
        at = self._at + step
        if at >= len(self._queue):
            self.action_leave()
        else:
            self._current = self._queue[max(0, at)].entry_id
            self.refresh()

    def action_edit(self) -> None:
        """Take the current message back into the editor."""
        if self._queue:
            self.post_message(msg.RecallAsked(self._queue[self._at]))

    def action_remove(self) -> None:
        """Remove the current message."""
        if self._queue:
            self.post_message(msg.EntryRecalled(self._queue[self._at]))

    def action_switch(self) -> None:
        """Let a steer wait for the end of the turn, or a follow-up steer."""
        from trashclaw.protocol.items import Origin

        if self._queue:
            entry = self._queue[self._at]
            origin: QueuedAs = Origin.FOLLOW_UP if entry.origin is Origin.STEER else Origin.STEER
            self.post_message(msg.EntryMoved(entry, origin=origin))

    def action_move(self, step: int) -> None:
        """Move the current message up or down."""
        place = self._at + step
        if 0 <= place < len(self._queue):
            self.post_message(msg.EntryMoved(self._queue[self._at], place=place))

    def action_leave(self) -> None:
        """Go back to the prompt."""
        self.post_message(msg.QueueLeft())

    async def _on_key(self, event: events.Key) -> None:
        """Do at once what a key means here; what means nothing goes to the prompt."""
        if await do_bound_key(self, event.key):
            event.stop()
            event.prevent_default()

    def on_focus(self) -> None:
        """Show more of the queue, and what the keys do; begin at the newest message."""
        if self._queue:
            self._current = self._queue[-1].entry_id
        self._fit()

    def on_blur(self) -> None:
        """Show the newest messages alone."""
        self._fit()

    def on_click(self, event: events.Click) -> None:
        """Go to the message that was clicked; a second click takes it back into the editor."""
        shown = self._shown
        if 0 <= event.y < len(shown):
            was_current, self._current = self._current, shown[event.y].entry_id
            if event.chain > 1 and was_current == self._current:
                self.action_edit()
            self.refresh()

    @property
    def _at(self) -> int:
        ids: list[str] = [entry.entry_id for entry in self._queue]
        return ids.index(self._current) if self._current in ids else max(0, len(ids) - 1)

    @property
    def _shown(self) -> Sequence[QueuedInput]:
        if not self.has_focus:
            return self._queue[-MAX_SHOWN:]
        first = max(0, min(self._at - MAX_OPEN // 2, len(self._queue) - MAX_OPEN))
        return self._queue[first : first + MAX_OPEN]

    def _hints(self, room: int) -> str:
        """Return what keys do with a message, as much of it as fits into so many cells."""
        more = len(self._queue) - MAX_SHOWN
        said = [f"{more} more above" if more > 0 else "", hint("prompt.recall", "edits")]
        if self.has_focus:
            said = [hint("queue.edit", "edits"), hint("queue.switch", "switches"), hint("queue.remove", "removes")]
        shown = hints_in(room, *said)
        return shown if cell_len(shown) <= room else ""

    def _fit(self) -> None:
        self.styles.height = len(self._shown) or None
        self.refresh(layout=True)

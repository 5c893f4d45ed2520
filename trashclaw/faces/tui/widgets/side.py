"""The side: the column of panes whose borders can be dragged with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message

if TYPE_CHECKING:
    from textual import events


class Side(Vertical):
    """Tells how far a border is dragged: its own left one, or the upper one of a pane in it."""

    class Dragged(Message):
        """A border goes with the mouse, or `is_over`: it was let go."""

        def __init__(self, pane: str, cells: int, *, is_over: bool = False) -> None:
            super().__init__()
            self.pane = pane
            """The pane whose upper border it is; empty for the side's left one."""

            self.cells = cells
            """The columns right of the left border, or the rows below the upper one, with the border itself."""

            self.is_over = is_over

    def __init__(self, *, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self._held: str | None = None
        self._has_moved = False

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of a border."""
        x, y = int(event.screen_x), int(event.screen_y)
        if x == self.region.x:
            self._held = ""
        else:
            tops = {pane.region.y: pane.id or "" for pane in self.displayed_children[1:]}
            self._held = tops.get(y)
        if self._held is not None:
            self._has_moved = False
            event.stop()
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the border follow."""
        if self._held is None:
            return
        event.stop()
        self._has_moved = True
        self._tell(event, is_over=False)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the border go."""
        if self._held is None:
            return
        event.stop()
        self.release_mouse()
        if self._has_moved:
            self._tell(event, is_over=True)
        self._held = None

    def _tell(self, event: events.MouseEvent, *, is_over: bool) -> None:
        held = self._held or ""
        cells = self.region.bottom - int(event.screen_y) if held else self.region.right - int(event.screen_x)
        self.post_message(self.Dragged(held, cells, is_over=is_over))

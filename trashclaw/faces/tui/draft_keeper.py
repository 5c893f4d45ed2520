"""Keeps what is being written: soon after a change, at most twice a second, and never while nothing changes.

What counts as kept is what the disk has; what it has not, the end of the editor stores before the program ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.store.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer
    from textual.widget import Widget

    from trashclaw.faces.tui.writing import WritingPort

WAIT_S = 0.5
"""So much of what was typed a crash can cost."""


class DraftKeeper:
    """Stores the draft of one editor, beside the screen."""

    def __init__(self, owner: Widget, read: Callable[[], Draft]) -> None:
        """`owner` has the timer and does the work; `read` returns what stands in the editor."""
        self._owner = owner
        self._read = read
        self._port: WritingPort | None = None
        self._timer: Timer | None = None
        self._kept = Draft("")
        """What is known to be stored."""

    def use(self, port: WritingPort) -> None:
        """Keep it with another session from now on."""
        self._port = port
        self._kept = Draft("")
        self.note_change()

    def note_change(self) -> None:
        """Take note that something was typed."""
        if self._timer is None and self._port is not None:
            self._timer = self._owner.set_timer(WAIT_S, self._keep)

    def forget(self) -> None:
        """Forget what was kept at once: it has been sent."""
        if self._port is not None:
            self._owner.run_worker(self._store(self._port, Draft("")), group="draft")

    def end(self) -> None:
        """Keep what stands there now, since the editor goes away."""
        draft = self._read()
        if self._port is not None and draft != self._kept and self._port.keep_now(draft):
            self._kept = draft

    def _keep(self) -> None:
        self._timer = None
        draft = self._read()
        if self._port is not None and draft != self._kept:
            self._owner.run_worker(self._store(self._port, draft), group="draft")

    async def _store(self, port: WritingPort, draft: Draft) -> None:
        if await port.keep(draft) and self._port is port:
            self._kept = draft

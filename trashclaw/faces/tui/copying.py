"""What is copied, and how it gets out of the terminal; Ctrl+C that copies, or quits at the second time."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp

TWICE_S = 1.5


class Copying:
    """Copies for one app."""

    def __init__(self, app: TrashclawApp) -> None:
        self._app = app
        self._quit_asked_at = 0.0

    def copy(self, text: str, what: str) -> None:
        """Copy a text and say so; `what` names it: `the selection`."""
        self._app.copy_to_clipboard(text)
        self._app.tell(f"Copied {what}.")

    def copy_answer(self) -> None:
        """Copy the selection, or the last answer."""
        answer = self._app.desk.last_answer()
        if self.copy_selection():
            return
        if answer:
            self.copy(answer, "the last answer")
        else:
            self._app.tell("There is nothing to copy yet.")

    def copy_selection(self) -> bool:
        """Copy what is selected; tell whether anything was."""
        selected = self._app.screen.get_selected_text() or self._app.main.prompt.selected_text
        if selected:
            self.copy(selected, "the selection")
        return bool(selected)

    def is_second_time(self) -> bool:
        """Take note of a wish to quit; tell whether it is the second one, else say how to."""
        if monotonic() - self._quit_asked_at < TWICE_S:
            return True
        self._quit_asked_at = monotonic()
        self._app.tell("Ctrl+C again quits.")
        return False

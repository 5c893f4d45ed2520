"""The search of earlier prompts: newest first, narrowed down by typing, with a preview of the whole one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.past_prompts import search
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.wording.figures import counted
from trashclaw.store.drafts import Draft

if TYPE_CHECKING:
    from textual.app import ComposeResult

PREVIEW_ROWS = 7


class HistoryScreen(OverlayScreen[Draft | None]):
    """Shows what was said; Enter returns the current one, Esc nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.HISTORY)
    DEFAULT_CSS = """
    HistoryScreen > OverlayFrame {
        width: 90%;
        height: 80%;
    }
    HistoryScreen #found {
        height: 1fr;
    }
    HistoryScreen #preview {
        height: auto;
        max-height: 8;
        border-top: solid $line;
    }
    """

    def __init__(self, newest_first: Sequence[Draft]) -> None:
        super().__init__()
        self._all = newest_first
        self._found = search(newest_first, "")
        self._at = 0

    def compose(self) -> ComposeResult:
        """Place the input, the list and the preview."""
        takes = hint("line.accept", "takes it into the editor")
        older = hint("history.older", "next older")
        with OverlayFrame("Earlier prompts", takes, older, hint("history.close", "closes")):
            yield LineInput("type to search")
            for part, draw in (("found", self._rows), ("preview", self._preview)):
                lines = OverlayLines(draw)
                lines.id = part
                lines.can_focus = False
                yield lines

    def action_cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def action_older(self) -> None:
        """Go to the next older prompt that fits."""
        self._go(1)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what fits."""
        self._found = search(self._all, event.value)
        self._at = 0
        self._show()

    @on(LineInput.Stepped)
    def move(self, event: LineInput.Stepped) -> None:
        """Go to another prompt."""
        self._go(event.step)

    @on(Input.Submitted)
    def choose(self) -> None:
        """Return the current prompt."""
        self.dismiss(self._found[self._at] if self._found else None)

    def _go(self, step: int) -> None:
        if self._found:
            self._at = max(0, min(len(self._found) - 1, self._at + step))
            self._show()

    def _show(self) -> None:
        found = self.query_one("#found", OverlayLines)
        found.reload()
        found.reveal(self._at)
        self.query_one("#preview", OverlayLines).reload()

    def _rows(self, width: int, look: Look) -> Sequence[Text]:
        if not self._found:
            return [plain("Nothing that was said fits." if self._all else "Nothing was said here yet.", look.muted)]
        rows: list[Text] = []
        for place, draft in enumerate(self._found):
            lines = draft.text.splitlines()
            more = Text(f"+{counted(len(lines) - 1, 'line')}" if len(lines) > 1 else "", style=look.muted, end="")
            first = next((line for line in lines if line.strip()), "")
            name = plain(cut(first, max(8, width - 4 - more.cell_len), look), look.text)
            rows.append(pointed(spread(name, more, width - 2, look), look, width, is_current=place == self._at))
        return rows

    def _preview(self, width: int, look: Look) -> Sequence[Text]:
        if not self._found:
            return []
        lines = [row for line in self._found[self._at].text.splitlines() for row in wrap(plain(line), width, look)]
        if len(lines) <= PREVIEW_ROWS:
            return lines
        return [*lines[: PREVIEW_ROWS - 1], plain(f"{len(lines) - PREVIEW_ROWS + 1} more lines", look.muted)]

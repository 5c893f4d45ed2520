"""A list to choose from, narrowed down by typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from trashclaw.faces.tui.completion import Candidate, best
from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.screens.overlay import OverlayLines
from trashclaw.faces.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

MAX_FOUND = 500


class ChoiceScreen(ModalScreen[str | None]):
    """Shows choices; Enter returns the text of the current one, Esc nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.LIST)
    DEFAULT_CSS = """
    ChoiceScreen {
        align: center middle;
        background: $background 60%;
    }
    ChoiceScreen > Vertical {
        width: 80%;
        max-width: 90;
        height: 70%;
        border: round $accent;
        border-title-color: $foreground;
        border-subtitle-color: $muted;
        background: $surface;
        padding: 0 1;
    }
    ChoiceScreen Input {
        height: 1;
        padding: 0;
        margin: 0 0 1 1;
        background: $surface;
    }
    ChoiceScreen OverlayLines {
        height: 1fr;
    }
    """

    def __init__(self, title: str, choices: Sequence[Candidate], empty: str) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._empty = empty
        self._found = list(choices)
        self._at = 0

    def compose(self) -> ComposeResult:
        """Place the input and the list."""
        with Vertical() as frame:
            frame.border_title = self._title
            frame.border_subtitle = f"Enter chooses   {hint('list.close', 'closes')}"
            yield LineInput("type to narrow down")
            lines = OverlayLines(self._lines)
            lines.can_focus = False
            yield lines

    def action_cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what fits."""
        self._found = list(best(event.value.strip(), self._choices, MAX_FOUND))
        self._at = 0
        self._show()

    @on(LineInput.Stepped)
    def move(self, event: LineInput.Stepped) -> None:
        """Go to another choice."""
        if self._found:
            self._at = (self._at + event.step) % len(self._found)
            self._show()

    @on(Input.Submitted)
    def choose(self) -> None:
        """Return the current choice."""
        self.dismiss(self._found[self._at].text if self._found else None)

    def _show(self) -> None:
        pane = self.query_one(OverlayLines)
        pane.reload()
        pane.reveal(self._at)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        if not self._found:
            return [plain(self._empty, look.muted)]
        lines: list[Text] = []
        for place, choice in enumerate(self._found):
            name = plain(cut(choice.text, width - 2, look), look.text)
            hint = plain(cut(choice.hint, max(width // 2, width - 4 - name.cell_len), look), look.muted)
            line = spread(name, hint, width - 2, look)
            lines.append(pointed(line, look, width, is_current=place == self._at))
        return lines

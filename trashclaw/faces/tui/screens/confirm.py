"""A question before something is lost that cannot be had back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Vertical

from trashclaw.faces.tui.drawing.lines import plain, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import Group, bindings, hints
from trashclaw.faces.tui.screens.overlay import OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.grace import Grace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class ConfirmScreen(OverlayScreen[bool]):
    """Says what would happen; returns whether it may."""

    BINDINGS = bindings(Group.CONFIRM)
    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        background: $background 60%;
    }
    ConfirmScreen > Vertical {
        width: 80%;
        max-width: 76;
        height: auto;
        max-height: 80%;
        border: round $warning;
        border-title-color: $warning;
        border-subtitle-color: $foreground;
        background: $surface;
        padding: 1 1;
    }
    """

    def __init__(self, question: str, told: Sequence[str], yes: str, no: str, grace_s: float) -> None:
        """`told`: a paragraph each; `yes`, `no`: what the two answers do."""
        super().__init__()
        self._question = question
        self._told = told
        self._words = (yes, no)
        self._grace = Grace(grace_s)
        self._grace.begin()

    def compose(self) -> ComposeResult:
        """Place what is told."""
        yes, no = self._words
        with Vertical() as frame:
            frame.border_title = self._question
            frame.border_subtitle = hints(("confirm.yes", yes), ("confirm.no", no))
            yield OverlayLines(self._lines)

    def action_answer(self, answer: bool) -> None:
        """Return the answer; a yes that comes at once was not meant for this."""
        if self._grace.is_over or not answer:
            self.dismiss(answer)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        return [line for text in self._told for line in wrap(plain(text, look.text), width, look)]

"""A question before something is lost that cannot be had back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.grace import Grace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class ConfirmScreen(OverlayScreen[bool]):
    """Says what would happen; returns whether it may."""

    BINDINGS = bindings(Group.CONFIRM)
    DEFAULT_CSS = """
    ConfirmScreen > OverlayFrame {
        width: 80%;
        max-width: 76;
        height: auto;
        max-height: 80%;
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
        with OverlayFrame(self._question, hint("confirm.yes", yes), hint("confirm.no", no), is_warning=True):
            yield OverlayLines(self._lines)

    def action_answer(self, answer: bool) -> None:
        """Return the answer; a yes that comes at once was not meant for this."""
        if self._grace.is_over or not answer:
            self.dismiss(answer)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        return [line for text in self._told for line in wrap(plain(text, look.text), width, look)]

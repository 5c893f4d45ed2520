"""The list of completions above the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message

from trashclaw.faces.tui.drawing.lines import cut, pointed
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from textual import events

    from trashclaw.faces.tui.completion import Candidate


class CompletionList(LinePane, can_focus=False):
    """Shows what fits; keys reach it through the prompt, which keeps the focus."""

    DEFAULT_CSS = """
    CompletionList {
        layer: over;
        overlay: screen;
        display: none;
        height: auto;
        max-height: 10;
        background: $panel;
        border: round $line;
        scrollbar-gutter: auto;
    }
    CompletionList.-open {
        display: block;
    }
    """

    class Chosen(Message):
        """A completion was chosen."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._candidates: Sequence[Candidate] = ()
        self._at = 0

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._candidates)

    def show(self, candidates: Sequence[Candidate]) -> None:
        """Show other candidates; none closes the list."""
        self._candidates = candidates
        self._at = 0
        self.set_class(bool(candidates), "-open")
        self.styles.offset = (0, -(len(candidates) + 2))
        self.reload()

    def lines(self, width: int) -> Sequence[Text]:
        """Return a line for each candidate."""
        look = self.look
        room = width - 2
        names = [cut(candidate.text, room, look) for candidate in self._candidates]
        column = min(room // 2, max((Text(name).cell_len for name in names), default=0))
        lines: list[Text] = []
        for place, candidate in enumerate(self._candidates):
            line = Text(names[place], style=look.text, end="")
            if candidate.hint and room - line.cell_len > 12:
                line.append(" " * (2 + max(0, column - line.cell_len)))
                line.append(cut(candidate.hint, room - line.cell_len, look), style=look.muted)
            lines.append(pointed(line, look, width, is_current=place == self._at))
        return lines

    def take_key(self, key: str) -> None:
        """Do what a key means here."""
        if key in {"up", "down"} and self._candidates:
            self._at = (self._at + (1 if key == "down" else -1)) % len(self._candidates)
            self.reload()
        elif key in {"enter", "tab"} and self._candidates:
            self._choose(self._at)
        else:
            self.show(())

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        line = self.line_under(event)
        if line is not None and line < len(self._candidates):
            self._choose(line)

    def _choose(self, place: int) -> None:
        chosen = self._candidates[place]
        self.show(())
        self.post_message(self.Chosen(chosen.text))

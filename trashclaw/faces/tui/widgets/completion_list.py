"""The list of completions above the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.message import Message

from trashclaw.faces.tui.completion import MAX_SHOWN
from trashclaw.faces.tui.drawing.lines import cut, pointed
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from textual import events

    from trashclaw.faces.tui.completion import Candidate


GAP = 2
MIN_HINT = 10
"""Cells below which a description says nothing."""

MIN_ARGUMENT = 8
"""Cells for what a command takes; more, a tenth of the line, in wide panes: what it does needs the room more."""


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
        self._sign = ""
        self._at = 0

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._candidates)

    def show(self, candidates: Sequence[Candidate], sign: str = "") -> None:
        """Show other candidates, each behind a sign; none closes the list."""
        self._candidates = candidates
        self._sign = sign
        self._at = 0
        self.set_class(bool(candidates), "-open")
        self.styles.offset = (0, -(min(MAX_SHOWN, len(candidates)) + 2))
        self.reload()
        self.scroll_home(animate=False)

    def lines(self, width: int) -> Sequence[Text]:
        """Return a line for each candidate."""
        look, room = self.look, width - 2
        names = [cut(f"{self._sign}{candidate.text}", room, look) for candidate in self._candidates]
        most = max(MIN_ARGUMENT, room // 10)
        arguments = [cut(candidate.argument, most, look) for candidate in self._candidates]
        name_size, argument_size = _widest(names, room // 2), _widest(arguments, most)
        lines: list[Text] = []
        for place, candidate in enumerate(self._candidates):
            line = Text(names[place], style=look.text, end="")
            _append_at(line, name_size + GAP, arguments[place], look.muted)
            hint_at = max(line.cell_len, name_size + (argument_size + GAP if argument_size else 0)) + GAP
            if room - hint_at > MIN_HINT:
                _append_at(line, hint_at, cut(candidate.hint, room - hint_at, look), look.muted)
            lines.append(pointed(line, look, width, is_current=place == self._at))
        return lines

    def take_key(self, key: str) -> None:
        """Do what a key means here."""
        if key in {"up", "down"} and self._candidates:
            self._at = (self._at + (1 if key == "down" else -1)) % len(self._candidates)
            self.reload()
            self.reveal(self._at)
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


def _widest(words: Sequence[str], limit: int) -> int:
    return min(limit, max((cell_len(word) for word in words), default=0))


def _append_at(line: Text, column: int, words: str, style: Style) -> None:
    """Append words at a column, or two cells on where the line is there already."""
    if words:
        line.append(" " * max(GAP, column - line.cell_len))
        line.append(words, style=style)

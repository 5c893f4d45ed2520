"""A list to choose from, narrowed down by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from trashclaw.faces.tui.completion import Candidate, best
from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult

MAX_FOUND = 500


class ChoiceScreen(OverlayScreen[str | None]):
    """Shows choices; returns the text of the one that is taken, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.LIST)
    DEFAULT_CSS = """
    ChoiceScreen > OverlayFrame {
        width: 80%;
        max-width: 90;
        height: 70%;
    }
    ChoiceScreen OverlayLines {
        height: 1fr;
    }
    """

    def __init__(
        self,
        title: str,
        choices: Sequence[Candidate],
        empty: str,
        *,
        start: str = "",
        on_point: Callable[[str], None] | None = None,
    ) -> None:
        """`start` is the choice to begin at; `on_point` is told each one that is pointed at."""
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._empty = empty
        self._on_point = on_point
        self._found: list[Candidate] = list(choices)
        self._at = next((place for place, choice in enumerate(choices) if start and choice.text == start), 0)

    def compose(self) -> ComposeResult:
        """Place the input and the list."""
        with OverlayFrame(self._title, hint("line.accept", "chooses"), hint("list.close", "closes")):
            yield LineInput("type to narrow down")
            lines = OverlayLines(self._lines)
            lines.can_focus = False
            yield lines

    def on_mount(self) -> None:
        """Have the choice to begin at in view."""
        self.call_after_refresh(lambda: self.query_one(OverlayLines).reveal(self._at))

    @property
    def current(self) -> Candidate | None:
        """The choice that is pointed at."""
        return self._found[self._at] if self._found else None

    def add(self, choices: Iterable[Candidate]) -> None:
        """Have more to choose from."""
        at = self.current
        self._choices += choices
        typed = self.query_one(LineInput).value.strip()
        self._found = self.find(typed, self._choices)
        self._at = self._found.index(at) if at in self._found else self.start(typed)
        self._show()

    def find(self, typed: str, choices: Sequence[Candidate]) -> list[Candidate]:
        """Return the choices that fit what is typed, the best first."""
        return list(best(typed, choices, MAX_FOUND))

    def start(self, typed: str) -> int:
        """Return the place in what was found to begin at."""
        return 0

    def action_cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """Show what fits."""
        typed = event.value.strip()
        self._found = self.find(typed, self._choices)
        self._at = self.start(typed)
        self._show()
        self._point()

    @on(LineInput.Stepped)
    def move(self, event: LineInput.Stepped) -> None:
        """Go to another choice; single steps go round."""
        if not self._found:
            return
        last = len(self._found) - 1
        if abs(event.step) == 1:
            self._at = (self._at + event.step) % (last + 1)
        else:
            self._at = max(0, min(last, self._at + event.step))
        self._show()
        self._point()

    @on(Input.Submitted)
    def choose(self) -> None:
        """Return the current choice."""
        self.dismiss(self.answer())

    def answer(self) -> str | None:
        """Return what the current choice stands for."""
        return self.current.text if self.current is not None else None

    def row(self, choice: Candidate, width: int, look: Look) -> Text:
        """Return the line of a choice."""
        name = plain(cut(choice.text, width, look), look.text)
        said = plain(cut(choice.hint, max((width + 2) // 2, width - 2 - name.cell_len), look), look.muted)
        return spread(name, said, width, look)

    def _point(self) -> None:
        if self._on_point is not None and self.current is not None:
            self._on_point(self.current.text)

    def replace_choice(self, choice: Candidate) -> None:
        """Say something else of a choice, which is known by its text; what is typed and the place in the list stay."""
        self._choices = [choice if one.text == choice.text else one for one in self._choices]
        self._found = [choice if one.text == choice.text else one for one in self._found]
        self._show()

    def _show(self) -> None:
        pane = self.query_one(OverlayLines)
        pane.reload()
        pane.reveal(self._at)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        if not self._found:
            return [plain(self._empty, look.muted)]
        return [
            pointed(self.row(choice, width - 2, look), look, width, is_current=place == self._at)
            for place, choice in enumerate(self._found)
        ]

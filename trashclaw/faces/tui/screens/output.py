"""The output page: everything that a tool run brought, on the whole screen, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widgets import Input

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import cut, strips
from trashclaw.faces.tui.keymap import Group, bindings, hints
from trashclaw.faces.tui.run_output import OutputRows, full_output
from trashclaw.faces.tui.screens.overlay import OverlayScreen
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.tui.widgets.line_pane import LinePane
from trashclaw.faces.wording.figures import counted
from trashclaw.faces.wording.outcomes import outcome

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.strip import Strip

    from trashclaw.protocol.ids import HunkId
    from trashclaw.protocol.items import ToolRun


class OutputPane(LinePane):
    """Draws the rows that are in sight."""

    EMPTY: ClassVar[str] = "This run brought no output."

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows = OutputRows(text)
        self.words = ""
        self._found = -1

    @property
    def line_count(self) -> int:
        """Number of rows."""
        return len(self.rows.rows) or len(self._strips)

    def reload(self) -> None:
        """Fold the text for the width there is."""
        if not self.rows.lines:
            super().reload()
            return
        self._drawn_width = self.line_width
        if self._drawn_width < 1:
            return
        self.rows.fold(self._drawn_width)
        self.virtual_size = Size(self._drawn_width, len(self.rows.rows))
        self.refresh()

    def strip_at(self, line: int) -> Strip | None:
        """Return a row."""
        if not self.rows.lines:
            return super().strip_at(line)
        if line >= len(self.rows.rows):
            return None
        text = Text(self.rows.text(line), style=self.look.text, end="")
        if self.words:
            is_current = self.rows.rows[line][0] == self._found
            text.highlight_words([self.words], self.look.cursor + self.look.strong, case_sensitive=False)
            if is_current:
                text.stylize_before(self.look.cursor)
        return strips([text], self.look)[0]

    def seek(self, words: str, step: int = 1, *, is_next: bool = False) -> bool:
        """Go to the next line with some words, or to the one before; tell whether there is one."""
        self.words = words
        start = self._found + step if is_next else max(self._found, 0)
        found = self.rows.find(words, start, step)
        self._found = -1 if found is None else found
        if found is not None:
            self.reveal(self.rows.row_of(found))
        self.refresh()
        return found is not None


class OutputScreen(OverlayScreen[None]):
    """Shows the output of one run."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.OUTPUT)
    DEFAULT_CSS = """
    OutputScreen {
        background: $background;
    }
    OutputScreen > Vertical {
        border: round $accent;
        border-title-color: $foreground;
        border-subtitle-color: $muted;
        background: $background;
    }
    OutputScreen OutputPane {
        height: 1fr;
    }
    OutputScreen Input.-textual-compact {
        display: none;
        height: 1;
        padding: 0 1;
        background: $panel;
    }
    OutputScreen.-finding Input.-textual-compact {
        display: block;
    }
    """

    def __init__(self, run: ToolRun, preview: str = "", reverted: frozenset[HunkId] = frozenset()) -> None:
        """`reverted`: hunks that landed with the run and were taken out again."""
        super().__init__()
        self._run = run
        self._reverted = reverted
        self._text = full_output(run, preview)
        self._pane = OutputPane(self._text)
        self._sought = LineInput("find in the output")

    def compose(self) -> ComposeResult:
        """Place the output, and the line for the words to find."""
        with Vertical():
            yield self._pane
            yield self._sought

    def on_mount(self) -> None:
        """Say what it is, and begin to be read."""
        self._pane.focus()

    def on_resize(self) -> None:
        """Cut the title to the room there is."""
        frame = self.query_one(Vertical)
        came = outcome(self._run, is_waiting=False, reverted=self._reverted)
        figures = "  ".join(part for part in (came, counted(len(self._pane.rows.lines), "line")) if part)
        title = cut(self._run.title, max(8, self.size.width - len(figures) - 10), self._pane.look)
        frame.border_title = Content(f"{title}  {figures}")
        frame.border_subtitle = Content(
            hints(("output.find", "find"), ("output.next", "next"), ("output.copy", "copy"), ("output.close", "back"))
        )

    def action_find(self) -> None:
        """Open the line for the words to find."""
        self.add_class("-finding")
        self._sought.focus()

    def action_next_find(self, step: int) -> None:
        """Go to the next find, or to the one before."""
        if self._pane.words:
            self._pane.seek(self._pane.words, step, is_next=True)
        else:
            self.action_find()

    def action_copy(self) -> None:
        """Copy all of it."""
        self.post_message(msg.TextCopied(self._text, "the output"))

    def action_close(self) -> None:
        """Put the search away, else go back."""
        if self.has_class("-finding") or self._pane.words:
            self.remove_class("-finding")
            self._sought.value = ""
            self._pane.seek("")
            self._pane.focus()
        else:
            self.dismiss()

    @on(Input.Changed)
    def seek(self, event: Input.Changed) -> None:
        """Go to the first find of what is typed."""
        event.stop()
        self._pane.seek(event.value)

    @on(Input.Submitted)
    def found(self, event: Input.Submitted) -> None:
        """Read on from the find."""
        event.stop()
        self.remove_class("-finding")
        self._pane.focus()
        if event.value and not self._pane.seek(event.value):
            self.app.notify("It is nowhere in this output.", markup=False, timeout=4)

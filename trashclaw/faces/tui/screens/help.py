"""The help: every key as it is now, made from the key table, and every command; found by typing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.widgets import Input

from trashclaw.faces.tui.drawing.lines import plain, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import ACTIONS, Group, bindings, hint, shown_keys
from trashclaw.faces.tui.keys.editing import EDITOR_KEYS, PROMPT_KEYS, READING_KEYS
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

Row = tuple[str, str]

KEY_CELLS = 26
"""Cells of the column of keys, less where that would be most of the line; what is longer goes on below."""

GAP = 2
"""Cells between keys and words."""

MORE_PROMPT: tuple[Row, ...] = (
    ("@file", "name a file; what fits is listed"),
    ("/command", "run a command; what fits is listed"),
    ("!command", "run a shell command, its output joins the context"),
    ("!!command", "run a shell command, its output stays out of the context"),
    *PROMPT_KEYS,
)
MOUSE: tuple[Row, ...] = (
    ("click", "focus a pane; a tool run or a thought opens, a hunk is switched"),
    ("drag", "select text, without borders"),
    ("wheel", "scroll what is under the mouse"),
    ("Shift+drag", "the terminal's own selection, in most terminals"),
)


class HelpScreen(OverlayScreen[None]):
    """Every key and command; typing leaves those in which every word occurs."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.HELP)
    DEFAULT_CSS = """
    HelpScreen OverlayLines {
        height: 1fr;
    }
    """

    def __init__(self, commands: Sequence[Row], here: Sequence[Group]) -> None:
        """`commands` are (name with argument hint, description); what counts `here` comes first."""
        super().__init__()
        self._sections = help_sections(commands, here)
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Place the input and the lines."""
        with OverlayFrame("Help", "type to search", hint("line.down", "scrolls"), hint("help.close", "closes")):
            yield LineInput("type to search")
            lines = OverlayLines(self._lines)
            lines.can_focus = False
            yield lines

    async def action_dismiss(self, result: None = None) -> None:
        """Close the help."""
        self.dismiss()

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        """Show what fits."""
        self._typed = event.value
        lines = self.query_one(OverlayLines)
        lines.reload()
        lines.scroll_home(animate=False)

    @on(LineInput.Stepped)
    def scroll(self, event: LineInput.Stepped) -> None:
        """Scroll by a line or a page."""
        lines = self.query_one(OverlayLines)
        step = event.step if abs(event.step) == 1 else lines.size.height * (1 if event.step > 0 else -1)
        lines.scroll_relative(y=step, animate=False, force=True)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        return help_lines(found_sections(self._sections, self._typed), width, look)


def help_sections(commands: Sequence[Row], here: Sequence[Group]) -> Sequence[tuple[str, Sequence[Row]]]:
    """Return the parts of the help: the groups that count here, commands, the other groups, the mouse."""
    order = list(dict.fromkeys([*here, Group.ANYWHERE]))
    first = [_group_rows(group) for group in order]
    others = [_group_rows(group) for group in Group if group not in order]
    always = [("Commands", tuple(commands)), ("In every editor", EDITOR_KEYS), ("In every pane", READING_KEYS)]
    return [part for part in (*first, *always, *others, ("Mouse", MOUSE)) if part[1]]


def found_sections(sections: Iterable[tuple[str, Sequence[Row]]], typed: str) -> Sequence[tuple[str, Sequence[Row]]]:
    """Return the rows in which every typed word occurs, in their sections; a section's name counts for its rows."""
    words = typed.lower().split()
    found = []
    for title, rows in sections:
        fitting = [row for row in rows if all(word in f"{title} {row[0]} {row[1]}".lower() for word in words)]
        found += [(title, fitting)] if fitting else []
    return found


def help_lines(sections: Iterable[tuple[str, Sequence[Row]]], width: int, look: Look) -> list[Text]:
    """Return the lines of the help."""
    lines: list[Text] = []
    for title, rows in sections:
        lines.extend(_section(title, rows, width, look))
    return lines[1:] or [Text("Nothing fits.", style=look.muted)]


def _group_rows(group: Group) -> tuple[str, Sequence[Row]]:
    rows = [(shown_keys(action) or "no key", action.label) for action in ACTIONS if action.group is group]
    return group.value, [*rows, *(MORE_PROMPT if group is Group.PROMPT else ())]


def _section(title: str, rows: Sequence[Row], width: int, look: Look) -> list[Text]:
    size = min(KEY_CELLS, width * 2 // 5)
    lines = [Text(), Text(title, style=look.strong)]
    for keys, words in rows:
        left = wrap(plain(keys, look.accent), size - GAP, look)
        right = wrap(plain(words, look.text), max(10, width - size), look)
        lines.extend(_beside(one, other, size) for one, other in zip_longest(left, right, fillvalue=Text()))
    return lines


def _beside(keys: Text, words: Text, column: int) -> Text:
    """Return one line: a row of keys, and from a column on a row of words."""
    line = Text(end=words.end).append_text(keys)
    line.append(" " * (column - keys.cell_len) if words.plain else "")
    return line.append_text(words)

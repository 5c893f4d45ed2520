"""Vim's keys on the prompt: between the editor and the state machine, which know nothing of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets.text_area import Selection

from trashclaw.faces.tui.vim.lines import line_start
from trashclaw.faces.tui.vim.machine import Vim
from trashclaw.faces.tui.vim.state import Answer, Mode
from trashclaw.faces.tui.vim.visual import selected

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.document._document import Location

    from trashclaw.faces.tui.widgets.prompt import Prompt

_NAMED = frozenset(
    {"escape", "enter", "backspace", "delete", "left", "right", "up", "down", "home", "end", "space", "ctrl+r"}
)
_VISUAL = frozenset({Mode.VISUAL, Mode.LINES})
_WITH_OPERATOR = frozenset({"up", "down"})


class VimKeys:
    """Gives a prompt vim's modes; it begins in insert mode, and does so again for each new draft."""

    def __init__(self, prompt: Prompt, on_change: Callable[[], None]) -> None:
        """`on_change` hears of another mode."""
        self._prompt = prompt
        self._on_change = on_change
        self._vim = Vim()
        self._selection: Selection | None = None
        """What a visual mode shows as selected."""

    @property
    def mode_name(self) -> str:
        """The mode in a word."""
        return self._vim.mode.value

    def take(self, event: events.Key) -> bool:
        """Do what a key means; tell whether it means something, so that the editor need not look at it."""
        key = event.key if event.key in _NAMED else event.character or ""
        if key == " ":
            key = "space"
        vim, mode = self._vim, self._vim.mode
        if mode is Mode.INSERT and key != "escape":
            return False
        is_plain = key in _NAMED or (event.is_printable and len(key) == 1)
        if not is_plain or (key in _WITH_OPERATOR and not vim.is_pending and mode is Mode.NORMAL):
            return False
        # The end of a selection stands behind the character that the cursor is on.
        is_ours = mode in _VISUAL and self._prompt.selection == self._selection
        vim.take_over(self._prompt.text, vim.at if is_ours else self._offset(self._prompt.cursor_location))
        answer = vim.press(" " if key == "space" and vim.pending.prefix else key)
        self._apply(answer)
        if vim.mode is not mode:
            self._on_change()
        return answer is not Answer.LEFT

    def begin_again(self) -> None:
        """Be in insert mode: the draft is another one."""
        if self._vim.mode is not Mode.INSERT:
            register, undo, last = self._vim.register, self._vim.undo, self._vim.last
            self._vim = Vim(register)
            self._vim.undo, self._vim.last = undo, last
            self._on_change()

    def _apply(self, answer: Answer) -> None:
        prompt = self._prompt
        match answer:
            case Answer.SEND:
                prompt.action_send()
                return
            case Answer.ESCAPE:
                prompt.action_escape()
                return
            case Answer.OLDER | Answer.NEWER:
                prompt.walk(-1 if answer is Answer.OLDER else 1)
                return
            case Answer.LEFT:
                return
        self._show_text()
        vim = self._vim
        if vim.mode in _VISUAL:
            span = selected(vim)
            ends = self._location(span.start), self._location(span.end)
            prompt.selection = self._selection = Selection(*(ends if vim.at >= vim.anchor else reversed(ends)))
            prompt.mark_cell(self._location(vim.at))
        else:
            prompt.move_cursor(self._location(vim.at))

    def _show_text(self) -> None:
        """Make the editor hold what the machine holds: by the one part in which they differ, as a step to undo."""
        prompt, text = self._prompt, self._vim.text
        before = prompt.text
        if text == before:
            return
        limit = min(len(text), len(before))
        start = next((place for place in range(limit) if text[place] != before[place]), limit)
        most = limit - start
        end = next((back for back in range(most) if text[-1 - back] != before[-1 - back]), most)
        first, last = self._location_in(before, start), self._location_in(before, len(before) - end)
        prompt.history.checkpoint()
        prompt.replace(text[start : len(text) - end], first, last, maintain_selection_offset=False)
        prompt.history.checkpoint()

    def _offset(self, location: Location) -> int:
        row, column = location
        lines = self._prompt.document.lines
        return sum(len(line) + 1 for line in lines[:row]) + column

    def _location(self, at: int) -> Location:
        return self._location_in(self._vim.text, at)

    @staticmethod
    def _location_in(text: str, at: int) -> Location:
        return text.count("\n", 0, at), at - line_start(text, at)

"""The question pane: what the model wants to know, with its choices and a line for words of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.widgets import Input

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import plain, pointed, prefixed, wrap
from trashclaw.faces.tui.keymap import Group, bindings, keys_of
from trashclaw.faces.tui.widgets.asking_pane import AskingPane, Hint
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from textual import events

    from trashclaw.protocol.events import QuestionRequested


class QuestionLines(LinePane):
    """Draws a question and its choices."""

    def __init__(self) -> None:
        super().__init__()
        self.question: QuestionRequested | None = None
        self.choice = 0

    def lines(self, width: int) -> Sequence[Text]:
        """Return the lines of the question."""
        if self.question is None:
            return ()
        look = self.look
        lines = wrap(plain(self.question.text, look.strong), width, look)
        for place, option in enumerate(self.question.options):
            mark = Text(f"{place + 1} ", style=look.accent)
            words = wrap(plain(option, look.text), max(8, width - 4), look)
            option_lines = [
                pointed(line, look, width, is_current=place == self.choice)
                for line in prefixed(mark, Text("  "), words)
            ]
            lines.extend([Text(), *option_lines] if not place else option_lines)
        return lines


class QuestionPane(AskingPane):
    """Shows a question of the model's and posts the answer."""

    BINDINGS = bindings(Group.QUESTION)

    def __init__(self, *, grace_s: float = GRACE_S, widget_id: str | None = None) -> None:
        self._lines = QuestionLines()
        super().__init__(self._lines, "your answer", grace_s=grace_s, widget_id=widget_id)
        self.border_title = "The model asks"

    @property
    def question(self) -> QuestionRequested | None:
        """What is asked now."""
        return self._lines.question

    def show(self, question: QuestionRequested | None) -> bool:
        """Show a question, or that there is none; tell whether a new one was asked."""
        if question == self.question:
            return False
        self._lines.question = question
        self._lines.choice = 0
        self._lines.reload()
        if question is None:
            self.end_asking()
            return False
        self.begin_asking()
        if not question.options:
            self.add_class("-typing")
        return True

    def hints(self) -> Sequence[Hint]:
        """Return which keys do what."""
        if self.question is None:
            return ()
        if self.has_class("-typing"):
            return (Hint.of("line.accept", "answer"),)
        return (Hint(f"1-{len(self.question.options)} choose"), Hint("or type your own answer", 1))

    def takes(self, event: events.Key) -> bool:
        """Tell whether a key chooses something."""
        options = self.question.options if self.question is not None else ()
        return event.key in keys_of("question.answer") or (
            (event.character or "").isdigit() and 0 < int(event.character or 0) <= len(options)
        )

    async def on_key(self, event: events.Key) -> None:
        """Choose by number; Textual asks the base class next."""
        options = self.question.options if self.question is not None else ()
        is_ours = self.is_waiting and self.grace.is_over and not self.has_class("-typing")
        if is_ours and event.key not in keys_of("question.answer") and self.takes(event):
            event.stop()
            self._answer(options[int(event.character or 1) - 1])

    def action_move(self, step: int) -> None:
        """Go to another choice."""
        if self.question is not None and self.question.options:
            self._lines.choice = (self._lines.choice + step) % len(self.question.options)
            self._lines.reload()

    def action_answer(self) -> None:
        """Answer with the current choice."""
        if self.question is not None and self.question.options and not self.has_class("-typing"):
            self._answer(self.question.options[self._lines.choice])

    @on(Input.Submitted)
    def answer_typed(self, event: Input.Submitted) -> None:
        """Answer with what was typed."""
        event.stop()
        if event.value.strip():
            self._answer(event.value.strip())

    def _answer(self, text: str) -> None:
        if self.question is not None and self.grace.is_over:
            self.post_message(msg.QuestionAnswered(self.question.question_id, text))

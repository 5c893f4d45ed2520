"""Base of the panes that ask the person something: grace period, brightness, and a line to type an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from rich.cells import cell_len
from textual.containers import Vertical

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.keymap import hint, keys_of
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.tui.widgets.grace import Grace
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer

EARLY = "keys count in a moment"


class Hint(NamedTuple):
    """What a key does, in a few words; where there is no room, the one of the highest rank goes first."""

    words: str
    rank: int = 0

    @classmethod
    def of(cls, action_id: str, words: str, rank: int = 0) -> Self:
        """Return what the key does that the person has for an action; empty where there is none."""
        return cls(hint(action_id, words), rank)


class AskingPane(Vertical):
    """A body of lines and an input below it. While it asks, it has the class `-waiting` and is the brightest pane."""

    DEFAULT_CSS = """
    AskingPane {
        border: round $line;
        border-title-color: $muted;
        border-subtitle-color: $muted;
        background: $background;
    }
    AskingPane:focus-within {
        border: round $accent;
        border-title-color: $foreground;
    }
    AskingPane.-waiting {
        border: round $warning;
        border-title-color: $warning;
        border-title-style: bold;
        border-subtitle-color: $foreground;
    }
    AskingPane.-waiting:focus-within {
        border: heavy $warning;
    }
    AskingPane LinePane {
        height: 1fr;
    }
    AskingPane Input.-textual-compact {
        display: none;
        height: 1;
        padding: 0 1;
        background: $panel;
    }
    AskingPane.-typing Input.-textual-compact {
        display: block;
    }
    """

    def __init__(self, body: LinePane, placeholder: str, *, grace_s: float, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.body = body
        self.grace = Grace(grace_s)
        self._input = LineInput(placeholder)
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Place the body and the input."""
        yield self.body
        yield self._input

    @property
    def is_waiting(self) -> bool:
        """Whether it asks something now."""
        return self.has_class("-waiting")

    @property
    def typed(self) -> str:
        """What stands in the input."""
        return self._input.value

    def hints(self) -> Sequence[Hint]:
        """Return which keys do what, for the border."""
        return ()

    def takes(self, event: events.Key) -> bool:
        """Tell whether a key is one of the pane's own."""
        return False

    def focus_body(self) -> None:
        """Take the focus."""
        (self._input if self.has_class("-typing") else self.body).focus()

    def begin_asking(self) -> None:
        """Begin the grace period and become the brightest pane."""
        self.add_class("-waiting")
        self._begin_grace()

    def end_asking(self) -> None:
        """Be quiet again."""
        self.remove_class("-waiting")
        self.end_typing()
        self._show_hints()

    def begin_typing(self, text: str = "") -> None:
        """Open the input."""
        self.add_class("-typing")
        self._input.value = text
        self._input.cursor_position = len(text)
        self._input.focus()
        self._show_hints()

    def end_typing(self) -> None:
        """Close the input."""
        was_focused = self._input.has_focus
        self.remove_class("-typing")
        self._input.value = ""
        if was_focused:
            self.body.focus()
        self._show_hints()

    async def on_key(self, event: events.Key) -> None:
        """Send keys that came too early to the prompt, and letters that mean nothing here to the input.

        What is bound here is done at once: looked up in its turn, it could count after the letters that follow it.
        """
        if event.key in keys_of("field.leave") and self.has_class("-typing"):
            event.stop()
            self.end_typing()
        elif not self.is_waiting or self._input.has_focus:
            return
        elif not self.grace.is_over:
            self._pass_on(event)
        elif self.has_class("-typing"):
            await self._type_on(event, self._input)
        elif await do_bound_key(self, event.key):
            _take(event)
        elif event.is_printable and event.character and not self.takes(event):
            _take(event)
            self.begin_typing(event.character)

    async def _type_on(self, event: events.Key, field: LineInput) -> None:
        """Do in an input what was meant for it, which is about to get the focus."""
        if event.is_printable and event.character:
            _take(event)
            field.insert_text_at_cursor(event.character)
        elif await do_bound_key(field, event.key):
            _take(event)

    def _pass_on(self, event: events.Key) -> None:
        """Keep an early key from answering: the person is still typing, so the wait begins again."""
        if not (event.is_printable or self.takes(event)):
            return
        _take(event)
        self._begin_grace()
        if event.is_printable and event.character:
            self.post_message(msg.KeyForPrompt(event.character))

    def _begin_grace(self) -> None:
        self.grace.begin()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(self.grace.length_s, self._show_hints) if self.grace.length_s else None
        self._show_hints()

    def on_resize(self) -> None:
        """Show the hints that there is room for."""
        self._show_hints()

    def on_descendant_focus(self) -> None:
        """Show what the keys do that count here now."""
        self._show_hints()

    def on_descendant_blur(self) -> None:
        """Show no keys that count no more."""
        self._show_hints()

    def _show_hints(self) -> None:
        is_early = self.is_waiting and self.grace.left_s > 0.02
        shown = [Hint(EARLY)] if is_early else [hint for hint in self.hints() if hint.words]
        while len(shown) > 1 and cell_len(_joined(shown)) > self.size.width - 4:
            shown.remove(max(shown, key=lambda hint: hint.rank))
        self.border_subtitle = _joined(shown)


def _joined(hints: Sequence[Hint]) -> str:
    return "  ".join(hint.words for hint in hints)


def _take(event: events.Key) -> None:
    event.stop()
    event.prevent_default()

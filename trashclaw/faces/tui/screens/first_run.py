"""The page that is shown when no session can be opened: what was tried, why it failed, and what to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.events import Resize
from textual.widget import Widget

from trashclaw.faces.tui.drawing.lines import plain, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.table import column_lines
from trashclaw.faces.tui.keymap import Group, bindings, first_key
from trashclaw.faces.tui.screens.overlay import OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.grace import Grace
from trashclaw.faces.tui.widgets.row import Row
from trashclaw.protocol.errors import ServerUnreachable, TrashclawError

TYPICAL = (
    ("ollama serve", "Ollama"),
    ("ollama pull qwen3:8b", "a first model for it"),
    ("lms server start", "LM Studio"),
    ("llama-server -m model.gguf --jinja", "llama.cpp"),
    ("trashclaw --base-url http://host:port/v1", "a server somewhere else"),
)

KEYS = (("first.retry", "try again"), ("first.demo", "play the demo, no model needed"), ("first.quit", "quit"))
KEY_ROWS = 2


@runtime_checkable
class _Attempt(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def reason(self) -> str: ...


class KeyRow(Row):
    """Says which keys do what."""

    DEFAULT_CSS = """
    KeyRow {
        display: none;
        width: 90%;
        max-width: 84;
        margin: 1 0 0 0;
        padding: 0 0 0 1;
    }
    """

    def row(self, y: int, width: int) -> Text:
        """Return the keys, closer together where there is little room."""
        look = self.look
        keys = [(first_key(action_id), words) for action_id, words in KEYS]
        gap = 4 if sum(len(key) + len(words) + 5 for key, words in keys) <= width else 2
        line = Text(end="")
        for key, words in keys:
            line.append(f"{key} ", style=look.accent + Style(bold=True))
            line.append(words + " " * gap, style=look.text)
        return line


class FirstRunScreen(OverlayScreen[str]):
    """Returns `demo`, `retry` or `quit`."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.FIRST)
    DEFAULT_CSS = """
    FirstRunScreen {
        align: center middle;
        background: $background;
    }
    FirstRunScreen OverlayLines {
        width: 90%;
        max-width: 84;
        height: auto;
        background: $background;
    }
    """

    def __init__(self, error: TrashclawError) -> None:
        super().__init__()
        self._error = error
        self.grace = Grace()
        self.grace.begin()

    def compose(self) -> list[Widget]:
        """Place the page and, always in view, its keys."""
        return [OverlayLines(self._lines), KeyRow()]

    def on_resize(self, event: Resize) -> None:
        """Leave room for the keys."""
        self.query_one(OverlayLines).styles.max_height = max(1, event.size.height - KEY_ROWS)

    def action_choose(self, choice: str) -> None:
        """Return what the person wants, unless the key was still meant for the prompt."""
        if self.grace.is_over:
            self.dismiss(choice)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        self.query_one(KeyRow).display = True  # with the page and not before, so that nothing jumps
        return page_lines(self._error, width, look)


def page_lines(error: TrashclawError, width: int, look: Look) -> Sequence[Text]:
    """Return the lines of the page for what went wrong."""
    attempts = [entry for entry in getattr(error, "tried", ()) if isinstance(entry, _Attempt)]
    lines = [Text("trashclaw", style=look.accent + Style(bold=True)), Text()]
    if attempts:
        lines += wrap(plain("No model server answers on this machine yet.", look.strong), width, look)
        lines += [Text(), Text("Tried", style=look.muted), *_attempt_lines(attempts, width, look)]
    else:
        lines += wrap(plain(error.text, look.strong), width, look)
        lines += wrap(plain(error.hint, look.text), width, look) if error.hint else []
    if isinstance(error, ServerUnreachable):
        lines += _typical_lines(width, look)
    return lines


def _attempt_lines(attempts: Sequence[_Attempt], width: int, look: Look) -> list[Text]:
    rows = [
        (plain(attempt.provider, look.text), plain(attempt.url, look.muted), plain(attempt.reason, look.muted))
        for attempt in attempts
    ]
    lines = column_lines(rows, width - 4, look)
    return [
        _behind(Text(f"  {look.signs.failed} " if line.plain[:1].strip() else "    ", look.error), line)
        for line in lines
    ]


def _typical_lines(width: int, look: Look) -> list[Text]:
    rows = [(plain(command, look.primary), plain(what, look.muted)) for command, what in TYPICAL]
    head = wrap(
        Text(f"Type one of these in another terminal, then press {first_key('first.retry')}", style=look.muted),
        width,
        look,
    )
    return [Text(), *head, *(_behind(Text("  "), line) for line in column_lines(rows, width - 2, look))]


def _behind(sign: Text, line: Text) -> Text:
    return Text(end="").append_text(sign).append_text(line)

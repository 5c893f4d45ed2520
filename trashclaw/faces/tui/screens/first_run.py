"""The page that is shown when no session can be opened: what was tried, why it failed, and what to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol, runtime_checkable

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.screens.overlay import OverlayLines
from trashclaw.faces.tui.widgets.grace import Grace
from trashclaw.protocol.errors import TrashclawError

TYPICAL = (
    ("ollama serve", "then `ollama pull qwen3:8b` for a first model"),
    ("llama-server -m model.gguf --jinja", "llama.cpp's own server"),
    ("trashclaw --base-url http://host:port/v1", "a server somewhere else"),
)


@runtime_checkable
class _Attempt(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def reason(self) -> str: ...


class FirstRunScreen(ModalScreen[str]):
    """Returns `demo`, `retry` or `quit`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "choose('demo')", "play the demo", show=False),
        Binding("r", "choose('retry')", "try again", show=False),
        Binding("q,escape", "choose('quit')", "quit", show=False),
    ]
    DEFAULT_CSS = """
    FirstRunScreen {
        align: center middle;
        background: $background;
    }
    FirstRunScreen OverlayLines {
        width: 90%;
        max-width: 84;
        height: auto;
        max-height: 100%;
        background: $background;
    }
    """

    def __init__(self, error: TrashclawError) -> None:
        super().__init__()
        self._error = error
        self.grace = Grace()
        self.grace.begin()

    def compose(self) -> list[OverlayLines]:
        """Place the page."""
        return [OverlayLines(self._lines)]

    def action_choose(self, choice: str) -> None:
        """Return what the person wants, unless the key was still meant for the prompt."""
        if self.grace.is_over:
            self.dismiss(choice)

    def _lines(self, width: int, look: Look) -> Sequence[Text]:
        attempts = [entry for entry in getattr(self._error, "tried", ()) if isinstance(entry, _Attempt)]
        lines = [Text("trashclaw", style=look.accent + Style(bold=True)), Text()]
        if attempts:
            lines += wrap(plain("No model server answers on this machine yet.", look.strong), width, look)
            lines += [Text(), Text("Tried", style=look.muted), *_attempt_lines(attempts, width, look)]
            lines += [Text(), Text("Type one of these in another terminal, then press r", style=look.muted)]
            for command, why in TYPICAL:
                lines += prefixed(Text("  "), Text("  "), [plain(command, look.primary)])
                lines += prefixed(Text("    "), Text("    "), wrap(plain(why, look.muted), width - 4, look))
        else:
            lines += wrap(plain(self._error.text, look.strong), width, look)
            lines += wrap(plain(self._error.hint, look.text), width, look) if self._error.hint else []
        keys = Text(end="")
        for key, words in (("r", "try again"), ("d", "play the demo, no model needed"), ("q", "quit")):
            keys.append(f"{key} ", style=look.accent + Style(bold=True))
            keys.append(f"{words}    ", style=look.text)
        return [*lines, Text(), *wrap(keys, width, look)]


def _attempt_lines(attempts: Sequence[_Attempt], width: int, look: Look) -> list[Text]:
    lines: list[Text] = []
    for attempt in attempts:
        line = Text(f"  {look.signs.failed} ", style=look.error, end="")
        line.append_text(plain(f"{attempt.provider}  ", look.text))
        line.append_text(plain(f"{attempt.url}  ", look.muted))
        line.append_text(plain(attempt.reason, look.muted))
        lines.extend(wrap(line, width, look))
    return lines

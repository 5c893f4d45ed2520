"""The page of /memory: what is remembered, by whose memory it is, and what each entry costs."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.screens.overlay import PageScreen
from trashclaw.faces.wording.figures import tokens
from trashclaw.protocol.ops import MemoryScope
from trashclaw.session.memory import Remembered

_TITLES = {MemoryScope.USER: "Yours, in every folder", MemoryScope.PROJECT: "Of this project"}
_ADD = {MemoryScope.USER: "/remember --user TEXT adds to it.", MemoryScope.PROJECT: "/remember TEXT adds to it."}
_HINT = "/memory forget NUMBER, or /memory forget --user NUMBER, takes an entry out. The model cannot write here."


def memory_page(entries: Sequence[Remembered]) -> PageScreen:
    """Return the page."""
    return PageScreen("Memory", lambda width, look: memory_lines(entries, width, look))


def memory_lines(entries: Sequence[Remembered], width: int, look: Look) -> list[Text]:
    """Return the lines of the page."""
    lines: list[Text] = []
    for scope, title in _TITLES.items():
        own = [entry for entry in entries if entry.scope is scope]
        cost = f", about {tokens(sum(entry.tokens for entry in own))} tokens in each session" if own else ""
        lines += wrap(Text(f"{title}{cost}", style=look.strong), width, look)
        for entry in own:
            head = Text(f"{entry.number:>4}  ", style=look.muted)
            lines += prefixed(head, Text(" " * 6), wrap(plain(entry.text, look.text), max(8, width - 6), look))
        lines += [] if own else [Text(f"  Nothing yet. {_ADD[scope]}", style=look.muted)]
        lines.append(Text())
    return [*lines, *wrap(Text(_HINT, style=look.muted), width, look)]

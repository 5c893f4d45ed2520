"""The help: every key, made from the key table, and every command."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.keymap import ACTIONS, Group, shown_keys
from trashclaw.faces.tui.screens.overlay import PageScreen

MORE_PROMPT = (
    ("@file", "name a file; Tab completes"),
    ("/command", "run a command; Tab completes"),
    ("!command", "run a shell command, its output joins the context"),
    ("!!command", "run a shell command, its output stays out of the context"),
    ("Up, Down", "earlier and later prompts, from the first and last line"),
)


def help_screen(commands: Sequence[tuple[str, str]]) -> PageScreen:
    """Return the help page; `commands` are (name with argument hint, description)."""
    return PageScreen("Help", lambda width, look: help_lines(commands, width, look))


def help_lines(commands: Sequence[tuple[str, str]], width: int, look: Look) -> list[Text]:
    """Return the lines of the help."""
    lines: list[Text] = []
    for group in Group:
        rows = [(shown_keys(action), action.label) for action in ACTIONS if action.group is group]
        if group is Group.PROMPT:
            rows.extend(MORE_PROMPT)
        lines.extend(_section(group.value, rows, width, look))
    lines.extend(_section("Commands", commands, width, look))
    return lines[1:]


def _section(title: str, rows: Sequence[tuple[str, str]], width: int, look: Look) -> list[Text]:
    size = min(max((len(row[0]) for row in rows), default=0), width // 2) + 2
    lines = [Text(), Text(title, style=look.strong)]
    for keys, words in rows:
        first = plain(keys, look.accent)
        first.truncate(size - 1)
        first.append(" " * (size - first.cell_len))
        body = wrap(plain(words, look.text), max(10, width - size), look)
        lines.extend(prefixed(first, Text(" " * size), body))
    return lines

"""The page of /policy: what holds commands back, the rules of the files, and what was allowed for the session."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.sandbox import sandbox_ink, sandbox_words
from trashclaw.faces.tui.screens.overlay import PageScreen

_ASKS_FIRST = "Nothing holds commands back here: each one is asked about before it runs."
_HOLDS = (
    "Commands run on a copy of the folder: what they change is shown to you and lands when you accept it. They reach "
    "no network and read no secrets, unless you allow that by name."
)
_HINT = "trashclaw policy check 'COMMAND' tells what would be said of a command; trashclaw doctor about the sandbox."


def policy_page(backend: str, rules: Sequence[str], allowed: Sequence[str]) -> PageScreen:
    """Return the page: `backend` names the sandbox, `rules` and `allowed` are lines."""
    return PageScreen("Policy", lambda width, look: policy_lines(backend, rules, allowed, width, look))


def policy_lines(backend: str, rules: Sequence[str], allowed: Sequence[str], width: int, look: Look) -> list[Text]:
    """Return the lines of the page."""
    held = Text(f"{sandbox_words(backend)} ({backend})", style=sandbox_ink(backend, look))
    words = _ASKS_FIRST if backend == "ask-first" else _HOLDS
    lines = [held, *wrap(Text(words, style=look.text), width, look)]
    lines += _section("Rules: deny beats ask beats allow", rules, "No file has a rule.", width, look)
    lines += _section("Allowed for this session", allowed, "Nothing yet.", width, look)
    return [*lines, Text(), *wrap(Text(_HINT, style=look.muted), width, look)]


def _section(title: str, rows: Sequence[str], nothing: str, width: int, look: Look) -> list[Text]:
    lines = [Text(), Text(title, style=look.strong)]
    for row in rows:
        lines += prefixed(Text("  "), Text("    "), wrap(plain(row, look.text), max(10, width - 4), look))
    return lines if rows else [*lines, Text(f"  {nothing}", style=look.muted)]

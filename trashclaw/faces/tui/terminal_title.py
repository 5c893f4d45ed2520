"""The terminal's title: what the session in front is about, and whether it works, waits for the person or is done.

It is written when it changes and at no other time. The one that was there before comes back with the terminal: the
driver writes `RESTORE` whenever it lets go of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trashclaw.faces.tui.drawing.tab_row import TabState
from trashclaw.faces.tui.multiplexer import Multiplexer, multiplexer_of
from trashclaw.faces.tui.terminal import write_sequence
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp
    from trashclaw.faces.tui.tab import Tab

SAVE, RESTORE = "\x1b[22;0t", "\x1b]0;\a\x1b[23;0t"
"""The title goes onto a stack and comes back from it; where there is no stack, an empty one is the terminal's own."""

NAME_CHARS = 40
_BARE = frozenset({"linux", "dumb"})
"""By `TERM`: consoles without a title, of which some would draw it."""


class TerminalTitle:
    """Writes the title of the terminal of one app."""

    def __init__(self, app: TrashclawApp, environ: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._environ = os.environ if environ is None else environ
        self._shown = ""
        """What the terminal has from us; empty while it has its own."""

    def show(self) -> None:
        """Bring the title up to date, or take it away where the person wants none."""
        driver = self._app._driver
        # Only a driver that gives it back when it lets go of the terminal is given a title at all.
        if getattr(driver, "farewell", None) is None or self._environ.get("TERM", "") in _BARE:
            return
        words = self._words() if self._app.look.has_title else ""
        if words == self._shown:
            return
        sequence = f"\x1b]0;{words}\a" if words else RESTORE
        write_sequence(self._app, sequence if self._shown else SAVE + sequence)
        vars(driver)["farewell"] = RESTORE if words else ""
        self._shown = words

    def show_again(self) -> None:
        """Write the title anew, since the terminal was another program's."""
        self._shown = ""
        self.show()

    def _words(self) -> str:
        tabs = self._app.tabs
        tab = most_urgent(tabs.all, tabs.current)
        session = tab.desk.session
        if session is None:
            return self._shown
        separator = "-" if self._app.look.is_ascii else "·"
        said = title_of(tab.name or session.workspace_root.name, state_words(tab), separator)
        # In a title, tmux would take this for colours of its status line.
        return said.replace("#[", "# [") if multiplexer_of(self._environ) is Multiplexer.TMUX else said


def most_urgent(tabs: Sequence[Tab], current: Tab) -> Tab:
    """Return the tab that the title tells of: the one in front, unless another one alone waits for the person."""
    waiting = [tab for tab in tabs if tab.state is TabState.WAITING]
    return waiting[0] if waiting and current not in waiting else current


def state_words(tab: Tab) -> str:
    """Return what a session does: `waits for you`, `working`, how its last turn ended, or nothing."""
    match tab.state:
        case TabState.WAITING:
            return TabState.WAITING.value
        case TabState.RUNNING:
            return "working"
        case _:
            return tab.ending


def title_of(name: str, state: str, separator: str) -> str:
    """Return a title in which nothing steers a terminal; the name is cut where it is long, the state never."""
    shown = visible_line(name).strip()
    shown = shown if len(shown) <= NAME_CHARS else f"{shown[: NAME_CHARS - 3].rstrip()}..."
    return f"{shown} {separator} {state}" if state else shown

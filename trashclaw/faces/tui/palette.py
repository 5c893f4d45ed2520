"""The command palette: every action and every command, found by typing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Provider

from trashclaw.faces.tui.keymap import ACTIONS, Group, shown_keys

if TYPE_CHECKING:
    from trashclaw.faces.tui.app import TrashclawApp

Entry = tuple[str, str, Callable[[], object]]
"""Name, explanation, and what to do."""


class TrashclawCommands(Provider):
    """Offers what keys and slash commands do."""

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """Yield everything, while nothing is typed."""
        for name, words, run in self._entries():
            yield DiscoveryHit(Text(name), run, text=name, help=words)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        """Yield what fits."""
        matcher = self.matcher(query)
        for name, words, run in self._entries():
            score = matcher.match(f"{name} {words}")
            if score > 0:
                yield Hit(score, Text(name), run, text=name, help=words)

    def _entries(self) -> Iterator[Entry]:
        app = self._trashclaw()
        for action in ACTIONS:
            if action.group is Group.ANYWHERE and action.action_id != "palette":
                yield action.label.capitalize(), shown_keys(action), partial(app.run_action, action.call)
        for name, hint, description in app.listed_commands():
            yield f"/{name} {hint}".rstrip(), description, partial(app.run_command, name, "")
        for name in app.themes.names:
            yield f"Theme: {name}", "change colours", partial(app.use_theme, name)

    def _trashclaw(self) -> TrashclawApp:
        from trashclaw.faces.tui.app import TrashclawApp

        if not isinstance(self.app, TrashclawApp):
            raise TypeError("the palette belongs to trashclaw's own app")
        return self.app

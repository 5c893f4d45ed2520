"""What the commands about the screen itself do."""

from __future__ import annotations

from trashclaw.faces.tui.commands.room import CommandRoom
from trashclaw.faces.tui.completion import Candidate


class Commands(CommandRoom):
    """What the commands about the screen itself do, a method each."""

    async def do_help(self, arguments: str) -> None:
        """Show the help."""
        self._app.action_help()

    async def do_theme(self, arguments: str) -> None:
        """Change the theme."""
        name = arguments or await self._choose("Theme", [Candidate(name) for name in self._app.themes.names])
        if name:
            self._app.use_theme(name)

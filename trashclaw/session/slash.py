"""The slash commands of a session: those that come as Markdown files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from trashclaw.directives.commands import Loaded, SlashCommand, load_commands
from trashclaw.protocol.errors import UsageError


class SlashCommands:
    """Reads the files anew whenever it is asked, so that an edited command counts at once.

    `project` are the files of the project, in the bytes that the person vouched for.
    """

    def __init__(
        self, folders: Sequence[Path], reserved: Collection[str] = (), project: Sequence[tuple[Path, bytes]] = ()
    ) -> None:
        self._folders = tuple(folders)
        self._project = tuple(project)
        self._reserved = frozenset(reserved)

    def list(self) -> Sequence[SlashCommand]:
        """Return all of them, sorted by name; files with mistakes are left out, see `problems`."""
        return tuple(self._load().commands.values())

    def problems(self) -> Sequence[str]:
        """Return what is wrong with the files, each with its place."""
        return tuple(self._load().problems)

    def expand(self, name: str, arguments: str) -> str:
        """Return the prompt that a command stands for.

        Raises:
            UsageError: there is none of that name.
        """
        command = self._load().commands.get(name)
        if command is None:
            raise UsageError(f"There is no command /{name}.", "/help lists what there is.")
        return command.expand(arguments)

    def _load(self) -> Loaded:
        return load_commands(self._folders, self._reserved, self._project)

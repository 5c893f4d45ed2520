"""What is offered for the word that is being typed: commands, arguments, paths and ranges of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.arguments import SOURCES
from trashclaw.faces.tui.completion import MAX_SHOWN, Candidate, Word, WordKind, best, ranges
from trashclaw.faces.tui.path_index import PathIndex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trashclaw.faces.tui.writing import WritingPort

LISTED = 100
"""Commands and arguments that can be gone through; of paths the best few are shown."""


class Completing:
    """What one composer can offer; what takes long is fetched once for each word that is begun."""

    def __init__(self) -> None:
        self.commands: Sequence[Candidate] = ()
        self.fixed: Mapping[str, Sequence[Candidate]] = {}
        """Arguments by the command that they belong to."""

        self._port: WritingPort | None = None
        self._paths = PathIndex()
        self._fetched: dict[str, Sequence[Candidate]] = {}
        self._line_counts: dict[str, int | None] = {}

    def use(self, port: WritingPort) -> None:
        """Ask another session from now on."""
        self._port = port
        self._paths = PathIndex()
        self._fetched.clear()
        self._line_counts.clear()

    def names(self) -> frozenset[str]:
        """Return the commands, alone and with each argument that is known: nothing is left to complete of them."""
        names = [command.text for command in self.commands]
        for known in (self.fixed, self._fetched):
            names += [f"{name} {one.text}" for name, choices in known.items() for one in choices]
        return frozenset(names)

    def wants(self, word: Word, before: Word | None) -> bool:
        """Tell whether something has to be fetched for a word, which is another one than `before`."""
        is_same = before is not None and (before.kind, before.owner) == (word.kind, word.owner)
        if self._port is None or is_same:
            return False
        return word.kind in {WordKind.PATH, WordKind.SHELL, WordKind.RANGE} or _is_fetched(word)

    async def fetch(self, word: Word) -> None:
        """Fetch what a word can be completed to."""
        port = self._port
        if port is None:
            return
        if word.kind is WordKind.RANGE:
            self._line_counts.update(await port.line_counts([word.owner]))
        elif _is_fetched(word):
            if word.owner == "export":
                self._paths = await port.paths()
            else:
                self._fetched[word.owner] = await port.arguments(word.owner)
        else:
            self._paths = await port.paths()

    def offered(self, word: Word) -> Sequence[Candidate]:
        """Return what fits a word best."""
        match word.kind:
            case WordKind.PATH | WordKind.SHELL:
                return [Candidate(path) for path in self._paths.best(word.text, MAX_SHOWN)]
            case WordKind.RANGE:
                lines = self._line_counts.get(word.owner) or 0
                return ranges(word.text, lines) if lines > 0 else ()
            case WordKind.COMMAND:
                return best(word.text, self.commands, LISTED)
        if word.owner == "export":
            return [Candidate(path) for path in self._paths.best(word.text, MAX_SHOWN)]
        return best(word.text, self.fixed.get(word.owner) or self._fetched.get(word.owner, ()), LISTED)


def _is_fetched(word: Word) -> bool:
    return word.kind is WordKind.ARGUMENT and (word.owner in SOURCES or word.owner == "export")

"""Looks whether what a draft mentions is there, beside the screen, and has it marked in the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trashclaw.faces.tui.widgets.prompt import Prompt
    from trashclaw.faces.tui.writing import WritingPort

LONGEST_CHARS = 50_000
"""In a longer draft mentions are not looked for."""


class MentionCheck:
    """What is known of the mentions of one editor. What is missing is said, and sent all the same."""

    def __init__(self, prompt: Prompt, on_change: Callable[[], None]) -> None:
        self.missing: tuple[str, ...] = ()
        """What the draft mentions and nothing is called, but for the word that is being typed."""

        self._prompt = prompt
        self._on_change = on_change
        self._port: WritingPort | None = None
        self._known: dict[str, int | None] = {}

    def use(self, port: WritingPort) -> None:
        """Ask another session from now on."""
        self._port = port
        self.forget()

    def forget(self) -> None:
        """Look again at what is mentioned: files come and go."""
        self._known.clear()
        self.note_change()

    def note_change(self) -> None:
        """Look at what the draft mentions now."""
        text = self._prompt.text
        if "@" not in text or len(text) > LONGEST_CHARS:
            self._tell(())
            return
        paths = self._finished()
        unknown = [path for path in paths if path not in self._known]
        if unknown and self._port is not None:
            self._prompt.run_worker(self._look(unknown, self._port), group="mentions", exclusive=True)
        else:
            self._tell(tuple(path for path in paths if self._known.get(path, 0) is None))

    async def _look(self, paths: list[str], port: WritingPort) -> None:
        self._known.update(await port.line_counts(paths))
        self._prompt.mark_mentions(self._known)
        self.note_change()

    def _finished(self) -> list[str]:
        """Return what is mentioned and not just being typed."""
        from trashclaw.session.mentions import place_mentions

        row, column = self._prompt.cursor_location
        found: dict[str, None] = {}
        for number, line in enumerate(self._prompt.document.lines):
            if "@" in line:
                for mention, start, end in place_mentions(line):
                    if number != row or not start < column <= end:
                        found.setdefault(mention.path)
        return list(found)

    def _tell(self, missing: tuple[str, ...]) -> None:
        if missing != self.missing:
            self.missing = missing
            self._on_change()

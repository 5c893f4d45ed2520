"""All the output of a tool run, as rows of a page that are made without drawing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.items import ToolRun


def full_output(run: ToolRun, preview: str = "") -> str:
    """Return everything that a run brought; of one that is still open, the `preview` of it.

    A command's own output is whole here; what the model reads of it is bounded.
    """
    result = run.result
    if result is None:
        return preview
    said = [part.rstrip("\n") for part in (result.stdout, result.stderr) if part]
    return "\n".join(said) if said else result.text


class OutputRows:
    """A long text in rows of a width; a row is a piece of one of its lines."""

    def __init__(self, text: str) -> None:
        self.lines: Sequence[str] = [visible(line) for line in text.split("\n")] if text.strip() else []
        self.rows: list[tuple[int, int, int]] = []
        """Of each row, its line and the first and last character of it."""

    def fold(self, width: int) -> None:
        """Make the rows for a width in cells."""
        self.rows = []
        for number, line in enumerate(self.lines):
            if len(line) <= width and (line.isascii() or cell_len(line) <= width):
                self.rows.append((number, 0, len(line)))
            else:
                self._fold_line(number, line, width)

    def text(self, row: int) -> str:
        """Return what stands in a row."""
        number, start, end = self.rows[row]
        return self.lines[number][start:end]

    def row_of(self, number: int) -> int:
        """Return the first row of a line."""
        low, high = 0, len(self.rows)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self.rows[middle][0] < number else (low, middle)
        return low

    def find(self, words: str, start: int, step: int) -> int | None:
        """Return the next line that has some words in whatever case, from a line on and around the end."""
        sought, count = words.casefold(), len(self.lines)
        around = ((start + step * ahead) % count for ahead in range(count)) if count else ()
        return next((number for number in around if sought in self.lines[number].casefold()), None) if sought else None

    def _fold_line(self, number: int, line: str, width: int) -> None:
        start = cells = 0
        for at, character in enumerate(line):
            size = cell_len(character)
            if cells + size > width and at > start:
                self.rows.append((number, start, at))
                start, cells = at, 0
            cells += size
        self.rows.append((number, start, len(line)))

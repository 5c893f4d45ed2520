"""A patch laid out at a width: which row shows what is known at once, a row is drawn when it is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from rich.text import Text

from trashclaw.faces.tui.drawing.change_words import file_height, file_lines
from trashclaw.faces.tui.drawing.hunk import (
    Pen,
    Switches,
    code_room,
    first_numbers,
    head_height,
    head_lines,
    is_one_row_each,
    line_height,
    number_size,
    unified_rows,
)
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.split import MIN_WIDTH, Pair, side_by_side, split_height, split_rows
from trashclaw.faces.tui.drawing.syntax import lexer_for_path
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import Hunk, Patch

CHUNK = 100
"""Lines of a long hunk that are drawn together."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is drawn together: the head of a file, or some lines of a hunk, the first with the hunk's head."""

    file: int
    """Its place in the patch."""

    hunk: Hunk | None = None
    first: int = 0
    end: int = 0
    """Lines of the hunk; in two columns, pairs of them."""

    numbers: tuple[int, int] = (0, 0)
    pairs: tuple[Pair, ...] | None = None


class Sheet:
    """The rows of a patch. Without `is_switched` the hunks have no switch; `is_split` gives two columns."""

    def __init__(self, patch: Patch, width: int, look: Look, *, is_switched: bool, is_split: bool = False) -> None:
        self.patch = patch
        self.width = width
        self.look = look
        self.is_split = is_split and width >= MIN_WIDTH
        self.starts: dict[HunkId, int] = {}
        """The row at which each hunk begins."""

        self.file_starts: list[int] = []
        self.height = 0
        self._is_switched = is_switched
        self._pieces: list[Piece] = []
        self._tops: list[int] = []
        for file, change in enumerate(patch.changes):
            self.file_starts.append(self.height + bool(file))
            self._add(Piece(file), file_height(change, width, look) + bool(file))
            for hunk in change.hunks:
                self.starts[hunk.hunk_id] = self.height
                self._add_hunk(file, hunk)

    def piece_at(self, row: int) -> tuple[int, int]:
        """Return the place of the piece that a row belongs to, and the row's place within it."""
        place = bisect_right(self._tops, row) - 1
        return place, row - self._tops[place]

    def file_at(self, row: int) -> int:
        """Return the place of the file that a row belongs to."""
        return self._pieces[self.piece_at(row)[0]].file

    def piece(self, place: int) -> Piece:
        """Return a piece by its place."""
        return self._pieces[place]

    @property
    def piece_count(self) -> int:
        """Number of pieces."""
        return len(self._pieces)

    def rows(self, place: int, switches: Switches | None) -> list[Text]:
        """Draw a piece."""
        piece = self._pieces[place]
        change = self.patch.changes[piece.file]
        if piece.hunk is None:
            return [*([Text()] if piece.file else []), *file_lines(change, self.width, self.look)]
        hunk = piece.hunk
        is_on = switches is None or switches.is_on(hunk.hunk_id)
        pen = Pen(self.width, self.look, lexer_for_path(change.path) if hunk.lines else None, is_on)
        head = [] if piece.first else head_lines(hunk, self.width, self.look, switches)
        if piece.pairs is not None:
            return head + split_rows(hunk, piece.pairs, piece.numbers, pen)
        return head + unified_rows(hunk, piece.first, piece.end, piece.numbers, pen)

    def _add(self, piece: Piece, height: int) -> None:
        self._pieces.append(piece)
        self._tops.append(self.height)
        self.height += height

    def _add_hunk(self, file: int, hunk: Hunk) -> None:
        head = head_height(hunk, self.width, self.look, is_switched=self._is_switched)
        for piece, height in self._split(file, hunk) if self.is_split else self._unified(file, hunk):
            self._add(piece, height + (0 if piece.first else head))

    def _unified(self, file: int, hunk: Hunk) -> Iterator[tuple[Piece, int]]:
        room = code_room(self.width, number_size(hunk))
        numbers = first_numbers(hunk)
        is_short = is_one_row_each(hunk.lines, room)
        for first in range(0, max(1, len(hunk.lines)), CHUNK):
            lines = hunk.lines[first : first + CHUNK]
            height = len(lines) if is_short else sum(line_height(line, room) for line in lines)
            yield Piece(file, hunk, first, first + len(lines), numbers), height
            if len(hunk.lines) > CHUNK:
                numbers = (
                    numbers[0] + sum(not line.startswith("+") for line in lines),
                    numbers[1] + sum(not line.startswith("-") for line in lines),
                )

    def _split(self, file: int, hunk: Hunk) -> Iterator[tuple[Piece, int]]:
        before, after = first_numbers(hunk)
        pairs = side_by_side(hunk.lines)
        for first in range(0, max(1, len(pairs)), CHUNK):
            some = tuple(pairs[first : first + CHUNK])
            piece = Piece(file, hunk, first, first + len(some), (before, after), some)
            yield piece, split_height(hunk, some, self.width)
            before += sum(left is not None for left, _ in some)
            after += sum(right is not None for _, right in some)

"""A patch laid out at a width: how many rows each file takes is known at once, a row is drawn when it is seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

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
from trashclaw.faces.tui.drawing.split import (
    MIN_WIDTH,
    Pair,
    half_width,
    pair_count,
    side_by_side,
    split_height,
    split_rows,
)
from trashclaw.faces.tui.drawing.syntax import lexer_for_path
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import FileChange, Hunk, HunkPart, Patch

CHUNK = 100
"""Lines of a long hunk that are drawn together."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What rows are laid out for. With `is_switched` hunks have a switch; `is_split` gives two columns."""

    width: int
    look: Look
    is_switched: bool
    is_split: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What is drawn together: the head of a file, or some lines of a hunk, the first with the hunk's head."""

    hunk: Hunk | None = None
    first: int = 0
    end: int = 0
    """Lines of the hunk; in two columns, pairs of them."""

    numbers: tuple[int, int] = (0, 0)
    pairs: tuple[Pair, ...] | None = None


class FileSheet:
    """The rows of one file; those of a file that is not the first begin with an empty one."""

    def __init__(self, change: FileChange, paper: Paper, *, has_gap: bool) -> None:
        self.height = 0
        self.starts: dict[HunkId, int] = {}
        """The row at which each hunk begins."""

        self.pieces: list[Piece] = []
        self._change = change
        self._paper = paper
        self._has_gap = has_gap
        self._tops: list[int] = []
        self._add(Piece(), file_height(change, paper.width, paper.look) + has_gap)
        for hunk in change.hunks:
            self.starts[hunk.hunk_id] = self.height
            head = head_height(hunk, paper.width, paper.look, is_switched=paper.is_switched)
            for piece, height in _split(hunk, paper) if paper.is_split else _unified(hunk, paper):
                self._add(piece, height + (0 if piece.first else head))

    def piece_at(self, row: int) -> tuple[int, int]:
        """Return the place of the piece that a row belongs to, and the row's place within it."""
        place = bisect_right(self._tops, row) - 1
        return place, row - self._tops[place]

    def rows(self, place: int, switches: Switches | None) -> list[Text]:
        """Draw a piece."""
        piece, paper = self.pieces[place], self._paper
        hunk = piece.hunk
        if hunk is None:
            return [*([Text()] if self._has_gap else []), *file_lines(self._change, paper.width, paper.look)]
        is_on = switches is None or switches.is_on(hunk.hunk_id)
        lexer = lexer_for_path(self._change.path) if hunk.lines else None
        pen = Pen(paper.width, paper.look, lexer, is_on)
        head = [] if piece.first else head_lines(hunk, paper.width, paper.look, switches)
        if piece.pairs is not None:
            return head + split_rows(hunk, piece.pairs, piece.numbers, pen)
        return head + unified_rows(hunk, piece.first, piece.end, piece.numbers, pen)

    def _add(self, piece: Piece, height: int) -> None:
        self.pieces.append(piece)
        self._tops.append(self.height)
        self.height += height


class Sheet:
    """The rows of a patch; a file is laid out when one of its rows is asked for."""

    def __init__(self, patch: Patch, width: int, look: Look, *, is_switched: bool, is_split: bool = False) -> None:
        self.patch = patch
        self.paper = Paper(width, look, is_switched, is_split and width >= MIN_WIDTH)
        self.height = 0
        self._tops: list[int] = []
        self._files: dict[int, FileSheet] = {}
        for file, change in enumerate(patch.changes):
            self._tops.append(self.height)
            quick = _quick_height(change, self.paper)
            self.height += self.file(file).height if quick is None else quick + bool(file)

    @property
    def is_split(self) -> bool:
        """Whether there are two columns."""
        return self.paper.is_split

    def file(self, file: int) -> FileSheet:
        """Return the rows of a file, by its place in the patch."""
        sheet = self._files.get(file)
        if sheet is None:
            sheet = self._files[file] = FileSheet(self.patch.changes[file], self.paper, has_gap=bool(file))
        return sheet

    def file_at(self, row: int) -> tuple[int, int]:
        """Return the place of the file that a row belongs to, and the row's place within it."""
        file = bisect_right(self._tops, row) - 1
        return file, row - self._tops[file]

    def start_of_file(self, file: int) -> int:
        """Return the row of a file's head."""
        return self._tops[file] + bool(file)

    def start_of(self, file: int, hunk_id: HunkId) -> int:
        """Return the row of a hunk's head."""
        return self._tops[file] + self.file(file).starts[hunk_id]


def _quick_height(change: FileChange, paper: Paper) -> int | None:
    """Return the rows of a file of which every line surely takes one row, else `None`."""
    hunks = change.hunks
    if change.from_path is not None or change.warning or any(hunk.part is not HunkPart.LINES for hunk in hunks):
        return None
    lines = list(chain.from_iterable([hunk.lines for hunk in hunks]))
    size = len(str(max([max(hunk.before, hunk.after) for hunk in hunks], default=0) + len(lines)))
    width = half_width(paper.width) if paper.is_split else paper.width
    if not is_one_row_each(lines, code_room(width, size)):
        return None
    return 1 + len(hunks) + (pair_count(hunks) if paper.is_split else len(lines))


def _unified(hunk: Hunk, paper: Paper) -> Iterator[tuple[Piece, int]]:
    room = code_room(paper.width, number_size(hunk))
    numbers = first_numbers(hunk)
    is_short = is_one_row_each(hunk.lines, room)
    for first in range(0, max(1, len(hunk.lines)), CHUNK):
        lines = hunk.lines[first : first + CHUNK]
        height = len(lines) if is_short else sum(line_height(line, room) for line in lines)
        yield Piece(hunk, first, first + len(lines), numbers), height
        numbers = (
            numbers[0] + sum(not line.startswith("+") for line in lines),
            numbers[1] + sum(not line.startswith("-") for line in lines),
        )


def _split(hunk: Hunk, paper: Paper) -> Iterator[tuple[Piece, int]]:
    before, after = first_numbers(hunk)
    pairs = side_by_side(hunk.lines)
    for first in range(0, max(1, len(pairs)), CHUNK):
        some = tuple(pairs[first : first + CHUNK])
        yield Piece(hunk, first, first + len(some), (before, after), some), split_height(hunk, some, paper.width)
        before += sum(left is not None for left, _ in some)
        after += sum(right is not None for _, right in some)

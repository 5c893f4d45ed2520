"""A hunk as rows: its head with the switch, and its lines with numbers, signs and colours, one below the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.intraline import Spans, changed_words, shown_code
from trashclaw.faces.tui.drawing.lines import fold, plain, prefixed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.syntax import Lexer, highlighted
from trashclaw.faces.wording.changes import hunk_words
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import Hunk, HunkPart

DIM = Style(dim=True)
MAX_COMPARED = 2_000
"""Lines of a hunk; in longer ones the words that changed are not looked for."""

_NO_END = "  (no line end)"


@dataclass(frozen=True, slots=True)
class Switches:
    """Which hunks are on, and which one the keys act upon; without them the patch is only shown."""

    is_on: Callable[[HunkId], bool]
    current: HunkId | None
    off_word: str = "left out"
    """What stands behind a hunk that is off."""

    has_boxes: bool = True
    """Whether hunks can be switched; else only those that are off have a sign."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What drawing lines of a hunk needs beside them."""

    width: int
    look: Look
    lexer: Lexer | None
    is_on: bool

    def ground(self, mark: str) -> Style | None:
        """Return the ground of a line with this mark."""
        return {"+": self.look.added, "-": self.look.removed}.get(mark) if self.is_on else None

    def ink(self, mark: str) -> Style:
        """Return the ink of a mark and its number."""
        return {"+": self.look.success, "-": self.look.error}.get(mark, self.look.muted)


def number_size(hunk: Hunk) -> int:
    """Return the cells of the longest line number."""
    return len(str(max(hunk.before, hunk.after) + len(hunk.lines)))


def code_room(width: int, size: int) -> int:
    """Return the cells for code behind a mark and a number."""
    return max(8, width - size - 2)


def first_numbers(hunk: Hunk) -> tuple[int, int]:
    """Return the numbers of a hunk's first line in the old and the new file."""
    before = hunk.before + (1 if all(line.startswith("+") for line in hunk.lines) else 0)
    after = hunk.after + (1 if all(line.startswith("-") for line in hunk.lines) else 0)
    return before, after


def head_lines(hunk: Hunk, width: int, look: Look, switches: Switches | None) -> list[Text]:
    """Return the head of a hunk: one line, or several where words stand for its lines."""
    words = hunk_words(hunk)
    if switches is None:
        ink = look.muted if hunk.part is HunkPart.LINES else look.text
        return prefixed(Text("  "), Text("  "), wrap(plain(words, ink), max(8, width - 2), look))
    is_on, is_current = switches.is_on(hunk.hunk_id), switches.current == hunk.hunk_id
    inked = plain(words, look.text if is_current or hunk.part is not HunkPart.LINES else look.muted)
    rows = [Text(words, style=inked.style)] if hunk.part is HunkPart.LINES else wrap(inked, max(8, width - 14), look)
    if switches.has_boxes:
        sign = Text(f"[{look.signs.on if is_on else look.signs.off}] ", style=look.success if is_on else look.muted)
    else:
        sign = Text("  " if is_on else f"{look.signs.left_out} ", style=look.warning)
    first, *rest = prefixed(sign, Text(" " * sign.cell_len), rows)
    lines = [spread(first, Text("" if is_on else switches.off_word, style=look.warning), width, look), *rest]
    for line in lines:
        line.append(" " * max(0, width - line.cell_len))
        if is_current:
            line.stylize_before(look.cursor)
    if is_current:
        lines[0].stylize(Style(bold=True))
    return lines


def head_height(hunk: Hunk, width: int, look: Look, *, is_switched: bool) -> int:
    """Return how many lines the head of a hunk has."""
    if hunk.part is HunkPart.LINES:
        return 1
    switches = Switches(lambda _: True, None) if is_switched else None
    return len(head_lines(hunk, width, look, switches))


def unified_rows(hunk: Hunk, first: int, end: int, numbers: tuple[int, int], pen: Pen) -> list[Text]:
    """Return rows for `hunk.lines[first:end]`; `numbers` are those of the line at `first` in the old and new file."""
    before, after = numbers
    size = number_size(hunk)
    is_compared = pen.is_on and len(hunk.lines) <= MAX_COMPARED
    words = changed_words(hunk.lines, first, end) if is_compared else {}
    rows: list[Text] = []
    for place in range(first, end):
        line = hunk.lines[place]
        mark = line[:1]
        number = before if mark == "-" else after
        before += mark != "+"
        after += mark != "-"
        rows.extend(line_rows(line, number, size, words.get(place, ()), pen))
    return rows


def line_rows(line: str, number: int, size: int, words: Spans, pen: Pen) -> list[Text]:
    """Return a line as rows behind its mark and number; a sign stands before what goes on."""
    look, mark = pen.look, line[:1] or " "
    ink, ground = pen.ink(mark), pen.ground(mark)
    first = Text(f"{mark}{number:>{size}} ", style=ink)
    rest = Text(mark, style=ink).append(f"{look.signs.goes_on:>{size}} ", style=look.muted)
    rows = prefixed(first, rest, fold(_code(line, words, pen), code_room(pen.width, size)))
    for row in rows:
        row.append(" " * max(0, pen.width - row.cell_len))
        if ground is not None:
            row.stylize_before(ground)
        if not pen.is_on:
            row.stylize(DIM)
    return rows


def _code(line: str, words: Spans, pen: Pen) -> Text:
    """Return a line without its mark, in colours; the words that changed are on a stronger ground."""
    code = highlighted(shown_code(line), pen.lexer, pen.look)
    for start, end in words:
        code.stylize(pen.look.added_words if line.startswith("+") else pen.look.removed_words, start, end)
    if not line.endswith("\n"):
        code.append(_NO_END, style=pen.look.muted)
    return code


def is_one_row_each(lines: Sequence[str], room: int) -> bool:
    """Tell quickly whether every one of these lines surely fits into `room` cells."""
    joined = "".join(lines)
    if joined.count("\n") != len(lines):
        return False
    flat = joined.replace("\r\n", "\n").replace("\n", "")
    longest = max(map(len, lines), default=0)
    if "\t" in flat:
        longest = max(len(line) + 3 * line.count("\t") for line in lines)
        flat = flat.replace("\t", " ")
    return longest - 2 <= room and flat.isascii() and flat.isprintable()


def line_height(line: str, room: int) -> int:
    """Return how many rows a line takes."""
    shown = shown_code(line) + ("" if line.endswith("\n") else _NO_END)
    return 1 if len(shown) <= room and shown.isascii() else len(fold(Text(shown), room))

"""Rows in columns by cells, long cells wrapped; a table of a Markdown text has a head and a thin rule as well."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import wrap
from trashclaw.faces.tui.drawing.look import Look

GAP = 2
MIN_REST = 10
"""Cells that words in a last column need."""


def table_lines(rows: Sequence[Sequence[Text]], width: int, look: Look) -> list[Text]:
    """Return a table of which the first row is the head, at most `width` cells wide."""
    count = max((len(row) for row in rows), default=0)
    if not count:
        return []
    sizes = _sizes(rows, count, width)
    lines: list[Text] = []
    for place, row in enumerate(rows):
        lines.extend(_row(row, sizes, look, is_head=place == 0))
        if place == 0:
            lines.append(Text((" " * GAP).join(look.signs.rule * size for size in sizes), style=look.faint))
    return lines


def column_lines(rows: Sequence[Sequence[Text]], width: int, look: Look) -> list[Text]:
    """Return rows in columns, without a head; the last column gives way first."""
    count = max((len(row) for row in rows), default=0)
    sizes = [max(row[place].cell_len for row in rows if place < len(row)) for place in range(count)]
    rest = width - sum(sizes[:-1]) - GAP * (count - 1)
    if rest >= MIN_REST:
        sizes[-1:] = [min(rest, sizes[-1])]
    else:
        sizes = _sizes(rows, count, width)
    return [line for row in rows for line in _row(row, sizes, look, is_head=False)]


def _sizes(rows: Sequence[Sequence[Text]], count: int, width: int) -> list[int]:
    """Share the width: narrow columns get what they need, the wide ones share the rest evenly."""
    wanted = [max((row[place].cell_len for row in rows if place < len(row)), default=0) or 1 for place in range(count)]
    room = max(count, width - GAP * (count - 1))
    sizes = [0] * count
    left = set(range(count))
    while left:
        share = max(1, room // len(left))
        small = {place for place in left if wanted[place] <= share}
        if not small:
            for place in left:
                sizes[place] = share
            break
        for place in small:
            sizes[place] = wanted[place]
            room -= wanted[place]
        left -= small
    return sizes


def _row(row: Sequence[Text], sizes: Sequence[int], look: Look, *, is_head: bool) -> list[Text]:
    cells = [wrap(row[place] if place < len(row) else Text(), size, look) for place, size in enumerate(sizes)]
    lines: list[Text] = []
    for height in range(max(len(cell) for cell in cells)):
        line = Text(end="")
        for place, size in enumerate(sizes):
            piece = cells[place][height].copy() if height < len(cells[place]) else Text()
            if is_head:
                piece.stylize(look.strong)
            piece.append(" " * (size - piece.cell_len + (GAP if place < len(sizes) - 1 else 0)))
            line.append_text(piece)
        lines.append(line)
    return lines

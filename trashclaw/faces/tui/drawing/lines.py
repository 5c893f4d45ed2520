"""Lines: wrapping, cutting and joining text by cells, and the way from lines to strips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from trashclaw.faces.tui.drawing.copied import GOES_ON, ContinuedStrip, joint_behind
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.visible import visible, visible_line

NO_STYLE = Style()


def plain(text: str, style: Style = NO_STYLE) -> Text:
    """Return foreign text as `Text`, safe to show; nothing in it is markup."""
    return Text(visible(text), style=style, end="", no_wrap=False)


def wrap(text: Text, width: int, look: Look) -> list[Text]:
    """Break text into lines of at most `width` cells, at words where it can; an empty text is one empty line.

    The end of a line that goes on in the next one says what was between the two, as `copied` reads it.
    """
    if width < 1:
        return [Text()]
    lines = list(text.wrap(look.console, width, overflow="fold", tab_size=4))
    source, place = text.plain, 0
    for line in lines:
        line.rstrip()
        place = max(place, source.find(line.plain, place)) + len(line.plain)
        line.end = joint_behind(source, place)
    return lines or [Text()]


def fold(text: Text, width: int) -> list[Text]:
    """Break code into lines of at most `width` cells: behind a space where one is near, which then need not fit."""
    if width < 1:
        return [Text()]
    sizes = [cell_len(character) for character in text.plain]
    cuts: list[int] = []
    start, cells, place = 0, 0, 0
    while place < len(sizes):
        if cells + sizes[place] > width:
            start = place = _cut_before(text.plain, start, place)
            cuts.append(place)
            cells = 0
        else:
            cells += sizes[place]
            place += 1
    pieces = list(text.divide([at for at in cuts if at < len(sizes)]))
    for piece in pieces[:-1]:
        piece.end = GOES_ON + " " * (len(piece.plain) - len(piece.plain.rstrip(" ")))
    for piece in pieces:
        if piece.cell_len > width:
            piece.right_crop(1)
    return pieces


def _cut_before(code: str, start: int, end: int) -> int:
    """Return where a row of code that is full at `end` ends: behind its last space, unless much would stay empty."""
    if code[end] == " ":
        return end + 1
    space = code.rfind(" ", start, end) + 1
    is_near = end - space <= (end - start) // 3
    return space if is_near and code[start:space].strip() else end


def cut(text: str, width: int, look: Look) -> str:
    """Return foreign text as one line of at most `width` cells, with a sign where it was cut."""
    line = visible_line(text)
    if cell_len(line) <= width:
        return line
    return set_cell_size(line, max(0, width - 1)).rstrip() + look.signs.ellipsis if width > 0 else ""


def spread(left: Text, right: Text, width: int, look: Look) -> Text:
    """Return one line with `left` at the left and `right` at the right; `left` is cut where both do not fit."""
    room = max(0, width - right.cell_len - (1 if right.plain else 0))
    line = left.copy()
    if line.cell_len > room:
        line.truncate(max(0, room - 1), overflow="crop")
        line.append(look.signs.ellipsis if room else "")
    line.append(" " * max(0, width - line.cell_len - right.cell_len))
    line.append_text(right)
    return line


def prefixed(first: Text, rest: Text, lines: Sequence[Text]) -> list[Text]:
    """Put `first` before the first line and `rest` before the others."""
    return [
        Text(end=line.end).append_text(rest if place else first).append_text(line) for place, line in enumerate(lines)
    ]


def bounded(lines: Iterable[Text], width: int) -> list[Text]:
    """Return lines of figures at most `width` cells wide: what has no room in a very narrow pane is cut off."""
    made = list(lines)
    for line in made:
        line.truncate(width, overflow="crop")
    return made


def pointed(line: Text, look: Look, width: int, *, is_current: bool) -> Text:
    """Return a line of a list, with a sign and a ground if it is the current one."""
    marked = Text(f"{look.signs.point} " if is_current else "  ", style=look.accent, end="")
    marked = Text(end="").append_text(marked).append_text(line)
    marked.append(" " * max(0, width - marked.cell_len))
    if is_current:
        marked.stylize_before(look.cursor)
    return marked


def strips(lines: Iterable[Text], look: Look) -> list[Strip]:
    """Return lines as strips."""
    made: list[Strip] = []
    for line in lines:
        joint, line.end = line.end, ""
        if line.style:
            line.stylize_before(line.style)
        segments = line.render(look.console)
        if joint.startswith(GOES_ON):
            made.append(ContinuedStrip(segments, line.cell_len, joint))
        else:
            made.append(Strip(segments, line.cell_len))
    return made

"""Places in a text, which is one string: lines, columns and classes of characters, as vim counts them."""

from __future__ import annotations

BLANKS = " \t"


def line_start(text: str, at: int) -> int:
    """Return where the line of a place begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line of a place ends: at its line feed, or at the end of the text."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def last_column(text: str, at: int) -> int:
    """Return the last place in a line where the cursor of the normal mode may stand."""
    start, end = line_start(text, at), line_end(text, at)
    return max(start, end - 1)


def first_word(text: str, at: int) -> int:
    """Return the first place in a line that is not blank; the last one of a blank line."""
    place, end = line_start(text, at), line_end(text, at)
    while place < end and text[place] in BLANKS:
        place += 1
    return min(place, last_column(text, at))


def clamped(text: str, at: int) -> int:
    """Return a place where the cursor of the normal mode may stand."""
    at = max(0, min(at, len(text)))
    return min(at, last_column(text, at))


def row_of(text: str, at: int) -> int:
    """Return the number of the line of a place, counted from 0."""
    return text.count("\n", 0, at)


def start_of_row(text: str, row: int) -> int:
    """Return where a line begins, counted from 0; the last one where there are fewer."""
    at = 0
    for _ in range(row):
        end = text.find("\n", at)
        if end < 0:
            return at
        at = end + 1
    return at


def is_empty_line(text: str, at: int) -> bool:
    """Tell whether a place is on an empty line."""
    return line_start(text, at) == line_end(text, at)


def class_of(text: str, at: int, *, is_big: bool) -> int:
    """Return 0 for a blank, a line feed or the end, 1 for punctuation, 2 and more for the kinds of words."""
    if at >= len(text) or text[at] in " \t\n":
        return 0
    if is_big:
        return 1
    character = text[at]
    if character.isalnum() or character == "_":
        return 3 if ord(character) >= 0x3040 and character.isalpha() and not character.isascii() else 2
    return 1

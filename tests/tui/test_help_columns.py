"""The help in columns: keys and words each at one place, whole at any width."""

from __future__ import annotations

import re

import pytest

from tests.tui.test_drawing import LOOK
from trashclaw.faces.tui.screens.help import KEY_CELLS, found_sections, help_lines, help_sections

COMMANDS = (("/memory [forget [--user] number]", "what is remembered, and what it costs; forget takes an entry out"),)


def squeezed(text: str) -> str:
    """Return a text without its blanks."""
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("width", [50, 68, 105])
def test_no_key_and_no_word_of_the_help_is_cut(width: int) -> None:
    sections = help_sections(COMMANDS, ())
    column = min(KEY_CELLS, width * 2 // 5)
    titles = {title for title, _ in sections}
    lines = [line.plain for line in help_lines(sections, width, LOOK)]
    rows = [line for line in lines if line.strip() and line not in titles]
    assert max(map(len, lines)) <= width
    assert all(line[column - 2 : column].strip() == "" for line in rows), "words begin at one column everywhere"
    keys, words = (squeezed("".join(part)) for part in ([row[:column] for row in rows], [row[column:] for row in rows]))
    for _, section in sections:
        for row in section:
            assert squeezed(row[0]) in keys, row
            assert squeezed(row[1]) in words, row


def test_words_stay_in_their_column_while_something_is_sought() -> None:
    sections = help_sections(COMMANDS, ())
    whole = help_lines(sections, 90, LOOK)
    some = help_lines(found_sections(sections, "undo"), 90, LOOK)
    assert len(some) < len(whole)
    assert {line.plain for line in some} <= {line.plain for line in whole}

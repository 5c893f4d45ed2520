"""Rows of a block: made when they are looked at, kept while they stay the same, and of a long one not all at once."""

from __future__ import annotations

import pytest

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.block import KEPT_ROWS, Block
from trashclaw.protocol.events import Channel
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage

LOOK = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)
WIDTH = 60
LINES = 3 * KEPT_ROWS


def streamed(text: str) -> Block:
    """Return an answer of which so much has come."""
    block = Block(AgentMessage(item_id=ItemId("itm_1")), has_gap=True)
    block.grow(Channel.TEXT, text)
    return block


def paragraphs(first: int, end: int) -> str:
    return "".join(f"line {number}\n\n" for number in range(first, end))


def test_of_a_long_answer_few_rows_are_kept_and_the_others_come_back() -> None:
    block = streamed(paragraphs(0, LINES))
    rows = block.strips(WIDTH, LOOK)
    texts = [row.text.strip() for row in rows]
    assert len(block._made) <= KEPT_ROWS
    assert [text for text in texts if text] == [f"line {number}" for number in range(LINES)]
    assert texts == [row.text.strip() for row in rows]
    assert rows[-1].text.strip() == f"line {LINES - 1}"
    with pytest.raises(IndexError):
        rows[len(rows)]


def test_what_comes_leaves_the_rows_before_it_as_they_are_and_tells_the_first_other_one() -> None:
    block = streamed(paragraphs(0, 10) + "so f")
    before = list(block.strips(WIDTH, LOOK))
    block.changed_row = len(before)
    block.grow(Channel.TEXT, "ar\n\nand on")
    after = list(block.strips(WIDTH, LOOK))
    assert block.changed_row == len(before) - 1
    assert all(old is new for old, new in zip(before[:-1], after[: len(before) - 1], strict=True))
    assert after[len(before) - 1].text.strip() == "so far"
    assert after[-1].text.strip() == "and on"


def test_what_is_forgotten_is_told_as_changed_from_the_first_row() -> None:
    block = streamed(paragraphs(0, 4))
    block.changed_row = len(block.strips(WIDTH, LOOK))
    block.forget()
    assert block.changed_row == 0

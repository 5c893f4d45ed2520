"""What drawn lines say when they are copied: the source's lines, without signs, fill and the breaks of the screen."""

from __future__ import annotations

import pytest

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing.copied import said_in
from trashclaw.faces.tui.drawing.entries import Shown, entry_lines
from trashclaw.faces.tui.drawing.lines import strips
from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, UserMessage
from trashclaw.session.transcript import Entry

CODE = "def folded(argument_one, argument_two):  # longer than the pane\n    return argument_one\n\nx = 1"
WORDS = "Some words that go on and on, over more than one line of the screen, with a\nsecond line of their own."
AS_DRAWN = {
    f"```python\n{CODE}\n```": CODE,
    "# A heading that is so long that it wraps": "A heading that is so long that it wraps",
    "One **bold** paragraph that is wrapped\nby its author and by us.": (
        "One bold paragraph that is wrapped by its author and by us."
    ),
    "- an item that is longer than the pane is wide\n- two\n  - deep, and this one wraps as well": (
        "• an item that is longer than the pane is wide\n• two\n  • deep, and this one wraps as well"
    ),
    "> quoted words that are long enough to wrap\n>\n> twice": "quoted words that are long enough to wrap\n\ntwice",
    "日本語のとても長い文章がここにあり折り返されます": "日本語のとても長い文章がここにあり折り返されます",
    "https://example.org/a/path/without/any/place/to/break": "https://example.org/a/path/without/any/place/to/break",
}


@pytest.fixture
def look() -> Look:
    shelf = ThemeShelf(theme_files())
    return look_of_theme(shelf.load(shelf.default_name), is_ascii=False)


def said(entry: Entry, width: int, look: Look) -> str:
    return said_in(strips(entry_lines(entry, width, look, Shown()), look)).text.removesuffix("\n")


@pytest.mark.parametrize("width", [16, 24, 40, 200])
@pytest.mark.parametrize("source", AS_DRAWN)
def test_an_answer_is_copied_alike_at_every_width(source: str, width: int, look: Look) -> None:
    assert said(AgentMessage(item_id=ItemId("i"), text=source), width, look) == AS_DRAWN[source]


@pytest.mark.parametrize("width", [16, 24, 200])
def test_the_persons_words_are_copied_as_they_were_typed(width: int, look: Look) -> None:
    assert said(UserMessage(item_id=ItemId("i"), text=WORDS), width, look) == WORDS


def test_a_part_is_copied_from_spot_to_spot(look: Look) -> None:
    rows = strips(entry_lines(UserMessage(item_id=ItemId("i"), text=WORDS), 24, look, Shown()), look)
    assert [row.text.rstrip() for row in rows[:2]] == ["▌ Some words that go on", "▌ and on, over more than"]
    assert said_in(rows).between((0, 7), (1, 8)) == "words that go on and on"
    assert said_in(rows).between((0, 0), (0, 6)) == "Some"


def test_a_place_in_the_text_is_found_on_each_row_that_it_covers(look: Look) -> None:
    rows = strips(entry_lines(UserMessage(item_id=ItemId("i"), text=WORDS), 24, look, Shown()), look)
    read = said_in(rows)
    start = read.text.index("go on and on")
    marks = read.marks(start, start + len("go on and on"))
    assert [rows[row].text[first:end].rstrip() for row, (first, end) in marks.items()] == ["go on", "and on"]

"""Many blocks: only what is near the view is drawn, what is in view stays, and what is copied is what is said."""

from __future__ import annotations

import random

import pytest
from textual.geometry import Offset
from textual.selection import Selection

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.widgets.heights import Heights
from trashclaw.faces.tui.widgets.laid_out_pane import KEPT
from trashclaw.faces.tui.widgets.row_keys import row_key
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.events import Channel
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, UserMessage
from trashclaw.session.transcript import Entry

MANY = 3000


def entries(count: int = MANY) -> list[tuple[Entry, bool]]:
    """Return questions and answers of different heights."""
    made: list[tuple[Entry, bool]] = []
    for number in range(count // 2):
        made.append((UserMessage(item_id=ItemId(f"u{number}"), text=f"Question {number}."), True))
        text = "\n\n".join(f"Answer {number}, part {part}, with **words**. " * (part + 1) for part in range(number % 7))
        made.append((AgentMessage(item_id=ItemId(f"a{number}"), text=text or f"Answer {number}."), True))
    return made


def pane_of(play: Play) -> TranscriptPane:
    return play.app.main.query_one(TranscriptPane)


def top_row(pane: TranscriptPane) -> str:
    """Return the first row in view that has words."""
    rows = (pane.render_line(y).text.strip() for y in range(pane.scrollable_content_region.height))
    return next(row for row in rows if row)


async def loaded(play: Play) -> TranscriptPane:
    pane = pane_of(play)
    pane.load(entries())
    await play.pilot.pause()
    return pane


async def test_a_long_session_draws_what_is_near_the_view_wherever_that_is(stage: Stage) -> None:
    async with stage() as play:
        pane = await loaded(play)
        assert pane.is_following
        assert f"Answer {MANY // 2 - 1}" in play.text()
        assert pane.drawn_count < 2 * pane.size.height
        pane.scroll_to(y=pane.max_scroll_y // 3, animate=False)
        await play.pilot.pause()
        assert not pane.is_following
        assert top_row(pane)
        for _ in range(60):
            pane.scroll_page_up(animate=False)
            await play.pilot.pause()
        assert pane.drawn_count <= KEPT + 6 * pane.size.height
        pane.focus()
        await play.pilot.press("g")
        assert "Question 0." in play.text()
        await play.pilot.press("end")
        assert pane.is_following


async def test_scrolling_a_line_moves_what_is_in_view_by_a_line(stage: Stage) -> None:
    """Guessed heights above the view become known ones while one scrolls; nothing may jump because of that."""
    async with stage() as play:
        pane = await loaded(play)
        pane.scroll_to(y=pane.max_scroll_y // 2, animate=False)
        await play.pilot.pause()
        room = pane.scrollable_content_region.height
        for _ in range(120):
            before = [pane.render_line(y).text for y in range(room)]
            pane.scroll_to(y=pane.scroll_offset.y - 3, animate=False)
            await play.pilot.pause()
            assert [pane.render_line(y).text for y in range(3, room)] == before[: room - 3]


async def test_what_is_read_stays_while_new_words_come_and_are_counted(stage: Stage) -> None:
    async with stage() as play:
        pane = await loaded(play)
        pane.scroll_to(y=pane.max_scroll_y // 2, animate=False)
        await play.pilot.pause()
        kept = top_row(pane)
        new = AgentMessage(item_id=ItemId("new"))
        pane.show_entry(new, is_done=False)
        for number in range(10):
            pane.grow(new.item_id, Channel.TEXT, f"Line {number}.\n\n")
        await play.pilot.pause()
        assert top_row(pane) == kept
        assert pane.new_lines == 20
        assert "20 new lines below" in play.text()
        pane.action_follow()
        await play.pilot.pause()
        assert pane.new_lines == 0
        assert "Line 9." in play.text()
        assert "below" not in play.text()


async def test_another_width_keeps_the_block_at_the_top_and_draws_little(stage: Stage) -> None:
    async with stage(size=(150, 40)) as play:
        pane = await loaded(play)
        pane.scroll_to(y=pane.max_scroll_y // 2, animate=False)
        await play.pilot.pause()
        place = pane.top_place
        for width in (110, 70, 130, 150):
            await play.pilot.resize_terminal(width, 40)
            await play.pilot.pause()
            assert pane.top_place == place
            assert pane.drawn_count < 4 * pane.size.height
            assert not pane.is_following


async def test_what_is_selected_is_copied_without_signs_and_soft_breaks(stage: Stage) -> None:
    text = "A paragraph that is long enough to be wrapped in a pane that is as narrow as this one is.\n\n> quoted"
    async with stage({"text": f"{text}\n\n```py\nx = 1\n```"}, size=(60, 24)) as play:
        await play.say("go on")
        await play.idle()
        pane = pane_of(play)
        whole = Selection(Offset(0, row_key(0, 0)), Offset(0, row_key(2, 0)))
        said = "go on\n\nA paragraph that is long enough to be wrapped in a pane that is as narrow as this one is."
        found = pane.get_selection(whole)
        assert found is not None
        assert found[0] == f"{said}\n\nquoted\n\nx = 1"


async def test_dragging_the_mouse_selects_across_rows(stage: Stage) -> None:
    words = (
        "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen."
    )
    async with stage({"text": words}, size=(60, 24)) as play:
        await play.say("go")
        await play.idle()
        pane = pane_of(play)
        rows = play.text().splitlines()
        first = next(y for y, row in enumerate(rows) if "One two" in row)
        await play.pilot.mouse_down(offset=(rows[first].index("two"), first))
        await play.pilot.hover(offset=(rows[first + 1].index("twelve") + 5, first + 1))
        await play.pilot.mouse_up(offset=(rows[first + 1].index("twelve") + 5, first + 1))
        await play.pilot.pause()
        assert play.app.screen.get_selected_text() == words[words.index("two") : words.index(" thirteen")]
        assert pane.text_selection is not None


@pytest.mark.parametrize("seed", range(20))
def test_heights_are_summed_as_a_plain_list_would(seed: int) -> None:
    chance = random.Random(seed)
    plain = [chance.randrange(5) for _ in range(chance.randrange(60))]
    heights = Heights(plain)
    for _ in range(200):
        if chance.random() < 0.3:
            plain.append(chance.randrange(5))
            heights.append(plain[-1])
        elif plain:
            place = chance.randrange(len(plain))
            new = chance.randrange(5)
            assert heights.put(place, new) == new - plain[place]
            plain[place] = new
        assert heights.total == sum(plain)
        at = chance.randrange(len(plain) + 1)
        assert heights.top(at) == sum(plain[:at])
        if plain and heights.total:
            line = chance.randrange(heights.total)
            lines = [(place, row) for place, height in enumerate(plain) for row in range(height)]
            assert heights.find(line) == lines[line]

"""The search in the conversation: found in what is folded too, lit, counted, and gone on with."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.drawing.copied import said_in
from trashclaw.faces.tui.widgets import searched_pane
from trashclaw.faces.tui.widgets.pager_pane import PagerPane
from trashclaw.faces.tui.widgets.searched_pane import SearchedPane
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.items import ToolRun

LONG = "\n\n".join(f"Paragraph number {number} about a **blue** thing." for number in range(60))
COUNT = {"calls": [{"name": "bash", "arguments": {"command": "seq 1000 1060"}}]}


def pane_of(play: Play) -> TranscriptPane:
    return play.app.screen_stack[0].query_one(TranscriptPane)


def lit(pane: SearchedPane) -> list[str]:
    """Return what is lit in view, the current find in capitals."""
    found = []
    for y in range(pane.scrollable_content_region.height):
        styled = [(part.text, part.style) for part in pane.render_line(y) if part.style is not None]
        lights = [(text, style) for text, style in styled if style.bold and (style.reverse or style.underline)]
        found += [text.upper() if style.reverse else text for text, style in lights]
    return found


async def look_for(play: Play, words: str) -> None:
    """Search and wait until all is looked through."""
    pane = play.app.screen.query(SearchedPane).first()
    await play.pilot.press("ctrl+s" if isinstance(pane, TranscriptPane) else "slash")
    await play.pilot.press(*(key if key != " " else "space" for key in words))
    await play.until(lambda: pane._finds is None or pane._finds.is_complete)


async def test_what_is_found_is_lit_counted_and_gone_on_with(stage: Stage) -> None:
    async with stage({"text": LONG}) as play:
        await play.say("go")
        await play.idle()
        pane = pane_of(play)
        await play.pilot.press("alt+k", "home")
        await look_for(play, "number 7")
        assert "1 of 1" in play.text()
        assert lit(pane) == ["NUMBER 7"]
        assert pane.scroll_offset.y < pane.max_scroll_y
        await play.pilot.press("ctrl+u", *"number", "enter", "enter")
        assert "3 of 60" in play.text()
        await play.pilot.press("up")
        assert "2 of 60" in play.text()
        await play.pilot.press("escape")
        assert lit(pane) == []
        assert not pane.is_searching
        await play.pilot.press("n")
        await play.until(lambda: "of 60" in play.text())
        assert lit(pane)
        await play.pilot.press("escape")
        assert play.app.screen.focused is pane


async def test_what_is_lit_is_found_once_however_often_it_is_drawn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage({"text": LONG}) as play:
        await play.say("go")
        await play.idle()
        pane = pane_of(play)
        await play.pilot.press("alt+k")
        await look_for(play, "number 7")
        assert lit(pane) == ["NUMBER 7"]
        read: list[object] = []
        monkeypatch.setattr(searched_pane, "said_in", lambda rows: (read.append(rows), said_in(rows))[1])
        assert lit(pane) == ["NUMBER 7"]
        pane.refresh()
        await play.pilot.pause()
        assert not read


async def test_in_a_long_block_it_goes_on_from_what_is_in_view(stage: Stage) -> None:
    """Of a block that is longer than the view, what was scrolled past is not gone back to."""
    async with stage({"text": LONG}, size=(100, 24)) as play:
        await play.say("go")
        await play.idle()
        pane = pane_of(play)
        await play.pilot.press("alt+k")
        pane.scroll_to(y=pane.scroll_offset.y // 2)
        await play.pilot.pause()
        before = pane.scroll_offset.y
        await look_for(play, "blue")
        assert lit(pane)[0] == "BLUE", "the first one in view is the current one"
        assert pane.scroll_offset.y == before
        first = int(play.text().split("blue   ")[1].split(" of ")[0])
        assert first > 1
        await play.pilot.press("down")
        assert f"{first + 1} of 60" in play.text()
        await play.pilot.press("up", "up")
        assert f"{first - 1} of 60" in play.text()
        assert "BLUE" in lit(pane), "what stands above the view is scrolled to"
        await play.pilot.press("escape")
        await play.pilot.press("home", "n")
        await play.until(lambda: "1 of 60" in play.text())
        assert "BLUE" in lit(pane)


async def test_behind_the_last_find_the_one_before_is_shown(stage: Stage) -> None:
    async with stage({"text": f"{LONG}\n\nneedle\n\n{LONG}"}, size=(100, 24)) as play:
        await play.say("go")
        await play.idle()
        await look_for(play, "needle")
        assert "1 of 1" in play.text()
        assert lit(pane_of(play)) == ["NEEDLE"]


async def test_a_burst_of_keys_is_all_taken_by_the_line(stage: Stage) -> None:
    async with stage({"text": LONG}) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("alt+k")
        await play.burst("slash", *"number", "3", "7")
        await play.until(lambda: "/ number37" in play.text())
        assert play.app.main.prompt.text == ""


async def test_capitals_count_only_where_there_are_any(stage: Stage) -> None:
    async with stage({"text": "One one ONE"}) as play:
        await play.say("go")
        await play.idle()
        await look_for(play, "one")
        assert "of 3" in play.text()
        await play.pilot.press("escape")
        await look_for(play, "ONE")
        assert "1 of 1" in play.text()


async def test_words_are_found_over_emphasis_and_line_breaks(stage: Stage) -> None:
    async with stage({"text": LONG}, size=(60, 20)) as play:
        await play.say("go")
        await play.idle()
        await look_for(play, "number 31 about a blue thing")
        assert "1 of 1" in play.text()
        assert " ".join(lit(pane_of(play))).lower().split() == ["number", "31", "about", "a", "blue", "thing"]


async def test_it_opens_what_is_folded_and_shows_all_of_a_long_output(stage: Stage) -> None:
    async with stage({"thought": "A hidden idea.", **COUNT}, {"text": "Done."}) as play:
        await play.say("count")
        await play.idle()
        assert "1003" not in play.text()
        await look_for(play, "1003")
        assert "1 of 1" in play.text()
        assert lit(pane_of(play)) == ["1003"]
        cursor = pane_of(play).cursor
        assert cursor is not None and isinstance(pane_of(play).blocks[cursor].entry, ToolRun)
        await play.pilot.press("ctrl+u", *"hidden")
        await play.until(lambda: lit(pane_of(play)) == ["HIDDEN"])


async def test_what_is_not_there_is_said(stage: Stage) -> None:
    async with stage({"text": "One."}) as play:
        await play.say("go")
        await play.idle()
        await look_for(play, "[red]nothing")
        assert "not found" in play.text()
        assert "/ [red]nothing" in play.text()
        await play.pilot.press("enter", "up", "backspace", "escape", "n", "N")


async def test_what_comes_later_is_counted_too(stage: Stage) -> None:
    async with stage({"text": "A needle."}, {"text": "Another needle."}) as play:
        await play.say("go")
        await play.idle()
        await look_for(play, "needle")
        assert "1 of 1" in play.text()
        play.app.say("again")
        await play.until(lambda: "1 of 2" in play.text())


@pytest.mark.parametrize("words", [".*", "a|b", "(", "\\"])
async def test_words_are_words_and_no_pattern(stage: Stage, words: str) -> None:
    async with stage({"text": f"Here is {words} once, in aaa bbb."}) as play:
        await play.say("go")
        await play.idle()
        pane = pane_of(play)
        await play.pilot.press("ctrl+s")
        pane._look_for(words)
        await play.until(lambda: pane._finds is not None and pane._finds.is_complete)
        assert pane._finds is not None and pane._finds.total == 1


async def test_the_pager_has_everything_open_and_stands_still(stage: Stage) -> None:
    async with stage({"thought": "A hidden idea.", **COUNT}, {"text": "Done."}, {"text": "More."}) as play:
        await play.say("count")
        await play.idle()
        await play.pilot.press("ctrl+t")
        await play.until(lambda: play.app.screen.query(PagerPane))
        pane = play.app.screen.query_one(PagerPane)
        await play.until(lambda: pane.line_count > 60)
        await play.pilot.press("g")
        for words in ("▌ count", "A hidden idea.", "1000", "1003"):
            assert words in play.text()
        lines = pane.line_count
        play.app.say("again")
        await play.until(lambda: play.app.desk.last_answer() == "More.")
        assert pane.line_count == lines
        await look_for(play, "1060")
        assert lit(pane) == ["1060"]
        await play.pilot.press("escape", "G", "b", "space", "u", "d", "k", "j", "q")
        assert play.app.screen is play.app.main
        assert "More." in play.text()

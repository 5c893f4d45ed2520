"""Keys that borders name are those that count: the person's own, and only while they do count there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.config.keymap_file import keymap_file
from trashclaw.faces.tui.screens.pager import PagerScreen
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.searched_pane import SearchedPane
from trashclaw.faces.tui.widgets.wide_review import WideReview
from trashclaw.protocol.modes import Mode

DONE = {"text": "Done."}
LONG = {"text": "\n\n".join(f"Paragraph number {number}." for number in range(60))}


def rebind(text: str) -> None:
    """Write the person's keymap."""
    file = keymap_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def said_below(play: Play, kind: type[DiffPane] | type[WideReview]) -> str:
    """Return what the bottom edge of a pane says."""
    return str(play.app.screen.query_one(kind).border_subtitle)


async def test_a_question_names_the_persons_own_keys(stage: Stage, edit: dict[str, Any]) -> None:
    rebind("review.accept: w\nreview.reject: z\nreview.reason: []\nreview.toggle: i\nscreen.close: q\n")
    async with stage(edit, DONE, size=(140, 40)) as play:
        await play.say("be warmer")
        await play.asked()
        assert said_below(play, DiffPane) == "i off  w accept  z reject"
        await play.pilot.press("i")
        assert said_below(play, DiffPane) == "i on  w accept  z reject"
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        said = said_below(play, WideReview)
        assert "z reject" in said
        assert "q back" in said
        assert "Esc" not in said
        await play.pilot.press("z")
        await play.idle()


async def test_keys_that_changed_while_something_waits_are_letters_of_a_reason(
    stage: Stage, edit: dict[str, Any]
) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        rebind("review.accept: w\n")
        play.app.rebinding.reload()
        await play.pilot.press("a")
        pane = play.app.screen.query_one(DiffPane)
        assert pane.typed == "a"
        await play.pilot.press("escape", "r")
        await play.idle()


async def test_what_landed_names_keys_only_while_they_count(stage: Stage, edit: dict[str, Any]) -> None:
    async with stage(edit, DONE, size=(140, 40), mode=Mode.ACCEPT) as play:
        await play.say("be warmer")
        await play.idle()
        assert said_below(play, DiffPane) == ""
        await play.pilot.press("alt+d")
        await play.until(lambda: said_below(play, DiffPane) == "u revert  t more  , . turns  N net")
        await play.pilot.press("ctrl+l")
        await play.until(lambda: said_below(play, DiffPane) == "")


@pytest.mark.parametrize("key", ["ctrl+s", "ctrl+t"])
async def test_a_search_names_the_persons_own_keys(stage: Stage, key: str) -> None:
    rebind("transcript.next: w\ntranscript.previous: z\npager.next: w\npager.previous: z\n")
    async with stage(LONG) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press(key)
        if key == "ctrl+t":
            await play.until(lambda: isinstance(play.app.screen, PagerScreen))
            await play.pilot.press("slash")
        pane = play.app.screen.query(SearchedPane).first()
        await play.pilot.press(*"number", "enter", "escape", "w")
        await play.until(lambda: "w next   z back   Esc ends" in str(pane.border_subtitle))

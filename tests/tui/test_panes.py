"""The panes: gone to, resized by key and mouse, hidden, remembered, and never in the way of one another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.config.paths import state_folder
from trashclaw.faces.tui.drawing.look import Signs, look_of
from trashclaw.faces.tui.drawing.plan import news_of, plan_lines
from trashclaw.faces.tui.pane_sizes import FILE_NAME, PaneSizes, keep_sizes, load_sizes
from trashclaw.faces.tui.widgets.plan_pane import PlanPane
from trashclaw.faces.tui.widgets.question_pane import QuestionPane
from trashclaw.faces.tui.widgets.side import Side
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus

DONE = {"text": "Done."}


def width_of(play: Play) -> int:
    return play.app.screen.query_one(Side).outer_size.width


def height_of(play: Play, pane: str) -> int:
    return play.app.screen.query_one(f"#{pane}").outer_size.height


def here(play: Play) -> str | None:
    return play.app.main._arrangement.here


def file() -> Path:
    return state_folder() / FILE_NAME


async def test_every_pane_has_its_key_and_f6_goes_both_ways(stage: Stage) -> None:
    async with stage(size=(140, 40)) as play:
        for key, pane in (("alt+l", "plan"), ("alt+o", "tools"), ("alt+d", "changes"), ("alt+c", "conversation")):
            await play.pilot.press(key)
            assert here(play) == pane
        await play.pilot.press("f6")
        assert here(play) == "plan"
        await play.pilot.press("shift+f6", "shift+f6")
        assert play.app.main.prompt.has_focus
        await play.pilot.press("shift+f6")
        assert here(play) == "changes"


async def test_sizes_by_key_are_kept_for_the_next_start(stage: Stage) -> None:
    async with stage(size=(140, 40)) as play:
        before, plan = width_of(play), height_of(play, "plan")
        await play.pilot.press("alt+l", "greater_than_sign", "plus", "plus")
        await play.until(lambda: width_of(play) == before + 2)
        assert height_of(play, "plan") == plan + 2
        await play.until(lambda: file().exists() and json.loads(file().read_text())["heights"] == {"plan": plan + 2})
    async with stage(size=(140, 40)) as play:
        await play.until(lambda: width_of(play) == before + 2)
        assert height_of(play, "plan") == plan + 2
        await play.pilot.press("alt+l", "equals_sign")
        await play.until(lambda: width_of(play) == before)


async def test_a_border_is_dragged(stage: Stage) -> None:
    async with stage(size=(140, 40)) as play:
        side = play.app.screen.query_one(Side)
        left, top = side.region.x, play.app.screen.query_one("#changes").region.y
        await play.pilot.mouse_down(offset=(left, 10))
        await play.pilot.hover(offset=(left - 12, 10))
        await play.pilot.mouse_up(offset=(left - 12, 10))
        await play.until(lambda: side.region.x == left - 12)
        await play.pilot.mouse_down(offset=(left + 5, top))
        await play.pilot.hover(offset=(left + 5, top - 4))
        await play.pilot.mouse_up(offset=(left + 5, top - 4))
        await play.until(lambda: play.app.screen.query_one("#changes").region.y == top - 4)


async def test_a_pane_is_hidden_and_comes_back_when_gone_to(stage: Stage) -> None:
    async with stage(size=(140, 40)) as play:
        await play.pilot.press("alt+l", "x")
        await play.until(lambda: not play.app.screen.query_one("#plan").display)
        await play.pilot.press("alt+o", "x", "alt+d", "x")
        await play.until(lambda: not play.app.screen.query_one(Side).display)
        await play.pilot.press("alt+o")
        await play.until(lambda: play.app.screen.query_one(Side).display)
        assert here(play) == "tools"
        assert not play.app.screen.query_one("#plan").display


async def test_f6_leaves_a_side_hidden_that_the_person_hid(stage: Stage) -> None:
    async with stage(size=(140, 40)) as play:
        await play.pilot.press("ctrl+b", "f6")
        assert here(play) == "conversation"
        await play.pilot.press("f6")
        assert play.app.main.prompt.has_focus
        assert not play.app.screen.query_one(Side).display
        await play.pilot.press("alt+o")
        assert here(play) == "tools"
        assert play.app.screen.query_one(Side).display


async def test_what_is_hidden_on_a_wide_screen_is_not_changed_by_going_to_tabs(stage: Stage) -> None:
    keep_sizes(PaneSizes(hidden=["plan"], has_side=False))
    async with stage(size=(80, 24)) as play:
        for key, pane in (("f6", "conversation"), ("f6", "plan"), ("f6", "tools"), ("alt+l", "plan")):
            await play.pilot.press(key)
            assert here(play) == pane
        await play.pilot.press("ctrl+b")
        await play.told("One pane is shown at a time here")
        await play.pilot.press("ctrl+l")
        await play.pilot.resize_terminal(140, 40)
        await play.pilot.pause()
        assert not play.app.screen.query_one(Side).display
    assert load_sizes() == PaneSizes(hidden=["plan"], has_side=False)


async def test_a_hidden_pane_that_asks_is_seen(stage: Stage, edit: dict[str, object]) -> None:
    async with stage(edit, DONE, size=(140, 40)) as play:
        await play.pilot.press("alt+d", "x")
        await play.say("go")
        await play.asked()
        assert play.app.screen.query_one("#changes").display
        await play.pilot.press("a")
        await play.idle()
        await play.until(lambda: not play.app.screen.query_one("#changes").display)


async def test_every_size_of_terminal_after_every_choice(stage: Stage) -> None:
    keep_sizes(PaneSizes(side=900, heights={"plan": 900, "changes": 900}))
    async with stage(size=(140, 40)) as play:
        for size in ((40, 10), (60, 16), (99, 24), (100, 12), (300, 80), (20, 5), (120, 30)):
            await play.pilot.resize_terminal(*size)
            await play.pilot.pause()
            if size[0] >= 100:
                assert play.app.screen.query_one("#conversation").outer_size.width >= 30
                assert height_of(play, "tools") >= 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"side": -3, "heights": [], "hidden": 7}',
        '{"side": true, "heights": {"plan": "x"}}',
        "[" * 9000,
    ],
)
def test_a_damaged_file_is_as_good_as_none(text: str) -> None:
    file().write_text(text)
    assert load_sizes() == PaneSizes()


def test_what_makes_sense_of_a_file_is_taken() -> None:
    file().write_text('{"side": 50, "heights": {"plan": 7, "tools": 9}, "hidden": ["tools", "prompt"], "x": 1}')
    assert load_sizes() == PaneSizes(side=50, heights={"plan": 7}, hidden=["tools"])
    keep_sizes(load_sizes())
    assert load_sizes().heights == {"plan": 7}


async def test_no_empty_question_stays_in_front_after_an_answer(stage: Stage) -> None:
    ask = {"calls": [{"name": "ask_user", "arguments": {"question": "Which one?"}}]}
    async with stage(ask, {"text": "Fine."}, size=(80, 24)) as play:
        await play.say("choose")
        await play.asked()
        await play.pilot.press(*"blue", "enter")
        await play.idle()
        assert not play.app.screen.query_one(QuestionPane).display
        assert play.app.screen.query_one("#conversation").display
        assert "Fine." in play.text()
        play.app.main._arrangement.choose("question")
        await play.pilot.pause()
        assert play.app.screen.query_one("#conversation").display


def test_what_is_new_in_a_plan_and_its_time_are_told() -> None:
    def plan(*entries: tuple[str, PlanStatus]) -> Plan:
        return Plan(entries=tuple(PlanEntry(text=text, status=status) for text, status in entries))

    done, doing, pending = PlanStatus.COMPLETED, PlanStatus.IN_PROGRESS, PlanStatus.PENDING
    before = plan(("one", done), ("two", doing), ("three", pending))
    after = plan(("one", done), ("two", done), ("three", doing), ("four", pending))
    news = news_of(before, after)
    assert news == {"two", "three", "four"}
    assert news_of(Plan(), after) == frozenset()
    names = ("foreground", "muted", "line", "primary", "accent", "success", "warning", "error", "cloud")
    look = look_of(dict.fromkeys((*names, "background", "surface", "panel"), "#888888"), Signs())
    drawn = plan_lines(after, 40, look, news, "12 s")
    told = [line.plain for line in drawn.lines]
    assert told[0].rstrip() == "✓ one"
    assert told[1].endswith("just done")
    assert told[2].endswith("12 s")
    assert told[3].endswith("new")
    assert drawn.current == 2


async def test_what_is_new_in_a_plan_goes_by_the_log_and_not_by_what_was_shown(stage: Stage) -> None:
    before = Plan(entries=(PlanEntry(text="one", status=PlanStatus.IN_PROGRESS),))
    after = Plan(entries=(PlanEntry(text="one", status=PlanStatus.COMPLETED),))
    async with stage(size=(140, 40)) as play:
        pane = play.app.screen.query_one(PlanPane)
        pane.show(after, before, is_running=False)
        assert "just done" not in "".join(line.plain for line in pane.lines(60))
    async with stage(size=(140, 40)) as play:
        pane = play.app.screen.query_one(PlanPane)
        pane.show(after, before, is_running=True)
        assert "just done" in "".join(line.plain for line in pane.lines(60))

"""The conversation pane: streaming, folding, following, and text that would like to be obeyed."""

from __future__ import annotations

import asyncio

from trashclaw.faces.tui.widgets.line_pane import LinePane
from trashclaw.faces.tui.widgets.plan_pane import PlanPane
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.status_bar import StatusBar
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.modes import Mode

DONE = {"text": "Done."}
LONG = "\n\n".join(f"Paragraph number {number}." for number in range(60))


async def test_an_answer_is_drawn_as_markdown_while_it_streams(stage) -> None:
    text = "# Heading\n\nSome **bold** words.\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    async with stage({"text": text, "hold": True}) as play:
        await play.say("go")
        await play.until(lambda: "Heading" in play.text() and "1" in play.text())
        shown = play.text()
        assert "**" not in shown
        assert "|---" not in shown


async def test_the_finished_answer_looks_like_the_streamed_one(stage) -> None:
    gate = asyncio.Event()
    async with stage(
        {"text": "One.\n\n- two\n- three\n\n```python\nx = 1\n```\n\nEnd.", "hold": "go"}, gates={"go": gate}
    ) as play:
        await play.say("go")
        await play.until(lambda: "End." in play.text())
        pane = play.app.screen.query_one(TranscriptPane)
        streamed = [pane.strip_at(line).text.rstrip() for line in range(pane.line_count)]
        gate.set()
        await play.idle()
        finished = [pane.strip_at(line).text.rstrip() for line in range(pane.line_count)]
        assert finished[: len(streamed)] == streamed


async def test_it_follows_the_stream_until_the_person_scrolls_up(stage) -> None:
    async with stage({"text": LONG}, {"text": LONG}) as play:
        pane = play.app.screen.query_one(TranscriptPane)
        await play.say("go")
        await play.idle()
        assert pane.is_following
        assert "Paragraph number 59." in play.text()
        pane.focus()
        await play.pilot.press("home")
        assert not pane.is_following
        play.app.say("again")
        await play.until(lambda: len([block for block in pane.blocks if block.is_done]) >= 6)
        assert "Paragraph number 0." in play.text()
        pane.focus()
        await play.pilot.press("end")
        assert pane.is_following
        assert "Paragraph number 59." in play.text()


async def test_who_sends_something_sees_what_comes_of_it(stage) -> None:
    async with stage({"text": LONG}, {"text": "The second answer."}) as play:
        pane = play.app.screen.query_one(TranscriptPane)
        await play.say("go")
        await play.idle()
        pane.focus()
        await play.pilot.press("home")
        await play.say("/help")
        await play.until(lambda: len(play.app.screen_stack) > 1)
        await play.pilot.press("escape")
        assert not pane.is_following
        await play.say("again")
        await play.until(lambda: "The second answer." in play.text())
        assert pane.is_following


async def test_thoughts_are_folded_until_asked_for(stage) -> None:
    thought = "I weigh this. " * 30 + "Then that."
    async with stage({"thought": thought, "text": "Done."}) as play:
        await play.say("go")
        await play.idle()
        folded = play.text()
        assert "thought, 92 words" in folded
        await play.pilot.press("alt+t")
        await play.pilot.pause()
        assert play.text().count("I weigh this.") > folded.count("I weigh this.") + 10


async def test_a_tool_run_is_one_line_and_opens_when_it_fails(stage) -> None:
    good = {"name": "read_file", "arguments": {"path": "src/app.py"}}
    bad = {"name": "read_file", "arguments": {"path": "gone.py"}}
    async with stage({"calls": [good, bad]}, DONE) as play:
        await play.say("read")
        await play.idle()
        shown = play.text()
        assert "def greet" not in shown
        assert "gone.py does not exist" in shown
        play.app.screen.query_one(ToolLog).focus()
        await play.pilot.press("up", "enter")
        await play.pilot.pause()
        assert "def greet" in play.text()


async def test_the_plan_is_shown_with_its_count(stage) -> None:
    entries = [{"text": "look", "status": "completed"}, {"text": "mend", "status": "in_progress"}]
    async with stage({"calls": [{"name": "update_plan", "arguments": {"entries": entries}}]}, DONE) as play:
        await play.say("go")
        await play.idle()
        assert play.app.screen.query_one(PlanPane).border_title == "Plan  1/2"
        assert "mend" in play.text()


async def test_hostile_text_is_shown_and_never_obeyed(stage) -> None:
    hostile = "[red]x[/red] \x1b]52;c;aGk=\x07 \x1b[2J \u202egnp \x9b31m <b>h</b> &#x202e;"
    call = {"name": "grep", "arguments": {"pattern": "[bold]\x1b[2J\u202e", "path": "src"}}
    async with stage({"text": hostile, "thought": "\x1b[8m", "calls": [call]}, DONE) as play:
        await play.say("[b]bold[/b] \x1b[31m")
        await play.idle()
        shown = play.text()
        for sign in ("[red]x[/red]", "␛]52;c;aGk=␇", "<b>h</b>", "[b]bold[/b]", "<U+202E>", "<U+009B>"):
            assert sign in shown
        for steering in "\x1b\x07\x9b\u202e":
            assert steering not in shown


async def test_columns_stay_straight_with_wide_characters_and_joiners(stage) -> None:
    text = "| 名前 | n |\n|---|---|\n| 한국어 | 1 |\n| 👨\u200d👩\u200d👧 | 2 |\n| e\u0301 | 3 |\n\n\ud800"
    async with stage({"text": text}) as play:
        await play.say("go")
        await play.idle()
        panes = [pane for pane in play.app.screen.query(LinePane) if pane.size.width]
        for pane in panes:
            for y in range(pane.size.height):
                assert pane.render_line(y).cell_length == pane.scrollable_content_region.width


async def test_a_long_log_draws_only_its_end_and_the_rest_when_scrolled_to(stage) -> None:
    thoughts = [[{"name": "think", "arguments": {"thought": f"{step}.{x}"}} for x in range(60)] for step in range(4)]
    steps = [{"calls": calls} for calls in thoughts]
    async with stage(*steps, DONE) as play:
        await play.say("list")
        await play.idle()
        session_id = play.session.session_id
        await play.app.desk.close()
        play.app.open_session(resume=session_id)
        await play.until(lambda: play.app.desk.session is not None)
        pane = play.app.screen.query_one(TranscriptPane)
        await play.until(lambda: len(pane.blocks) > 230 and pane.line_count)
        await play.until(lambda: pane.drawn_count)
        assert pane.drawn_count < 2 * pane.size.height + 2
        assert "▌ list" not in play.text()
        pane.focus()
        await play.pilot.press("home")
        await play.until(lambda: "▌ list" in play.text())
        assert pane.scroll_offset.y == 0


async def test_an_error_of_the_server_says_what_happened_and_what_to_do(stage) -> None:
    async with stage({"error": {"kind": "model_not_found", "text": "There is no model qwen3:8b."}}) as play:
        await play.say("go")
        await play.idle()
        assert "failed: There is no model qwen3:8b." in play.text()


async def test_nothing_ticks_while_the_app_rests_or_waits_for_the_person(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        bar = play.app.screen.query_one(StatusBar)
        assert not bar.is_ticking
        assert not play.app.screen.query_one(Prompt).cursor_blink
        await play.pilot.press("a")
        await play.idle()
        assert not bar.is_ticking


async def test_a_refusal_by_the_mode_is_not_told_as_the_persons(stage, edit) -> None:
    async with stage(edit, DONE, mode=Mode.PLAN, size=(140, 40)) as play:
        await play.say("be warmer")
        await play.idle()
        assert "refused: mode plan" in play.text()
        assert "rejected" not in play.text()


async def test_a_column_stays_free_before_the_scroll_bar(stage) -> None:
    async with stage({"text": LONG.replace("Paragraph", "Paragraph " * 20)}) as play:
        await play.say("go")
        await play.idle()
        pane = play.app.screen.query_one(TranscriptPane)
        assert pane.show_vertical_scrollbar
        rows = [pane.render_line(y).text for y in range(pane.size.height)]
        assert {row[-1] for row in rows} == {" "}

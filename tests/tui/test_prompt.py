"""Typing: sending, steering, queueing, completing, remembering."""

from __future__ import annotations

import asyncio

from textual import events

from trashclaw.faces.tui.widgets.completion_list import CompletionList
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol.events import StopReason, TurnCompleted
from trashclaw.protocol.items import UserMessage

DONE = {"text": "Done."}
HELD = {"text": "Let me think about", "hold": True}


def said(play) -> list[str]:
    """What the person said, as the log has it."""
    return [entry.text for entry in play.transcript.entries if isinstance(entry, UserMessage)]


async def test_enter_sends_and_ctrl_j_begins_a_line(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"one", "ctrl+j", *"two", "enter")
        await play.idle()
        assert said(play) == ["one\ntwo"]
        assert play.app.screen.query_one(Prompt).text == ""


async def test_keys_typed_before_the_session_is_open_are_kept_and_sent(stage, repository) -> None:
    async with stage(DONE, initial_prompt="hello there") as play:
        await play.idle()
        assert said(play) == ["hello there"]


async def test_while_a_turn_runs_enter_steers_and_tab_queues(stage) -> None:
    async with stage(HELD) as play:
        await play.say("begin")
        await play.until(lambda: play.transcript.live.previews)
        await play.pilot.press(*"fast", "tab")
        await play.pilot.press(*"left", "enter")
        await play.until(lambda: len(play.transcript.queue) == 2)
        assert [entry.origin for entry in play.transcript.queue] == ["follow_up", "steer"]
        assert "queued: fast" in play.text()
        assert "steers next: left" in play.text()


async def test_a_queued_message_comes_back_into_the_editor(stage) -> None:
    async with stage(HELD) as play:
        await play.say("begin")
        await play.until(lambda: play.transcript.live.previews)
        await play.pilot.press(*"fast", "tab")
        await play.until(lambda: play.transcript.queue)
        await play.pilot.press("alt+up")
        await play.until(lambda: not play.transcript.queue)
        assert play.app.screen.query_one(Prompt).text == "fast"
        assert "queued:" not in play.text()


async def test_escape_stops_the_turn_and_keeps_what_was_said(stage) -> None:
    async with stage(HELD) as play:
        await play.say("begin")
        await play.until(lambda: "Let me think about" in play.text())
        await play.pilot.press("escape")
        await play.idle()
        end = play.transcript.entries[-1]
        assert isinstance(end, TurnCompleted)
        assert end.stop_reason is StopReason.CANCELLED
        assert "stopped by you" in play.text()
        assert "Let me think about" in play.text()


async def test_up_and_down_walk_through_earlier_prompts(stage) -> None:
    async with stage(DONE, DONE) as play:
        await play.say("first")
        await play.idle()
        await play.say("second")
        await play.until(lambda: len(said(play)) == 2 and not play.transcript.is_running)
        prompt = play.app.screen.query_one(Prompt)
        await play.pilot.press(*"draft", "up", "up")
        assert prompt.text == "first"
        await play.pilot.press("down", "down")
        assert prompt.text == "draft"


async def test_a_file_is_completed(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @ap")
        await play.until(lambda: play.app.screen.query_one(CompletionList).is_open)
        assert "src/app.py" in play.text()
        await play.pilot.press("tab")
        assert play.app.screen.query_one(Prompt).text == "see @src/app.py "


async def test_a_command_is_completed_and_escape_closes_the_list(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"/com")
        await play.until(lambda: play.app.screen.query_one(CompletionList).is_open)
        assert "compact" in play.text()
        await play.pilot.press("escape")
        assert not play.app.screen.query_one(CompletionList).is_open
        assert play.app.screen.query_one(Prompt).text == "/com"


async def test_a_large_paste_is_folded_and_sent_whole(stage) -> None:
    pasted = "\n".join(f"row {number}" for number in range(120))
    async with stage(DONE) as play:
        prompt = play.app.screen.query_one(Prompt)
        await play.pilot.press(*"read ")
        prompt.post_message(events.Paste(pasted))
        await play.until(lambda: "pasted" in prompt.text)
        assert prompt.text == "read [pasted 120 lines]"
        await play.pilot.press("enter")
        await play.idle()
        assert said(play) == [f"read {pasted}"]


async def test_a_paste_cannot_steer_the_terminal(stage) -> None:
    async with stage(DONE) as play:
        prompt = play.app.screen.query_one(Prompt)
        prompt.post_message(events.Paste("a\x1b]52;c;aGk=\x07b\u202ec"))
        await play.until(lambda: prompt.text)
        assert prompt.text == "a␛]52;c;aGk=␇b<U+202E>c"


async def test_typing_in_a_quiet_pane_goes_to_the_prompt(stage) -> None:
    async with stage(DONE) as play:
        play.app.screen.query_one("#tools").focus()
        await play.pilot.press(*"hi")
        prompt = play.app.screen.query_one(Prompt)
        assert prompt.text == "hi"
        assert prompt.has_focus


async def test_a_shell_command_of_ones_own_is_run(stage, repository) -> None:
    async with stage(DONE) as play:
        await play.say("!!printf made > made.txt")
        await play.until(lambda: (repository / "made.txt").exists())


async def test_a_steer_is_told_to_the_model_at_the_next_boundary(stage) -> None:
    gate = asyncio.Event()
    first = {"text": "Looking.", "hold": "go", "calls": [{"name": "list_files", "arguments": {}}]}
    async with stage(first, {"text": "As you say.", "expect": "use tabs"}, gates={"go": gate}) as play:
        await play.say("begin")
        await play.until(lambda: play.transcript.live.previews)
        await play.say("use tabs")
        await play.until(lambda: play.transcript.queue)
        gate.set()
        await play.idle()
        assert said(play) == ["begin", "use tabs"]
        assert "As you say." in play.text()


async def test_commands_stand_in_columns_behind_their_sign(stage) -> None:
    async with stage(DONE, size=(100, 30)) as play:
        await play.pilot.press("slash")
        await play.until(lambda: play.app.screen.query_one(CompletionList).is_open)
        rows = {name: row for row in play.text().splitlines() for name in ("/model", "/new", "/clear") if name in row}
        assert rows["/model"].index("[name]") == rows["/new"].index("[prompt]")
        starts = {rows["/model"].index("choose"), rows["/new"].index("start a"), rows["/clear"].index("start over")}
        assert len(starts) == 1


async def test_what_a_command_takes_is_cut_before_what_it_does(stage) -> None:
    async with stage(DONE, size=(100, 30)) as play:
        await play.pilot.press(*"/me")
        await play.until(lambda: play.app.screen.query_one(CompletionList).is_open)
        row = next(row for row in play.text().splitlines() if "/memory" in row)
        assert "what is remembered, and what it costs; forget takes an entry out" in row
        assert "[forget" in row


async def test_a_description_in_the_palette_gets_the_room_that_is_left(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press("ctrl+p", *"undo")
        await play.pilot.pause()
        assert "bring files back to before the last turn that changed any" in play.text()


def burst(prompt: Prompt, text: str) -> None:
    """Let keys come at once, Enter behind them, before the screen has had a moment for any of them."""
    for character in text:
        prompt.post_message(events.Key("slash" if character == "/" else character, character))
    prompt.post_message(events.Key("enter", "\r"))


async def test_enter_right_behind_a_whole_command_sends_it(stage) -> None:
    async with stage(DONE) as play:
        prompt = play.app.screen.query_one(Prompt)
        burst(prompt, "/help")
        await play.until(lambda: len(play.app.screen_stack) > 1 and prompt.text == "")


async def test_enter_right_behind_the_beginning_of_a_command_completes_it(stage) -> None:
    async with stage(DONE) as play:
        prompt = play.app.screen.query_one(Prompt)
        burst(prompt, "/compac")
        await play.until(lambda: prompt.text == "/compact ")


async def test_enter_behind_something_that_no_command_begins_with_sends_it(stage) -> None:
    async with stage(DONE) as play:
        prompt = play.app.screen.query_one(Prompt)
        burst(prompt, "/zzz")
        await play.until(lambda: prompt.text == "")

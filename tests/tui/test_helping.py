"""What a small model is helped with is on the screen: its manner, mended calls, failures, circles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.test_drawing import LOOK, lines_of
from trashclaw.faces.tui.drawing.entries import Shown, entry_lines
from trashclaw.faces.tui.drawing.manner import manner_words, reasons
from trashclaw.faces.tui.drawing.runs import run_line, run_output
from trashclaw.faces.tui.screens.manner import manner_lines
from trashclaw.faces.tui.widgets.header import Header
from trashclaw.faces.tui.widgets.run_group import RunGroup
from trashclaw.faces.tui.widgets.status_bar import StatusBar, gauges_of
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import Mending, ToolRun
from trashclaw.protocol.manners import DialectName, EditFormat, Rung, ToolSetName
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.transcript import Transcript, mendings

WHY = "dialect: not examined; the server takes tools; tool set: window of 8192 tokens; think: exam of 3 Nov 2026: slow"


def manner(dialect: str = "native", tool_set: str = "full", edit_format: str = "replace", **rest: Any) -> Any:
    return ev.DialectChosen(
        dialect=DialectName(dialect), tool_set=ToolSetName(tool_set), edit_format=EditFormat(edit_format), **rest
    )


def failed(text: str = "boom", mended: tuple[Mending, ...] = ()) -> ToolRun:
    call = ToolCall(call_id=CallId("c"), name="bash")
    result = ToolResult(
        call_id=call.call_id,
        status=ToolStatus.DONE,
        text=text,
        exit_code=1,
        metadata={"has_effects": False},
    )
    run = ToolRun(item_id=ItemId("i"), call=call, title="$ make", status=ToolStatus.DONE, result=result, mended=mended)
    return run.model_copy(update={"duration_s": 0.1})


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (None, ""),
        (manner(), ""),
        (manner("typed"), "typed"),
        (manner("text", "lean"), "text · lean"),
        (manner("typed", "nano", "whole_file"), "typed · nano · whole files"),
    ],
)
def test_what_is_unusual_about_a_manner_is_told_in_a_word_each(chosen: Any, words: str) -> None:
    assert manner_words(chosen, LOOK) == words


def test_reasons_are_told_apart_though_they_hold_the_sign_between_them() -> None:
    assert reasons(manner(reason=WHY)) == {
        "dialect": "not examined; the server takes tools",
        "tool set": "window of 8192 tokens",
        "think": "exam of 3 Nov 2026: slow",
    }
    assert reasons(manner(reason="most calls failed")) == {"": "most calls failed"}
    assert reasons(manner()) == {}


@pytest.mark.parametrize("width", [20, 30, 44, 100])
def test_nothing_of_it_is_wider_than_its_pane(width: int) -> None:
    long = "a very long word" * 20
    events = [
        manner("typed", reason=f"{WHY}{long}\x1b[2J"),
        ev.Notice(code="loop", text=long, to_model=True),
        ev.Notice(code="stalled", text=f"**{long}**\n\n- {long}", level=ev.NoticeLevel.WARNING),
        failed(long, (Mending(rung=Rung.NAMED, text=long), Mending(rung=Rung.FOUND, text=long))),
    ]
    failure = ev.FailureRouted(item_id=ItemId("i"), tool="bash", exit_code=1, lines=(long,), times=3)
    for event in events:
        for is_unfolded in (False, True):
            lines = entry_lines(event, width, LOOK, Shown(is_unfolded=is_unfolded, failure=failure))
            assert max(line.cell_len for line in lines) <= width
            assert "\x1b" not in "".join(line.plain for line in lines)


def test_a_note_to_the_model_is_a_line_until_it_is_opened() -> None:
    note = ev.Notice(code="loop", text="You repeat yourself.\nDo something else.", to_model=True)
    assert lines_of(entry_lines(note, 80, LOOK, Shown())) == [
        "– going in circles, told the model: You repeat yourself. Do something else."
    ]
    assert lines_of(entry_lines(note, 80, LOOK, Shown(is_unfolded=True)))[1:] == [
        "  │ You repeat yourself.",
        "  │ Do something else.",
    ]


def test_a_failed_run_says_how_it_begins_and_how_often_it_came() -> None:
    lines = ("E", "=====", "NameError: name 'total' is not defined")
    failure = ev.FailureRouted(item_id=ItemId("i"), tool="bash", exit_code=1, lines=lines, times=2)
    wide = run_line(failed(), 90, LOOK, is_waiting=False, failure=failure).plain
    assert "exit 1 x2: NameError: name 'total' is not defined" in wide
    narrow = run_line(failed(), 30, LOOK, is_waiting=False, failure=failure).plain
    assert narrow.endswith("exit 1 x2")
    first = failure.model_copy(update={"times": 1, "lines": ()})
    assert "exit 1 " in run_line(failed(), 90, LOOK, is_waiting=False, failure=first).plain


def test_what_the_model_was_advised_stands_apart_from_what_the_command_said() -> None:
    event = '<error tool="bash" exit_code="1" kind="other" times="1">\nboom\n</error>\nLook at it.'
    failure = ev.FailureRouted(item_id=ItemId("i"), tool="bash", exit_code=1)
    run = failed(f"boom\n{event}")
    assert lines_of(run_output(run, "", 60, LOOK, failure)) == ["boom", "advised: Look at it."]
    assert lines_of(run_output(run, "", 60, LOOK))[:3] == ["boom", *event.splitlines()[:1], "boom"]
    open_ended = '<error tool="bash" exit_code="1">\nno end'
    assert lines_of(run_output(failed(open_ended), "", 60, LOOK, failure)) == open_ended.splitlines()


def test_what_was_mended_is_told_rung_by_rung() -> None:
    texts = ((Rung.NAMED, "tool ls -> list_files"), (Rung.REPAIRED, "a comma"), (Rung.NAMED, "took dir as path"))
    run = failed(mended=tuple(Mending(rung=rung, text=text) for rung, text in texts))
    assert "mended  exit 1" in run_line(run, 80, LOOK, is_waiting=False).plain
    assert lines_of(entry_lines(run, 80, LOOK, Shown(is_unfolded=True)))[1:5] == [
        "  │ mended before it ran",
        "  │   repaired: a comma",
        "  │   renamed: tool ls -> list_files",
        "  │            took dir as path",
    ]


def test_a_call_that_belongs_into_the_text_is_not_mended_for_being_there() -> None:
    found = (Mending(rung=Rung.FOUND, text="call found in the text (tool_call)"),)
    assert "mended" not in run_line(failed(mended=found), 80, LOOK, is_waiting=False).plain
    assert mendings(failed(mended=found), manner("text")) == ()
    assert mendings(failed(mended=found), manner("native")) == found


def test_a_check_in_a_tool_run_is_told_while_it_runs_and_no_longer() -> None:
    state = Transcript()
    call = ToolCall(call_id=CallId("c"), name="edit_file")
    state.entries.append(ToolRun(item_id=ItemId("i"), call=call, title="edit a.py"))
    state.is_running, state.live.progress = True, ev.Progress(phase=ev.Phase.WAITING, text="checking: pytest")
    assert gauges_of(state, "").phase == "checking: pytest"
    state.live.progress = ev.Progress(phase=ev.Phase.WAITING)
    assert gauges_of(state, "").phase == "running edit a.py"
    state.entries.clear()
    assert gauges_of(state, "").phase == "working"


def test_a_second_question_is_told_with_what_the_server_does() -> None:
    state = Transcript()
    state.is_running = True
    state.live.progress = ev.Progress(phase=ev.Phase.PREFILL, done=900, total=1800, eta_s=3, text="asking again")
    told = gauges_of(state, "")
    assert (told.phase, told.is_left_estimate) == ("asking again, reading prompt 900/1.8k", False)


def test_the_page_tells_the_choice_every_change_and_every_rung() -> None:
    state = Transcript(model="m", provider="p", limit_tokens=8192)
    state.first_manner = manner("native", "lean", reason=WHY)
    state.manner = manner("typed", "lean", reason="most of the last calls could not be read")
    mended = (Mending(rung=Rung.REASKED, text="asked"),)
    state.entries += [state.manner, failed(mended=mended)]
    state.mended_calls = 1
    text = "\n".join(lines_of(list(manner_lines(state, 90, LOOK))))
    assert "typed: every answer held to a schema" in text
    assert "not examined; the server takes tools" in text
    assert "exam         3 Nov 2026" in text
    assert "why: most of the last calls could not be read" in text
    assert "1 call mended" in text
    assert "asked again  1" in text
    assert "trashclaw models exam" in text


LOOK_AGAIN = {"text": "Again.", "calls": [{"name": "read_file", "arguments": {"path": "src/app.py"}}]}


async def test_a_turn_in_circles_is_told_live_and_the_same_when_it_is_resumed(stage) -> None:
    first = {"calls": [{"name": "read", "arguments": '{"file_path": "src/app.py",}'}]}
    async with stage(first, *[LOOK_AGAIN] * 8, size=(140, 60)) as play:
        await play.say("look")
        await play.idle()
        bar, header = play.app.screen.query_one(StatusBar), play.app.screen.query_one(Header)
        assert "1 call mended" in bar.render_line(0).text
        assert "lean" in header.render_line(0).text
        pane = play.app.screen.query_one(TranscriptPane)
        shown = [block.entry for block in pane.blocks if not isinstance(block, RunGroup)]
        assert [type(entry) for entry in shown] == [type(entry) for entry in play.transcript.entries]
        assert any(isinstance(entry, ev.DialectChosen) for entry in shown)
        text = play.text()
        assert "going in circles, told the model: " in text
        assert "stopped: it got no further" in text
        assert "**" not in text
        await play.say("/manner ")
        await play.until(lambda: "Changed in this session" in play.text())


async def test_a_failure_that_comes_again_is_counted_live_and_after_a_resume(stage) -> None:
    missing = {"text": "Look.", "calls": [{"name": "read_file", "arguments": {"path": "none.py"}}]}
    async with stage(missing, missing, {"text": "It is not there."}) as play:
        await play.say("look")
        await play.idle()
        assert "failed x2" in play.text()
        session_id = play.session.session_id
        await play.app.desk.close()
        play.app.open_session(resume=session_id)
        await play.until(lambda: play.app.desk.session is not None)
        await play.until(lambda: "It is not there." in play.text())
        assert "failed x2" in play.text()


async def test_a_note_to_the_model_opens_with_the_tools_output(stage) -> None:
    async with stage(*[LOOK_AGAIN] * 4, {"text": "Done."}, size=(120, 80)) as play:
        await play.say("look")
        await play.idle()
        assert "Use what you know" not in play.text().replace("\n", " ") or "…" in play.text()
        await play.pilot.press("ctrl+o")
        await play.until(lambda: "going in circles, told the model\n" in _trimmed(play.text()))


def _trimmed(text: str) -> str:
    return "\n".join(line[:76].rstrip(" │") for line in text.splitlines()) + "\n"

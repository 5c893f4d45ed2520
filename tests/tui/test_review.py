"""Approving and rejecting on the screen, down to the bytes of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual import events

from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.question_pane import QuestionPane
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus

DONE = {"text": "Done."}
TWO = "\n".join(f"line {number}" for number in range(40)) + "\n"


def two_hunks(folder: Path) -> dict[str, Any]:
    """A step whose edit has two hunks far from each other."""
    (folder / "long.txt").write_text(TWO)
    changed = TWO.replace("line 3\n", "LINE 3\n").replace("line 33\n", "LINE 33\n")
    return {"calls": [{"name": "write_file", "arguments": {"path": "long.txt", "content": changed}}]}


def read_first(path: str) -> dict[str, Any]:
    """A step that reads a file, which an overwriting wants."""
    return {"calls": [{"name": "read_file", "arguments": {"path": path}}]}


async def test_a_proposed_change_takes_the_focus_and_nothing_has_landed(stage, repository, edit) -> None:
    before = (repository / "src" / "app.py").read_bytes()
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        pane = play.app.screen.query_one(DiffPane)
        assert pane.has_focus_within
        assert "Change src/app.py?  hunk 1 of 1" in play.text()
        assert "waits for you" in play.text()
        assert (repository / "src" / "app.py").read_bytes() == before
        await play.pilot.press("r")
        await play.idle()


async def test_accepting_lands_the_change_and_gives_the_focus_back(stage, repository, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("a")
        await play.idle()
        assert "Good day" in (repository / "src" / "app.py").read_text()
        assert play.app.screen.query_one(Prompt).has_focus
        assert not play.app.screen.query_one(DiffPane).is_waiting
        assert "landed" in play.text()


async def test_a_rejected_change_leaves_every_byte_alone(stage, repository, edit) -> None:
    before = (repository / "src" / "app.py").read_bytes()
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("r")
        await play.idle()
        assert (repository / "src" / "app.py").read_bytes() == before
        assert "rejected" in play.text()


async def test_a_hunk_that_is_switched_off_does_not_land(stage, repository) -> None:
    async with stage(read_first("long.txt"), two_hunks(repository), DONE) as play:
        await play.say("shout")
        await play.asked()
        assert "hunk 1 of 2" in play.text()
        await play.pilot.press("right_square_bracket", "space")
        assert "left out" in play.text()
        await play.pilot.press("a")
        await play.idle()
        assert (repository / "long.txt").read_text() == TWO.replace("line 3\n", "LINE 3\n")
        assert "1 of 2 landed" in play.text()
        assert "LINE 33" not in play.text()


async def test_accepting_with_every_hunk_off_is_a_rejection(stage, repository, edit) -> None:
    before = (repository / "src" / "app.py").read_bytes()
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("space", "a")
        await play.idle()
        assert (repository / "src" / "app.py").read_bytes() == before


async def test_y_accepts_all_of_it_whatever_is_switched_off(stage, repository, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("space", "y")
        await play.idle()
        assert "Good day" in (repository / "src" / "app.py").read_text()


async def test_typed_text_rejects_with_that_reason(stage, repository, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press(*"keep it short", "enter")
        await play.idle()
        runs = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)]
        assert runs[0].status is ToolStatus.REJECTED
        assert runs[0].result is not None
        assert "keep it short" in runs[0].result.text


async def test_a_pasted_reason_cannot_steer_the_terminal(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("n")
        pane = play.app.screen.query_one(DiffPane)
        play.app.focused.post_message(events.Paste("a\x1b[2J\nb"))
        await play.until(lambda: pane.typed)
        assert pane.typed == "a␛[2J⏎b"
        await play.pilot.press("escape", "r")
        await play.idle()


async def test_a_reason_keeps_the_order_of_keys_that_come_together(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.burst("n", *"to!", "backspace")
        await play.burst(*"x", "backspace", *"o long", "left", "left", "left", "left", "delete", "l", "enter")
        await play.idle()
        runs = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)]
        assert runs[0].result is not None
        assert "Their words: too long" in runs[0].result.text


async def test_the_reason_stands_below_the_diff_and_covers_none_of_it(stage, repository) -> None:
    async with stage(read_first("long.txt"), two_hunks(repository), DONE, size=(120, 30)) as play:
        await play.say("shout")
        await play.asked()
        body = play.app.screen.query_one(DiffPane).body
        body.scroll_end(animate=False)
        await play.pilot.pause()
        last = play.text().index("36 line 35")
        await play.pilot.press("n", *"no")
        await play.pilot.pause()
        assert "36 line 35" in play.text()
        rows = play.text().splitlines()
        typed = next(row for row in rows if " no " in row and "now" not in row and "line" not in row)
        assert last > 0
        assert typed.index("no") == next(row for row in rows if "36 line 35" in row).index(" 36 line 35")
        await play.pilot.press("escape", "r")
        await play.idle()


async def test_the_keys_that_there_is_room_for_are_named(stage, repository) -> None:
    async with stage(read_first("long.txt"), two_hunks(repository), DONE, size=(140, 40)) as play:
        await play.say("shout")
        await play.asked()
        assert "Space off  ] next  a accept  y all  r reject  n why" in play.text()
        await play.pilot.press("space")
        assert "Space on  ] next  a accept  y all  r reject  n why" in play.text()
        await play.pilot.press("space")
        await play.pilot.resize_terminal(120, 40)
        await play.until(lambda: "Space off  ] next  a accept  r reject  n why" in play.text())
        await play.pilot.press("r")
        await play.idle()


async def test_escape_leaves_the_reason_and_the_change_still_waits(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("n", *"no", "escape")
        pane = play.app.screen.query_one(DiffPane)
        assert pane.is_waiting
        assert not pane.has_class("-typing")
        assert play.transcript.approvals
        await play.pilot.press("r")
        await play.idle()


async def test_a_key_that_comes_too_early_goes_to_the_prompt(stage, edit) -> None:
    async with stage(edit, DONE, grace_s=3600.0) as play:
        await play.say("be warmer")
        await play.asked()
        assert "keys count in a moment" in play.text()
        await play.pilot.press("y", "a", "r", "space", "x")
        await play.pilot.pause()
        assert play.app.screen.query_one(Prompt).text == "yar x"
        assert play.transcript.approvals
        await play.app.desk.close()


async def test_what_a_command_did_is_shown_with_it_and_lands_when_accepted(stage, repository) -> None:
    command = "printf made > made.txt"
    async with stage({"calls": [{"name": "bash", "arguments": {"command": command}}]}, DONE) as play:
        await play.say("make it")
        await play.asked()
        if play.app.screen.query_one(DiffPane).review.patch is None:
            pytest.skip("there is no sandbox here, so the command is asked about before it runs")
        assert f"$ {command}" in play.text()
        assert "Keep what it changed in 1 file?" in play.text()
        assert "new file  +1 -0" in play.text()
        assert not (repository / "made.txt").exists()
        await play.pilot.press("a")
        await play.idle()
        assert (repository / "made.txt").read_text() == "made"
        assert "1 file changed" in play.text()
        assert play.app.screen.query_one(DiffPane).review.patch is not None


async def test_what_a_command_did_and_was_rejected_is_not_shown_as_landed(stage, repository) -> None:
    command = "printf made > made.txt; printf more > more.txt"
    async with stage({"calls": [{"name": "bash", "arguments": {"command": command}}]}, DONE) as play:
        await play.say("make it")
        await play.asked()
        if play.app.screen.query_one(DiffPane).review.patch is None:
            pytest.skip("there is no sandbox here, so the command is asked about before it runs")
        await play.pilot.press("r")
        await play.idle()
        assert "0 of 2 files landed" in play.text()
        assert play.app.screen.query_one(DiffPane).review.patch is None
        await play.say("/diff")
        await play.told("This session has changed no file.")


async def test_a_question_is_answered_by_its_number(stage) -> None:
    ask = {"name": "ask_user", "arguments": {"question": "Which one?", "options": ["the red", "the blue"]}}
    async with stage({"calls": [ask]}, {"text": "Fine.", "expect": "the blue"}) as play:
        await play.say("choose")
        await play.asked()
        assert play.app.screen.query_one(QuestionPane).has_focus_within
        assert "Which one?" in play.text()
        await play.pilot.press("2")
        await play.idle()
        assert "Fine." in play.text()


async def test_a_question_is_answered_in_ones_own_words(stage) -> None:
    ask = {"name": "ask_user", "arguments": {"question": "Which one?", "options": ["the red", "the blue"]}}
    async with stage({"calls": [ask]}, {"text": "Fine.", "expect": "neither"}) as play:
        await play.say("choose")
        await play.asked()
        await play.pilot.press(*"neither", "enter")
        await play.idle()
        assert "Fine." in play.text()


async def test_a_file_name_that_looks_like_markup_is_only_a_name(stage, repository) -> None:
    path = "[red]x[/nope][bold.py"
    step = {"calls": [{"name": "write_file", "arguments": {"path": path, "content": "x\n"}}]}
    async with stage(step, DONE) as play:
        await play.say("make it")
        await play.asked()
        assert f"Change {path}?" in play.text()
        await play.pilot.press("a")
        await play.idle()
        assert (repository / path).exists()

"""What the composer remembers: earlier prompts, drafts, pastes, and what undo brings back."""

from __future__ import annotations

import json

from textual import events
from textual.widgets import Input

from trashclaw.faces.tui.screens.history import HistoryScreen
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol.ids import SessionId
from trashclaw.store.drafts import Draft, Drafts

DONE = {"text": "Done."}
HELD = {"text": "Let me think about", "hold": True}
PASTED = "\n".join(f"row {number}" for number in range(120))
SIGN = "[pasted 120 lines]"


def prompt_of(play) -> Prompt:
    """The editor in front."""
    return play.app.main.prompt


async def paste(play, text: str) -> None:
    """Paste, as a terminal does."""
    prompt = prompt_of(play)
    before = prompt.text
    prompt.post_message(events.Paste(text))
    await play.until(lambda: prompt.text != before)


def stored(tmp_path) -> list[str]:
    """The prompts that are stored."""
    file = tmp_path / "state" / "prompts.jsonl"
    return [json.loads(line)["text"] for line in file.read_text().splitlines()] if file.exists() else []


def draft_on_disk(tmp_path) -> str:
    """The draft that is stored."""
    files = list((tmp_path / "state" / "drafts").glob("*.json"))
    return json.loads(files[0].read_text())["text"] if files else ""


async def test_what_was_said_is_there_in_the_next_session(stage, tmp_path) -> None:
    async with stage(DONE) as play:
        await play.say("run the tests")
        await play.idle()
        await play.until(lambda: stored(tmp_path))
    async with stage(DONE) as play:
        await play.until(lambda: len(prompt_of(play).past))
        await play.pilot.press("up")
        assert prompt_of(play).text == "run the tests"
        await play.pilot.press("down")
        assert prompt_of(play).text == ""


async def test_what_begins_with_a_space_is_not_remembered(stage, tmp_path) -> None:
    async with stage(DONE, DONE) as play:
        await play.say(" not for the memory")
        await play.idle()
        await play.say("for the memory")
        await play.until(lambda: stored(tmp_path))
        assert stored(tmp_path) == ["for the memory"]


async def test_secrets_are_taken_out_of_what_is_stored(stage, tmp_path) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    async with stage(DONE) as play:
        await play.say(f"use {key} to push")
        await play.until(lambda: stored(tmp_path))
        prompt_of(play).insert(f"draft {key}")
        await play.until(lambda: draft_on_disk(tmp_path))
    everything = (tmp_path / "state" / "prompts.jsonl").read_text() + draft_on_disk(tmp_path)
    assert key not in everything
    assert "[redacted: " in stored(tmp_path)[0]
    assert "[redacted: " in draft_on_disk(tmp_path)


async def test_a_draft_comes_back_with_its_pastes_and_goes_when_it_is_sent(stage, tmp_path) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see ")
        await paste(play, PASTED)
    async with stage(DONE) as play:
        await play.until(lambda: prompt_of(play).text)
        assert prompt_of(play).text == f"see {SIGN}"
        assert prompt_of(play).whole_text == f"see {PASTED}"
        await play.pilot.press("enter")
        await play.idle()
        await play.until(lambda: not draft_on_disk(tmp_path))
    async with stage(DONE) as play:
        await play.until(lambda: len(prompt_of(play).past))
        assert prompt_of(play).text == ""


async def test_a_draft_is_stored_while_one_writes(stage, tmp_path) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"half a thought")
        await play.until(lambda: draft_on_disk(tmp_path) == "half a thought")
        await play.pilot.press(*" more")
        await play.until(lambda: draft_on_disk(tmp_path) == "half a thought more")


async def test_a_draft_never_takes_the_place_of_what_was_typed_before(stage, tmp_path) -> None:
    async with stage(DONE) as play:
        Drafts(tmp_path / "state" / "drafts", tmp_path / "state" / "leases").save(SessionId("old"), Draft("yesterday"))
        await play.pilot.press(*"of today")
        play.app.open_session()
        before = play.session.session_id
        await play.until(lambda: play.app.desk.session and play.session.session_id != before)
        await play.until(lambda: len(prompt_of(play).past))
        assert prompt_of(play).text == "of today"
        await play.until(lambda: draft_on_disk(tmp_path) == "of today")
        await play.pilot.press("up")
        assert prompt_of(play).text == "yesterday"


async def test_history_is_searched_and_the_draft_stays_until_one_is_taken(stage) -> None:
    async with stage(DONE, DONE, DONE) as play:
        for text in ("find the bug\nin the parser", "write a test", "find the bug\nin the parser"):
            await play.say(text)
            await play.idle()
        await play.pilot.press(*"draft", "ctrl+r")
        await play.until(lambda: isinstance(play.app.screen, HistoryScreen))
        assert play.text().count("+1 line ") == 1
        await play.pilot.press("escape")
        assert prompt_of(play).text == "draft"
        await play.pilot.press("ctrl+r", *"pars")
        await play.until(lambda: play.app.screen.query_one(Input).value == "pars")
        await play.pilot.press("enter")
        await play.until(lambda: prompt_of(play).text == "find the bug\nin the parser")
        await play.pilot.press("ctrl+underscore")
        assert prompt_of(play).text == "draft"


async def test_undo_brings_back_what_was_sent_cleared_or_walked_away_from(stage) -> None:
    async with stage(DONE) as play:
        prompt = prompt_of(play)
        await play.pilot.press(*"one", "enter")
        await play.idle()
        await play.pilot.press("ctrl+underscore")
        assert prompt.text == "one"
        await play.pilot.press("alt+slash")
        assert prompt.text == ""
        await play.pilot.press(*"two", "ctrl+u")
        assert prompt.text == ""
        await play.pilot.press("ctrl+underscore")
        assert prompt.text == "two"


async def test_ctrl_c_puts_a_draft_away_and_up_brings_it_back(stage) -> None:
    async with stage(DONE) as play:
        prompt = prompt_of(play)
        await play.pilot.press(*"half a thought", "ctrl+c")
        assert prompt.text == ""
        assert play.app.is_running
        await play.pilot.press("up")
        assert prompt.text == "half a thought"


async def test_a_folded_paste_goes_as_a_whole_and_unfolds(stage) -> None:
    async with stage(DONE) as play:
        prompt = prompt_of(play)
        await play.pilot.press(*"see ")
        await paste(play, PASTED)
        await play.pilot.press("backspace")
        assert prompt.text == "see "
        await play.pilot.press("ctrl+underscore")
        assert prompt.text == f"see {SIGN}"
        await play.pilot.press("alt+p")
        assert prompt.text == f"see {PASTED}"
        await play.pilot.press("ctrl+underscore")
        assert prompt.text == f"see {SIGN}"


async def test_a_folded_paste_stays_folded_in_history(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see ")
        await paste(play, PASTED)
        await play.pilot.press("enter")
        await play.idle()
        await play.pilot.press("up")
        assert prompt_of(play).text == f"see {SIGN}"
        assert prompt_of(play).whole_text == f"see {PASTED}"


async def test_the_editor_is_given_the_pastes_whole_and_its_words_come_back(stage, tmp_path, monkeypatch) -> None:
    editor = tmp_path / "editor"
    seen = tmp_path / "seen"
    editor.write_text(f'#!/bin/sh\ncp "$1" {seen}\nprintf "and this\\n" >> "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    async with stage(DONE) as play:
        await play.pilot.press(*"see ")
        await paste(play, f"{PASTED}\n")
        await play.pilot.press("ctrl+g")
        await play.until(lambda: "and this" in prompt_of(play).text)
        assert seen.read_text() == f"see {PASTED}\n"
        assert prompt_of(play).text == f"see {SIGN}and this"


async def test_an_editor_that_fails_loses_nothing(stage, monkeypatch) -> None:
    monkeypatch.setenv("VISUAL", "false")
    async with stage(DONE) as play:
        await play.pilot.press(*"half a thought", "ctrl+g")
        await play.told("false ended with 1; the text stays as it was.")
        assert prompt_of(play).text == "half a thought"


async def test_what_a_resumed_session_had_unsent_is_remembered_where_something_stands_in_the_editor(
    stage, tmp_path
) -> None:
    async with stage(DONE) as play:
        await play.say("begin")
        await play.idle()
        first = play.session.session_id
        await play.say("/new")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
        Drafts(tmp_path / "state" / "drafts", tmp_path / "state" / "leases").save(first, Draft("left there"))
        await play.pilot.press(*"brought along")
        play.app.open_session(resume=first)
        await play.until(lambda: "left there" in stored(tmp_path))
        assert prompt_of(play).text == "brought along"
        await play.until(lambda: draft_on_disk(tmp_path) == "brought along")
        assert "brought along" not in stored(tmp_path)

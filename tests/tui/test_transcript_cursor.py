"""The cursor in the conversation: goes from block to block, copies sources, opens files, goes back, forks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.items import AgentMessage, ToolRun, UserMessage

ANSWER = "Look at **this**, it stands in src/app.py:2\n\n```python\nx = 1\n```\n\nand\n\n```sh\nls\n```"
READ = {"calls": [{"name": "read_file", "arguments": {"path": "src/app.py"}}]}


def pane_of(play: Play) -> TranscriptPane:
    return play.app.screen_stack[0].query_one(TranscriptPane)


def current(play: Play) -> object:
    """Return the entry under the cursor."""
    pane = pane_of(play)
    assert pane.cursor is not None
    return pane.blocks[pane.cursor].entry


async def talk(play: Play) -> None:
    """Let a turn of a tool run and an answer happen, and go to the answer."""
    await play.say("what is there?")
    await play.until(lambda: play.app.desk.last_answer() == ANSWER)
    await play.idle()
    await play.pilot.press("alt+k", "k")


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went to the clipboard."""
    texts: list[str] = []
    monkeypatch.setattr("trashclaw.faces.tui.copying.Copying.copy", lambda self, text, what: texts.append(text))
    return texts


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in which an editor by the name of `vim` notes what it was called with."""
    noted, program = tmp_path / "called.json", tmp_path / "vim"
    program.write_text(f'#!/bin/sh\nprintf \'["%s", "%s"]\' "$1" "$2" > {noted}\n')
    program.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(program))
    return noted


async def test_it_goes_from_block_to_block_and_is_seen_only_with_the_focus(stage: Stage) -> None:
    async with stage(READ, {"text": ANSWER}) as play:
        await talk(play)
        assert isinstance(current(play), AgentMessage)
        assert "›  Look at this" in play.text()
        await play.pilot.press("up")
        assert isinstance(current(play), ToolRun)
        await play.pilot.press("g")
        assert isinstance(current(play), UserMessage)
        assert "›▌ what is there?" in play.text()
        await play.pilot.press("k", "j", "G")
        assert current(play) is pane_of(play).blocks[-1].entry
        await play.pilot.press("k")
        await play.pilot.press("ctrl+l")
        assert "›" not in play.text()


async def test_enter_opens_a_tool_run_and_the_border_says_what_keys_do(stage: Stage) -> None:
    async with stage(READ, {"text": ANSWER}) as play:
        await talk(play)
        assert "c copy" in play.text() and "Enter open" not in play.text()
        await play.pilot.press("k")
        assert "def greet" not in play.text()
        await play.pilot.press("enter")
        assert "def greet" in play.text()
        assert "Enter fold" in play.text()
        await play.pilot.press("enter")
        assert "def greet" not in play.text()


async def test_the_source_is_copied_and_not_what_is_drawn(stage: Stage, copied: list[str]) -> None:
    async with stage(READ, {"text": ANSWER}) as play:
        await talk(play)
        await play.pilot.press("c")
        await play.pilot.press("y", "y", "y")
        assert copied == [ANSWER, "x = 1", "ls", "x = 1"]
        copied.clear()
        await play.pilot.press("k", "c")
        assert len(copied) == 1
        assert copied[0].startswith("read src/app.py\n")
        assert "def greet" in copied[0]


async def test_a_file_opens_in_the_editor_at_its_line(stage: Stage, editor: Path, repository: Path) -> None:
    async with stage(READ, {"text": ANSWER}) as play:
        await talk(play)
        await play.pilot.press("o")
        await play.until(editor.exists)
        assert json.loads(editor.read_text()) == ["+2", str(repository / "src/app.py")]


async def test_of_several_files_one_is_chosen(stage: Stage, editor: Path, repository: Path) -> None:
    (repository / "other.py").write_text("y = 2\n")
    text = "See src/app.py:2, other.py:1, gone.py:7 and ../outside.py:1"
    async with stage({"text": text}) as play:
        (repository.parent / "outside.py").write_text("")
        await play.say("where?")
        await play.idle()
        await play.pilot.press("alt+k", "k", "o")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        shown = play.text()
        assert "src/app.py:2" in shown and "other.py:1" in shown
        assert "gone.py:7" not in shown.split("Open in your editor")[1].split("Enter")[0]
        await play.pilot.press(*"other", "enter")
        await play.until(editor.exists)
        assert json.loads(editor.read_text()) == ["+1", str(repository / "other.py")]


async def test_a_block_without_files_says_so(stage: Stage, editor: Path) -> None:
    async with stage({"text": "Nothing here."}) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("alt+k", "k", "o")
        await play.told("names no file")
        assert not editor.exists()


async def test_retry_is_asked_twice_and_brings_the_words_back(stage: Stage) -> None:
    async with stage({"text": "One."}, {"text": "Two."}) as play:
        await play.say("first words")
        await play.until(lambda: play.app.desk.last_answer() == "One.")
        await play.idle()
        await play.pilot.press("alt+k", "k", "r")
        assert 'r again: go back to before "first words"' in play.text()
        await play.pilot.press("j", "k")
        assert "r again" not in play.text()
        await play.pilot.press("r", "r")
        await play.until(lambda: play.app.main.prompt.text == "first words")
        assert "One." not in play.text()
        assert not play.transcript.is_running


async def test_a_failed_turn_is_sent_again(stage: Stage) -> None:
    async with stage({"error": {"kind": "unreachable", "text": "Nobody there."}}, {"text": "Here."}) as play:
        await play.say("are you there?")
        await play.idle()
        await play.pilot.press("alt+k", "r")
        assert "send again" in play.text()
        await play.pilot.press("r")
        await play.until(lambda: play.app.desk.last_answer() == "Here.")
        await play.idle()
        assert play.app.main.prompt.text == ""
        assert play.text().count("▌ are you there?") == 1


async def test_a_draft_is_never_sent_with_a_retry(stage: Stage) -> None:
    async with stage({"error": {"kind": "unreachable", "text": "Nobody there."}}, {"text": "Here."}) as play:
        await play.say("are you there?")
        await play.idle()
        play.app.main.prompt.load_text("half a thought")
        await play.pilot.press("alt+k", "r", "r")
        await play.until(lambda: play.app.main.prompt.text == "are you there?\nhalf a thought")
        assert not play.transcript.is_running


async def test_only_the_persons_own_message_is_edited(stage: Stage) -> None:
    async with stage({"text": "One."}) as play:
        await play.say("frist words")
        await play.idle()
        await play.pilot.press("alt+k", "k", "e", "e")
        assert "One." in play.text()
        await play.pilot.press("k", "e")
        assert 'e again: go back to before "frist words" and edit it' in play.text()
        await play.pilot.press("e")
        await play.until(lambda: play.app.main.prompt.text == "frist words")
        assert play.app.main.prompt.has_focus


async def test_a_fork_is_wished_for_from_the_block(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage({"text": "One."}) as play:
        await play.say("go")
        await play.idle()
        wished: list[tuple[str, str]] = []
        monkeypatch.setattr(play.app.commanding, "run", lambda name, arguments, **_: wished.append((name, arguments)))
        await play.pilot.press("alt+k", "G", "f")
        answer = next(entry for entry in play.transcript.entries if isinstance(entry, AgentMessage))
        assert wished == [("fork", answer.item_id)]


async def test_a_click_puts_the_cursor_on_a_block(stage: Stage) -> None:
    async with stage(READ, {"text": ANSWER}) as play:
        await talk(play)
        rows = play.text().splitlines()
        y = next(y for y, row in enumerate(rows) if "read src/app.py" in row)
        await play.pilot.click(offset=(10, y))
        assert isinstance(current(play), ToolRun)
        assert "def greet" in play.text()


async def test_a_high_block_is_read_to_its_end_before_the_next_one(stage: Stage) -> None:
    long = "\n\n".join(f"Paragraph {number}." for number in range(80))
    async with stage({"text": long}) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("alt+k", "g", "j")
        place = pane_of(play).cursor
        seen = set()
        for _ in range(12):
            shown = play.text()
            seen |= {number for number in range(80) if f"Paragraph {number}." in shown}
            if pane_of(play).cursor != place:
                break
            await play.pilot.press("j")
        assert seen == set(range(80))
        assert pane_of(play).cursor == (place or 0) + 1


async def test_letters_typed_into_other_panes_still_go_to_the_prompt(stage: Stage) -> None:
    async with stage({"text": "One."}) as play:
        play.app.main.query_one("#plan").focus()
        await play.pilot.press("c", "e")
        assert play.app.main.prompt.text == "ce"

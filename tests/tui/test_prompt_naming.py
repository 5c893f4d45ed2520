"""What the composer knows of files, commands and shells while one types."""

from __future__ import annotations

from textual import events
from textual.containers import Horizontal

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui.widgets.completion_list import CompletionList
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol.items import UserMessage

DONE = {"text": "Done."}


def prompt_of(play) -> Prompt:
    """The editor in front."""
    return play.app.main.prompt


async def listed(play) -> None:
    """Wait until something is offered."""
    await play.until(lambda: play.app.main.query_one(CompletionList).is_open)


def frame(play) -> Horizontal:
    """The frame around the editor."""
    return play.app.main.composer.query_one(Horizontal)


async def test_a_folder_is_completed_and_then_what_is_in_it(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @sr")
        await listed(play)
        await play.pilot.press("tab")
        assert prompt_of(play).text == "see @src/"
        await listed(play)
        await play.pilot.press(*"app", "tab")
        assert prompt_of(play).text == "see @src/app.py "


async def test_a_name_with_a_space_is_quoted_so_that_the_file_is_attached(stage, repository) -> None:
    (repository / "my notes.txt").write_text("buy milk")
    async with stage(DONE) as play:
        await play.pilot.press(*"see @notes")
        await listed(play)
        await play.pilot.press("tab")
        assert prompt_of(play).text == 'see @"my notes.txt" '
        await play.pilot.press("enter")
        await play.idle()
        (said,) = (entry for entry in play.transcript.entries if isinstance(entry, UserMessage))
        assert "buy milk" in said.attached


async def test_behind_a_file_its_lines_are_known(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @src/app.py:")
        await listed(play)
        assert "the file has 2 lines" in play.text()
        await play.pilot.press("tab")
        assert prompt_of(play).text == "see @src/app.py:1-2 "


async def test_enter_behind_a_range_sends_it_as_it_is(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @src/app.py:2")
        await listed(play)
        await play.pilot.press("enter")
        await play.idle()
        (said,) = (entry for entry in play.transcript.entries if isinstance(entry, UserMessage))
        assert said.text == "see @src/app.py:2"


async def test_what_is_not_there_is_said_and_sent_all_the_same(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @nope.py and @src/app.py ")
        await play.until(lambda: "nope.py" in str(frame(play).border_subtitle))
        assert "not here: nope.py" in play.text()
        await play.pilot.press("enter")
        await play.idle()
        await play.until(lambda: "not here" not in play.text())


async def test_what_is_being_typed_is_not_called_missing(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"see @src/ap")
        await listed(play)
        assert "not here" not in play.text()


async def test_dropped_files_become_mentions(stage, repository) -> None:
    (repository / "my notes.txt").write_text("x")
    async with stage(DONE) as play:
        prompt = prompt_of(play)
        await play.until(lambda: prompt.dropped is not None)
        prompt.post_message(events.Paste(f"'{repository}/my notes.txt' {repository}/src/app.py"))
        await play.until(lambda: prompt.text)
        assert prompt.text == '@"my notes.txt" @src/app.py '


async def test_a_path_elsewhere_stays_as_it_was_pasted(stage) -> None:
    async with stage(DONE) as play:
        prompt = prompt_of(play)
        await play.until(lambda: prompt.dropped is not None)
        prompt.post_message(events.Paste("/etc/passwd"))
        await play.until(lambda: prompt.text)
        assert prompt.text == "/etc/passwd"


async def test_a_shell_command_says_what_it_is_and_completes_files(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"!cat sr")
        await listed(play)
        assert "the model reads the output" in play.text()
        await play.pilot.press("down", "enter")
        assert prompt_of(play).text.startswith("!cat src/")
        await play.pilot.press("home", "!")
        await play.until(lambda: "the model is not told" in play.text())
        await play.pilot.press("ctrl+c", "x")
        await play.until(lambda: not frame(play).border_title)


async def test_a_theme_is_completed_among_those_that_there_are(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press(*"/theme ")
        await listed(play)
        assert "[name" in play.text()
        await play.pilot.press(*"gruvbox-l", "enter")
        assert prompt_of(play).text == "/theme gruvbox-light "
        await play.pilot.press("enter")
        await play.until(lambda: play.app.theme == "gruvbox-light")


async def test_what_is_no_listed_argument_is_sent_where_others_are_allowed(stage, repository) -> None:
    async with stage(DONE) as play:
        await play.say("hello")
        await play.idle()
        await play.pilot.press(*"/export app.md", "enter")
        await play.until(lambda: (repository / "app.md").exists())


async def test_vim_keys_are_there_for_those_who_want_them(stage) -> None:
    async with stage(DONE, look=FirstLook(has_vim_keys=True)) as play:
        prompt = prompt_of(play)
        await play.until(lambda: "insert" in str(frame(play).border_title))
        await play.pilot.press(*"one two three", "escape")
        await play.until(lambda: "normal" in str(frame(play).border_title))
        await play.pilot.press(*"bdw")
        assert prompt.text == "one two "
        await play.pilot.press(*"0cw", *"three", "escape", "u")
        assert prompt.text == "one two "
        await play.pilot.press("v", "l")
        assert prompt.selected_text == "on"
        await play.pilot.press("d", "enter")
        await play.idle()
        (said,) = (entry for entry in play.transcript.entries if isinstance(entry, UserMessage))
        assert said.text == "e two"
        await play.pilot.press(*"hi")
        assert prompt.text == "hi"


async def test_vim_keys_escape_leaves_insert_before_it_stops_a_turn(stage) -> None:
    async with stage({"text": "Let me think", "hold": True}, look=FirstLook(has_vim_keys=True)) as play:
        await play.pilot.press(*"go", "enter")
        await play.until(lambda: play.transcript.live.previews)
        await play.pilot.press("x", "escape")
        await play.pilot.pause()
        assert play.transcript.is_running
        await play.pilot.press("escape")
        await play.idle()

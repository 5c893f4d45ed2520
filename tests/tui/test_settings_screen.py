"""The settings: found, explained, changed where they stand, and never written before they are usable."""

from __future__ import annotations

from textual.containers import Vertical
from textual.widgets import Input

from trashclaw.config.paths import FILE_NAME, config_folder
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.settings import SettingsScreen

DONE = {"text": "Done."}


async def opened(play, words: str = "") -> SettingsScreen:
    await play.pilot.press("f4")
    await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
    await play.pilot.press(*words)
    await play.until(lambda: play.app.screen.query(Input).first().value == words)
    return play.app.screen


def written() -> str:
    file = config_folder() / FILE_NAME
    return file.read_text() if file.exists() else ""


async def test_a_switch_is_turned_and_reset_where_it_stands(stage) -> None:
    async with stage(DONE) as play:
        screen = await opened(play, "ui.ascii")
        await play.pilot.press("enter")
        await play.until(lambda: written() == "ui:\n  ascii: true\n")
        await play.until(lambda: play.app.has_class("-ascii"))
        await play.until(lambda: "It holds at once" in screen._said)
        assert str(screen.current.origin) == str(config_folder() / FILE_NAME)
        await play.pilot.press("alt+r")
        await play.until(lambda: written() == "")
        await play.until(lambda: not play.app.has_class("-ascii"))
        assert screen.current.is_default


async def test_a_number_is_checked_as_it_is_typed_and_written_only_when_usable(stage) -> None:
    async with stage(DONE) as play:
        await opened(play, "limits.steps")
        await play.pilot.press("enter", "ctrl+u", "0")
        await play.until(lambda: "should be greater than or equal to 1" in play.text())
        await play.pilot.press("enter")
        await play.pilot.pause()
        assert written() == ""
        assert play.app.screen.has_class("-editing")
        await play.pilot.press("ctrl+u", "7")
        await play.until(lambda: "Enter writes it down" in play.text())
        await play.pilot.press("enter")
        await play.until(lambda: written() == "limits:\n  steps: 7\n")
        await play.until(lambda: "from the next session on" in play.app.screen._said)
        await play.pilot.press("enter", "9", "escape")
        await play.pilot.pause()
        assert written() == "limits:\n  steps: 7\n"
        await play.pilot.press("escape")
        await play.until(lambda: len(play.app.screen_stack) == 1)


async def test_a_word_is_chosen_from_those_that_there_are(stage) -> None:
    async with stage(DONE) as play:
        await opened(play, "notify")
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        await play.pilot.press(*"bell", "enter")
        await play.until(lambda: written() == "ui:\n  notify: bell\n")
        await play.until(lambda: play.app.look.notify == "bell")


async def test_a_theme_is_previewed_and_comes_back_with_escape(stage) -> None:
    async with stage(DONE) as play:
        before = play.app.theme
        await opened(play, "ui.theme")
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        await play.pilot.press(*"nord")
        await play.until(lambda: play.app.theme == "nord")
        await play.pilot.press("escape")
        await play.until(lambda: play.app.theme == before)
        assert written() == ""


async def test_what_a_variable_sets_is_written_and_said_to_have_no_effect(stage, monkeypatch) -> None:
    monkeypatch.setenv("TRASHCLAW_LIMITS__STEPS", "9")
    async with stage(DONE) as play:
        await opened(play, "limits.steps")
        assert "the environment, TRASHCLAW_LIMITS__STEPS" in play.text()
        await play.pilot.press("enter", "ctrl+u", "7", "enter")
        await play.until(lambda: written() == "limits:\n  steps: 7\n")
        await play.until(lambda: "TRASHCLAW_LIMITS__STEPS sets it too" in play.app.screen._said)


async def test_a_file_that_changed_meanwhile_is_left_alone(stage) -> None:
    async with stage(DONE) as play:
        await opened(play, "ui.ascii")
        config_folder().mkdir(parents=True, exist_ok=True)
        (config_folder() / FILE_NAME).write_text("model: mine\n")
        await play.pilot.press("enter")
        await play.until(lambda: "was changed meanwhile" in play.app.screen._said)
        assert written() == "model: mine\n"


async def test_words_find_settings_by_description_and_sections_are_stepped_through(stage) -> None:
    async with stage(DONE) as play:
        screen = await opened(play, "battery")
        assert screen.current.key == "context.read_ahead_on_battery"
        await play.pilot.press("ctrl+u")
        await play.until(lambda: screen.current.key == "provider")
        await play.pilot.press("alt+down")
        await play.until(lambda: screen.current.section == "limits")
        await play.pilot.press("alt+up", "alt+up")
        await play.until(lambda: screen.current.section == "ui")
        await play.pilot.press("alt+w")
        await play.until(lambda: "There is no project's file" in play.text())


async def test_the_command_opens_them_at_a_setting(stage) -> None:
    async with stage(DONE) as play:
        await play.say("/settings sandbox.hosts")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        assert play.app.screen.current.key == "sandbox.hosts"


async def test_the_list_has_room_on_the_smallest_screen(stage) -> None:
    async with stage({"text": "Done."}, size=(60, 16)) as play:
        await play.pilot.press("f4")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))
        await play.pilot.pause()
        rows = play.app.screen.query_one("#list").size.height
        assert rows >= 5
        assert "Alt+R default   Esc closes" in play.text()
        await play.pilot.resize_terminal(120, 40)
        frame = play.app.screen.query_one(Vertical)
        await play.until(lambda: "Alt+R default   Alt+W other file   Esc closes" in str(frame.border_subtitle))
        await play.pilot.resize_terminal(60, 16)
        await play.until(lambda: "Alt+R default   Esc closes" in str(frame.border_subtitle))
        await play.pilot.press(*["down"] * 30)
        await play.until(lambda: play.app.screen.current is not None)
        assert play.app.screen.current.key.rpartition(".")[2] in play.text()

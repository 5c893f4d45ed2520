"""Themes on the screen: previewed, kept when wanted, and read again when their file was edited."""

from __future__ import annotations

import pytest
from textual import events

from trashclaw.config.first_look import FirstLook
from trashclaw.config.paths import FILE_NAME, config_folder
from trashclaw.config.resources import resource_folder
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.terminal_ground import GroundTold
from trashclaw.faces.tui.themes import DARK_THEME, LIGHT_THEME, ThemeShelf, has_light_background
from trashclaw.faces.tui.theming import KEEP

DONE = {"text": "Done."}


async def listed(play) -> ChoiceScreen:
    await play.say("/theme ")
    await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
    return play.app.screen


async def test_every_shipped_theme_can_be_drawn(stage) -> None:
    async with stage(DONE) as play:
        for name in play.app.themes.names:
            assert play.app.theming.use(name)
            await play.until(lambda name=name: play.app.theme == name)


async def test_the_list_shows_each_at_once_and_escape_brings_the_old_one_back(stage) -> None:
    async with stage(DONE) as play:
        before = play.app.theme
        screen = await listed(play)
        assert screen.current.text == before
        await play.pilot.press("down")
        await play.until(lambda: play.app.theme == "trashclaw-light")
        await play.pilot.press("escape")
        await play.until(lambda: play.app.theme == before)
        assert len(play.app.screen_stack) == 1


async def test_a_chosen_theme_is_kept_and_written_down_when_wanted(stage) -> None:
    async with stage(DONE) as play:
        await listed(play)
        await play.pilot.press(*"nord", "enter")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen) and KEEP in play.text())
        await play.pilot.press("enter")
        await play.until(lambda: (config_folder() / FILE_NAME).exists())
        assert (config_folder() / FILE_NAME).read_text() == "ui:\n  theme: nord\n"
        assert play.app.theme == "nord"
        await listed(play)
        await play.pilot.press("up", "down", "enter")
        await play.until(lambda: len(play.app.screen_stack) == 1)


async def test_nothing_is_written_when_it_is_for_now_only(stage) -> None:
    async with stage(DONE) as play:
        await listed(play)
        await play.pilot.press(*"nord", "enter")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen) and KEEP in play.text())
        await play.pilot.press("escape")
        await play.until(lambda: len(play.app.screen_stack) == 1)
        assert play.app.theme == "nord"
        assert not (config_folder() / FILE_NAME).exists()


async def test_a_theme_of_the_persons_own_follows_its_file(stage) -> None:
    own = config_folder() / "themes" / "mine.yaml"
    own.parent.mkdir(parents=True)
    text = (resource_folder("themes") / "nord.yaml").read_text().replace("name: nord", "name: mine")
    own.write_text(text)
    async with stage(DONE) as play:
        play.app.theming.reload()
        await play.say("/theme mine")
        await play.until(lambda: play.app.current_theme.background == "#2e3440")
        own.write_text(text.replace("#2e3440", "#101010"))
        play.app.post_message(events.AppBlur())
        play.app.post_message(events.AppFocus())
        await play.until(lambda: play.app.current_theme.background == "#101010")
        own.write_text(text.replace("#2e3440", "#202020").replace("#b2bcce", "#5b6578"))
        await play.say("/theme reload")
        await play.told("mine is hard to read in places: muted on background")
        await play.until(lambda: play.app.screen.styles.background.hex == "#202020")
        own.write_text("name: [")
        await play.say("/theme reload")
        await play.told("broken YAML")
        assert play.app.current_theme.background == "#202020"


@pytest.mark.parametrize(
    ("value", "is_light"), [("15;0", False), ("0;15", True), ("0;default;7", True), ("12;8", False), ("", False)]
)
def test_a_light_terminal_begins_with_the_light_theme(value: str, is_light: bool) -> None:
    assert has_light_background({"COLORFGBG": value}) is is_light
    shelf = ThemeShelf(sorted(resource_folder("themes").glob("*.yaml")), is_light=is_light)
    assert shelf.default_name == ("trashclaw-light" if is_light else "trashclaw-dark")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mine", "base: [\n", "mine.yaml, line 2"),
        ("nowhere", "", "There is no theme nowhere"),
        ("trashclaw-dark", "colours: 7\n", "trashclaw-dark.yaml"),
    ],
)
async def test_a_theme_that_cannot_be_read_is_told_and_another_one_shown(
    stage, name: str, text: str, said: str
) -> None:
    if text:
        file = config_folder() / "themes" / f"{name}.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    async with stage(DONE, look=FirstLook(theme=name)) as play:
        await play.told(said)
        await play.told("is shown instead")
        assert play.app.theme in play.app.themes.names
        assert play.app.theme != name


@pytest.mark.parametrize("is_chosen", [False, True])
async def test_the_terminals_background_changes_no_theme_that_was_chosen_meanwhile(stage, is_chosen: bool) -> None:
    async with stage() as play:
        play.app.asks_ground = True
        if is_chosen:
            await play.say(f"/theme {DARK_THEME}")
            await play.until(lambda: not play.app.asks_ground)
        play.app.post_message(GroundTold(is_light=True))
        await play.until(lambda: not play.app._message_queue.qsize())
        await play.pilot.pause()
        assert play.app.theme == (DARK_THEME if is_chosen else LIGHT_THEME)
        assert not play.app.asks_ground

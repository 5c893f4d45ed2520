"""How an app comes up: one picture, with all that was typed meanwhile, and nothing is done twice for it."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import ClassVar

import pytest
from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from trashclaw.config.first_look import FirstLook
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens import first_picture
from trashclaw.faces.tui.screens.help import HelpScreen
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.prompt import Prompt

TYPED = "typed early"


async def never(**wanted: object) -> None:
    """Go on opening a session."""
    await asyncio.Event().wait()


class WatchedApp(TrashclawApp):
    """Somebody types before it runs; it notes the pictures that it composes, and how often it reads all styles."""

    CSS_PATH: ClassVar = [Path(inspect.getfile(TrashclawApp)).with_name(name) for name in TrashclawApp.CSS_PATH]

    def __init__(self, theme: str = "") -> None:
        super().__init__(never, ThemeShelf(theme_files()), look=FirstLook(theme=theme), grace_s=0.0)
        self.pictures: list[tuple[bool, str, bool]] = []
        """Of each: whether it is seen, what stands in the prompt, and whether the side has its panes."""

        self.times_read = 0

    def on_load(self) -> None:
        """Type."""
        for character in TYPED:
            self.post_message(events.Key("space" if character == " " else character, character))

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate) and isinstance(screen, MainScreen):
            self.pictures.append((not self._batch_count, screen.prompt.text, screen.panes.is_there))
        super()._display(screen, renderable)

    def refresh_css(self, animate: bool = True) -> None:
        """Read all styles anew."""
        self.times_read += 1
        super().refresh_css(animate)


async def begun(app: WatchedApp, pilot) -> None:
    """Wait until everything is placed."""
    async with asyncio.timeout(20):
        while not app.main.panes.is_there:
            await pilot.pause(0.005)
    await pilot.pause()


async def test_the_first_picture_is_composed_once_with_what_was_typed_and_before_the_side() -> None:
    app = WatchedApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await begun(app, pilot)
        assert app.pictures[0] == (True, TYPED, False)
        assert app.pictures[-1] == (True, TYPED, True)


async def test_it_comes_also_when_what_has_the_focus_takes_no_messages(monkeypatch) -> None:
    monkeypatch.setattr(first_picture, "LATEST_S", 0.01)
    monkeypatch.setattr(Prompt, "call_later", lambda *_: False)
    app = WatchedApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await begun(app, pilot)
        assert app.pictures[-1] == (True, TYPED, True)
        composed = len(app.pictures)
        app.main._insist(lambda: app.exit())
        await pilot.pause()
        assert app.is_running
        assert len(app.pictures) == composed


@pytest.mark.parametrize("size", [(120, 40), (20, 5), (1, 1)])
async def test_it_comes_below_and_behind_what_lies_over_it_from_the_beginning(size: tuple[int, int]) -> None:
    class CoveredApp(WatchedApp):
        """Another screen comes, a notice, another theme and another size before anything is drawn."""

        def on_load(self) -> None:
            self.call_later(self.push_screen, HelpScreen([], []))
            self.call_later(self.tell, "Something to know.")
            self.call_later(self.theming.use, "trashclaw-light")

    app = CoveredApp()
    async with app.run_test(size=size, notifications=True) as pilot:
        await begun(app, pilot)
        assert isinstance(app.screen, HelpScreen)
        await pilot.resize_terminal(size[0] + 3, size[1] + 2)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is app.main
        assert app.pictures[-1] == (True, "", True)


async def test_the_styles_are_read_once_at_the_start_and_anew_for_another_theme() -> None:
    app = WatchedApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await begun(app, pilot)
        assert app.times_read == 0
        theme = app.current_theme
        assert theme.name == app.themes.default_name
        assert app.has_class(f"-theme-{theme.name}", "-dark-mode")
        assert app.main.styles.background.hex == theme.background.upper()
        assert app.theming.use("trashclaw-light")
        await pilot.pause()
        assert app.times_read == 1
        assert app.main.styles.background.hex == app.current_theme.background.upper()


async def test_a_light_theme_is_there_from_the_beginning() -> None:
    app = WatchedApp("trashclaw-light")
    async with app.run_test(size=(120, 40)) as pilot:
        await begun(app, pilot)
        assert not app.has_class("-dark-mode")
        assert app.has_class("-light-mode")
        assert app.has_class("-theme-trashclaw-light")
        assert app.main.styles.background.hex == app.themes.load("trashclaw-light").background.upper()


async def test_another_tab_needs_no_styles_read_anew(stage, monkeypatch) -> None:
    async with stage() as play:
        read: list[bool] = []
        refresh_css = play.app.refresh_css
        monkeypatch.setattr(play.app, "refresh_css", lambda animate=True: (read.append(animate), refresh_css(animate)))
        assert play.app.theming.use("trashclaw-light")
        await play.until(lambda: read)
        read.clear()
        tab = await play.app.tabs.add()
        await play.until(lambda: tab.main.panes.is_there)
        assert not read
        assert tab.main.styles.background.hex == play.app.current_theme.background.upper()

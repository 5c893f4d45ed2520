"""The stage: the real app on a throw-away copy of the demo repository, with models that play scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from screenshots.evenness import evened, hold_paths, hold_time
from screenshots.film import Frame, film
from screenshots.picture import standalone
from screenshots.surroundings import SHOWN_HOME, Openings, Pace, Scout, first_start, home
from trashclaw.cli.demo import open_demo
from trashclaw.cli.options import parse
from trashclaw.config.first_look import FirstLook
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.asking_pane import EARLY, AskingPane
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.status_bar import StatusBar
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.modes import Mode
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

LIMIT_S = 60.0
DARK, LIGHT = "trashclaw-dark", "trashclaw-light"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: which sessions, on what screen, and what is done before it is taken, once dark and once light."""

    name: str
    caption: str
    play: Callable[[Stage], Awaitable[None]]
    session: str = "demo"
    """A file of `sessions/`, or the shipped `demo`."""

    size: tuple[int, int] = (140, 40)
    dark: str = DARK
    light: str = LIGHT
    later: tuple[str, ...] = ()
    """The scripts of the sessions that are opened after the first."""

    mode: Mode = Mode.REVIEW
    failure: Callable[[], TrashclawError] | None = None
    """Why no session can be opened."""

    is_trust_asked: bool = False
    is_ascii: bool = False
    has_vim_keys: bool = False
    is_film: bool = False
    """Whether what is shown on the way (`Stage.frame`) makes an animated picture."""

    files: Mapping[str, str] = field(default_factory=dict)
    """The person's own files, such as `config/keymap.yaml`."""

    @property
    def themes(self) -> Mapping[str, str]:
        """The theme of each picture, by its name."""
        return {self.name: self.dark, f"{self.name}-light": self.light}


class Stage:
    """A running app, and what a person could do with it."""

    def __init__(self, app: TrashclawApp, pilot: Pilot[Any], pace: Pace, own: str) -> None:
        """`own` is the folder of settings and logs, which is shown under another name."""
        self.app = app
        self.pace = pace
        self.frames: list[Frame] = []
        self._pilot = pilot
        self._own = own

    @property
    def state(self) -> Transcript:
        """What the session shows."""
        return self._session.transcript

    @property
    def _session(self) -> Session:
        return self.app.desk.need_session()

    @property
    def top(self) -> Screen[object]:
        """The screen in front."""
        return self.app.screen

    async def opened(self) -> None:
        """Wait for the session, and until it is known what holds its commands."""
        await self.until(lambda: self.app.desk.session is not None)
        await self.until(lambda: bool(self.app.main.query_one(StatusBar).gauges.sandbox))

    async def ask(self, prompt: str) -> None:
        """Write a prompt and send it, and wait until it has been taken."""
        await self.opened()
        count = len(self.state.entries)
        await self.say(prompt)
        await self.until(lambda: len(self.state.entries) > count)

    async def say(self, text: str, key: str = "enter") -> None:
        """Write into the prompt and press the key that sends it."""
        self.app.screen.query_one(Prompt).insert(text)
        await self.press(key)

    async def begin(self, command: str) -> None:
        """Open another session by a slash command, and wait for it."""
        before = self._session
        await self.say(f"{command} ")
        await self.until(lambda: self.app.desk.session not in (None, before))
        await self.opened()

    async def waits(self) -> None:
        """Wait until something is asked and keys count."""
        panes = self.app.screen.query(AskingPane)
        await self.until(lambda: any(pane.is_waiting and EARLY not in str(pane.border_subtitle) for pane in panes))

    async def done(self) -> None:
        """Wait for the end of the turn."""
        await self.until(lambda: self.app.desk.session is not None and not self._session.is_running)
        await self.settle()

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self._pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Press the keys of a text."""
        await self.press(*("space" if character == " " else character for character in text))

    async def shows(self, kind: str) -> None:
        """Wait until a screen of a class is in front, and has been drawn."""
        await self.until(lambda: type(self.top).__name__ == kind)
        await self.settle()

    async def words(self, count: int | None) -> None:
        """Let the model write so many words, or all that it has to say, and show them."""
        await self.pace.let(count)
        if count is not None:
            await self.until(lambda: self.pace.is_waiting or self.state.approvals or not self._session.is_running)
            await self.settle()

    async def until(self, is_so: Callable[[], object]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(LIMIT_S):
            while not is_so():
                await self._pilot.pause(0.02)

    async def settle(self) -> None:
        """Let everything be drawn that has happened."""
        for _ in range(5):
            await self._pilot.pause(0.06)

    async def frame(self, seconds: float) -> None:
        """Take what is shown now into the animated picture, for so long."""
        await self.settle()
        self.frames.append(Frame(self.picture(""), seconds))

    async def in_theme(self, theme: str, caption: str) -> str:
        """Return what is shown in a theme, as an SVG document; a list of themes is led to it."""
        listed = self.top.current if type(self.top) is ChoiceScreen else None
        if listed is not None:
            step = "down" if listed.text < theme else "up"
            async with asyncio.timeout(LIMIT_S):
                while self.app.theme != theme:
                    await self.press(step)
        elif self.app.theme != theme:
            self.app.theming.use(theme)
        await self.settle()
        return self.picture(caption)

    def picture(self, caption: str) -> str:
        """Return what is shown now, as an SVG document."""
        svg = self.app.export_screenshot(title="trashclaw")
        return evened(standalone(svg, caption, type(self.top).__name__), self._own, SHOWN_HOME)


async def take(shot: Shot) -> Mapping[str, str]:
    """Return the pictures of the app by their names, as SVG documents."""
    if shot.is_film:
        return {name: film((await _play(shot, [theme]))[1], shot.caption) for name, theme in shot.themes.items()}
    pictures, _ = await _play(shot, list(shot.themes.values()))
    return dict(zip(shot.themes, pictures, strict=True))


async def _play(shot: Shot, themes: list[str]) -> tuple[list[str], list[Frame]]:
    """Return a picture in each theme, and what was shown on the way."""
    with ExitStack() as stack:
        own = stack.enter_context(home(shot.files))
        hold_time(stack)
        hold_paths(stack, own, SHOWN_HOME)
        demo = stack.enter_context(open_demo(parse(["--demo"])))
        trust = stack.enter_context(first_start()) if shot.is_trust_asked else None
        pace = Pace()
        failure = shot.failure() if shot.failure is not None else None
        openings = Openings(demo, (shot.session, *shot.later), shot.mode, failure, pace)
        look = FirstLook(theme=themes[0], is_ascii=shot.is_ascii, has_vim_keys=shot.has_vim_keys)
        app = TrashclawApp(openings, ThemeShelf(theme_files()), trust=trust, scout=Scout(), look=look, grace_s=0.0)
        async with app.run_test(size=shot.size, notifications=True) as pilot:
            stage = Stage(app, pilot, pace, own)
            await shot.play(stage)
            pictures = [await stage.in_theme(theme, shot.caption) for theme in themes]
            await pace.let(None)
            await app.tabs.close()
        return pictures, stage.frames

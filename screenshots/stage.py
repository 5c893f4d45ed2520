"""The stage: the real app on a throw-away copy of the demo repository, with a model that plays a script."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from textual.pilot import Pilot

from screenshots.picture import standalone
from trashclaw.cli.demo import Demo, open_demo
from trashclaw.cli.options import parse
from trashclaw.config.first_look import FirstLook
from trashclaw.config.resources import script_file, theme_files
from trashclaw.config.trust import TrustStore
from trashclaw.config.trust_question import TrustAnswer, TrustQuestion, ask_about
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.bridge import SessionOpener
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.asking_pane import EARLY, AskingPane
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.faces.tui.widgets.status_bar import StatusBar
from trashclaw.protocol.modes import Mode
from trashclaw.providers.catalog import DEFAULT_PLACES, Tried
from trashclaw.providers.script import Script, load_script
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.selection import NoServer
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

SESSIONS = Path(__file__).parent / "sessions"
BROUGHT = {
    ".trashclaw/commands/release.md": "Write the notes of the next release.\n",
    ".trashclaw/config.yaml": "sandbox:\n  time_s: 300\n",
    ".trashclaw/policy.yaml": 'rules:\n  - deny: {path: "migrations/**", reason: "released ones never change"}\n',
}
"""What the folder of the trust question brings."""

LIMIT_S = 60.0
TICK_S = 0.03


class EvenClock:
    """A clock that moves on by the same step whenever it is read, so that every rerun shows the same durations."""

    def __init__(self) -> None:
        self._spent_s = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as it seems."""
        return 1_767_268_800.0 + self.monotonic()

    def monotonic(self) -> float:
        """Seconds from the start, as it seems."""
        self._spent_s += TICK_S
        return self._spent_s


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: which session, on what screen, and what is done before it is taken."""

    name: str
    caption: str
    play: Callable[[Stage], Awaitable[None]]
    session: str = "demo"
    """A file of `sessions/`, the shipped `demo`, or nothing: then there is no model server."""

    size: tuple[int, int] = (140, 40)
    theme: str = "trashclaw-dark"
    mode: Mode = Mode.REVIEW
    is_trust_asked: bool = False


class Stage:
    """A running app, and what a person could do with it."""

    def __init__(self, app: TrashclawApp, pilot: Pilot[str]) -> None:
        self.app = app
        self._pilot = pilot

    @property
    def state(self) -> Transcript:
        """What the session shows."""
        return self._session.transcript

    @property
    def _session(self) -> Session:
        assert self.app.desk.session is not None
        return self.app.desk.session

    async def opened(self) -> None:
        """Wait for the session, and until it is known what holds its commands."""
        await self.until(lambda: bool(self.app.main.query_one(StatusBar).gauges.sandbox))

    async def ask(self, prompt: str) -> None:
        """Write a prompt and send it."""
        await self.opened()
        await self.say(prompt, "enter")

    async def say(self, text: str, key: str) -> None:
        """Write into the prompt and press the key that sends it."""
        self.app.screen.query_one(Prompt).insert(text)
        await self.press(key)

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

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(LIMIT_S):
            while not is_so():
                await self._pilot.pause(0.02)

    async def settle(self) -> None:
        """Let everything be drawn that has happened."""
        for _ in range(5):
            await self._pilot.pause(0.06)


async def take(shot: Shot) -> str:
    """Return a picture of the app, as an SVG document."""
    with ExitStack() as stack:
        _hold_time(stack)
        opener = stack.enter_context(_opener(shot))
        trust = stack.enter_context(_trust()) if shot.is_trust_asked else None
        app = TrashclawApp(opener, ThemeShelf(theme_files()), trust=trust, look=FirstLook(theme=shot.theme))
        async with app.run_test(size=shot.size) as pilot:
            stage = Stage(app, pilot)
            await shot.play(stage)
            await stage.settle()
            svg = app.export_screenshot(title="trashclaw")
            await app.desk.close()
        return standalone(svg, shot.caption)


def _hold_time(stack: ExitStack) -> None:
    """Hold time still on the screen, so that a rerun draws the same."""
    stack.enter_context(patch("trashclaw.session.build.SystemClock", EvenClock))
    stack.enter_context(patch("trashclaw.faces.tui.widgets.status_bar.monotonic", lambda: 0.0))
    stack.enter_context(patch("trashclaw.faces.tui.widgets.status_bar.TICK_S", 3600.0))
    stack.enter_context(patch("trashclaw.faces.tui.screens.rewind.clock", lambda at: "14:02"))


@contextmanager
def _opener(shot: Shot) -> Iterator[SessionOpener]:
    """Give what opens the shot's session, on a repository that is gone afterwards."""
    with open_demo(parse(["--demo"])) as demo:

        async def open_it(
            *, resume: str | None = None, model: tuple[str, str] | None = None, is_demo: bool = False
        ) -> Session:
            if not shot.session:
                raise NoServer(_nobody())
            return await open_session(_opening(shot, demo))

        yield open_it


class _FirstStart:
    """Asks about a folder as if nobody had ever been asked."""

    def __init__(self, question: TrustQuestion) -> None:
        self._question = question

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        """Return the question."""
        return self._question

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        """Nothing: the picture is taken before."""


@contextmanager
def _trust() -> Iterator[_FirstStart]:
    """Give the question about a folder that brings something of every kind."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "shop-api"
        for name, text in BROUGHT.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        question = ask_about(root, TrustStore(Path(folder) / "state"))
        yield _FirstStart(replace(question, project=replace(question.project, root=Path("/home/ada/shop-api"))))


def _opening(shot: Shot, demo: Demo) -> Opening:
    script = _script(shot.session)
    gates = {name: asyncio.Event() for step in script.steps for name in step.gate_names()}
    settings = demo.settings.model_copy(update={"mode": shot.mode})
    return Opening(root=demo.root, settings=settings, state=demo.state, provider=ScriptedProvider(script, gates))


def _script(name: str) -> Script:
    file = script_file("demo") if name == "demo" else SESSIONS / f"{name}.yaml"
    return load_script(file).model_copy(update={"tokens_per_s": None})


def _nobody() -> list[Tried]:
    """Return what is told on a machine without any model server."""
    return [Tried(place.provider, place.base_url, "nobody listens there") for place in DEFAULT_PLACES]

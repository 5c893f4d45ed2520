"""A real session over a scripted model, on a screen that a test can press keys on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from trashclaw.config.resources import theme_files
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol.modes import Mode
from trashclaw.providers.scripted import Script, ScriptedProvider, ScriptedStep
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session
from trashclaw.session.transcript import Transcript

LIMIT_S = 20.0


@dataclass(slots=True)
class Play:
    """An app that runs, with its pilot."""

    app: TrashclawApp
    pilot: Pilot[str]

    @property
    def session(self) -> Session:
        """The open session."""
        return self.app.desk.need_session()

    @property
    def transcript(self) -> Transcript:
        """What the session has come to."""
        return self.session.transcript

    async def until(self, claim: Callable[[], object]) -> None:
        """Wait until something holds and the screen has caught up."""
        async with asyncio.timeout(LIMIT_S):
            while not claim():
                await self.pilot.pause(0.005)
        await self.pilot.pause()

    async def say(self, text: str) -> None:
        """Put a prompt into the editor and send it."""
        prompt = self.app.screen.query_one(Prompt)
        prompt.load_text(text)
        prompt.focus()
        await self.pilot.press("enter")

    async def burst(self, *keys: str) -> None:
        """Press keys that come together, as from a key repeat or on a busy machine."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await self.pilot.pause()

    async def asked(self) -> None:
        """Wait until the screen asks for an approval or an answer."""
        await self.until(lambda: self.app.screen.query(".-waiting"))

    async def idle(self) -> None:
        """Wait until the turn is over and shown."""
        await self.until(lambda: self.transcript.entries and not self.transcript.is_running)
        await self.until(lambda: not self.app.screen.query("#status").first().gauges.is_running)

    async def told(self, words: str) -> None:
        """Wait until a notice says something."""
        await self.until(lambda: any(words in note.message for note in self.app._notifications))

    def text(self) -> str:
        """Return what stands on the screen."""
        width = self.app.size.width
        return "\n".join(strip.text[:width] for strip in self.app.screen._compositor.render_strips())


Stage = Callable[..., AbstractAsyncContextManager[Play]]


@pytest.fixture
def stage(repository: Path, tmp_path: Path) -> Stage:
    """Return a function that runs the app over a script, given step by step."""

    @asynccontextmanager
    async def run(
        *steps: Mapping[str, Any],
        size: tuple[int, int] = (120, 40),
        mode: Mode = Mode.REVIEW,
        gates: Mapping[str, asyncio.Event] | None = None,
        reads_ahead: bool = False,
        limit_tokens: int = 32_768,
        summaries: tuple[str, ...] = (),
        wait_summary: str = "",
        has_notices: bool = False,
        **options: Any,
    ) -> AsyncIterator[Play]:
        script = Script(
            model="qwen3:8b",
            limit_tokens=limit_tokens,
            summaries=summaries,
            wait_summary=wait_summary,
            steps=tuple(ScriptedStep(**step) for step in steps),
        )
        provider = ScriptedProvider(script, gates)

        async def opener(
            *,
            resume: str | None = None,
            model: tuple[str, str] | None = None,
            is_demo: bool = False,
            show_tail: Callable[[Transcript], object] | None = None,
        ) -> Session:
            settings = Settings(mode=mode, context=ContextSettings(read_ahead=reads_ahead))
            state = tmp_path / "state"
            return await open_session(
                Opening(
                    root=repository,
                    settings=settings,
                    provider=provider,
                    state=state,
                    resume=resume,
                    is_trusted=True,
                    show_tail=show_tail,
                )
            )

        app = TrashclawApp(opener, ThemeShelf(theme_files()), **{"grace_s": 0.0, **options})
        async with app.run_test(size=size, notifications=has_notices) as pilot:
            play = Play(app, pilot)
            await play.until(lambda: app.desk.session is not None)
            yield play
            await app.tabs.close()

    return run


@pytest.fixture
def edit() -> dict[str, Any]:
    """A step that changes the greeting of `src/app.py`."""
    change = {"path": "src/app.py", "old_text": "Hello", "new_text": "Good day"}
    return {"text": "A warmer word.", "calls": [{"name": "edit_file", "arguments": change}]}

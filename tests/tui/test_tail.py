"""A long session that is opened again: its end is there at once, to be read, while the whole is still folded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.big_log import END, SESSION_ID, write_big_log
from tests.tui.conftest import Play
from trashclaw.config.resources import theme_files
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens.first_run import FirstRunScreen
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.items import AgentMessage
from trashclaw.providers.scripted import Script, ScriptedProvider, ScriptedStep
from trashclaw.session import build
from trashclaw.session.resume import take_up
from trashclaw.session.session import Session
from trashclaw.session.storage import LOG_NAME
from trashclaw.session.transcript import Transcript

pytestmark = pytest.mark.made_up_log

TURNS = 40


@dataclass
class Held:
    """Keeps the whole from being read until it is let go, and may make that fail."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: StoreError | None = None

    async def take_up(self, *parts: object) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        await take_up(*parts)  # type: ignore[arg-type]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    found = Held()
    monkeypatch.setattr(build, "take_up", found.take_up)
    return found


@asynccontextmanager
async def opening(root: Path, state: Path) -> AsyncIterator[Play]:
    """Run the app while it opens a long session."""
    write_big_log(state / LOG_NAME, TURNS, "qwen3:8b")
    provider = ScriptedProvider(Script(limit_tokens=1_000_000, steps=(ScriptedStep(text="Done as said."),)))

    async def opener(
        *,
        resume: str | None = None,
        model: tuple[str, str] | None = None,
        is_demo: bool = False,
        show_tail: Callable[[Transcript], object] | None = None,
    ) -> Session:
        settings = Settings(context=ContextSettings(read_ahead=False))
        return await build.open_session(
            build.Opening(
                root=root, settings=settings, provider=provider, state=state, resume=resume, show_tail=show_tail
            )
        )

    app = TrashclawApp(opener, ThemeShelf(theme_files()), grace_s=0.0, resume=SESSION_ID)
    async with app.run_test(size=(120, 40)) as pilot:
        yield Play(app, pilot)
        await app.tabs.close()


def pane(play: Play) -> TranscriptPane:
    return play.app.main.query_one(TranscriptPane)


async def test_the_end_is_there_and_keys_count_before_all_is_read(repository: Path, tmp_path: Path, held: Held) -> None:
    async with opening(repository, tmp_path / "state") as play:
        await play.until(lambda: END in play.text())
        assert play.app.desk.session is None
        some = len(pane(play).blocks)
        play.app.main.prompt.focus()
        await play.pilot.press(*"go on")
        assert play.app.main.prompt.text == "go on"
        await play.pilot.press("enter")
        held.gate.set()
        await play.until(lambda: play.app.desk.session is not None)
        await play.idle()
        assert len(pane(play).blocks) > some
        assert play.app.main.query_one(ToolLog).count == 2 * TURNS
        answers = [entry.text for entry in play.transcript.entries if isinstance(entry, AgentMessage)]
        assert answers[-2:] == [END, "Done as said."]


async def test_who_scrolled_up_in_the_end_stays_there(repository: Path, tmp_path: Path, held: Held) -> None:
    async with opening(repository, tmp_path / "state") as play:
        await play.until(lambda: END in play.text())
        conversation = pane(play)
        conversation.scroll_to(y=conversation.max_scroll_y - 30, animate=False, force=True)
        await play.pilot.pause()
        top = conversation.blocks[conversation.top_place].entry
        assert not conversation.is_following
        some = len(conversation.blocks)
        held.gate.set()
        await play.until(lambda: len(conversation.blocks) > some)
        assert conversation.blocks[conversation.top_place].entry == top
        assert not conversation.is_following


async def test_everything_that_a_block_can_do_waits_for_the_session(
    repository: Path, tmp_path: Path, held: Held
) -> None:
    async with opening(repository, tmp_path / "state") as play:
        await play.until(lambda: END in play.text())
        pane(play).focus()
        keys = [key for binding in pane(play)._bindings.key_to_bindings.values() for key in [binding[0].key]]
        assert len(keys) > 10
        for key in keys:
            await play.pilot.press("escape", "up", key)
        assert play.app.is_running
        assert play.app.desk.session is None
        held.gate.set()
        await play.until(lambda: play.app.desk.session is not None)


async def test_another_session_in_its_place_leaves_nothing_of_the_end(
    repository: Path, tmp_path: Path, held: Held
) -> None:
    async with opening(repository, tmp_path / "state") as play:
        await play.until(lambda: END in play.text())
        play.app.open_session()
        await play.until(lambda: play.app.desk.session is not None)
        assert not pane(play).blocks
        assert play.session.session_id != SESSION_ID


async def test_of_a_session_that_cannot_be_read_nothing_stays(repository: Path, tmp_path: Path, held: Held) -> None:
    held.error = StoreError("Entry 7 cannot be read.")
    async with opening(repository, tmp_path / "state") as play:
        await play.until(lambda: END in play.text())
        held.gate.set()
        await play.until(lambda: isinstance(play.app.screen, FirstRunScreen))
        assert "Entry 7 cannot be read." in play.text()
        await play.until(lambda: not pane(play).blocks)

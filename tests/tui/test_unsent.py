"""What was written and reached no session, or not yet the disk, is there at the next start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.tui.conftest import Play
from tests.tui.test_prompt_memory import draft_on_disk
from trashclaw.cli.options import parse
from trashclaw.cli.place import find_folder
from trashclaw.cli.unsent import UnsentDrafts
from trashclaw.config.paths import workspace_state
from trashclaw.config.resources import theme_files
from trashclaw.config.schema import Settings
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens.first_run import FirstRunScreen
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol.errors import ServerUnreachable, UsageError
from trashclaw.providers.scripted import Script, ScriptedProvider, ScriptedStep
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session
from trashclaw.store.drafts import Draft

DONE = {"text": "Done."}


class Models:
    """Whether there is one: the opener of an app that finds none until `provider` is there."""

    def __init__(self, root: Path) -> None:
        self.go = asyncio.Event()
        self.provider: ScriptedProvider | None = None
        self._root = root

    async def __call__(self, **_: object) -> Session:
        await self.go.wait()
        if self.provider is None:
            raise ServerUnreachable("No model server answers.")
        opening = Opening(root=self._root, settings=Settings(), provider=self.provider, is_trusted=True)
        return await open_session(opening)


@asynccontextmanager
async def app_over(models: Models, root: Path, *options: str, prompt: str = "") -> AsyncIterator[Play]:
    """Run an app that may find no model."""
    unsent = UnsentDrafts(parse(["-C", str(root), *options]))
    app = TrashclawApp(models, ThemeShelf(theme_files()), unsent=unsent, initial_prompt=prompt, grace_s=0.0)
    async with app.run_test(size=(100, 30)) as pilot:
        yield Play(app, pilot)
        await app.tabs.close()


async def write_early(play: Play) -> None:
    """Send something before there is a session, and begin something more."""
    await play.say("mend the door")
    await play.told("as soon as")
    await play.pilot.press(*"and the wall")


def kept(root: Path) -> Sequence[str]:
    """Return the drafts of a folder, as they are stored."""
    return [file.read_text() for file in (workspace_state(root) / "drafts").glob("*.json")]


async def test_words_for_a_session_that_never_was_come_back_at_the_next_start(repository: Path) -> None:
    models = Models(repository)
    async with app_over(models, repository) as play:
        await write_early(play)
        models.go.set()
        await play.until(lambda: isinstance(play.app.screen, FirstRunScreen))
        play.app.screen.dismiss("quit")
        await play.until(lambda: play.app._exit)
    models.provider = ScriptedProvider(Script(steps=(ScriptedStep(text="Done."),)))
    async with app_over(models, repository) as play:
        await play.until(lambda: play.app.main.prompt.text == "mend the door\nand the wall")
    async with app_over(models, repository) as play:
        await play.until(lambda: play.app.main.prompt.text == "mend the door\nand the wall")
        assert len(kept(repository)) == 1


async def test_they_are_kept_too_when_one_leaves_while_a_model_is_looked_for(repository: Path) -> None:
    async with app_over(Models(repository), repository) as play:
        await write_early(play)
        await play.pilot.press("ctrl+q")
    assert len(kept(repository)) == 1
    assert "mend the door\\nand the wall" in kept(repository)[0]


async def test_a_prompt_of_the_command_line_is_no_draft(repository: Path) -> None:
    async with app_over(Models(repository), repository, prompt="mend the door") as play:
        await play.pilot.press("ctrl+q")
    assert not kept(repository)


@pytest.mark.parametrize("option", ["--no-session", "--demo"])
async def test_a_run_that_stores_nothing_keeps_none(repository: Path, option: str) -> None:
    async with app_over(Models(repository), repository, option) as play:
        await write_early(play)
        await play.pilot.press("ctrl+q")
    assert not kept(repository)


async def test_secrets_are_taken_out_of_them(repository: Path) -> None:
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    async with app_over(Models(repository), repository) as play:
        await play.say(f"use {key} to push")
        await play.told("as soon as")
        await play.pilot.press("ctrl+q")
    assert "[redacted: " in kept(repository)[0]
    assert key not in kept(repository)[0]


async def test_a_draft_that_could_not_be_written_is_written_at_the_end(stage, tmp_path: Path) -> None:
    drafts = tmp_path / "state" / "drafts"
    async with stage(DONE) as play:
        await play.until(lambda: play.app.main.composer._drafts._port is not None)
        drafts.write_text("in the way")
        play.app.main.prompt.insert("half a thought")
        await play.told("cannot be kept")
        drafts.unlink()
    assert draft_on_disk(tmp_path) == "half a thought"


async def test_a_draft_that_is_still_on_its_way_to_the_disk_is_written_before_the_end(
    stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    async def keep(draft: object) -> bool:
        asked.set()
        return await never.wait()

    async with stage(DONE) as play:
        composer = play.app.main.composer
        await play.until(lambda: composer._drafts._port is not None)
        monkeypatch.setattr(composer._port, "keep", keep)
        await play.pilot.press(*"half a thought")
        await asked.wait()
    assert draft_on_disk(tmp_path) == "half a thought"


async def test_what_was_sent_is_no_draft_though_that_could_not_be_forgotten_at_once(
    stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = asyncio.Event()

    async def keep(draft: object) -> bool:
        return await never.wait()

    async with stage(DONE) as play:
        await play.pilot.press(*"half a thought")
        await play.until(lambda: draft_on_disk(tmp_path) == "half a thought")
        monkeypatch.setattr(play.app.main.composer._port, "keep", keep)
        await play.pilot.press("enter")
        await play.idle()
    assert draft_on_disk(tmp_path) == ""


def test_in_a_folder_that_is_gone_nothing_is_kept_and_one_can_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    options = parse([])
    UnsentDrafts(options).keep(Draft("half a thought"))
    with pytest.raises(UsageError, match="cannot be found"):
        find_folder(options)


def test_secrets_are_masked_in_what_is_kept_for_the_next_start(repository: Path) -> None:
    secret = f'password = "{"hunter2" + "Zq9vXw8Lk"}"'
    UnsentDrafts(parse(["-C", str(repository)])).keep(Draft(f"{secret} [pasted]", {"[pasted]": secret}))
    (text,) = kept(repository)
    assert text.count("[redacted: password]") == 2
    assert "hunter2" not in text

"""What is asked for in one tab is done there, whatever tab is in front when it comes to that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from trashclaw.config.project_files import ProjectFiles
from trashclaw.config.schema import Settings
from trashclaw.config.trust import Standing
from trashclaw.config.trust_question import TrustAnswer, TrustQuestion
from trashclaw.faces.tui.messages import NetWanted, PlacesWanted
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.confirm import ConfirmScreen
from trashclaw.faces.tui.screens.models import ModelScreen
from trashclaw.faces.tui.screens.palette import PaletteScreen
from trashclaw.faces.tui.screens.rewind import RewindScreen
from trashclaw.faces.tui.screens.trust import TrustScreen
from trashclaw.faces.tui.source import FilePlace
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.items import UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

DONE = {"text": "Done."}


async def two_tabs(play) -> tuple[Session, Session]:
    """Open a second tab and return both sessions; the second one is in front."""
    first = play.session
    await play.say("/tab")
    await play.until(lambda: len(play.app.tabs.all) == 2 and play.app.desk.session is not None)
    return first, play.session


def said(session: Session) -> Sequence[str]:
    return [entry.text for entry in session.transcript.entries if isinstance(entry, UserMessage)]


def wanted_by(pane: TranscriptPane, places: Sequence[FilePlace]) -> PlacesWanted:
    """Return the wish of a pane to open one of some files."""
    with pane._context():
        return PlacesWanted(places)


async def answer_and_leave(play, answer: object) -> None:
    """Answer the screen in front, and go to the first tab before anything can come of that."""
    play.app.screen.dismiss(answer)
    await play.app.tabs.show(play.app.tabs.all[0])


def screens(play, number: int) -> Sequence[object]:
    """Return the screens of a tab by its number, the main one first."""
    return play.app._screen_stacks[play.app.tabs.all[number - 1].mode]


async def test_the_models_that_were_waited_for_are_offered_in_the_tab_that_wanted_them(stage, monkeypatch) -> None:
    async with stage(DONE) as play:
        first, second = await two_tabs(play)
        go, asked = asyncio.Event(), []

        async def models() -> Sequence[tuple[str, str]]:
            await go.wait()
            return [("scripted", "other:8b")]

        monkeypatch.setattr(second, "models", models)
        monkeypatch.setattr(first, "submit", lambda op: asked.append(("first", op.model)))
        monkeypatch.setattr(second, "submit", lambda op: asked.append(("second", op.model)))
        await play.say("/model")
        await play.pilot.press("alt+1")
        await play.until(lambda: play.app.desk.session is first)
        go.set()
        await play.until(lambda: len(screens(play, 2)) == 2)
        assert isinstance(screens(play, 2)[-1], ModelScreen)
        assert play.app.screen is play.app.main
        await play.pilot.press("alt+2")
        await play.until(lambda: isinstance(play.app.screen, ModelScreen))
        await answer_and_leave(play, "scripted/other:8b")
        await play.until(lambda: asked)
        assert asked == [("second", "scripted/other:8b")]


class SlowTrust:
    """Looks at the folder for as long as the test wants."""

    def __init__(self, root: Path) -> None:
        self.go = asyncio.Event()
        self._root = root
        self.is_asked = False

    async def question(self, *, is_wanted: bool = False) -> TrustQuestion | None:
        if not is_wanted:
            return None
        self.is_asked = True
        await self.go.wait()
        return TrustQuestion(ProjectFiles(self._root, ()), Standing.UNKNOWN)

    async def answer(self, question: TrustQuestion, answer: TrustAnswer) -> None:
        return


async def test_trust_is_asked_about_and_the_session_opened_again_in_the_tab_that_wanted_it(
    stage, repository: Path
) -> None:
    trust = SlowTrust(repository)
    async with stage(DONE, trust=trust) as play:
        first, second = await two_tabs(play)
        await play.say("/trust")
        await play.until(lambda: trust.is_asked)
        await play.pilot.press("alt+1")
        await play.until(lambda: play.app.desk.session is first)
        trust.go.set()
        await play.until(lambda: len(screens(play, 2)) == 2)
        assert isinstance(screens(play, 2)[-1], TrustScreen)
        assert play.app.screen is play.app.main
        await play.pilot.press("alt+2")
        await play.until(lambda: isinstance(play.app.screen, TrustScreen))
        await answer_and_leave(play, TrustAnswer.TRUST)
        tab = play.app.tabs.all[1]
        await play.until(lambda: tab.desk.session is not None and tab.desk.session is not second)
        assert play.app.tabs.all[0].desk.session is first


async def test_what_was_chosen_in_the_palette_is_done_where_the_palette_was(stage) -> None:
    async with stage(DONE) as play:
        first, second = await two_tabs(play)
        await play.pilot.press("ctrl+p")
        await play.until(lambda: isinstance(play.app.screen, PaletteScreen))
        await answer_and_leave(play, "/plan")
        await play.until(lambda: Mode.PLAN in (first.transcript.mode, second.transcript.mode))
        assert (first.transcript.mode, second.transcript.mode) == (Mode.REVIEW, Mode.PLAN)


@pytest.mark.parametrize("typed", ["a question", "/plan a question"])
async def test_what_is_sent_goes_to_the_tab_in_which_it_stood(stage, typed: str) -> None:
    async with stage(DONE) as play:
        first, second = await two_tabs(play)
        play.app.main.prompt.load_text(typed)
        await play.burst("enter", "alt+1")
        await play.until(lambda: said(first) or said(second))
        assert (said(first), said(second)) == ([], ["a question"])


async def test_a_close_that_was_confirmed_closes_the_tab_that_was_asked_about(stage) -> None:
    gates = {"never": asyncio.Event()}
    async with stage({"text": "Never.", "wait": "never"}, gates=gates) as play:
        first, second = await two_tabs(play)
        await play.say("a long task")
        await play.until(lambda: play.transcript.is_running)
        await play.say("/close")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        await answer_and_leave(play, True)
        await play.until(lambda: len(play.app.tabs.all) == 1)
        assert play.session is first
        assert not second.is_running


async def test_the_palette_and_the_points_to_go_back_to_wait_no_longer_than_their_tab(stage) -> None:
    async with stage(DONE) as play:
        await two_tabs(play)
        tab = play.app.tabs.current
        await play.pilot.press("escape", "escape")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        await play.pilot.press("ctrl+p")
        await play.until(lambda: isinstance(play.app.screen, PaletteScreen))
        waiting = [worker for worker in play.app.workers if worker.group == tab.command_group]
        assert len(waiting) == 2
        await play.app.tabs.drop(tab)
        await play.until(lambda: all(worker.is_finished for worker in waiting))
        assert play.app.screen is play.app.main


async def test_a_file_to_open_is_asked_about_where_its_block_is_and_no_other_tab_ends_that(stage) -> None:
    places = [FilePlace("README.md", 1), FilePlace("src/app.py", 1)]
    async with stage(DONE) as play:
        await two_tabs(play)
        tab = play.app.tabs.all[1]
        pane = tab.main.query_one(TranscriptPane)
        pane.post_message(wanted_by(pane, places))
        await play.app.tabs.show(play.app.tabs.all[0])
        await play.until(lambda: len(screens(play, 2)) == 2)
        assert isinstance(screens(play, 2)[-1], ChoiceScreen)
        assert play.app.screen is play.app.main
        waiting = [worker for worker in play.app.workers if worker.group == tab.edit_group]
        here = play.app.main.query_one(TranscriptPane)
        here.post_message(wanted_by(here, places))
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        assert [worker.is_running for worker in waiting] == [True]
        await play.app.tabs.drop(tab)
        await play.until(lambda: all(worker.is_finished for worker in waiting))


async def test_nothing_stays_of_a_fork_that_finds_no_model(
    stage, repository: Path, tmp_path: Path, monkeypatch
) -> None:
    async with stage(DONE) as play:
        await play.say("mend the door")
        await play.idle()

        async def opener(*, resume: object = None, **_: object) -> Session:
            nowhere = Settings(provider="scripted", model=str(tmp_path / "gone.yaml"))
            return await open_session(
                Opening(root=repository, settings=nowhere, state=tmp_path / "state", resume=resume)
            )

        before = [one.session_id for one in play.session.library.list()]
        monkeypatch.setattr(play.app.tabs, "_opener", opener)
        await play.say("/fork")
        await play.told("gone.yaml")
        await play.until(lambda: len(play.app.tabs.all) == 1)
        assert [one.session_id for one in play.session.library.list()] == before


async def test_the_net_of_a_session_is_shown_in_the_tab_that_wanted_it(stage, repository: Path) -> None:
    write = {"calls": [{"name": "write_file", "arguments": {"path": "new.txt", "content": "new\n"}}]}
    async with stage(write, DONE, mode=Mode.ACCEPT, size=(140, 40)) as play:
        first, second = await two_tabs(play)
        await play.say("write")
        await play.idle()
        pane = play.app.tabs.all[1].main.query_one(DiffPane)
        await play.until(lambda: pane.landed is not None and not pane.landed.is_empty)
        with pane._context():
            pane.action_browse("net")
        await play.app.tabs.show(play.app.tabs.all[0])
        assert play.session is first
        await play.until(lambda: [change.path for change in (pane.review.patch or Patch()).changes] == ["new.txt"])
        assert pane.title() == "Changes, net of this session"
        assert play.app.main.query_one(DiffPane).landed.words() == ""
        assert second is play.app.tabs.all[1].desk.session


async def test_the_net_of_one_tab_ends_that_of_no_other_and_goes_with_its_own(stage, monkeypatch) -> None:
    async with stage(DONE) as play:
        first, second = await two_tabs(play)
        never, tabs = asyncio.Event(), play.app.tabs.all

        async def net_changes() -> Patch:
            await never.wait()
            return Patch()

        for session, tab in zip((first, second), tabs, strict=True):
            monkeypatch.setattr(session.rewind, "net_changes", net_changes)
            await tab.main.panes.place()
            pane = tab.main.panes.changes
            play.app.post_message(NetWanted().set_sender(pane))
        await play.until(lambda: len([one for one in play.app.workers if one.group.startswith("net")]) == 2)
        workers = {worker.group: worker for worker in play.app.workers if worker.group.startswith("net")}
        await play.app.tabs.drop(tabs[1])
        await play.until(lambda: workers[tabs[1].net_group].is_finished)
        assert workers[tabs[0].net_group].is_running

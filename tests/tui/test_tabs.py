"""Several sessions open at once: the row of tabs, switching, what a hidden one costs, closing and leaving."""

from __future__ import annotations

import asyncio
import threading

import pytest
from textual._xterm_parser import XTermParser

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.drawing.tab_row import NEW_TAB, TabFace, TabState, tab_row
from trashclaw.faces.tui.keymap import learn_legacy_keys
from trashclaw.faces.tui.run import farewell_lines
from trashclaw.faces.tui.screens.confirm import ConfirmScreen
from trashclaw.faces.tui.tab import Farewell
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.session_tabs import SessionTabs
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol import ops
from trashclaw.protocol.errors import TrashclawError, UsageError
from trashclaw.protocol.items import UserMessage
from trashclaw.session.session import Session

DONE = {"text": "Done."}
LOOK = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)


async def open_tab(play, command: str = "/tab") -> None:
    """Open another tab, and wait for its session."""
    count = len(play.app.tabs.all)
    await play.say(command)
    await play.until(lambda: len(play.app.tabs.all) == count + 1 and play.app.desk.session is not None)


def faces(*titles: str, current: int = 0, **states: TabState) -> list[TabFace]:
    """Return tabs by their titles."""
    return [
        TabFace(f"tab-{place}", place + 1, title, states.get(title, TabState.QUIET), place == current)
        for place, title in enumerate(titles)
    ]


async def test_one_session_has_no_row_and_two_have(stage) -> None:
    async with stage(DONE, DONE) as play:
        await play.say("mend the door")
        await play.idle()
        assert not play.app.screen.query(SessionTabs)
        first = play.session
        await open_tab(play)
        assert play.session is not first
        row = play.text().splitlines()[0]
        assert "1 mend the door" in row
        assert "2 new session" in row
        assert play.app.desk.session is not first
        assert first.transcript.entries


async def test_draft_scroll_and_focus_are_as_they_were_when_one_comes_back(stage) -> None:
    async with stage(DONE, DONE) as play:
        await open_tab(play)
        play.app.main.prompt.load_text("half a thought")
        await play.pilot.press("ctrl+pageup")
        await play.until(lambda: play.app.tabs.current.mode == "tab-1")
        assert play.app.main.prompt.text == ""
        play.app.main.query_one(TranscriptPane).focus()
        await play.pilot.press("alt+2")
        await play.until(lambda: play.app.main.prompt.text == "half a thought")
        assert play.app.main.prompt.has_focus
        await play.pilot.press("ctrl+pagedown")
        await play.until(lambda: play.app.main.query_one(TranscriptPane).has_focus)


async def test_a_hidden_session_that_needs_the_person_says_so_in_the_row_and_takes_no_focus(stage, edit) -> None:
    go = asyncio.Event()
    async with stage(edit | {"wait": "go"}, DONE, gates={"go": go}) as play:
        await play.say("warm the greeting")
        await play.until(lambda: play.transcript.is_running)
        hidden = play.app.tabs.current
        await open_tab(play)
        focused = play.app.focused
        go.set()
        await play.until(lambda: hidden.state is TabState.WAITING)
        await play.until(lambda: "? waits for you" in play.text().splitlines()[0])
        assert play.app.focused is focused
        assert not play.app.screen.query(".-waiting")
        await play.pilot.press("a")
        assert hidden.desk.session.transcript.approvals
        assert play.app.main.prompt.text == "a"
        await play.pilot.press("alt+1")
        await play.asked()
        await play.pilot.press("a")
        await play.until(lambda: not hidden.desk.session.transcript.approvals)


async def test_what_a_hidden_session_said_is_there_when_it_comes_to_the_front(stage) -> None:
    go = asyncio.Event()
    async with stage({"text": "The hidden answer.", "wait": "go"}, DONE, gates={"go": go}) as play:
        await play.say("ask")
        await play.until(lambda: play.transcript.is_running)
        hidden = play.app.tabs.current
        pane = hidden.main.query_one(TranscriptPane)
        await open_tab(play)
        before = [(block.entry, block.is_done) for block in pane.blocks]
        go.set()
        await play.until(lambda: hidden.state is TabState.DONE)
        assert [(block.entry, block.is_done) for block in pane.blocks] == before
        assert "✓ done" in play.text().splitlines()[0]
        await play.pilot.press("alt+1")
        await play.until(lambda: "The hidden answer." in play.text())
        assert hidden.state is TabState.QUIET


async def test_ten_idle_tabs_draw_nothing(stage, monkeypatch) -> None:
    async with stage(DONE, DONE) as play:
        for _ in range(9):
            await open_tab(play)
        drawn: list[object] = []
        real = type(play.app)._display
        monkeypatch.setattr(
            type(play.app), "_display", lambda app, *update: (drawn.append(update), real(app, *update))[1]
        )

        async def is_quiet() -> bool:
            drawn.clear()
            for _ in range(20):
                await play.pilot.pause()
            return not drawn

        # What holds commands is found out a little after a session is open, and shown in the header then.
        async with asyncio.timeout(20):
            while not await is_quiet():
                pass
        for _ in range(3):
            assert await is_quiet()


async def test_a_session_that_is_open_is_shown_and_not_opened_twice(stage) -> None:
    async with stage(DONE, DONE) as play:
        await play.say("mend the door")
        await play.idle()
        first = play.session
        await open_tab(play)
        await play.say(f"/resume {first.session_id}")
        await play.until(lambda: play.app.desk.session is first)
        assert len(play.app.tabs.all) == 2


async def test_closing_asks_only_while_something_runs_and_the_session_can_be_resumed(stage) -> None:
    gates = {"never": asyncio.Event()}
    async with stage({"text": "Never.", "wait": "never"}, DONE, gates=gates) as play:
        first = play.app.tabs.current
        await open_tab(play)
        await play.say("a long task")
        await play.until(lambda: play.transcript.is_running)
        session = play.session
        await play.say("/close")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        await play.pilot.press("n")
        await play.until(lambda: play.app.screen is play.app.main)
        assert session.is_running
        await play.say("/close")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        await play.pilot.press("y")
        await play.until(lambda: play.app.tabs.all == (first,))
        await play.until(lambda: not play.app.screen.query(SessionTabs))
        assert not session.is_running
        await play.say(f"/resume {session.session_id}")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == session.session_id)
        assert [entry.text for entry in play.transcript.entries if isinstance(entry, UserMessage)] == ["a long task"]


async def test_the_only_tab_is_not_closed(stage) -> None:
    async with stage(DONE) as play:
        session = play.session
        await play.say("/close")
        await play.told("This is the only tab")
        assert play.app.desk.session is session


async def test_leaving_closes_every_session_and_names_each_that_can_be_resumed(stage) -> None:
    async with stage(DONE, DONE) as play:
        await play.say("mend the door")
        await play.idle()
        first = play.session
        await open_tab(play)
        await open_tab(play, "/tab paint the wall")
        await play.idle()
        last = play.session
        await play.pilot.press("ctrl+q")
        assert play.app.return_value == [
            Farewell(first.session_id, "mend the door"),
            Farewell(last.session_id, "paint the wall"),
        ]
        assert all(tab.desk.session is None for tab in play.app.tabs.all)


async def test_a_screen_over_a_session_stays_with_it(stage) -> None:
    async with stage(DONE, DONE) as play:
        await open_tab(play)
        await play.pilot.press("f1")
        await play.until(lambda: len(play.app.screen_stack) == 2)
        await play.pilot.press("alt+1")
        await play.until(lambda: play.app.screen is play.app.tabs.all[0].main)
        await play.pilot.press("alt+2")
        await play.until(lambda: len(play.app.screen_stack) == 2)
        await play.pilot.press("escape")
        await play.until(lambda: play.app.screen is play.app.tabs.all[1].main)


async def test_clicking_a_tab_goes_there_and_the_plus_opens_another(stage) -> None:
    async with stage(DONE, DONE) as play:
        await open_tab(play)
        await play.pilot.click(SessionTabs, offset=(4, 0))
        await play.until(lambda: play.app.tabs.current is play.app.tabs.all[0])
        row = play.app.main.query_one(SessionTabs)
        end = row.row(0, row.content_size.width).cell_len
        await play.pilot.click(SessionTabs, offset=(end, 0))
        await play.until(lambda: len(play.app.tabs.all) == 3)


def test_titles_get_shorter_then_the_words_go_and_the_signs_stay() -> None:
    many = faces("a title of some length", "another long title", "third", current=0, third=TabState.WAITING)
    for width in (120, 70, 45, 20):
        line, ends = tab_row(many, width, LOOK)
        assert line.cell_len <= max(width, 24)
        assert ends[-1][1] == NEW_TAB
        assert "?" in line.plain or width == 20
    assert "waits for you" in tab_row(many, 120, LOOK)[0].plain
    assert "waits for you" not in tab_row(many, 45, LOOK)[0].plain


def test_with_more_tabs_than_room_the_current_one_and_the_one_that_waits_are_shown() -> None:
    many = faces(*(f"session {number}" for number in range(30)), current=20, **{"session 2": TabState.WAITING})
    line, ends = tab_row(many, 60, LOOK)
    assert line.cell_len <= 60
    shown = [mode for _, mode in ends]
    assert "tab-20" in shown
    assert "tab-2" in shown


def test_a_title_cannot_steer_the_terminal() -> None:
    line, _ = tab_row(faces("\x1b]52;c;evil\x07[red]x", "b"), 80, LOOK)
    assert "\x1b" not in line.plain
    assert "[red]" in line.plain


def test_the_last_lines_name_each_session() -> None:
    assert farewell_lines([]) == ""
    assert farewell_lines([Farewell("one", "the door")]) == "trashclaw --resume one\n"
    told = farewell_lines([Farewell("one", "the \x1b[2Jdoor"), Farewell("two", "the wall")])
    assert told.endswith("the wall:\n  trashclaw --resume two\n")
    assert "\x1b" not in told


@pytest.mark.parametrize("sent", ["\x1b3", "\x1b[51;3u"])
def test_alt_and_a_digit_is_a_key_in_old_and_new_terminals(sent: str) -> None:
    learn_legacy_keys()
    parser = XTermParser()
    assert [event.key for event in (*parser.feed(sent), *parser.feed(""))] == ["alt+3"]


async def test_closes_that_come_together_leave_the_last_tab(stage) -> None:
    async with stage(DONE) as play:
        await open_tab(play)
        tabs = play.app.tabs
        await asyncio.gather(*(tabs.drop(tab) for tab in (*tabs.all, *tabs.all)))
        assert tabs.all == (tabs.current,)
        assert play.app.screen is tabs.current.main
        assert play.session.session_id


async def test_switches_that_come_together_leave_one_tab_in_front(stage) -> None:
    async with stage(DONE) as play:
        await open_tab(play)
        await open_tab(play)
        tabs = play.app.tabs
        await asyncio.gather(tabs.show(tabs.all[0]), tabs.show(tabs.all[1]), tabs.add(), tabs.show(tabs.all[2]))
        assert [tab for tab in tabs.all if tab.is_shown] == [tabs.current]


async def test_words_for_a_session_that_cannot_be_opened_come_back_in_the_tab_before(stage, monkeypatch) -> None:
    go = asyncio.Event()
    async with stage(DONE) as play:

        async def opener(**_: object) -> None:
            await go.wait()
            raise TrashclawError("Nobody answers.")

        monkeypatch.setattr(play.app.tabs, "_opener", opener)
        await play.say("/tab say this first")
        await play.until(lambda: len(play.app.tabs.all) == 2)
        await play.pilot.press(*"and a draft")
        go.set()
        await play.told("Nobody answers.")
        await play.until(lambda: len(play.app.tabs.all) == 1)
        assert play.app.main.prompt.text == "say this first\nand a draft"


async def test_a_session_is_closed_again_whose_place_does_not_become_free(stage, monkeypatch) -> None:
    async with stage(DONE) as play:
        opened: list[Session] = []
        real = play.app.desk._opener

        async def opener(**wanted: object) -> Session:
            opened.append(await real(**wanted))
            return opened[-1]

        monkeypatch.setattr(play.app.desk, "_opener", opener)
        before = play.session

        async def stuck() -> None:
            raise TrashclawError("The session did not close in time.")

        monkeypatch.setattr(play.app.desk, "close", stuck)
        await play.say("/new")
        await play.told("did not close in time")
        assert play.session is before
        with pytest.raises(UsageError, match="is closed"):
            opened[0].submit(ops.TurnInterrupt())
        monkeypatch.undo()


async def test_a_session_is_opened_where_it_was_asked_for_whatever_is_in_front_then(stage, monkeypatch) -> None:
    async with stage(DONE, DONE) as play:
        await play.say("the first one")
        await play.idle()
        stored = play.session.session_id
        await play.say("/new")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != stored)
        await open_tab(play)
        second = play.session
        go, real = asyncio.Event(), play.session.library.find

        def find(wanted: str) -> str:
            asked.set()
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result()
            return real(wanted)

        loop, asked = asyncio.get_running_loop(), threading.Event()
        await play.app.tabs.step(-1)
        monkeypatch.setattr(play.session.library, "find", find)
        play.app.commanding.run("resume", stored)
        await play.until(asked.is_set)
        await play.app.tabs.step(1)
        go.set()
        await play.until(lambda: play.app.tabs.having(stored))
        assert second in [tab.desk.session for tab in play.app.tabs.all]


async def test_nothing_waits_for_an_overlay_of_a_closed_tab(stage) -> None:
    async with stage(DONE) as play:
        await open_tab(play)
        tab = play.app.tabs.current
        await play.say("/mode")
        await play.until(lambda: len(play.app.screen_stack) == 2)
        assert any(worker.group == tab.command_group for worker in play.app.workers)
        await play.app.tabs.drop(tab)
        await play.until(lambda: not any(worker.group == tab.command_group for worker in play.app.workers))
        assert play.app.screen is play.app.main

"""Which tab the terminal's title tells of, and when it is written."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.tui.conftest import Play
from trashclaw.faces.tui.drawing.tab_row import TabState
from trashclaw.faces.tui.setting import Setting
from trashclaw.faces.tui.terminal_title import RESTORE, SAVE, TerminalTitle

DONE = {"text": "Done."}


def listen(play: Play, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the app have a terminal with a title, and return what is written to it from now on."""
    written: list[str] = []
    driver = play.app._driver
    monkeypatch.setattr(driver, "farewell", "", raising=False)
    monkeypatch.setattr(driver, "write", written.append)
    return written


def titles(written: list[str]) -> list[str]:
    return [one.split("\x1b]0;")[1].split("\a")[0] for one in written if "\x1b]0;" in one]


async def test_a_hidden_session_that_waits_is_told_of_and_the_one_in_front_else(stage, edit, monkeypatch) -> None:
    go = asyncio.Event()
    async with stage(edit | {"wait": "go"}, DONE, gates={"go": go}) as play:
        written = listen(play, monkeypatch)
        await play.say("warm the greeting")
        await play.until(lambda: titles(written)[-1:] == ["warm the greeting · working"])
        hidden = play.app.tabs.current
        await play.say("/tab")
        await play.until(lambda: len(play.app.tabs.all) == 2 and play.app.desk.session is not None)
        name = play.session.workspace_root.name
        await play.until(lambda: titles(written)[-1] == name)
        go.set()
        await play.until(lambda: hidden.state is TabState.WAITING)
        await play.until(lambda: titles(written)[-1] == "warm the greeting · waits for you")
        await play.pilot.press("alt+1")
        await play.asked()
        await play.pilot.press("a")
        await play.until(lambda: titles(written)[-1] == "warm the greeting · done")
        assert sum(SAVE in one for one in written) == 1


async def test_a_title_is_written_when_it_changes_and_not_for_every_frame(stage, monkeypatch) -> None:
    async with stage({"text": "word " * 400}) as play:
        written = listen(play, monkeypatch)
        await play.say("talk")
        await play.idle()
        await play.until(lambda: titles(written)[-1:] == ["talk · done"])
        play.app.tabs.tell()
        assert titles(written) == ["talk · working", "talk · done"]


async def test_the_setting_counts_at_once(stage, monkeypatch) -> None:
    async with stage(DONE) as play:
        written = listen(play, monkeypatch)
        setting = Setting(play.app)
        await setting.store(await setting.view(), "ui.title", "on")
        assert len(titles(written)) == 1
        told = await setting.store(await setting.view(), "ui.title", "off")
        assert "at once" in told
        assert written[-1] == RESTORE
        before = len(written)
        await play.say("talk")
        await play.idle()
        assert not titles(written[before:])


async def test_in_tmux_a_name_is_taken_for_no_colours(stage, monkeypatch) -> None:
    async with stage({"text": "Done."}) as play:
        written = listen(play, monkeypatch)
        await play.say("#[fg=red] mend \x1b]0;x\a ##[bg=red]")
        await play.idle()
        written.clear()
        TerminalTitle(play.app, {"TERM": "tmux-256color", "TMUX": "/tmp/tmux,1,0"}).show()
        (title,) = titles(written)
        assert "#[" not in title
        assert title.startswith("# [fg=red] mend ")


async def test_the_title_is_given_back_where_one_was_taken_and_nowhere_else(stage, monkeypatch) -> None:
    async with stage({"text": "Done."}) as play:
        listen(play, monkeypatch)
        await play.say("talk")
        await play.idle()
        await play.until(lambda: play.app._driver.farewell == RESTORE)
        monkeypatch.setattr(play.app, "look", replace(play.app.look, has_title=False))
        play.app.tabs.tell()
        assert play.app._driver.farewell == ""

"""The list of sessions: finding, previewing, and everything that is done with one from there."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.tui.test_drawing import LOOK
from trashclaw.faces.tui.drawing.session_line import row_lines
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.confirm import ConfirmScreen
from trashclaw.faces.tui.screens.replay import ReplayScreen
from trashclaw.faces.tui.screens.session_tree import TreeScreen
from trashclaw.faces.tui.screens.sessions import SessionsScreen
from trashclaw.faces.tui.session_rows import SessionRow, family, found_rows
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.tui.widgets.session_list import SessionList
from trashclaw.faces.tui.widgets.session_preview import SessionPreview
from trashclaw.protocol.ids import SessionId
from trashclaw.session.stored import SessionSummary

WIDE = "Enter goes on   Ctrl+N tab   F5 fork   F2 rename   F8 delete   F3 replay"
DOOR = {"text": "The hinge was loose."}
WALL = {"text": "Two coats of paint."}
DONE = {"text": "Done."}


async def two_sessions(play) -> tuple[str, str]:
    """Have a session about a door, then one about a wall, which stays open; return their ids."""
    await play.say("mend the door")
    await play.idle()
    first = play.session.session_id
    await play.say("/new")
    await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
    await play.say("paint the wall")
    await play.idle()
    return first, play.session.session_id


async def listed(play, command: str = "/sessions") -> SessionList:
    """Open the list, and wait until it has been read."""
    await play.say(command)
    await play.until(lambda: isinstance(play.app.screen, SessionsScreen))
    rows = play.app.screen.query_one(SessionList)
    await play.until(lambda: rows.rows)
    return rows


async def test_the_list_has_a_preview_of_the_current_one_beside_it(stage) -> None:
    async with stage(DOOR, WALL) as play:
        await two_sessions(play)
        rows = await listed(play)
        assert [row.summary.title for row in rows.rows] == ["paint the wall", "mend the door"]
        await play.until(lambda: "Two coats of paint." in play.text())
        assert "here" in play.text()
        await play.pilot.press("down")
        await play.until(lambda: "The hinge was loose." in play.text())
        assert play.app.screen.query_one(SessionPreview).display


async def test_on_a_narrow_screen_tab_shows_the_preview_and_escape_the_list_again(stage) -> None:
    async with stage(DOOR, WALL, size=(80, 24)) as play:
        await two_sessions(play)
        rows = await listed(play)
        preview = play.app.screen.query_one(SessionPreview)
        assert (rows.display, preview.display) == (True, False)
        await play.pilot.press("tab")
        await play.until(lambda: "Two coats of paint." in play.text())
        assert (rows.display, preview.display) == (False, True)
        await play.pilot.press("escape")
        await play.until(lambda: rows.display and not preview.display)
        await play.pilot.press("escape")
        await play.until(lambda: play.app.screen is play.app.main)


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (60, "Enter goes on   Ctrl+N tab   F1 all keys"),
        (80, "Enter goes on   Ctrl+N tab   Tab preview   F5 fork   F1 all keys"),
        (100, f"{WIDE}   F1 all keys"),
        (140, f"{WIDE}   F7 export   Esc closes   F1 all keys"),
    ],
)
async def test_the_keys_stand_in_one_row_the_most_used_first(stage, width: int, told: str) -> None:
    async with stage(DOOR, size=(width, 24)) as play:
        await play.say("mend the door")
        await play.idle()
        await listed(play)
        rows = [row for row in play.text().splitlines() if "Enter goes on" in row or "F1 all keys" in row]
        assert [row.strip("❯│ ") for row in rows] == [told]


async def test_the_keys_fit_again_when_the_width_changes(stage) -> None:
    async with stage(DOOR, size=(140, 30)) as play:
        await play.say("mend the door")
        await play.idle()
        await listed(play)
        assert "Tab preview" not in play.text()
        await play.pilot.resize_terminal(80, 24)
        await play.until(lambda: "Tab preview   F5 fork   F1 all keys" in play.text())


async def test_typing_finds_titles_at_once_and_what_was_said_with_its_words(stage) -> None:
    async with stage(DOOR, WALL) as play:
        await two_sessions(play)
        rows = await listed(play)
        await play.pilot.press(*"hinge")
        await play.until(lambda: len(rows.rows) == 1 and rows.current.match is not None)
        assert rows.current.summary.title == "mend the door"
        assert "The hinge was loose." in play.text()
        line = play.app.screen.query_one(LineInput)
        line.value = "nothing of the kind"
        await play.until(lambda: "nobody said them" in play.text())
        line.value = "paint"
        await play.until(lambda: rows.rows and rows.current.summary.title == "paint the wall")


async def test_enter_that_comes_before_the_list_or_the_words_are_found_counts_then(stage) -> None:
    async with stage(DOOR, WALL) as play:
        door, wall = await two_sessions(play)
        await play.say("/sessions")
        await play.until(lambda: isinstance(play.app.screen, SessionsScreen))
        await play.burst(*"hinge", "enter")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == door)
        assert wall != door


async def test_enter_goes_on_here_and_another_key_in_a_new_tab(stage) -> None:
    async with stage(DOOR, WALL) as play:
        door, wall = await two_sessions(play)
        await listed(play, "/resume")
        await play.pilot.press("down", "ctrl+n")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == door)
        assert len(play.app.tabs.all) == 2
        await play.pilot.press("f2")
        await play.until(lambda: isinstance(play.app.screen, SessionsScreen))
        rows = play.app.screen.query_one(SessionList)
        await play.until(lambda: rows.rows)
        await play.until(lambda: rows.current.summary.session_id == door)
        assert "tab 1" in play.text()
        await play.pilot.press(*"wall")
        await play.until(lambda: rows.current is not None and rows.current.summary.session_id == wall)
        await play.pilot.press("enter")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == wall)
        assert len(play.app.tabs.all) == 2


async def test_a_session_is_given_a_title_in_place_whether_it_is_open_or_not(stage) -> None:
    async with stage(DOOR, WALL) as play:
        await two_sessions(play)
        rows = await listed(play)
        for title in ("The wall", "The door"):
            await play.pilot.press("f2")
            line = play.app.screen.query_one(LineInput)
            line.value = title
            await play.pilot.press("enter")
            await play.until(lambda title=title: title in [row.summary.title for row in rows.rows])
            await play.pilot.press("down")
        assert {row.summary.title for row in rows.rows} == {"The wall", "The door"}
        assert play.app.tabs.current.title == "The wall"


async def test_escape_leaves_a_title_as_it_is(stage) -> None:
    async with stage(DOOR) as play:
        await play.say("mend the door")
        await play.idle()
        rows = await listed(play)
        await play.pilot.press("f2", *"other", "escape")
        await play.until(lambda: play.app.screen.query_one(LineInput).value == "")
        assert rows.current.summary.title == "mend the door"
        assert isinstance(play.app.screen, SessionsScreen)


async def test_deleting_asks_first_and_names_it(stage) -> None:
    async with stage(DOOR, WALL) as play:
        await two_sessions(play)
        rows = await listed(play)
        await play.pilot.press("down", "f8")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        assert "mend the door" in play.text()
        await play.pilot.press("n")
        await play.until(lambda: isinstance(play.app.screen, SessionsScreen))
        assert len(rows.rows) == 2
        await play.pilot.press("f8")
        await play.until(lambda: isinstance(play.app.screen, ConfirmScreen))
        await play.pilot.press("y")
        await play.until(lambda: [row.summary.title for row in rows.rows] == ["paint the wall"])
        await play.pilot.press("f8")
        await play.told("This session is open")
        assert len(play.session.sessions()) == 1


async def test_a_session_is_written_in_the_format_that_is_asked_for(stage, repository) -> None:
    async with stage(DOOR, WALL) as play:
        door, _ = await two_sessions(play)
        await listed(play)
        await play.pilot.press("down", "f7")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        await play.pilot.press(*"jsonl", "enter")
        await play.told("The conversation is in")
        lines = (repository / f"trashclaw-{door}.jsonl").read_text(encoding="utf-8").splitlines()
        assert {json.loads(line)["session_id"] for line in lines} == {door}
        assert isinstance(play.app.screen, SessionsScreen)


async def test_a_fork_opens_in_a_tab_stands_below_its_parent_and_the_tree_leads_back(stage) -> None:
    async with stage(DOOR, WALL, DONE) as play:
        await play.say("mend the door")
        await play.idle()
        parent = play.session.session_id
        await play.say("/fork")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != parent)
        await play.told(f"This is a fork of {parent}")
        assert play.transcript.parent_id == parent
        await play.until(lambda: "The hinge was loose." in play.text())
        await play.say("/tree")
        await play.until(lambda: isinstance(play.app.screen, TreeScreen))
        rows = play.app.screen.query_one(SessionList)
        assert [(row.depth, row.summary.session_id) for row in rows.rows] == [
            (0, parent),
            (1, play.session.session_id),
        ]
        assert rows.current.summary.session_id == play.session.session_id
        await play.pilot.press("up", "enter")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == parent)
        assert len(play.app.tabs.all) == 2


async def test_replay_is_one_key_away(stage) -> None:
    async with stage(DOOR) as play:
        await play.say("mend the door")
        await play.idle()
        await listed(play)
        await play.pilot.press("f3")
        await play.until(lambda: isinstance(play.app.screen, ReplayScreen))


async def test_only_rows_in_view_are_drawn_of_a_thousand(stage, monkeypatch) -> None:
    async with stage(DOOR) as play:
        await play.say("mend the door")
        await play.idle()
        rows = await listed(play)
        many = [summary(f"session-{number}", f"task {number}") for number in range(1_000)]
        drawn: list[str] = []
        monkeypatch.setattr(
            "trashclaw.faces.tui.widgets.session_list.row_lines",
            lambda row, *rest, **named: drawn.append(row.summary.session_id) or _real(row, *rest, **named),
        )
        rows.show(found_rows(many, "task", ()), "none")
        await play.pilot.pause()
        assert 0 < len(set(drawn)) <= 40
        assert rows.line_count == 1_000


def test_a_session_is_found_once_with_its_title_before_what_was_said() -> None:
    known = [summary("one", "mend the door"), summary("two", "paint"), summary("three", "Door frame")]
    rows = found_rows(known, "door", ())
    assert [row.summary.session_id for row in rows] == ["one", "three"]


def test_a_family_is_everything_that_was_forked_from_one_another() -> None:
    known = [summary("a", ""), summary("b", "", "a"), summary("c", "", "b"), summary("d", ""), summary("e", "", "gone")]
    assert {one.session_id for one in family(known, "c")} == {"a", "b", "c"}
    assert {one.session_id for one in family(known, "e")} == {"e"}


@pytest.mark.parametrize("width", range(43, 90))
@pytest.mark.parametrize("place", ["", "tab 12", "open elsewhere"])
def test_a_title_goes_before_what_else_is_known(width: int, place: str) -> None:
    long = replace(summary("s1", "Mend the hinges of the old garden door"), model="qwen3-coder:30b-instruct", turns=12)
    (line,) = row_lines(SessionRow(long), place, width, LOOK, is_current=False)
    assert line.cell_len == width
    assert "Mend the hinges of the" in line.plain
    assert place in line.plain
    if width >= 50:
        assert "1970" in line.plain
    if width >= 80:
        assert "qwen3-coder:30b" in line.plain
    if "qwen3-coder" in line.plain:
        assert "Mend the hinges of the old g" in line.plain


def summary(session_id: str, title: str, parent: str | None = None) -> SessionSummary:
    """Return a summary of a session."""
    return SessionSummary(
        SessionId(session_id), title, 1.0, 2.0, 1, "m", parent_id=SessionId(parent) if parent is not None else None
    )


def _real(*arguments, **named):
    return row_lines(*arguments, **named)

"""Slash commands, the palette, the help and the keys."""

from __future__ import annotations

from importlib import import_module

import pytest
from textual._xterm_parser import XTermParser

from trashclaw.faces.tui.keymap import ACTIONS, Group, key_name, learn_legacy_keys
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.help import HelpScreen
from trashclaw.faces.tui.screens.overlay import OverlayLines
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.screens.sessions import SessionsScreen
from trashclaw.faces.tui.slash import BUILTINS
from trashclaw.faces.wording.typed import parse_command
from trashclaw.protocol.items import UserMessage
from trashclaw.protocol.modes import Mode

DONE = {"text": "Done."}


def test_every_builtin_command_has_something_that_it_does() -> None:
    rooms = {
        room: import_module(f"trashclaw.faces.tui.commands.{room}").Commands
        for room in {builtin.room for builtin in BUILTINS}
    }
    done = {(room, name) for room, found in rooms.items() for name in dir(found) if name.startswith("do_")}
    assert {(builtin.room, f"do_{builtin.name}") for builtin in BUILTINS} == done


def test_every_action_has_one_id_and_no_two_share_a_key_in_one_place() -> None:
    assert len({action.action_id for action in ACTIONS}) == len(ACTIONS)
    for group in Group:
        keys = [key for action in ACTIONS if action.group is group for key in action.keys.split(",")]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/help", ("help", "")),
        ("/mode plan", ("mode", "plan")),
        ("/usr/bin is a folder", None),
        ("/", None),
        ("// a comment", None),
        ("plain words", None),
    ],
)
def test_a_slash_command_is_told_from_a_path(text: str, expected: tuple[str, str] | None) -> None:
    assert parse_command(text) == expected


def test_keys_are_written_as_people_write_them() -> None:
    assert [key_name(key) for key in ("ctrl+p", "right_square_bracket", "escape", "alt+up")] == [
        "Ctrl+P",
        "]",
        "Esc",
        "Alt+Up",
    ]


@pytest.mark.parametrize(
    ("sent", "key"),
    [("\x1b\r", "alt+enter"), ("\x1b[13;3u", "alt+enter"), ("\x1b[13;2u", "shift+enter"), ("\n", "ctrl+j")],
)
def test_old_and_new_terminals_tell_the_enter_keys_apart(sent: str, key: str) -> None:
    learn_legacy_keys()
    parser = XTermParser()
    assert [event.key for event in (*parser.feed(sent), *parser.feed(""))] == [key]


async def test_the_help_shows_every_key_and_every_command(stage) -> None:
    async with stage(DONE, size=(120, 40)) as play:
        await play.pilot.press("f1")
        await play.until(lambda: isinstance(play.app.screen, HelpScreen))
        pane = play.app.screen.query_one(OverlayLines)
        await play.until(lambda: pane.line_count > len(ACTIONS))
        shown = "\n".join(pane.strip_at(line).text for line in range(pane.line_count))
        for action in ACTIONS:
            assert action.label in shown
        for builtin in BUILTINS:
            assert f"/{builtin.name}" in shown
        assert "/review" in shown
        await play.pilot.press("escape")
        assert not isinstance(play.app.screen, HelpScreen)


async def test_shift_tab_goes_through_the_modes(stage) -> None:
    async with stage(DONE) as play:
        for mode in (Mode.ACCEPT, Mode.AUTO, Mode.PLAN, Mode.REVIEW):
            await play.pilot.press("shift+tab")
            await play.until(lambda mode=mode: play.transcript.mode is mode)
            await play.until(lambda mode=mode: mode.value in play.text().splitlines()[0])


async def test_a_mode_and_a_theme_are_set_by_commands(stage) -> None:
    async with stage(DONE) as play:
        await play.say("/mode plan")
        await play.until(lambda: play.transcript.mode is Mode.PLAN)
        await play.say("/theme nord")
        await play.until(lambda: play.app.theme == "nord")
        await play.say("/theme nothing")
        await play.told("There is no theme nothing")


async def test_a_theme_is_chosen_from_the_palette(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press("ctrl+p")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        await play.pilot.press(*"theme nord", "enter")
        await play.until(lambda: play.app.theme == "nord")
        assert not isinstance(play.app.screen, ChoiceScreen)


async def test_choosing_keeps_the_order_of_keys_that_come_together(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press("ctrl+p")
        await play.until(lambda: isinstance(play.app.screen, ChoiceScreen))
        await play.burst(*"themx", "backspace", *"e trashclaw", "down", "enter")
        await play.until(lambda: play.app.theme == "trashclaw-light")


async def test_undo_brings_the_file_back(stage, repository, edit) -> None:
    before = (repository / "src" / "app.py").read_bytes()
    async with stage(edit, DONE) as play:
        await play.say("be warmer")
        await play.asked()
        await play.pilot.press("a")
        await play.idle()
        await play.say("/diff")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        assert "this session" in play.text()
        assert "Good day" in play.text()
        await play.pilot.press("escape")
        await play.say("/undo")
        await play.until(lambda: (repository / "src" / "app.py").read_bytes() == before)


async def test_a_command_from_a_file_is_expanded_for_the_model(stage) -> None:
    async with stage(DONE) as play:
        await play.say("/review src/app.py")
        await play.idle()
        message = next(entry for entry in play.transcript.entries if isinstance(entry, UserMessage))
        assert message.text == "/review src/app.py"
        assert "src/app.py" in message.attached
        assert len(message.attached) > 200


async def test_an_unknown_command_is_refused_with_a_hint(stage) -> None:
    async with stage(DONE) as play:
        await play.say("/nonsense")
        await play.told("There is no command /nonsense")
        assert play.transcript.entries == []


async def test_an_export_is_written_once_and_never_over_a_file(stage, repository) -> None:
    async with stage({"text": "An answer."}) as play:
        await play.say("a question")
        await play.idle()
        await play.say("/export notes.md")
        await play.until(lambda: (repository / "notes.md").exists())
        await play.told("The conversation is in")
        written = (repository / "notes.md").read_text()
        assert "a question" in written
        assert "An answer." in written
        await play.say("/export notes.md")
        await play.told("is there already")
        assert (repository / "notes.md").read_text() == written


async def test_a_new_session_is_empty_and_the_old_one_can_be_resumed(stage) -> None:
    async with stage({"text": "The first answer."}, {"text": "The second."}) as play:
        await play.say("one")
        await play.idle()
        first = play.session.session_id
        await play.say("/new")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
        await play.until(lambda: "The first answer." not in play.text())
        await play.say("/resume")
        await play.until(lambda: isinstance(play.app.screen, SessionsScreen) and "one" in play.text())
        await play.pilot.press("enter")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == first)
        await play.until(lambda: "The first answer." in play.text())


async def test_the_last_answer_is_copied(stage) -> None:
    async with stage({"text": "Copy **me**."}) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("ctrl+y")
        assert play.app.clipboard == "Copy **me**."


async def test_ctrl_c_twice_quits_and_names_the_session(stage) -> None:
    async with stage(DONE) as play:
        await play.say("go")
        await play.idle()
        session_id = play.session.session_id
        await play.pilot.press("ctrl+c")
        await play.told("Ctrl+C again quits")
        await play.pilot.press("ctrl+c")
        assert [farewell.session_id for farewell in play.app.return_value] == [session_id]

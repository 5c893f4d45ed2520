"""The keys: one table, the person's own keymap.yaml over it, and everything that shows them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from textual import events
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.widgets import Input, TextArea

import trashclaw.faces.tui
from tests.support.tree import ROOT
from trashclaw.config.keymap_file import keymap_file
from trashclaw.faces.tui.keymap import ACTIONS, USUAL, Group, KeyTable
from trashclaw.faces.tui.keys.editing import INHERITED
from trashclaw.faces.tui.keys.names import key_name, parse_key
from trashclaw.faces.tui.keys.places import MODAL, TYPED_IN, WAYS, meet
from trashclaw.faces.tui.keys.rebinding import keymap_template, notice_of, read_keys
from trashclaw.faces.tui.screens.help import HelpScreen
from trashclaw.faces.tui.screens.overlay import OverlayLines
from trashclaw.faces.tui.screens.palette import PaletteScreen
from trashclaw.faces.tui.screens.settings import SettingsScreen
from trashclaw.faces.tui.widgets.queue import QueueRows
from trashclaw.protocol.items import UserMessage

DONE = {"text": "Done."}
IDS = {action.action_id: action for action in ACTIONS}
PRIORITY = {key for action in ACTIONS if action.is_priority for key in action.usual_keys}


def own_nodes() -> Iterator[type[DOMNode]]:
    """Yield every app, screen and widget of our own."""
    for module in pkgutil.walk_packages(trashclaw.faces.tui.__path__, "trashclaw.faces.tui."):
        for found in vars(import_module(module.name)).values():
            if isinstance(found, type) and issubclass(found, DOMNode) and found.__module__ == module.name:
                yield found


def read(text: str) -> tuple[KeyTable, str]:
    file = keymap_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    table, problems = read_keys(file)
    return table, "\n".join(problems)


def test_every_binding_of_ours_is_a_row_of_the_table() -> None:
    nodes = list(own_nodes())
    assert len(nodes) > 30
    bound = set()
    for node in nodes:
        for binding in node.__dict__.get("BINDINGS", ()):
            assert isinstance(binding, Binding), node
            assert binding.id in IDS, (node, binding)
            assert binding.action == IDS[binding.id].call, (node, binding)
            bound.add(binding.id)
    taken = {action.action_id for action in ACTIONS if not action.call}
    assert taken == {"field.next", "field.previous", "field.leave"}, "what a pane takes itself while something is typed"
    assert bound == set(IDS) - taken, "rows that nothing binds"


def test_bindings_are_made_in_one_place_only() -> None:
    files = (ROOT / "trashclaw" / "faces" / "tui").rglob("*.py")
    assert [file.name for file in files if "Binding(" in file.read_text()] == ["keymap.py"]


def test_what_textual_binds_by_itself_is_told_or_shadowed() -> None:
    """Keys of Textual's own that reach something here stand in the help."""
    untold = set()
    for node in own_nodes():
        merged = dict.fromkeys(
            binding.key for base in node.__mro__ for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ()))
        )
        own = {
            binding.key
            for base in node.__mro__
            if base.__module__.startswith("trashclaw")
            for binding in Binding.make_bindings(base.__dict__.get("BINDINGS", ()))
        }
        untold |= set(merged) - own - PRIORITY - INHERITED
    assert not untold
    editors = {binding.key for base in (TextArea, Input) for binding in Binding.make_bindings(base.BINDINGS)}
    assert len(editors & INHERITED) > 30


def test_no_key_is_out_of_reach_by_default() -> None:
    for place, first in enumerate(ACTIONS):
        for second in ACTIONS[place + 1 :]:
            shared = set(first.usual_keys) & set(second.usual_keys)
            if shared and meet(first, second):
                assert first.group is not second.group, (first, second)
                assert not first.is_priority, (first, second)
                assert not second.is_priority, (first, second)


def test_every_place_is_told_how_to_reach_or_is_always_there() -> None:
    assert set(Group) - set(WAYS) == {Group.ANYWHERE, Group.PROMPT, Group.CONVERSATION, Group.TOOLS}
    assert {action.group for action in ACTIONS} == set(Group)
    assert set(Group) > MODAL


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("ctrl+j", "ctrl+j"),
        ("Ctrl+J", "ctrl+j"),
        ("Alt+Enter", "alt+enter"),
        ("shift+ctrl+left", "ctrl+shift+left"),
        ("Esc", "escape"),
        ("F4", "f4"),
        ("]", "right_square_bracket"),
        ("?", "question_mark"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("A", "A"),
        ("1", "1"),
        ("option+x", "alt+x"),
        ("é", "é"),
    ],
)
def test_keys_are_understood_as_people_write_them(written: str, key: str) -> None:
    assert parse_key(written) == key


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("ctlr+j", "ctlr is no modifier"),
        ("ctrl+ctrl+j", "twice"),
        ("escpae", "did you mean escape"),
        ("ctrl+i", "a terminal sends Ctrl+I as Tab"),
        ("ctrl+[", "as Esc"),
        ("\x1b", "no key that can be bound"),
        ("nonsense", "there is no key nonsense"),
    ],
)
def test_what_is_no_key_is_refused_with_a_reason(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("+", r"\+").replace("[", r"\[")):
        parse_key(written)


def test_a_keymap_gives_takes_and_swaps_keys() -> None:
    table, problems = read(
        "palette: f15, f16\nhelp:\nreview.accept: y\nreview.accept_all: a\nreview.once: 5\nreview.no: ['0', f22]\n"
    )
    assert problems == ""
    assert table.keys_of("palette") == ("f15", "f16")
    assert table.keys_of("help") == ()
    assert (table.keys_of("review.accept"), table.keys_of("review.accept_all")) == (("y",), ("a",))
    assert table.keys_of("review.no") == ("0", "f22")
    assert table.keys_of("quit") == USUAL.keys_of("quit")
    assert {"y", "a", "5", "0"} <= table.typed_keys(Group.REVIEW)
    assert "4" not in table.typed_keys(Group.REVIEW)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("palete: f15", "line 2: there is no action palete; did you mean palette"),
        ("xyzzy: f15", "`trashclaw config keymap` names them all"),
        ("palette: ctlr+k", "line 2: palette: ctlr is no modifier"),
        ("palette: ctrl+i", "palette: a terminal sends Ctrl+I as Tab, and they cannot be told apart."),
        ("palette: {a: b}", "line 2: palette must be a key"),
        ("palette: true", "line 2: palette must be a key"),
        ("prompt.send: a", "line 2: prompt.send: a is typed as text where this counts"),
        ("mode.next: x", "x is typed as text where this counts"),
        ("palette: f1", "line 2: F1 cannot be palette, since it is help (anywhere: help with every key)"),
        ("review.accept: y", "since it is review.accept_all (Changes that wait for you: accept all of it, once)"),
        ("review.accept: ctrl+p", "since it is palette (anywhere: command palette) and both count in one place"),
        ("prompt.newline: ctrl+p", "give that another one too, as in `palette: KEY`"),
        ("window.down: c", "since it is context.preview"),
    ],
)
def test_a_bad_line_costs_only_itself(line: str, said: str) -> None:
    table, problems = read(f"quit: f13\n{line}\nside.toggle: f14\n")
    assert said in problems
    assert str(keymap_file()) in problems
    assert len(problems.splitlines()) == 1
    assert table.rebound == {"quit": ("f13",), "side.toggle": ("f14",)}


def test_of_two_lines_that_want_one_key_the_later_is_refused_and_both_are_named() -> None:
    table, problems = read("quit: f13\nside.toggle: f14\nhelp: f13\n")
    assert "line 3: F13 cannot be help, since it is quit by" in problems
    assert "line 1 (anywhere: quit)" in problems
    assert table.rebound == {"quit": ("f13",), "side.toggle": ("f14",)}


def test_the_same_key_is_no_conflict_in_places_that_never_meet() -> None:
    table, problems = read("review.accept: j\nrewind.files: y\nfirst.demo: a\ntrust.yes: q\nturn.interrupt: f21\n")
    assert problems == ""
    assert len(table.rebound) == 5


@pytest.mark.parametrize("action_id", ["prompt.send", "quit"])
def test_nobody_is_locked_out(action_id: str) -> None:
    """Without a key for them nothing could be said any more, not even /quit, nor be left."""
    table, said = read("help: f16\nquit.twice: []\nquit: []\nprompt.send: []\n")
    assert table.keys_of(action_id) == IDS[action_id].usual_keys
    assert f"{action_id} needs a key" in said
    assert table.keys_of("quit.twice") == ()
    assert table.keys_of("help") == ("f16",)
    table, said = read("settings: [ctrl+q]\nquit.twice: []\nquit: []\n")
    assert table.keys_of("quit") == ("ctrl+q",)
    assert table.keys_of("settings") == IDS["settings"].usual_keys
    table, said = read("quit: []\n")
    assert (table.keys_of("quit"), said) == ((), "")
    table, said = read("quit: []\nquit.twice: [ctrl+q]\n")
    assert (table.keys_of("quit"), said) == ((), "")


def test_a_file_that_is_no_yaml_changes_nothing_and_says_so() -> None:
    table, problems = read("quit: [f13\n")
    assert "None of the file counts" in problems
    assert table.rebound == {}


def test_what_is_wrong_is_told_in_the_order_of_the_file() -> None:
    _, problems = read("quit: f13\nhelp: f13\nxyzzy: f15\npalette: true\nside.toggle: f13\npalete: f16\n")
    assert [row.partition(", line ")[2][0] for row in problems.splitlines()] == ["2", "3", "4", "5", "6"]


def test_the_notice_names_the_file_once_and_six_problems_at_most() -> None:
    file = keymap_file()
    _, problems = read("quit: f13\nhelp: f13\n" + "".join(f"xyzzy{number}: f15\n" for number in range(7)))
    rows = notice_of(file, problems.splitlines()).splitlines()
    assert rows[0] == f"{file}:"
    assert rows[1].startswith("line 2: F13 cannot be help, since it is quit by line 1 (")
    assert [row[:7] for row in rows[1:-1]] == [f"line {number}:" for number in range(2, 8)]
    assert rows[-1] == "2 more: trashclaw doctor"
    assert str(file) not in "\n".join(rows[1:])
    assert len(notice_of(file, problems.splitlines()[:6]).splitlines()) == 7


async def test_a_bad_keymap_is_told_when_it_is_reloaded(stage) -> None:
    async with stage(DONE) as play:
        read("".join(f"xyzzy{number}: f15\n" for number in range(9)))
        play.app.rebinding.reload()
        await play.told("3 more")
        (told,) = [notice.message for notice in play.app._notifications]
        assert told.count(str(keymap_file())) == 1
        assert "\n3 more: trashclaw doctor\nThe other lines hold." in told
        assert told.count("there is no action") == 6


def test_the_template_names_every_action_and_reads_as_it_stands(tmp_path: Path) -> None:
    template = keymap_template(tmp_path / "keymap.yaml")
    table, problems = read(template)
    assert (table.rebound, problems) == ({}, "")
    lines = [line.removeprefix("# ") for line in template.splitlines()]
    rows = [line for line in lines if line.split(":")[0] in IDS]
    assert [row.split(":")[0] for row in rows] == sorted(IDS, key=[row.split(":")[0] for row in rows].index)
    assert {row.split(":")[0] for row in rows} == set(IDS)
    table, problems = read("\n".join(rows))
    assert problems == ""
    assert table.rebound == {action.action_id: action.usual_keys for action in ACTIONS}


async def test_a_persons_keys_count_and_are_shown_everywhere(stage) -> None:
    read("prompt.send: f17\nprompt.recall: f18\nhelp: f16\npalette: f19\nlist.close: f20\nside.toggle: f21\n")
    async with stage(DONE) as play:
        play.app.screen.query_one("#prompt").load_text("hello")
        await play.pilot.press("enter")
        await play.pilot.pause()
        assert play.transcript.entries == []
        await play.pilot.press("f17")
        await play.idle()
        assert next(entry for entry in play.transcript.entries if isinstance(entry, UserMessage)).text == "hello"
        await play.pilot.press("f1", "ctrl+p")
        await play.pilot.pause()
        assert len(play.app.screen_stack) == 1
        await play.pilot.press("f16")
        await play.until(lambda: isinstance(play.app.screen, HelpScreen))
        pane = play.app.screen.query_one(OverlayLines)
        shown = [pane.strip_at(line).text for line in range(pane.line_count)]
        assert any(line.startswith("F17 ") and "send" in line for line in shown)
        await play.pilot.press("f16", "f19")
        await play.until(lambda: isinstance(play.app.screen, PaletteScreen))
        await play.pilot.press(*"help with every")
        await play.until(lambda: "F16" in play.text())
        assert "F20 closes" in play.text()
        await play.pilot.press("f20")
        assert len(play.app.screen_stack) == 1
        queue = play.app.screen.query_one(QueueRows)
        assert "F18" in _hint_of(queue)


def _hint_of(queue: QueueRows) -> str:
    """What the queue says of the key that takes a message back; it is drawn only while there is one."""
    from types import SimpleNamespace

    queue._queue = (SimpleNamespace(origin="follow_up", text="later"),)
    return queue.row(0, 80).plain


async def test_mistakes_are_told_once_and_the_rest_counts(stage) -> None:
    read("palette: f1\nsettings: f16\n")
    async with stage(DONE) as play:
        await play.told("F1 cannot be palette, since it is help")
        await play.pilot.press("f16")
        await play.until(lambda: isinstance(play.app.screen, SettingsScreen))


async def test_keys_are_taken_over_when_the_terminal_gets_the_focus_back_and_by_command(stage) -> None:
    async with stage(DONE) as play:
        read("help: f16\n")
        play.app.post_message(events.AppBlur())
        play.app.post_message(events.AppFocus())
        await play.until(lambda: play.app.key_table.keys_of("help") == ("f16",))
        read("help: f14\n")
        await play.say("/keys reload")
        await play.told("1 of the actions has keys of your own.")
        await play.pilot.press("f14")
        await play.until(lambda: isinstance(play.app.screen, HelpScreen))


async def test_two_apps_have_their_own_keys(stage) -> None:
    read("help: f16\n")
    async with stage(DONE) as play:
        assert play.app.key_table.keys_of("help") == ("f16",)
    keymap_file().unlink()
    async with stage(DONE) as play:
        assert isinstance(play.app, App)
        assert play.app.key_table.keys_of("help") == ("f1",)


def test_nothing_that_is_typed_in_has_letters_for_keys() -> None:
    for action in ACTIONS:
        if action.group in TYPED_IN or action.is_priority:
            assert all(len(key_name(key)) > 1 for key in action.usual_keys), action

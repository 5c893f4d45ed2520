"""What an entry is made of, where its files are, and how an editor opens them; all without a screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from trashclaw.faces.tui.block_wishes import existing
from trashclaw.faces.tui.editor import file_command
from trashclaw.faces.tui.finding import Finds, find_all, pattern_of, searched_text
from trashclaw.faces.tui.source import FilePlace, code_parts, file_places, source_text
from trashclaw.faces.tui.turns import is_failed_turn, own_message_before
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import AgentMessage, Origin, ToolRun, UserMessage
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.workspace.diff import make_change, make_patch

ID = ItemId("i")
CALL = CallId("c")


def run(name: str, arguments: str, kind: ToolKind, text: str = "", **more: object) -> ToolRun:
    result = ToolResult(call_id=CALL, status=ToolStatus.DONE, text=text)
    call = ToolCall(call_id=CALL, name=name, arguments=arguments)
    made = ToolRun(item_id=ID, call=call, title=f"{name} it", tool_kind=kind, status=ToolStatus.DONE, result=result)
    return made.model_copy(update=more)


def test_a_command_is_copied_with_its_output() -> None:
    entry = run("bash", '{"command": "ls -l\\npwd"}', ToolKind.EXECUTE, "a\nb\n")
    assert source_text(entry) == "$ ls -l\npwd\na\nb"
    assert code_parts(entry) == ["ls -l\npwd", "a\nb"]


def test_an_edit_is_copied_as_a_diff_that_patch_reads() -> None:
    patch = make_patch([make_change("src/a.py", "one\ntwo\n", "one\nthree\n", None)])
    entry = run("edit_file", '{"path": "src/a.py"}', ToolKind.EDIT, "landed", patch=patch)
    diff = "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,2 @@\n one\n-two\n+three"
    assert source_text(entry) == f"edit_file it\n{diff}"
    assert file_places(entry)[0] == FilePlace("src/a.py", 1)


def test_the_arguments_of_a_call_may_be_anything() -> None:
    for arguments in ("", "[1]", "{", '{"command": 3, "path": ["x"], "offset": "y"}', "[" * 5000):
        entry = run("bash", arguments, ToolKind.EXECUTE, "out")
        assert source_text(entry) == "bash it\nout"
        assert not [place for place in file_places(entry) if "/" in place.path]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("it is in src/db.py:42, I think", ["src/db.py:42"]),
        ("`src/db.py` and README.md.", ["src/db.py", "README.md"]),
        ('  File "src/a b.py", line 7, in x', ["src/a b.py:7"]),
        ("src/a.py:1:5: error", ["src/a.py:1"]),
        ("nothing, e.g. this or 12:30", ["e.g", "12:30"]),
        ("/usr/bin/env at https://example.org/x.html", ["/usr/bin/env"]),
    ],
)
def test_places_are_read_out_of_words(text: str, places: list[str]) -> None:
    found = [str(place) for place in file_places(AgentMessage(item_id=ID, text=text))]
    assert [place for place in places if place in found] == places
    assert not [place for place in found if "example.org/x" in place and place.startswith("http")]


def test_only_files_below_the_folder_exist(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_text("")
    (tmp_path / "outside.py").write_text("")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    names = [
        "src/a.py",
        "./src/a.py",
        "src",
        "../outside.py",
        "link.py",
        "gone.py",
        "a\0b",
        str(tmp_path / "outside.py"),
    ]
    places = [FilePlace(name, 3) for name in names] + [FilePlace("src/a.py")]
    assert existing(root, places) == (FilePlace("src/a.py", 3),)
    assert existing(root, [FilePlace(str(root / "src/a.py"))]) == (FilePlace("src/a.py"),)


@pytest.mark.parametrize(
    ("editor", "command"),
    [
        (["vim", "-n"], ["vim", "-n", "+12", "/w/a.py"]),
        (["/usr/bin/nvim"], ["/usr/bin/nvim", "+12", "/w/a.py"]),
        (["hx"], ["hx", "+12", "/w/a.py"]),
        (["code", "--wait"], ["code", "--wait", "--goto", "/w/a.py:12"]),
        (["subl", "-w"], ["subl", "-w", "/w/a.py:12"]),
        (["zed"], ["zed", "/w/a.py:12"]),
        (["some-editor"], ["some-editor", "/w/a.py"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(editor: list[str], command: list[str]) -> None:
    assert file_command(editor, Path("/w/a.py"), 12) == command
    assert file_command(editor, Path("/w/a.py"), 0) == [*editor, "/w/a.py"]


def test_a_turn_is_known_from_any_of_its_entries() -> None:
    first, steer = UserMessage(item_id=ID, text="a"), UserMessage(item_id=ID, text="s", origin=Origin.STEER)
    answer, second = AgentMessage(item_id=ID, text="x"), UserMessage(item_id=ID, text="b")
    failed = ev.TurnCompleted(stop_reason=ev.StopReason.ERROR, steps=1, duration_s=1.0)
    entries = [first, answer, steer, failed, second, answer]
    assert [own_message_before(entries, place) for place in range(6)] == [first, first, first, first, second, second]
    assert [is_failed_turn(entries, place) for place in range(6)] == [True, True, True, True, False, False]
    assert own_message_before([answer], 0) is None


def test_finds_go_round_in_their_order() -> None:
    pattern = pattern_of("x")
    assert pattern is not None
    finds = Finds(pattern)
    for place, text in ((5, "x x"), (1, "x"), (9, ""), (7, "X")):
        finds.look(place, text)
    assert finds.total == 4
    order = [(1, 0), (5, 0), (5, 1), (7, 0)]
    for at, following in zip(order, [*order[1:], order[0]], strict=True):
        assert finds.step(at, 1) == following
        assert finds.step(following, -1) == at
    assert [finds.rank(at) for at in order] == [1, 2, 3, 4]
    assert finds.nearest(2) == (5, 0)
    assert finds.nearest(8) == (7, 0)
    finds.look(5, "none")
    assert finds.step((5, 1), 1) == (7, 0)
    assert finds.step((5, 0), -1) == (1, 0)


async def test_the_loop_is_free_between_slices_of_a_long_search() -> None:
    pattern = pattern_of("needle")
    assert pattern is not None
    finds, turns = Finds(pattern), 0

    async def count() -> None:
        nonlocal turns
        while not finds.is_complete:
            turns += 1
            await asyncio.sleep(0)

    text = "hay " * 200_000 + "needle"
    counting = asyncio.create_task(count())
    await find_all(finds, range(20), lambda _: text, lambda: None)
    await counting
    assert finds.total == 20
    assert turns >= 10


def test_what_is_searched_is_safe_to_show() -> None:
    assert searched_text(AgentMessage(item_id=ID, text="a **b** `c` \x1b[31m")) == "a b c ␛[31m"

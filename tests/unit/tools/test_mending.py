"""Arguments are put right without inventing anything, and everything put right is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.shells import make_shell
from trashclaw.agent.ports import Tool
from trashclaw.protocol.errors import ToolError, WorkspaceError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

HERE = Workspace(Path())
TOOLS: dict[str, Tool] = {tool.spec.name: tool for tool in make_tools(HERE, Git(HERE), make_shell(HERE.root))}


@pytest.mark.parametrize(
    ("tool", "given_arguments", "clean"),
    [
        ("read_file", {"filePath": "a"}, {"path": "a"}),
        ("read_file", {"file_path": "a", "start_line": "10", "lines": 5.0}, {"path": "a", "offset": 10, "limit": 5}),
        ("read_file", {"file-name": "a", "limit": None}, {"path": "a"}),
        ("read_file", {"path": "a", "file": "b"}, {"path": "a"}),
        (
            "edit_file",
            {"filename": "a", "old_string": "x", "newString": "y", "replaceAll": "true"},
            {"path": "a", "old_text": "x", "new_text": "y", "replace_all": True},
        ),
        (
            "edit_file",
            {"path": "a", "search": "x", "replace": "y"},
            {"path": "a", "old_text": "x", "new_text": "y"},
        ),
        ("write_file", {"file": "a", "text": "x"}, {"path": "a", "content": "x"}),
        ("write_file", {"path": "a", "content": 5}, {"path": "a", "content": "5"}),
        ("bash", {"cmd": "ls", "timeout": "10"}, {"command": "ls", "timeout_s": 10}),
        (
            "grep",
            {"query": "x", "include": "*.py", "case_insensitive": 1},
            {"pattern": "x", "glob": "*.py", "ignore_case": True},
        ),
        ("glob", {"glob": "*.py"}, {"pattern": "*.py"}),
        ("git_diff", {"cached": "yes"}, {"staged": True}),
        ("think", {"reasoning": "x"}, {"thought": "x"}),
        ("ask_user", {"text": "q", "choices": '["a", "b"]'}, {"question": "q", "options": ["a", "b"]}),
        ("update_plan", {"todos": ["a"]}, {"entries": [{"text": "a"}]}),
        (
            "update_plan",
            {"steps": [{"content": "a", "status": "In Progress"}, {"task": "b", "done": True}]},
            {"entries": [{"text": "a", "status": "in_progress"}, {"text": "b", "status": "completed"}]},
        ),
        ("update_plan", {"entries": {"text": "a"}}, {"entries": [{"text": "a"}]}),
    ],
)
def test_what_models_commonly_write_is_understood(
    tool: str, given_arguments: Mapping[str, Any], clean: Mapping[str, Any]
) -> None:
    mended, notes = TOOLS[tool].mend(given_arguments)
    assert mended == clean
    assert notes or given_arguments.keys() == {"path", "limit"} or "limit" in given_arguments
    assert TOOLS[tool].mend(mended) == (clean, ())


@pytest.mark.parametrize(
    ("tool", "arguments", "kept"),
    [
        ("bash", {"command": "rm -rf *", "cwd": "build"}, "cwd"),
        ("bash", {"cmd": "rm -rf *", "workingDirectory": "/tmp/x"}, "workingDirectory"),
        ("bash", {"command": "make", "env": {"CC": "clang"}}, "env"),
        ("bash", {"command": "make", "dry_run": True}, "dry_run"),
        ("bash", {"command": "make", "script": "make clean"}, "script"),
        ("write_file", {"path": "a", "content": "x", "append": True}, "append"),
        ("write_file", {"path": "a", "content": "x", "mode": "a"}, "mode"),
        ("write_file", {"path": "a", "content": "x", "start_line": 3}, "start_line"),
        ("write_file", {"filename": "a.py", "directory": "src", "content": "x"}, "directory"),
        ("write_file", {"path": "a", "path ": "b", "content": "x"}, "path "),
        ("edit_file", {"path": "a", "old_text": "x", "old_string": "z", "new_text": "y"}, "old_string"),
        ("apply_patch", {"patch": "*** Begin Patch", "dry_run": True}, "dry_run"),
    ],
)
async def test_what_would_change_the_meaning_is_not_left_out(tool: str, arguments: dict[str, Any], kept: str) -> None:
    mended, notes = TOOLS[tool].mend(arguments)
    assert mended[kept] == arguments[kept]
    assert not [note for note in notes if "ignored" in note.text]
    assert TOOLS[tool].mend(mended) == (mended, ())
    TOOLS[tool].validate(mended)
    with pytest.raises(ToolError, match=kept.strip()):
        await TOOLS[tool].prepare(mended)


@pytest.mark.parametrize(
    ("tool", "arguments", "clean"),
    [
        ("bash", {"command": "ls", "cwd": "."}, {"command": "ls"}),
        ("bash", {"command": "ls", "workdir": str(HERE.root)}, {"command": "ls"}),
        ("bash", {"command": "ls", "path": "", "env": {}, "dry_run": False}, {"command": "ls"}),
        ("bash", {"command": "ls", "description": "List the files."}, {"command": "ls"}),
        ("bash", {"command": "ls", "cmd": "ls"}, {"command": "ls"}),
        ("write_file", {"path": "a", "content": "x", "mode": "w"}, {"path": "a", "content": "x"}),
        ("write_file", {"path": "a", "content": "x", "line_count": 1}, {"path": "a", "content": "x"}),
    ],
)
def test_idle_words_are_left_out(tool: str, arguments: dict[str, Any], clean: dict[str, Any]) -> None:
    assert TOOLS[tool].mend(arguments)[0] == clean


def test_every_mending_is_told() -> None:
    _, notes = TOOLS["read_file"].mend({"filePath": "a", "offset": "3", "colour": "red"})
    assert notes == (
        Mending(rung=Rung.NAMED, text="took filePath as path"),
        Mending(rung=Rung.NAMED, text="ignored the unknown argument colour"),
        Mending(rung=Rung.TYPED, text='took offset="3" as an integer'),
    )


def test_right_arguments_are_left_alone() -> None:
    arguments = {"path": "a", "old_text": "1", "new_text": "true", "replace_all": False}
    assert TOOLS["edit_file"].mend(arguments) == (arguments, ())


@pytest.mark.parametrize("value", ["ten", "1.5", "--5", "1e3", "99999999999", [], {}, True])
def test_what_is_no_number_is_left_for_the_complaint(value: object) -> None:
    mended, _ = TOOLS["read_file"].mend({"path": "a", "offset": value})
    assert mended["offset"] == value
    assert type(mended["offset"]) is type(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["path", "filePath", "offset", "entries", "todos", "text", "options", "status", "x", "old", "new"]
)


@given(st.sampled_from(sorted(TOOLS)), st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=5))
def test_mending_never_fails_and_is_done_at_once(name: str, arguments: dict[str, Any]) -> None:
    once, _ = TOOLS[name].mend(arguments)
    twice, notes = TOOLS[name].mend(once)
    assert twice == once
    assert notes == ()


@given(st.sampled_from(sorted(TOOLS)), st.dictionaries(NAMES | st.text(max_size=5), JSON, max_size=5))
async def test_wrong_arguments_are_a_complaint_and_nothing_else(name: str, arguments: dict[str, Any]) -> None:
    try:
        await TOOLS[name].prepare(arguments)
    except ToolError as error:
        assert name in error.text
        assert len(error.text) < 2_000


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value] if depth % 2 else {"text": value}
    return value


HOSTILE: list[Any] = [
    "[" * 100_000,
    '{"a":' * 100_000,
    "[" * 200 + "]" * 200,
    nested(900),
    nested(901),
    1e308,
    -1e300,
    float("inf"),
    float("nan"),
    10**4_000,
    "9" * 10_000,
    "y" * 500_000,
    ["y" * 500_000] * 3,
]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", sorted(TOOLS))
async def test_a_hostile_value_is_a_bounded_complaint_or_does_no_harm(name: str, value: Any) -> None:
    for field in TOOLS[name].spec.parameters["properties"]:
        arguments = {**json.loads(getattr(TOOLS[name], "example", "{}")), field: value}
        once, notes = TOOLS[name].mend(arguments)
        assert sum(len(note.text) for note in notes) < 2_000
        assert name == "update_plan" or TOOLS[name].mend(once)[1] == ()
        try:
            assert len((await TOOLS[name].prepare(arguments)).title) < 500
        except (ToolError, WorkspaceError) as error:
            assert len(error.text) + len(error.hint or "") < 3_000


def test_unknown_names_are_told_in_brief() -> None:
    _, notes = TOOLS["read_file"].mend({"path": "a", "y" * 500_000: 1, **{f"x{at}": 1 for at in range(1_000)}})
    assert len("".join(note.text for note in notes)) < 1_000
    assert notes[-1].text == "and 989 more"


async def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(ToolError, match="too large a number"):
        await TOOLS["read_file"].prepare({"path": "a", "limit": 10**300})


async def test_a_complaint_names_each_wrong_argument_and_shows_what_is_expected() -> None:
    with pytest.raises(ToolError) as raised:
        await TOOLS["read_file"].prepare({"offset": "ten"})
    assert raised.value.text.startswith('read_file: path is missing; offset="ten"')
    assert raised.value.hint == (
        "Expected {path: string, offset?: integer, limit?: integer}, "
        'for example {"path": "src/main.py", "offset": 1, "limit": 200}.'
    )

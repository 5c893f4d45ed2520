"""Slash commands are read from Markdown, and filled with what the person typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.config.resources import command_folders, resource_folder
from trashclaw.directives.commands import Loaded, SlashCommand, load_commands, split_words

SEED = """---
name: /refactor
description: Restructure code without changing behavior
complexity: medium
---
# Refactor Directive
1. Analyze current module dependencies
2. Extract shared logic into utility functions
3. Update imports across affected files
4. Run test suite to verify behavioral parity
5. Report changes in structured summary
"""


def lay(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_bytes(text.encode())
    return folder


def load(folder: Path, **files: str) -> Loaded:
    return load_commands([lay(folder, **files)])


def command(body: str) -> SlashCommand:
    return SlashCommand("x", "", "", body, Path("x.md"))


def test_the_published_example_loads_as_it_stands(tmp_path: Path) -> None:
    loaded = load(tmp_path, refactor=SEED)
    found = loaded.commands["refactor"]
    assert not loaded.problems
    assert (found.name, found.complexity) == ("refactor", "medium")
    assert found.description == "Restructure code without changing behavior"
    assert found.body.startswith("# Refactor Directive\n1. Analyze")
    assert found.body.endswith("structured summary")


def test_a_file_without_front_matter_is_named_by_its_file(tmp_path: Path) -> None:
    found = load(tmp_path, ship="# Ship it\n\nNow.").commands["ship"]
    assert (found.description, found.body) == ("Ship it", "# Ship it\n\nNow.")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    found = load(tmp_path, a="\ufeff---\r\ndescription: d\r\n---\r\nOne\r\nTwo\r\n").commands["a"]
    assert (found.description, found.body) == ("d", "One\nTwo")


def test_later_folders_replace_earlier_commands(tmp_path: Path) -> None:
    folders = [lay(tmp_path / name, ask=f"from {name}") for name in ("bundled", "own", "project")]
    lay(folders[0], only="bundled")
    loaded = load_commands([*folders, tmp_path / "absent"])
    assert list(loaded.commands) == ["ask", "only"]
    assert loaded.commands["ask"].body == "from project"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("---\nname: a\n", "bad.md, line 1: the front-matter has no closing ---"),
        ("---\nname: [\n---\nx", "bad.md, line 2: broken YAML"),
        ("---\nname: a b\n---\nx", "bad.md, line 2: 'a b' is no name"),
        ("---\ndescription: {a: b}\n---\nx", "bad.md, line 2: description must be text"),
        ("---\n\ncomplexity: huge\n---\nx", "bad.md, line 3: complexity is low, medium or high"),
        ("---\nname: a\n---\n\n", "bad.md: the command has no text"),
        ("", "bad.md: the command has no text"),
    ],
)
def test_a_broken_file_is_left_out_and_told(tmp_path: Path, text: str, part: str) -> None:
    loaded = load(tmp_path, bad=text, good="Do it")
    assert list(loaded.commands) == ["good"]
    assert len(loaded.problems) == 1
    assert part in loaded.problems[0]


def test_an_unknown_key_is_told_and_the_command_kept(tmp_path: Path) -> None:
    loaded = load(tmp_path, a="---\ndescripton: d\nallowed-tools: Bash\n---\nx")
    assert "a" in loaded.commands
    assert "line 2: descripton means nothing here; did you mean description?" in loaded.problems[0]
    assert "line 3: allowed-tools means nothing here" in loaded.problems[1]


def test_two_files_of_one_name_and_a_built_in_name_are_told(tmp_path: Path) -> None:
    lay(tmp_path, a="first", b="---\nname: a\n---\nsecond", help="mine")
    loaded = load_commands([tmp_path], reserved={"help"})
    assert loaded.commands["a"].body == "first"
    assert list(loaded.commands) == ["a"]
    assert "/a is defined by a.md already" in loaded.problems[0]
    assert "/help is built in" in loaded.problems[1]


@pytest.mark.parametrize(
    ("written", "shown"), [("'[path]'", "[path]"), ("[path]", "[path]"), ("<n>", "<n>"), ("3", "3")]
)
def test_a_hint_is_shown_as_it_was_written(tmp_path: Path, written: str, shown: str) -> None:
    assert load(tmp_path, a=f"---\nargument-hint: {written}\n---\nx").commands["a"].argument_hint == shown


@pytest.mark.parametrize(
    ("body", "arguments", "prompt"),
    [
        ("Fix $ARGUMENTS now", "a  'b c'", "Fix a  'b c' now"),
        ("From $1 to $2.", "'old name' new", "From old name to new."),
        ("$1|$2|$3", 'a "b c', 'a|"b|c'),
        ("$1 $2", "don't stop", "don't stop"),
        ("$2", "one", ""),
        ("$1", "''", ""),
        ("Costs $10, $ARGUMENTSX, $0 and $HOME", "", "Costs $10, $ARGUMENTSX, $0 and $HOME"),
        ("Do it.", "in @src/app.py:1-9", "Do it.\n\nin @src/app.py:1-9"),
        ("Do it.", "   ", "Do it."),
        ("[$1]", "$ARGUMENTS \\1", "[$ARGUMENTS]"),
    ],
)
def test_arguments_fill_their_places(body: str, arguments: str, prompt: str) -> None:
    assert command(body).expand(arguments) == prompt


@given(st.text())
def test_no_arguments_make_expanding_fail(arguments: str) -> None:
    assert command("<$ARGUMENTS>").expand(arguments) == f"<{arguments.strip()}>"
    assert len(split_words(arguments)) <= len(arguments.split())


def test_every_shipped_command_is_sound_and_short() -> None:
    loaded = load_commands(command_folders())
    assert not loaded.problems
    assert len(loaded.commands) == len(list(resource_folder("commands").iterdir())) >= 6
    for found in loaded.commands.values():
        assert found.source.stem == found.name
        assert found.description
        assert found.complexity
        assert "$ARGUMENTS" in found.body
        assert len(found.body) < 1600


def test_commands_that_were_read_before_are_the_strongest_and_told_with_their_place(tmp_path: Path) -> None:
    lay(tmp_path / "own", mine="Mine", other="Other")
    texts = [(Path("p/mine.md"), b"The project's"), (Path("p/odd.md"), b"\xff")]
    loaded = load_commands([tmp_path / "own"], texts=texts)
    assert {name: command.body for name, command in loaded.commands.items()} == {
        "mine": "The project's",
        "other": "Other",
    }
    assert [problem.split(",")[0] for problem in loaded.problems] == [str(Path("p/odd.md"))]

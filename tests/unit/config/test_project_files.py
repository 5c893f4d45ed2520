"""What a folder would bring is read once, from plain files, however hostile the folder is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trashclaw.config.load import load_settings
from trashclaw.config.project_files import (
    MAX_FILES,
    SETTINGS_PATH,
    Kind,
    ProjectFile,
    read_project,
    read_settings_file,
)
from trashclaw.directives.strict_yaml import MAX_BYTES
from trashclaw.protocol.errors import ConfigError


@pytest.fixture
def top(workspace_folder: Path) -> Path:
    """The folder that is read."""
    folder = workspace_folder / ".trashclaw"
    (folder / "commands").mkdir(parents=True)
    return folder


def only_file(root: Path) -> ProjectFile:
    """Return the one file that a folder brings."""
    (file,) = read_project(root).files
    return file


def test_an_ordinary_folder_brings_nothing(workspace_folder: Path) -> None:
    project = read_project(workspace_folder)
    assert (project.files, project.is_too_much, project.commands) == ((), False, ())
    assert project.text(SETTINGS_PATH) is None


def test_everything_that_counts_is_found_and_nothing_else(top: Path, workspace_folder: Path) -> None:
    for path in (
        "config.yaml",
        "policy.yaml",
        "mcp.json",
        "commands/b.md",
        "commands/a.md",
        "agents/x.md",
        "hooks/d/h",
    ):
        (top / path).parent.mkdir(exist_ok=True, parents=True)
        (top / path).write_text(path)
    for path in ("notes.txt", "commands/readme.txt"):
        (top / path).write_text("nothing of ours")
    found = [(file.path.removeprefix(".trashclaw/"), file.kind) for file in read_project(workspace_folder).files]
    assert found == [
        ("config.yaml", Kind.SETTINGS),
        ("policy.yaml", Kind.RULES),
        ("mcp.json", Kind.SERVERS),
        ("commands/a.md", Kind.COMMAND),
        ("commands/b.md", Kind.COMMAND),
        ("agents/x.md", Kind.AGENT),
        ("hooks/d/h", Kind.HOOK),
    ]


def test_the_bytes_that_are_vouched_for_are_the_ones_that_are_loaded(top: Path, workspace_folder: Path) -> None:
    (top / "config.yaml").write_text("model: seen")
    (top / "commands" / "c.md").write_text("seen")
    project = read_project(workspace_folder)
    (top / "config.yaml").write_text("model: swapped")
    (top / "commands" / "c.md").write_text("swapped")
    assert load_settings({}, environ={}, project=project).settings.model == "seen"
    assert project.commands == ((top / "commands" / "c.md", b"seen"),)


def test_a_link_is_not_followed_wherever_it_is(top: Path, workspace_folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "id.md").write_text("-----BEGIN")
    (top / "commands" / "key.md").symlink_to(secret / "id.md")
    (top / "hooks").symlink_to(secret)
    (top / "config.yaml").symlink_to(secret / "id.md")
    project = read_project(workspace_folder)
    assert {file.path.removeprefix(".trashclaw/") for file in project.files} == {
        "config.yaml",
        "commands/key.md",
        "hooks",
    }
    assert all(file.data is None and "a link" in file.problem for file in project.files)
    assert project.commands == ()
    with pytest.raises(ConfigError, match=r"config\.yaml: a link"):
        load_settings({}, environ={}, project=project)


def test_a_link_in_place_of_the_whole_folder_is_not_followed(workspace_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "config.yaml").write_text("model: theirs")
    (workspace_folder / ".trashclaw").symlink_to(elsewhere)
    assert only_file(workspace_folder).problem == "a link, which is not followed"
    assert read_settings_file(workspace_folder) is None
    assert load_settings({}, environ={}, project=read_project(workspace_folder)).settings.model is None


def test_a_link_that_becomes_a_file_is_a_change(top: Path, workspace_folder: Path) -> None:
    (top / "config.yaml").symlink_to("nowhere")
    before = read_project(workspace_folder).digests
    (top / "config.yaml").unlink()
    (top / "config.yaml").write_text("")
    assert read_project(workspace_folder).digests != before


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
def test_a_pipe_is_not_waited_for(top: Path, workspace_folder: Path) -> None:
    os.mkfifo(top / "config.yaml")
    assert only_file(workspace_folder).problem == "not a plain file"


def test_a_huge_file_is_not_read(top: Path, workspace_folder: Path) -> None:
    with (top / "policy.yaml").open("wb") as file:
        file.truncate(1_000_000_000_000 if os.name == "posix" else MAX_BYTES + 1)
    assert "larger than" in only_file(workspace_folder).problem


def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_the_folder(top: Path, workspace_folder: Path) -> None:
    (top / "config.yaml").mkdir()
    assert only_file(workspace_folder).problem == "not a plain file"
    (top / "config.yaml").rmdir()
    (top / "commands").rmdir()
    top.rmdir()
    top.write_text("a file")
    assert only_file(workspace_folder).problem == "no folder"


def test_ten_thousand_commands_are_too_many_and_found_so_without_reading_them(
    top: Path, workspace_folder: Path
) -> None:
    for number in range(10_000):
        (top / "commands" / f"{number}.md").touch()
    project = read_project(workspace_folder)
    assert project.is_too_much
    assert len(project.files) == MAX_FILES


def test_names_that_are_no_utf8_are_known_by_their_bytes(top: Path, workspace_folder: Path) -> None:
    try:
        (top / "commands" / os.fsdecode(b"\xff\x1b.md")).write_text("x")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    assert read_project(workspace_folder).commands[0][1] == b"x"

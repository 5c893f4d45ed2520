"""Further folders are workspace too, unless they would open up more than was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.cli.added import find_added
from trashclaw.config.paths import config_folder, state_folder
from trashclaw.protocol.errors import UsageError


def test_a_folder_is_added_by_any_path_that_leads_to_it(workspace_folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "link").symlink_to(library)
    named = [str(library), str(tmp_path / "link"), f"{workspace_folder}/../library"]
    assert find_added(workspace_folder, named) == (library,)


def test_what_lies_in_the_workspace_anyway_adds_nothing(workspace_folder: Path) -> None:
    (workspace_folder / "src").mkdir()
    assert find_added(workspace_folder, ["src", "."]) == ()


@pytest.mark.parametrize("name", ["absent", "a\0b", "x" * 5000, "~nobody-of-this-name/x"])
def test_what_is_no_folder_is_told(workspace_folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="folder"):
        find_added(workspace_folder, [name])


def test_a_file_is_told(workspace_folder: Path) -> None:
    (workspace_folder / "file").touch()
    with pytest.raises(UsageError, match="There is no folder"):
        find_added(workspace_folder, ["file"])


@pytest.mark.parametrize("name", ["..", "/"])
def test_a_folder_around_the_workspace_is_not_added(workspace_folder: Path, name: str) -> None:
    with pytest.raises(UsageError, match="holds the workspace"):
        find_added(workspace_folder, [name])


def test_the_programs_own_folders_are_not_added(workspace_folder: Path) -> None:
    config_folder().mkdir(parents=True, exist_ok=True)
    inside = state_folder() / "workspaces"
    inside.mkdir()
    for folder in (state_folder(), config_folder(), inside, state_folder().parent):
        with pytest.raises(UsageError, match="own files"):
            find_added(workspace_folder, [str(folder)])

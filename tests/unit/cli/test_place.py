"""Where the program works is found also where the file system gives no clean answer, and what holds there."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.cli.options import parse
from trashclaw.cli.place import Place, find_folder, find_place, find_root, settle_trust
from trashclaw.protocol.errors import ConfigError, UsageError


def place_of(root: Path, *arguments: str) -> Place:
    options = parse(["-C", str(root), *arguments])
    settle_trust(options)
    return find_place(options)


@pytest.fixture
def project(workspace_folder: Path) -> Path:
    """A folder with settings of its own."""
    (workspace_folder / ".trashclaw").mkdir()
    (workspace_folder / ".trashclaw" / "config.yaml").write_text("model: theirs\nmode: auto\n")
    return workspace_folder


def test_the_top_of_the_work_tree_around_a_folder_is_the_root(repository: Path) -> None:
    assert find_root(repository / "src") == repository


def test_a_folder_name_that_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        find_folder(parse(["-C", str(tmp_path / ("x" * 300))]))


def test_nothing_of_an_untrusted_folder_counts_and_that_is_told(project: Path) -> None:
    place = place_of(project)
    assert (place.is_trusted, place.project, place.loaded.settings.model) == (False, None, None)
    assert "not trusted" in place.notices[0]


def test_a_trusted_folder_counts_and_what_it_may_not_say_is_told(project: Path) -> None:
    place = place_of(project, "--trust", "on")
    assert (place.is_trusted, place.loaded.settings.model, place.loaded.settings.mode) == (True, "theirs", None)
    assert place.project is not None
    assert "mode is passed over" in place.notices[0]
    assert place_of(project).is_trusted
    assert not place_of(project, "--trust", "off").is_trusted


def test_what_changes_after_the_option_was_read_was_not_vouched_for(project: Path) -> None:
    options = parse(["-C", str(project), "--trust", "on"])
    settle_trust(options)
    (project / ".trashclaw" / "config.yaml").write_text("model: swapped")
    assert not find_place(options).is_trusted


def test_an_empty_folder_has_nothing_to_tell(workspace_folder: Path) -> None:
    assert place_of(workspace_folder).notices == ()


def test_mistakes_in_settings_are_told_only_where_they_count(project: Path) -> None:
    (project / ".trashclaw" / "config.yaml").write_text("modle: x")
    assert not place_of(project).is_trusted
    with pytest.raises(ConfigError, match="Did you mean mode"):
        place_of(project, "--trust", "on")


def test_further_folders_come_with_the_place(workspace_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    assert place_of(workspace_folder, "--add-dir", str(tmp_path / "lib")).added == (tmp_path / "lib",)

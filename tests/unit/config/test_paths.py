"""Our own folders are private, and a workspace always finds its state again."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from trashclaw.config import paths
from trashclaw.protocol.errors import ConfigError


def test_one_variable_moves_every_folder(home: Path) -> None:
    assert paths.config_folder() == home / "trashclaw" / "config"
    assert paths.state_folder() == home / "trashclaw" / "state"


def test_the_platform_decides_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(paths.HOME_VARIABLE)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configs"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "states"))
    assert paths.config_folder() == tmp_path / "configs" / "trashclaw"
    assert paths.state_folder() == tmp_path / "states" / "trashclaw"


def test_state_is_closed_to_others_even_when_it_was_open(workspace_folder: Path) -> None:
    folder = paths.workspace_state(workspace_folder)
    folder.chmod(0o755)
    for made in (paths.workspace_state(workspace_folder), folder.parent, paths.state_folder()):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_every_path_to_a_workspace_leads_to_the_same_state(workspace_folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(workspace_folder)
    assert paths.workspace_state(link) == paths.workspace_state(workspace_folder / ".." / "workspace")


def test_workspaces_of_one_name_have_their_own_state(tmp_path: Path) -> None:
    folders = [tmp_path / parent / "shop" for parent in "ab"]
    first, second = (paths.workspace_state(folder) for folder in folders)
    assert first != second
    assert first.name.startswith("shop-")


def test_an_odd_name_stays_readable_and_safe(tmp_path: Path) -> None:
    assert paths.workspace_state(tmp_path / "..my  shöp\n;rm").name.startswith("my-sh-p-rm-")
    assert paths.workspace_state(Path("/")).name.startswith("root-")


def test_a_folder_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="cannot be made"):
        paths.state_folder()


def test_a_relative_home_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, "here")
    with pytest.raises(ConfigError, match="not absolute"):
        paths.config_folder()

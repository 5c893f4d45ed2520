"""Trust is given outside of the folder, and ends when the folder's settings change."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.config.project_files import read_project
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.errors import ConfigError


@pytest.fixture
def store(tmp_path: Path) -> TrustStore:
    folder = tmp_path / "state"
    folder.mkdir()
    return TrustStore(folder)


def settings_of(root: Path, text: str) -> None:
    (root / ".trashclaw").mkdir(exist_ok=True)
    (root / ".trashclaw" / "config.yaml").write_text(text)


def test_nothing_is_trusted_before_it_was_said(store: TrustStore, workspace_folder: Path) -> None:
    assert not store.is_trusted(workspace_folder)


def test_trust_is_remembered_and_can_be_taken_back(store: TrustStore, workspace_folder: Path, tmp_path: Path) -> None:
    store.trust(read_project(workspace_folder))
    again = TrustStore(tmp_path / "state")
    assert again.is_trusted(workspace_folder)
    assert not again.is_trusted(tmp_path)
    assert not list(workspace_folder.iterdir())
    again.revoke(workspace_folder)
    assert not store.is_trusted(workspace_folder)


def test_changed_settings_are_asked_about_again(store: TrustStore, workspace_folder: Path) -> None:
    store.trust(read_project(workspace_folder))
    settings_of(workspace_folder, "allow_shell: true")
    assert not store.is_trusted(workspace_folder)
    store.trust(read_project(workspace_folder))
    assert store.is_trusted(workspace_folder)


@pytest.mark.parametrize("damage", ["", "{", "[]", "[" * 100_000, "null", "\x00"])
def test_a_damaged_store_trusts_nothing_and_heals(
    store: TrustStore, workspace_folder: Path, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "state" / "trust.json").write_text(damage)
    assert not store.is_trusted(workspace_folder)
    store.trust(read_project(workspace_folder))
    assert store.is_trusted(workspace_folder)


def test_an_answer_that_cannot_be_stored_is_told(tmp_path: Path, workspace_folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        TrustStore(tmp_path / "absent").trust(read_project(workspace_folder))

"""Trust is given outside of the folder, and ends when the folder's settings change."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.config.project_files import MAX_FILES, RULES_PATH, read_project
from trashclaw.config.trust import Change, Standing, TrustStore
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


@pytest.mark.parametrize("damage", ["", "{", "[]", "[" * 100_000, "null", "\x00", '{"ROOT": 1}', '{"ROOT": "none"}'])
def test_a_damaged_store_trusts_nothing_and_heals(
    store: TrustStore, workspace_folder: Path, tmp_path: Path, damage: str
) -> None:
    (tmp_path / "state" / "trust.json").write_text(damage.replace("ROOT", str(workspace_folder)))
    assert not store.is_trusted(workspace_folder)
    store.trust(read_project(workspace_folder))
    assert store.is_trusted(workspace_folder)


def test_an_answer_that_cannot_be_stored_is_told(tmp_path: Path, workspace_folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        TrustStore(tmp_path / "absent").trust(read_project(workspace_folder))


@pytest.mark.parametrize(
    "path", ["config.yaml", "policy.yaml", "commands/x.md", "agents/a.md", "hooks/deep/h.sh", "mcp.json", "mcp.yaml"]
)
def test_whatever_is_new_changed_or_gone_is_asked_about_again(
    store: TrustStore, workspace_folder: Path, path: str
) -> None:
    lay(workspace_folder, "commands/always.md", "a")
    store.trust(read_project(workspace_folder))
    file = f".trashclaw/{path}"
    for text, change in (("one", Change.NEW), ("two", Change.CHANGED), (None, Change.GONE)):
        if text is None:
            (workspace_folder / file).unlink()
        else:
            lay(workspace_folder, path, text)
        project = read_project(workspace_folder)
        assert store.standing(project) is Standing.CHANGED
        assert store.changes(project) == {file: change}
        store.trust(project)
        assert store.is_trusted(workspace_folder)


def test_a_no_is_remembered_until_something_changes(store: TrustStore, workspace_folder: Path) -> None:
    store.refuse(read_project(workspace_folder))
    assert store.standing(read_project(workspace_folder)) is Standing.REFUSED
    assert not store.is_trusted(workspace_folder)
    settings_of(workspace_folder, "mode: plan")
    assert store.standing(read_project(workspace_folder)) is Standing.CHANGED


def test_what_was_shown_is_what_is_vouched_for(store: TrustStore, workspace_folder: Path) -> None:
    settings_of(workspace_folder, "mode: plan")
    shown = read_project(workspace_folder)
    settings_of(workspace_folder, "base_url: http://evil.example.com")
    store.trust(shown)
    assert not store.is_trusted(workspace_folder)


def test_a_file_that_the_program_wrote_itself_keeps_its_trust(store: TrustStore, workspace_folder: Path) -> None:
    settings_of(workspace_folder, "mode: plan")
    store.trust(read_project(workspace_folder))
    lay(workspace_folder, "policy.yaml", "rules: []")
    assert store.renew(workspace_folder, RULES_PATH, None, b"rules: []")
    assert store.is_trusted(workspace_folder)
    lay(workspace_folder, "policy.yaml", "rules: [a]")
    assert store.renew(workspace_folder, RULES_PATH, b"rules: []", b"rules: [a]")
    assert store.is_trusted(workspace_folder)


@pytest.mark.parametrize(
    ("path", "text"), [("config.yaml", "smuggled"), ("commands/new.md", "smuggled"), ("policy.yaml", "smuggled")]
)
def test_a_smuggled_change_is_not_blessed_with_our_own(
    store: TrustStore, workspace_folder: Path, path: str, text: str
) -> None:
    settings_of(workspace_folder, "mode: plan")
    store.trust(read_project(workspace_folder))
    lay(workspace_folder, "policy.yaml", "rules: []")
    lay(workspace_folder, path, text)
    assert not store.renew(workspace_folder, RULES_PATH, None, b"rules: []")
    assert not store.is_trusted(workspace_folder)


def test_rules_that_were_not_vouched_for_are_no_base_for_our_own(store: TrustStore, workspace_folder: Path) -> None:
    store.trust(read_project(workspace_folder))
    lay(workspace_folder, "policy.yaml", "smuggled\nours")
    assert not store.renew(workspace_folder, RULES_PATH, b"smuggled\n", b"smuggled\nours")


def test_what_is_not_trusted_is_not_renewed(store: TrustStore, workspace_folder: Path) -> None:
    lay(workspace_folder, "policy.yaml", "a")
    assert not store.renew(workspace_folder, RULES_PATH, None, b"a")
    store.refuse(read_project(workspace_folder))
    assert not store.renew(workspace_folder, RULES_PATH, b"a", b"a")


def test_more_than_can_be_looked_through_cannot_be_trusted(store: TrustStore, workspace_folder: Path) -> None:
    folder = workspace_folder / ".trashclaw" / "commands"
    folder.mkdir(parents=True)
    for number in range(MAX_FILES + 1):
        (folder / f"{number}.md").touch()
    with pytest.raises(ConfigError, match="more files than"):
        store.trust(read_project(workspace_folder))
    assert not store.is_trusted(workspace_folder)


def test_settings_are_vouched_for_by_their_bytes_alone(store: TrustStore, workspace_folder: Path) -> None:
    assert store.vouched_settings(workspace_folder) is None
    settings_of(workspace_folder, "ui: {theme: nord}")
    assert store.vouched_settings(workspace_folder) is None
    store.trust(read_project(workspace_folder))
    lay(workspace_folder, "commands/new.md", "new")
    assert store.vouched_settings(workspace_folder) == b"ui: {theme: nord}"
    settings_of(workspace_folder, "ui: {theme: other}")
    assert store.vouched_settings(workspace_folder) is None
    store.refuse(read_project(workspace_folder))
    assert store.vouched_settings(workspace_folder) is None


def lay(root: Path, path: str, text: str) -> None:
    file = root / ".trashclaw" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

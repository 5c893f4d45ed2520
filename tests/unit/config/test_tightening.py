"""A project's file tightens what the person set, and never loosens it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.test_load import load, write
from trashclaw.config.load import Loaded, setting_keys
from trashclaw.config.paths import config_folder
from trashclaw.config.schema import Settings
from trashclaw.config.tightening import is_guarded, loosened_keys


def with_files(workspace: Path, own: str, project: str) -> Loaded:
    write(config_folder() / "config.yaml", own)
    write(workspace / ".trashclaw" / "config.yaml", project)
    return load(workspace)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("mode", "mode: accept"),
        ("mode", "mode: auto"),
        ("allow_write", "allow_write: true"),
        ("allow_shell", "allow_shell: true"),
        ("allow_net", "allow_net: [evil.example.com]"),
        ("add_dirs", "add_dirs: [/etc]"),
        ("sandbox.backend", "sandbox: {backend: ask-first}"),
        ("sandbox.backend", "sandbox: {backend: sandlock}"),
        ("sandbox.readable", "sandbox: {readable: ['.env*']}"),
        ("sandbox.hosts", "sandbox: {hosts: '*'}"),
        ("sandbox.time_s", "sandbox: {time_s: 9000}"),
        ("sandbox.memory_mb", "sandbox: {memory_mb: 80000}"),
        ("sandbox.processes", "sandbox: {processes: 5000}"),
        ("sandbox.disk_mb", "sandbox: {disk_mb: 40000}"),
    ],
)
def test_a_project_does_not_loosen(workspace_folder: Path, key: str, text: str) -> None:
    without = load(workspace_folder).settings
    loaded = with_files(workspace_folder, "", text)
    assert loaded.settings == without
    assert loaded.origins[key] == "default"
    (notice,) = loaded.notices
    assert notice.startswith(f"{workspace_folder}/.trashclaw/config.yaml, line 1: {key} is passed over")


def test_merging_is_not_switched_back_on(workspace_folder: Path) -> None:
    loaded = with_files(workspace_folder, "sandbox: {ignored: discard}", "sandbox: {ignored: merge}")
    assert loaded.settings.sandbox.ignored == "discard"
    assert loaded.notices


def test_a_project_tightens(workspace_folder: Path) -> None:
    own = "mode: auto\nallow_write: true\nsandbox: {hidden: [a], time_s: 60, backend: overlay}"
    project = (
        "mode: plan\nallow_write: false\nallow_net: []\n"
        "sandbox: {hidden: [b, a], ignored: discard, time_s: 30, memory_mb: 100, backend: overlay}"
    )
    loaded = with_files(workspace_folder, own, project)
    settings = loaded.settings
    assert loaded.notices == ()
    assert (settings.mode, settings.allow_write) == ("plan", False)
    assert (settings.sandbox.hidden, settings.sandbox.ignored) == (("a", "b"), "discard")
    assert (settings.sandbox.time_s, settings.sandbox.memory_mb) == (30, 100)
    assert loaded.origins["sandbox.hidden"].count("config.yaml") == 2


def test_a_project_may_begin_where_the_person_does(workspace_folder: Path) -> None:
    assert with_files(workspace_folder, "", "mode: review").settings.mode == "review"
    assert with_files(workspace_folder, "mode: accept", "mode: accept").notices == ()


def test_what_a_project_said_in_vain_does_not_hide_the_persons_own(workspace_folder: Path) -> None:
    loaded = with_files(workspace_folder, "sandbox: {hosts: [a.example.com]}", "sandbox: {hosts: [b.example.com]}")
    assert loaded.settings.sandbox.hosts == ("a.example.com",)


def test_a_file_named_by_the_person_may_loosen(workspace_folder: Path, tmp_path: Path) -> None:
    named = write(tmp_path / "named.yaml", "mode: auto\nallow_net: example.com\nsandbox: {backend: ask-first}")
    loaded = load(workspace_folder, config_file=named)
    assert (loaded.settings.sandbox.backend, loaded.settings.allow_net) == ("ask-first", ("example.com",))
    assert loaded.notices == ()


@pytest.mark.parametrize(
    "key", [key for key in setting_keys() if key in ("mode", "add_dirs") or key.startswith(("sandbox.", "allow_"))]
)
def test_every_rein_is_guarded(key: str) -> None:
    assert is_guarded(key)


def test_a_rein_without_a_judge_cannot_be_loosened() -> None:
    assert is_guarded("sandbox.something_new")
    assert list(loosened_keys(Settings(), Settings(), {"sandbox.time_s": 1})) == []

"""What `trashclaw doctor` says about the person's keys and themes."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.cli import main
from trashclaw.config.keymap_file import keymap_file
from trashclaw.config.paths import config_folder
from trashclaw.config.resources import resource_folder

USUAL = resource_folder("themes") / "trashclaw-dark.yaml"


def told_of(repository: Path, capsys: pytest.CaptureFixture[str], subject: str) -> list[str]:
    """Return what the doctor says of keys or of a theme, each with what stands below it."""
    main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", "none"])
    found: list[str] = []
    is_about = False
    for line in capsys.readouterr().out.splitlines():
        is_about = line[4:].startswith(f"{subject}") if not line.startswith("      ") else is_about
        found += [line] if is_about else []
    return found


def write(file: Path, text: str) -> Path:
    """Write a file of the person's configuration."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_without_such_files_nothing_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told_of(repository, capsys, "keys") == []
    assert told_of(repository, capsys, "theme") == []


def test_each_wrong_key_is_told_with_its_line_and_what_to_do(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(keymap_file(), "help: f16\npalete: f15\nquit: ctrl+i\n")
    told = told_of(repository, capsys, "keys")
    assert [line[:4] for line in told] == ["no  ", "no  ", "    "]
    assert "keymap.yaml, line 2: there is no action palete; did you mean palette" in told[0]
    assert "keymap.yaml, line 3: quit: a terminal sends Ctrl+I as Tab" in told[1]
    assert told[2].strip() == "The other lines hold. Every action and its keys: trashclaw config keymap"


def test_keys_without_a_mistake_are_counted(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(keymap_file(), "help: f16\n")
    (told,) = told_of(repository, capsys, "keys")
    assert told.startswith("ok  keys: ")
    assert told.endswith("keymap.yaml, actions with keys of your own: 1")


def test_a_wrong_theme_is_told_with_its_file_and_a_good_one_too(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    themes = config_folder() / "themes"
    usual = USUAL.read_text(encoding="utf-8")
    write(themes / "good.yaml", usual.replace("name: trashclaw-dark", "name: good"))
    write(themes / "odd.yaml", "name: odd\ndark: true\ncolours:\n  accent: no-colour\n")
    good, *odd = told_of(repository, capsys, "theme")
    assert good.startswith("ok  theme good: ")
    assert odd[0].startswith("no  theme odd: ")
    assert "odd.yaml" in odd[0]
    assert odd[-1].strip() == "Until then it cannot be chosen."

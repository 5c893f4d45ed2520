"""What `trashclaw doctor` says about the person's keys and themes."""

from __future__ import annotations

import os
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


def test_what_is_no_plain_file_is_told_and_not_waited_for(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    themes = config_folder() / "themes"
    themes.mkdir(parents=True)
    os.mkfifo(keymap_file())
    os.mkfifo(themes / "pipe.yaml")
    (themes / "gone.yaml").symlink_to("nowhere")
    keys = told_of(repository, capsys, "keys")
    assert keys[0].startswith("no  keys: ")
    assert "keymap.yaml: not a plain file" in keys[0]
    told = [line for line in told_of(repository, capsys, "theme") if line.startswith("no  ")]
    assert [line.partition(": ")[0] for line in told] == ["no  theme gone", "no  theme pipe"]
    assert ("no such file" in told[0], "not a plain file" in told[1]) == (True, True)


def test_of_a_file_with_hundreds_of_mistakes_the_first_are_told(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "".join(f"k{number}: f5\n" for number in range(400))
    write(keymap_file(), text)
    write(config_folder() / "themes" / "odd.yaml", text)
    keys = told_of(repository, capsys, "keys")
    assert (len(keys), keys[-1].strip()[:22]) == (21, "380 more are wrong. Th")
    told = told_of(repository, capsys, "theme")
    assert (len(told), told[-2].strip()) == (22, "383 more")


def test_the_name_of_a_theme_makes_no_line_of_its_own(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    usual = USUAL.read_text(encoding="utf-8")
    write(config_folder() / "themes" / "good\nok  all is well.yaml", usual)
    write(config_folder() / "themes" / "odd\nok  this too.yaml", "x: 1\n")
    main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", "none"])
    told = capsys.readouterr().out.splitlines()
    assert not [line for line in told if line.startswith(("ok  all", "ok  this"))]

"""The first picture looks as the settings will say."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.config.first_look import FirstLook, find_first_look
from trashclaw.config.load import load_settings
from trashclaw.config.paths import config_folder
from trashclaw.config.project_files import read_project


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"TRASHCLAW_UI__THEME": ""},
        {"TRASHCLAW_UI__THEME": "nord"},
        {"TRASHCLAW_UI__ASCII": "on", "TRASHCLAW_UI__MOUSE": "false", "TRASHCLAW_UI__NOTIFY": "bell"},
    ],
)
@pytest.mark.parametrize(
    "own",
    [
        "",
        "ui:\n  theme: rose-pine\n  ascii: true\n  notify: off\n",
        "ui.theme: gruvbox-dark\nui.vim: true\n",
        "ui.ascii: true\nui.mouse: false\nui.title: off\n",
        "ui:\n",
    ],
)
@pytest.mark.parametrize("project", ["", "ui:\n  theme: high-contrast\n", "mode: plan\n"])
@pytest.mark.parametrize("is_trusted", [True, False])
def test_it_is_the_one_of_the_settings(
    workspace_folder: Path, environ: dict[str, str], own: str, project: str, is_trusted: bool
) -> None:
    write(config_folder() / "config.yaml", own)
    write(workspace_folder / ".trashclaw" / "config.yaml", project)
    brought = read_project(workspace_folder) if is_trusted else None
    ui = load_settings({}, environ=environ, project=brought).settings.ui
    text = project.encode() if is_trusted else None
    assert find_first_look(environ=environ, project_settings=text) == FirstLook(
        ui.theme, ui.ascii, ui.mouse, ui.vim, ui.notify, ui.title
    )


def test_a_file_that_the_person_names_stands_in_the_projects_place(tmp_path: Path) -> None:
    write(tmp_path / "mine.yaml", "ui:\n  theme: rose-pine\n")
    look = find_first_look(project_settings=b"ui: {theme: nord}", config_file=tmp_path / "mine.yaml")
    assert look.theme == "rose-pine"


@pytest.mark.parametrize("text", ["ui: [theme", "ui:\n  theme: 3\n", "- a\n", "\0"])
def test_a_file_with_mistakes_names_none(text: str) -> None:
    write(config_folder() / "config.yaml", text)
    assert find_first_look() == FirstLook()


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)

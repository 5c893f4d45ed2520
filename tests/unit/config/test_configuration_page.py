"""The page about configuration says what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.settings_table import PAGE, page_with, settings_table
from trashclaw.config.load import load_settings, setting_keys
from trashclaw.config.schema import Settings
from trashclaw.config.themes import load_theme
from trashclaw.directives.commands import load_commands


def example(language: str, number: int) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return blocks[number]


def test_the_table_of_settings_is_the_schema() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(settings_table()), "python -m tests.support.settings_table"


@pytest.mark.parametrize("key", sorted(setting_keys()))
def test_every_setting_is_explained_in_one_line(key: str) -> None:
    description = setting_keys()[key].description
    assert description is not None
    assert description.endswith(".")
    assert "\n" not in description


def test_every_section_is_explained() -> None:
    assert all(info.description for info in Settings.model_fields.values())


def test_the_example_settings_load(tmp_path: Path) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(example("yaml", 0))
    loaded = load_settings({}, environ={"TRASHCLAW_LIMITS__STEPS": "20"}, config_file=file)
    assert (loaded.settings.provider, loaded.settings.limits.steps) == ("ollama", 20)


def test_the_example_theme_loads(tmp_path: Path) -> None:
    file = tmp_path / "paper.yaml"
    file.write_text(example("yaml", 1))
    assert not load_theme(file).is_dark


def test_the_example_command_loads(tmp_path: Path) -> None:
    (tmp_path / "any.md").write_text(example("markdown", 0))
    loaded = load_commands([tmp_path])
    assert not loaded.problems
    assert loaded.commands["rename"].expand("a 'b c'").startswith("Rename a to b c in")

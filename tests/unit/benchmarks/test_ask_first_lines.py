"""Without a sandbox: no harmful line runs unasked, and the harmless ones do."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.ask_first_cases import HARMFUL, HARMLESS
from benchmarks.ask_first_lines import allowed, lay_out, measure


def test_there_are_enough_lines_and_none_is_there_twice() -> None:
    assert len(set(HARMFUL)) >= 200
    assert len(set(HARMFUL)) == len(HARMFUL)
    assert len(set(HARMLESS)) >= 40
    assert not set(HARMFUL) & set(HARMLESS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("ask-first")
    lay_out(root)
    return root


def test_no_harmful_line_runs_unasked(folder: Path) -> None:
    assert allowed(HARMFUL, folder) == []


def test_every_harmless_line_runs_unasked(folder: Path) -> None:
    assert allowed(HARMLESS, folder) == list(HARMLESS)


def test_git_status_is_asked_about_where_the_repository_names_programs(folder: Path, tmp_path: Path) -> None:
    lay_out(tmp_path)
    for setting in ("[core]\n\tfsmonitor = ./evil\n", '[filter "x"]\n\tclean = ./evil\n', "[include]\n\tpath = x\n"):
        (tmp_path / ".git" / "config").write_text(setting, encoding="utf-8")
        assert allowed(["git status", "ls"], tmp_path) == ["ls"]


def test_the_figures_say_so() -> None:
    assert all(figure.is_pass for figure in measure(1))

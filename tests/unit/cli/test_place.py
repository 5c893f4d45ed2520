"""Where the program works is found also where the file system gives no clean answer."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from trashclaw.cli.place import find_folder, find_root
from trashclaw.protocol.errors import UsageError


def test_the_top_of_the_work_tree_around_a_folder_is_the_root(repository: Path) -> None:
    assert find_root(repository / "src") == repository


def test_a_folder_name_that_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        find_folder(argparse.Namespace(folder=tmp_path / ("x" * 300)))

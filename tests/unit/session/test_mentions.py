"""Files that a prompt names."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.session.mentions import Mention, attach_files, find_mentions
from trashclaw.workspace.root import Workspace


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fix @src/app.py please", [Mention("src/app.py")]),
        ("fix @src/app.py.", [Mention("src/app.py")]),
        ("see @src/app.py:10-20 and @README.md:3", [Mention("src/app.py", 10, 20), Mention("README.md", 3, 3)]),
        ('see @"my notes.txt"', [Mention("my notes.txt")]),
        ("@a.py @a.py", [Mention("a.py")]),
        ("write to ada@example.org", []),
        ("the @property decorator", [Mention("property")]),
        ("@", []),
    ],
)
def test_mentions_are_found(text: str, expected: list[Mention]) -> None:
    assert find_mentions(text) == expected


def test_a_mentioned_file_is_attached(repository: Path) -> None:
    attached = attach_files(Workspace(repository), "explain @src/app.py")
    assert attached.startswith('<file path="src/app.py" lines="1-2 of 2">')
    assert "def greet" in attached


def test_only_the_lines_that_were_meant(repository: Path) -> None:
    attached = attach_files(Workspace(repository), "@src/app.py:2-2")
    assert "return" in attached
    assert "def greet" not in attached


@pytest.mark.parametrize("text", ["@property", "@../outside.txt", "@/etc/passwd", "@src", "@missing.py"])
def test_what_is_no_file_of_the_workspace_stays_words(repository: Path, text: str) -> None:
    (repository.parent / "outside.txt").write_text("secret")
    assert attach_files(Workspace(repository), text) == ""


def test_a_binary_file_is_named_with_the_reason(repository: Path) -> None:
    (repository / "logo.png").write_bytes(b"\x89PNG\0\0\0")
    attached = attach_files(Workspace(repository), "look at @logo.png")
    assert "binary" in attached


def test_a_long_file_is_cut_and_says_how_to_go_on(repository: Path) -> None:
    (repository / "long.txt").write_text("".join(f"line {number}\n" for number in range(1, 9001)))
    attached = attach_files(Workspace(repository), "@long.txt")
    assert len(attached) < 25_000
    assert "read_file with offset=" in attached


@pytest.mark.parametrize(
    "text",
    ["@" + "x" * 5000, "@a/" * 3000, "@a\0b", "@README.md:" + "9" * 5000, "@/etc/passwd", "@../../etc/passwd", "@src"],
    ids=["long", "deep", "nul", "number", "absolute", "outside", "folder"],
)
def test_what_cannot_be_a_file_here_stays_words(repository: Path, text: str) -> None:
    assert "root:" not in attach_files(Workspace(repository), f"look at {text} please")


def test_what_there_is_no_room_for_is_not_read(repository: Path) -> None:
    names = [f"big{number}.txt" for number in range(4)]
    for name in names:
        (repository / name).write_text("x" * 30_000)
    told = attach_files(Workspace(repository), " ".join(f"@{name}" for name in names))
    assert told.count("[cut: ") == 1
    assert told.count("[not read: ") == 3

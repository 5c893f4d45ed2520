"""What the editor needs of the disk."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from trashclaw.protocol.ids import SessionId
from trashclaw.session.storage import Store, open_store
from trashclaw.session.writing import Writing
from trashclaw.store.drafts import Draft
from trashclaw.workspace.root import Workspace


@pytest.fixture
def writing(repository: Path, tmp_path: Path) -> Writing:
    """One of a session that stores nothing."""
    return Writing(Store(tmp_path / "state", SessionId("one")), Workspace(repository))


def test_without_a_log_nothing_is_stored(writing: Writing, tmp_path: Path) -> None:
    writing.remember(Draft("hello"))
    writing.keep(Draft("half a thought"), 1)
    assert not (tmp_path / "state").exists()
    assert writing.left_draft(is_new=True) is None
    assert not writing.earlier()


def test_a_draft_that_comes_late_takes_the_place_of_no_newer_one(repository: Path, tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "state", None, is_stored=True)) as store:
        writing = Writing(store, Workspace(repository))
        writing.keep(Draft("half a thought, and the rest"), 2)
        writing.keep(Draft("half a thought"), 1)
        assert writing.left_draft(is_new=False) == Draft("half a thought, and the rest")


def test_lines_are_counted_as_they_are_read(writing: Writing, repository: Path) -> None:
    (repository / "open.txt").write_text("one\ntwo")
    (repository / "empty.txt").write_text("")
    (repository / "logo.png").write_bytes(b"\x89PNG\0\n\n")
    paths = ("open.txt", "empty.txt", "src", "logo.png", "nope.py", "../outside", "/etc/passwd", "a\0b", "x" * 5000)
    counts = [writing.line_count(path) for path in paths]
    assert counts == [2, 0, -1, -1, None, None, None, None, None]


@pytest.mark.parametrize(
    ("pasted", "mentions"),
    [
        ("{root}/src/app.py", "@src/app.py"),
        ("'{root}/my notes.txt'\n", '@"my notes.txt"'),
        ("{root}/my\\ notes.txt {root}/README.md", '@"my notes.txt" @README.md'),
        ("{root}/my notes.txt", '@"my notes.txt"'),
        ("file://{root}/my%20notes.txt", '@"my notes.txt"'),
        ("{root}/nope.py", None),
        ("{root}/src/app.py and more", None),
        ("/etc/passwd", None),
        ("{root}", None),
        ("src/app.py", None),
        ("'{root}/src/app.py", None),
    ],
)
def test_what_a_terminal_pastes_for_dropped_files(
    writing: Writing, repository: Path, pasted: str, mentions: str | None
) -> None:
    (repository / "my notes.txt").write_text("x")
    assert writing.dropped(pasted.format(root=repository)) == mentions


def test_a_link_out_of_the_workspace_stays_as_it_was_pasted(writing: Writing, repository: Path) -> None:
    (repository / "out").symlink_to("/etc/passwd")
    assert writing.dropped(f"{repository}/out") is None

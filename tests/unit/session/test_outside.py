"""Files that somebody else changed: found by their bytes, read only where something tells that they may differ."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from trashclaw.session.outside import Outside, OutsideChanges
from trashclaw.workspace.root import Workspace


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def make(root: Path, seen: dict[str, str], own: dict[str, str] | None = None) -> OutsideChanges:
    return OutsideChanges(Workspace(root), lambda: seen, lambda: own or {})


async def test_what_the_session_itself_left_is_not_from_outside(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("by a command of its own")
    seen = {"a.py": digest("as it was read")}
    assert await make(tmp_path, seen, {"a.py": digest("by a command of its own")}).find() == Outside()
    assert await make(tmp_path, seen).find() == Outside(changed=["a.py"])


async def test_bytes_that_changed_behind_the_same_size_and_time_are_found(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("a = 1")
    outside = make(tmp_path, {"a.py": digest("a = 1")})
    assert await outside.find() == Outside()
    status = file.stat()
    while file.stat().st_ctime_ns == status.st_ctime_ns:
        file.write_text("a = 2")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert await outside.find() == Outside(changed=["a.py"])
    assert await outside.find() == Outside()
    outside.forget()
    assert await outside.find() == Outside(changed=["a.py"])


@pytest.mark.parametrize("path", ["../outside.py", "/etc/hostname", "a\0b", "", "x" * 5000, ".env"])
async def test_what_may_not_be_looked_at_is_passed_over(tmp_path: Path, path: str) -> None:
    (tmp_path / ".env").write_text("KEY=1")
    (tmp_path.parent / "outside.py").write_text("x")
    assert await make(tmp_path, {path: digest("other")}).find() == Outside()


async def test_so_many_files_are_looked_at_and_those_that_were_seen_last(tmp_path: Path) -> None:
    seen = {}
    for number in range(230):
        (tmp_path / f"f{number}.py").write_text("now")
        seen[f"f{number}.py"] = digest("then")
    found = await make(tmp_path, seen).find()
    assert found.changed == [f"f{number}.py" for number in range(30, 230)]


def test_a_file_is_left_out_only_where_a_note_names_it_and_not_a_longer_path() -> None:
    found = Outside(changed=["u", "b.py", "src/b.py"], gone=["c.md"])
    assert found.without(["The user has undone a turn: src/b.py."]) == Outside(changed=["u", "b.py"], gone=["c.md"])
    assert found.without(["The user has taken back b.py, c.md.old and /u."]) == Outside(["u", "src/b.py"], ["c.md"])

"""A patch lands whole or not at all, and only on the files that it was made from."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trashclaw.protocol.errors import OutsideWorkspace, StaleFile, UnsuitableFile, WorkspaceError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, Patch
from trashclaw.workspace.apply import apply_patch
from trashclaw.workspace.diff import make_change, make_patch, select
from trashclaw.workspace.files import digest, read_text
from trashclaw.workspace.root import Workspace


def patch_of(workspace: Workspace, **texts: str | None) -> Patch:
    changes = []
    for name, new in texts.items():
        path = workspace.root / name
        file = read_text(path, name) if path.exists() else None
        changes.append(make_change(name, file.text if file else None, new, file.sha256 if file else None))
    return make_patch(changes)


@pytest.fixture
def workspace(workspace_folder: Path) -> Workspace:
    (workspace_folder / "one").write_bytes(b"1\r\n2\n3")
    (workspace_folder / "two").write_bytes(b"caf\xe9\n")
    return Workspace(workspace_folder)


def test_files_are_changed_added_and_deleted(workspace: Workspace) -> None:
    patch = patch_of(workspace, one="1\r\nII\n3", two=None, new="x\n")
    landed = apply_patch(workspace, patch)
    assert (workspace.root / "one").read_bytes() == b"1\r\nII\n3"
    assert not (workspace.root / "two").exists()
    assert [(change.path, change.kind) for change in landed] == [
        ("one", ChangeKind.MODIFIED),
        ("two", ChangeKind.DELETED),
        ("new", ChangeKind.ADDED),
    ]
    assert landed[0].after_sha256 == digest(b"1\r\nII\n3")
    assert landed[1].after_sha256 is None


def test_folders_are_made_for_a_new_file(workspace: Workspace) -> None:
    apply_patch(workspace, make_patch([make_change("a/b/c.txt", None, "", None)]))
    assert (workspace.root / "a" / "b" / "c.txt").read_bytes() == b""


def test_the_encoding_is_kept(workspace: Workspace) -> None:
    apply_patch(workspace, patch_of(workspace, two="café\nthé\n"))
    assert (workspace.root / "two").read_bytes() == b"caf\xe9\nth\xe9\n"


def test_stray_bytes_in_unicode_stay_and_what_is_added_is_unicode(workspace: Workspace) -> None:
    data = "é è ü\nplain\n".encode() + b"bad \xff byte\n"
    (workspace.root / "mixed").write_bytes(data)
    text = read_text(workspace.root / "mixed", "mixed").text
    apply_patch(workspace, patch_of(workspace, mixed=text.replace("plain", "Größe").replace("bad", "odd")))
    assert (workspace.root / "mixed").read_bytes() == "é è ü\nGröße\n".encode() + b"odd \xff byte\n"


def test_a_character_that_the_encoding_lacks_stops_the_whole_patch(workspace: Workspace) -> None:
    with pytest.raises(UnsuitableFile, match="cp1252"):
        apply_patch(workspace, patch_of(workspace, one="x", two="\u4f60\n"))
    assert (workspace.root / "one").read_bytes() == b"1\r\n2\n3"


def test_one_stale_file_stops_the_whole_patch(workspace: Workspace) -> None:
    patch = patch_of(workspace, one="x", two="y")
    (workspace.root / "two").write_bytes(b"somebody else\n")
    with pytest.raises(StaleFile, match="two changed"):
        apply_patch(workspace, patch)
    assert (workspace.root / "one").read_bytes() == b"1\r\n2\n3"
    assert (workspace.root / "two").read_bytes() == b"somebody else\n"


def test_a_file_that_came_or_went_meanwhile_is_stale(workspace: Workspace) -> None:
    patch = patch_of(workspace, new="x")
    (workspace.root / "new").write_bytes(b"theirs")
    with pytest.raises(StaleFile, match="exists by now"):
        apply_patch(workspace, patch)
    gone = patch_of(workspace, one="x")
    (workspace.root / "one").unlink()
    with pytest.raises(StaleFile, match="gone"):
        apply_patch(workspace, gone)


def test_a_write_that_fails_takes_the_others_back(workspace: Workspace) -> None:
    (workspace.root / "file").write_bytes(b"")
    blocked = make_change("file/below", None, "x", None)
    patch = make_patch([*patch_of(workspace, one="x", new="y", two=None).changes, blocked])
    with pytest.raises(WorkspaceError):
        apply_patch(workspace, patch)
    assert (workspace.root / "one").read_bytes() == b"1\r\n2\n3"
    assert (workspace.root / "two").read_bytes() == b"caf\xe9\n"
    assert not (workspace.root / "new").exists()


def test_a_patch_of_a_link_changes_the_file_that_it_leads_to(workspace: Workspace) -> None:
    (workspace.root / "alias").symlink_to("one")
    apply_patch(workspace, patch_of(workspace, alias="x"))
    assert (workspace.root / "alias").is_symlink()
    assert (workspace.root / "one").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_the_mode_is_kept(workspace: Workspace) -> None:
    (workspace.root / "one").chmod(0o750)
    apply_patch(workspace, patch_of(workspace, one="x"))
    assert stat.S_IMODE((workspace.root / "one").stat().st_mode) == 0o750


@pytest.mark.parametrize("path", ["../out", ".git/hooks/pre-commit", "/tmp/out"])
def test_a_patch_does_not_leave_the_jail(workspace: Workspace, path: str) -> None:
    with pytest.raises(OutsideWorkspace):
        apply_patch(workspace, make_patch([make_change(path, None, "x", None)]))


def test_a_patch_that_names_a_file_twice_is_refused(workspace: Workspace) -> None:
    (workspace.root / "alias").symlink_to("one")
    with pytest.raises(WorkspaceError, match="twice"):
        apply_patch(workspace, patch_of(workspace, one="x", alias="y"))


TEXT = st.text(st.sampled_from("ab\n\r"), max_size=60)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=3), st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rejected_hunk_leaves_the_file_alone(
    workspace_folder: Path, pairs: list[tuple[str, str]], data: st.DataObject
) -> None:
    workspace = Workspace(workspace_folder)
    for at, (old, _) in enumerate(pairs):
        (workspace_folder / f"f{at}").write_bytes(old.encode())
    patch = patch_of(workspace, **{f"f{at}": new for at, (_, new) in enumerate(pairs)})
    ids = sorted(patch.hunk_ids)
    chosen: set[HunkId] = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    accepted = select(patch, chosen)
    landed = {change.path for change in apply_patch(workspace, accepted)}
    for at, (old, new) in enumerate(pairs):
        now = (workspace_folder / f"f{at}").read_bytes()
        whole = {hunk.hunk_id for change in patch.changes if change.path == f"f{at}" for hunk in change.hunks}
        if f"f{at}" not in landed:
            assert now == old.encode()
        elif whole <= chosen:
            assert now == new.encode()

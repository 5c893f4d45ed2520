"""For any two trees: accepting all gives the second, rejecting all keeps the first, a part gives exactly that part."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.copied_branch import CopiedBranch, Snapshot, snapshot
from trashclaw.protocol.patches import ChangeKind, FileChange, HunkPart, Patch
from trashclaw.sandbox.effects import Effects, gather_effects, land_effects
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.root import Workspace

Tree = dict[str, "Tree | tuple[str, bytes, int]"]

CONTENTS = st.sampled_from([b"", b"a\n", b"a\nb\n", b"x\0y", b"caf\xe9\n", b"\xff\xfea\0", b"one\ntwo\nthree\nfour\n"])
FILES = st.tuples(st.just("file"), CONTENTS, st.sampled_from([0o644, 0o755, 0o600, 0o444]))
LINKS = st.tuples(st.just("link"), st.sampled_from([b"a", b"b/c", b"/nowhere"]), st.just(0))
NAMES = st.sampled_from(["a", "b", "c", "d\udcff", "e\nf"])
LEAVES = FILES | LINKS
TREES = st.dictionaries(
    NAMES, st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=8), max_size=4
)


def build(tree: Tree, folder: Path) -> None:
    for name, node in tree.items():
        path = folder / name
        if isinstance(node, dict):
            path.mkdir()
            build(node, path)
        elif node[0] == "link":
            path.symlink_to(node[1].decode())
        else:
            path.write_bytes(node[1])
            path.chmod(node[2])


@contextmanager
def gathered(old: Tree, new: Tree) -> Iterator[tuple[Workspace, Effects, Path]]:
    with tempfile.TemporaryDirectory() as name:
        root, other = Path(name).resolve() / "root", Path(name).resolve() / "other"
        root.mkdir()
        build(old, root)
        shutil.copytree(root, other, symlinks=True)
        branch = CopiedBranch(root, other).run("true")
        shutil.rmtree(other)
        other.mkdir()
        build(new, other)
        workspace = Workspace(root)
        yield workspace, gather_effects(workspace, [branch]), other


@given(TREES, TREES)
@settings(max_examples=60, deadline=None)
def test_accepting_all_gives_the_second_tree_and_rejecting_all_the_first(old: Tree, new: Tree) -> None:
    with gathered(old, new) as (workspace, effects, other):
        before = snapshot(workspace.root)
        assert bool(effects.patch.changes) == (before != snapshot(other))
        land_effects(workspace, effects, None)
        assert snapshot(workspace.root) == before
        landed = land_effects(workspace, effects, effects.patch)
        assert not landed.rejected.changes
        assert snapshot(workspace.root) == snapshot(other)


@given(TREES, TREES, st.data())
@settings(max_examples=60, deadline=None)
def test_accepting_a_part_gives_exactly_that_part(old: Tree, new: Tree, data: st.DataObject) -> None:
    with gathered(old, new) as (workspace, effects, other):
        before, after = snapshot(workspace.root), snapshot(other)
        ids = sorted(effects.patch.hunk_ids)
        chosen = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
        accepted = Patch(
            changes=tuple(
                change.model_copy(update={"hunks": hunks})
                for change in effects.patch.changes
                if (hunks := tuple(hunk for hunk in change.hunks if hunk.hunk_id in chosen))
            )
        )
        landed = land_effects(workspace, effects, accepted)
        done = {hunk_id for change in landed.landed for hunk_id in change.hunk_ids}
        assert done <= chosen
        assert {hunk.hunk_id for hunk in landed.rejected.hunks} == effects.patch.hunk_ids - done
        now = snapshot(workspace.root)
        assert leaves(now) == leaves(expected(before, after, effects, [*_parts(accepted, done)]))
        assert all(
            path in now for path, (entry, _) in before.items() if entry.kind is EntryKind.FOLDER and path in after
        )


def _parts(accepted: Patch, done: set[str]) -> Iterator[FileChange]:
    for change in accepted.changes:
        if any(hunk.hunk_id in done for hunk in change.hunks):
            yield change


def leaves(tree: Snapshot) -> Snapshot:
    return {path: found for path, found in tree.items() if found[0].kind is not EntryKind.FOLDER}


def expected(before: Snapshot, after: Snapshot, effects: Effects, landed: list[FileChange]) -> Snapshot:
    """Return what files and links there must be, told without the code under test."""
    tree = dict(before)
    for change in landed:
        path = real(effects, change.path)
        parts = {hunk.part for hunk in change.hunks}
        if change.kind is ChangeKind.RENAMED:
            del tree[real(effects, change.from_path or "")]
        if change.kind is ChangeKind.DELETED:
            tree.pop(path)
            continue
        entry, content = after[path]
        if path in before and entry.kind is before[path][0].kind is EntryKind.FILE:
            old, old_content = before[path]
            content = content if parts - {HunkPart.MODE} else old_content
            mode = entry.mode if HunkPart.MODE in parts else old.mode
            entry = type(entry)(entry.kind, mode, len(content))
        tree[path] = entry, content
    return tree


def real(effects: Effects, shown: str) -> str:
    return str(effects.contents.target(shown).relative_to(effects.contents.root))


def test_the_trees_of_this_test_have_every_kind(tmp_path: Path) -> None:
    build({"a": ("file", b"", 0o600), "b": {"c": ("link", b"a", 0)}}, tmp_path)
    assert {entry.kind for entry, _ in snapshot(tmp_path).values()} == {
        EntryKind.FILE,
        EntryKind.FOLDER,
        EntryKind.LINK,
    }
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600

"""Hunks are exact: all of them give the new text, none the old one, and any part leaves the rest untouched."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, Hunk, Patch
from trashclaw.workspace.diff import (
    apply_hunks,
    make_change,
    make_patch,
    render_header,
    select,
    split_lines,
)
from trashclaw.workspace.matching import match_blocks

LINE = st.sampled_from(
    ["a", "b", "}", "", "    return x", "\f", "c\rd", "e\u2028f", "\x85", "ü", "same", "+", "-", " "]
)
ENDS = st.sampled_from(["\n", "\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = "".join(draw(st.lists(st.builds(str.__add__, LINE, ENDS), max_size=40)))
    return text if draw(st.booleans()) else text.removesuffix("\n").removesuffix("\r")


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, str]:
    old = draw(texts())
    lines = split_lines(old)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(lines)))
        lines[at : at + draw(st.integers(0, 3))] = draw(st.lists(st.builds(str.__add__, LINE, ENDS), max_size=3))
    return old, "".join(lines)


PAIRS = st.one_of(edits(), st.tuples(texts(), texts()))


@given(PAIRS)
@settings(max_examples=300)
def test_all_hunks_give_the_new_text_and_none_the_old(pair: tuple[str, str]) -> None:
    old, new = pair
    change = make_change("f", old, new, "digest")
    assert apply_hunks(old, change.hunks) == new
    assert apply_hunks(old, ()) == old
    assert bool(change.hunks) == (old != new)


@given(PAIRS, st.data())
@settings(max_examples=300)
def test_a_rejected_hunk_leaves_its_lines_byte_for_byte(pair: tuple[str, str], data: st.DataObject) -> None:
    old, new = pair
    patch = make_patch([make_change("f", old, new, "digest")])
    chosen = data.draw(st.sets(st.sampled_from(sorted(patch.hunk_ids)))) if patch.hunk_ids else set()
    part = select(patch, chosen)
    assert part.hunk_ids == chosen
    hunks = part.changes[0].hunks if part.changes else ()
    half = apply_hunks(old, hunks)
    expected, done = [], 0
    lines = split_lines(old)
    for hunk in hunks:
        gone = [line[1:] for line in hunk.lines if line[0] != "+"]
        start = hunk.before - 1 if gone else hunk.before
        expected += lines[done:start] + [line[1:] for line in hunk.lines if line[0] != "-"]
        done = start + len(gone)
    assert half == "".join(expected + lines[done:])
    rest = make_change("f", half, new, "digest")
    assert apply_hunks(half, rest.hunks) == new


@given(PAIRS, st.data())
@settings(max_examples=200)
def test_the_line_numbers_of_a_part_are_those_of_its_own_result(pair: tuple[str, str], data: st.DataObject) -> None:
    old, new = pair
    patch = make_patch([make_change("f", old, new, "digest")])
    chosen = data.draw(st.sets(st.sampled_from(sorted(patch.hunk_ids)))) if patch.hunk_ids else set()
    for change in select(patch, chosen).changes:
        lines = split_lines(apply_hunks(old, change.hunks))
        for hunk in change.hunks:
            there = [line[1:] for line in hunk.lines if line[0] != "-"]
            start = hunk.after - 1 if there else hunk.after
            assert lines[start : start + len(there)] == there


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.lists(st.sampled_from("abcdefgh"), max_size=60))
def test_matched_lines_are_equal_and_in_order(old: list[str], new: list[str]) -> None:
    at_old = at_new = 0
    for block in match_blocks(old, new):
        assert block.old >= at_old
        assert block.new >= at_new
        assert old[block.old : block.old + block.size] == new[block.new : block.new + block.size]
        at_old, at_new = block.old + block.size, block.new + block.size


def unified(patch: Patch) -> str:
    """Return a patch as a unified diff, as git reads it."""
    out: list[str] = []
    for change in patch.changes:
        out.append(f"--- {'/dev/null' if change.kind is ChangeKind.ADDED else 'a/' + change.path}\n")
        out.append(f"+++ {'/dev/null' if change.kind is ChangeKind.DELETED else 'b/' + change.path}\n")
        for hunk in change.hunks:
            out.append(render_header(hunk) + "\n")
            out += [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in hunk.lines]
    return "".join(out)


@given(edits())
@settings(max_examples=40, deadline=None)
def test_git_applies_the_unified_text(tmp_path_factory: pytest.TempPathFactory, pair: tuple[str, str]) -> None:
    old, new = pair
    if old == new or not old or not new:
        return
    folder = tmp_path_factory.mktemp("apply")
    (folder / "f").write_bytes(old.encode())
    diff = unified(make_patch([make_change("f", old, new, "digest")]))
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, cwd=folder, input=diff.encode(), check=True, timeout=30, capture_output=True)
    assert (folder / "f").read_bytes() == new.encode()
    shutil.rmtree(folder)


def test_only_a_newline_ends_a_line() -> None:
    assert split_lines("a\rb\fc\u2028d\x85e\nf") == ["a\rb\fc\u2028d\x85e\n", "f"]
    assert split_lines("") == []


def test_a_hunk_has_three_lines_around_it_and_near_changes_share_one() -> None:
    old = "".join(f"{at}\n" for at in range(1, 41))
    new = old.replace("\n10\n", "\nten\n").replace("\n14\n", "\nfourteen\n").replace("\n30\n", "\n")
    first, second = make_change("f", old, new, "d").hunks
    assert (first.before, first.after, len(first.lines)) == (7, 7, 13)
    assert (second.before, second.after) == (27, 27)
    assert second.lines == (" 27\n", " 28\n", " 29\n", "-30\n", " 31\n", " 32\n", " 33\n")
    assert (first.added, first.removed, second.added, second.removed) == (2, 2, 0, 1)


def test_an_insertion_into_an_empty_file_comes_after_line_zero() -> None:
    (hunk,) = make_change("f", "", "a\n", "d").hunks
    assert (hunk.before, hunk.after, hunk.lines) == (0, 1, ("+a\n",))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [(None, "", ChangeKind.ADDED), ("", None, ChangeKind.DELETED), (None, "x", ChangeKind.ADDED)],
)
def test_a_file_that_comes_or_goes_is_one_hunk_also_when_empty(
    old: str | None, new: str | None, kind: ChangeKind
) -> None:
    change = make_change("f", old, new, None)
    assert (change.kind, len(change.hunks)) == (kind, 1)
    assert apply_hunks(old or "", change.hunks) == (new or "")


def test_hunks_are_numbered_through_a_patch_and_equal_files_are_left_out() -> None:
    changes = [make_change("a", "1\n", "2\n", "d"), make_change("b", "1", "1", "d"), make_change("c", None, "x", None)]
    patch = make_patch(changes)
    assert [change.path for change in patch.changes] == ["a", "c"]
    assert [hunk.hunk_id for hunk in patch.hunks] == ["1", "2"]
    assert select(patch, [HunkId("2")]).changes[0].path == "c"
    assert select(patch, []) == Patch()


def test_a_hunk_that_does_not_fit_is_refused() -> None:
    hunks = make_change("f", "a\nb\n", "a\nc\n", "d").hunks
    with pytest.raises(StaleFile):
        apply_hunks("a\nB\n", hunks)
    with pytest.raises(StaleFile):
        apply_hunks("a\r\nb\r\n", hunks)
    beyond = Hunk(hunk_id=HunkId("1"), before=5, after=6, lines=("+x\n",))
    with pytest.raises(StaleFile):
        apply_hunks("a\n", [beyond])


def test_a_moved_function_is_followed_by_its_own_lines() -> None:
    one = "def one():\n    return 1\n\n\n"
    two = "def two():\n    return 2\n\n\n"
    three = "def three():\n    return 3\n\n\n"
    change = make_change("f", one + three, one + two + three, "d")
    assert (change.added, change.removed) == (4, 0)


def test_a_large_file_of_equal_lines_is_compared_without_delay() -> None:
    old, new = "x\n" * 30_000 + "y\n" * 10, "z\n" + "x\n" * 29_000 + "w\n" * 8_000
    change = make_change("f", old, new, "d")
    assert apply_hunks(old, change.hunks) == new

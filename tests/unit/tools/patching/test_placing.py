"""Hunks land where they were made from, or nowhere; numbers in their heads decide nothing that content does not."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.patching.placing import place_chunks
from trashclaw.tools.patching.reading import read_patch
from trashclaw.workspace.diff import make_hunks, render_header, split_lines

LINES = st.lists(
    st.sampled_from(["a", "b", "", "  c", "\td", "-- e", "++ f", "@@ g", "\\ h", "diff", "x = 1"]), max_size=14
)
UNIQUE = st.lists(st.text("abc -+@\\\t*", min_size=1, max_size=8), max_size=14, unique_by=str.strip)


def text_of(lines: list[str], *, is_open: bool) -> str:
    return "\n".join(lines) + ("" if is_open or not lines else "\n")


def marked(lines: list[str]) -> str:
    """Lines of a diff, each ended, with git's word on one that has no newline."""
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def by_difflib(old: str, new: str) -> str:
    return marked(list(difflib.unified_diff(split_lines(old), split_lines(new), "a/f", "b/f")))


def by_us(old: str, new: str) -> str:
    hunks = make_hunks(split_lines(old), split_lines(new))
    return "--- a/f\n+++ b/f\n" + "".join(f"{render_header(hunk)}\n{marked(list(hunk.lines))}" for hunk in hunks)


def mangled(diff: str, change: int) -> str:
    """The diff with other numbers and counts in its heads."""

    def head(found: re.Match[str]) -> str:
        numbers = [str(max(0, int(number) + change)) for number in re.findall(r"\d+", found[0])]
        return f"@@ -{','.join(numbers[:2])} +{','.join(numbers[2:])} @@" if len(numbers) == 4 else "@@"

    return re.sub(r"^@@ -[0-9, +]+@@$", head, diff, flags=re.MULTILINE)


def apply(old: str, diff: str) -> str:
    (section,) = read_patch(diff)
    return place_chunks(old, section.chunks, "f").text


@given(LINES, LINES, st.booleans(), st.booleans(), st.sampled_from([by_difflib, by_us]))
def test_a_right_diff_gives_exactly_the_new_text(
    before: list[str], after: list[str], is_open: bool, becomes_open: bool, make: object
) -> None:
    old, new = text_of(before, is_open=is_open), text_of(after, is_open=becomes_open)
    assert callable(make)
    if old != new:
        assert apply(old, make(old, new)) == new


@given(UNIQUE, st.data(), st.integers(-9, 40), st.sampled_from([by_difflib, by_us]))
def test_wrong_numbers_do_no_harm_where_lines_are_unique(
    before: list[str], data: st.DataObject, change: int, make: object
) -> None:
    assert callable(make)
    if not before:
        return
    first, last = sorted(data.draw(st.tuples(st.integers(0, len(before)), st.integers(0, len(before)))))
    after = [*before[:first], *data.draw(UNIQUE), *before[last:]]
    old, new = text_of(before, is_open=False), text_of(after, is_open=False)
    if old != new:
        assert apply(old, mangled(make(old, new), change)) == new


@given(LINES, LINES, st.sampled_from([by_difflib, by_us]))
def test_without_numbers_a_hunk_lands_right_or_not_at_all(before: list[str], after: list[str], make: object) -> None:
    old, new = text_of(before, is_open=False), text_of(after, is_open=False)
    assert callable(make)
    if old == new:
        return
    diff = re.sub(r"^@@ -[0-9, +]+@@$", "@@", make(old, new), flags=re.MULTILINE)
    try:
        assert apply(old, diff) == new
    except ToolError as error:
        assert re.search("occurs|nothing says where", error.text)


@given(st.text("ab \n-+@*\\", max_size=60), st.text("ab \n-+@*\\", max_size=200))
def test_any_text_for_a_hunk_ends_in_a_text_or_a_refusal(old: str, body: str) -> None:
    for diff in (
        f"--- a/f\n+++ b/f\n@@ -1,3 +1,4 @@\n{body}",
        f"*** Begin Patch\n*** Update File: f\n{body}\n*** End Patch",
    ):
        try:
            for section in read_patch(diff):
                place_chunks(old, section.chunks, "f")
        except ToolError as error:
            assert error.text


def test_windows_line_ends_are_kept_and_given_to_new_lines() -> None:
    old = "one\r\ntwo\r\nthree\r\n"
    for end in ("\n", "\r\n"):
        assert apply(old, f"--- a/f{end}+++ b/f{end}@@{end} one{end}-two{end}+zwei{end}+drei{end} three{end}") == (
            "one\r\nzwei\r\ndrei\r\nthree\r\n"
        )


def test_a_hunk_never_lands_in_the_middle_of_a_line() -> None:
    with pytest.raises(ToolError, match="part of longer lines"):
        apply("max = 1\n", "--- a/f\n+++ b/f\n@@\n-x = 1\n+x = 2\n")
    with pytest.raises(ToolError, match="part of longer lines"):
        apply("x = 10\n", "--- a/f\n+++ b/f\n@@\n-x = 1\n+x = 2\n")


TWICE = "def f():\n    x = 1\n    return x\n\n\ndef g():\n    x = 1\n    return x\n"


def envelope(body: str) -> str:
    return f"*** Begin Patch\n*** Update File: f\n{body}*** End Patch\n"


def test_an_anchor_says_which_of_two_places_is_meant() -> None:
    changed = apply(TWICE, envelope("@@ def g():\n-    x = 1\n+    x = 2\n"))
    assert changed == TWICE[::-1].replace("1 = x", "2 = x", 1)[::-1]
    assert apply(TWICE, envelope("@@ def f():\n-    x = 1\n+    x = 2\n")) == TWICE.replace("x = 1", "x = 2", 1)
    with pytest.raises(ToolError, match=r"hunk 1 of 1 \(-    x = 1\): its old text occurs 2 times, at lines 2, 7"):
        apply(TWICE, envelope("@@\n-    x = 1\n+    x = 2\n"))


def test_the_order_of_hunks_says_which_of_two_places_is_meant() -> None:
    both = apply(TWICE, envelope("@@\n-def g():\n+def h():\n@@\n-    x = 1\n+    x = 3\n"))
    assert both == "def f():\n    x = 1\n    return x\n\n\ndef h():\n    x = 3\n    return x\n"


def test_hunks_may_come_out_of_order_and_share_context() -> None:
    old = "a\nb\nc\nd\ne\n"
    assert apply(old, envelope("@@\n d\n-e\n+E\n@@\n-a\n+A\n b\n@@\n b\n-c\n+C\n d\n")) == "A\nb\nC\nd\nE\n"
    with pytest.raises(ToolError, match="two hunks change the same lines"):
        apply(old, envelope("@@\n-b\n-c\n+C\n@@\n-c\n+D\n"))


def test_new_lines_alone_need_a_place() -> None:
    assert apply("a\nb\n", envelope("@@ a\n+x\n")) == "a\nx\nb\n"
    assert apply("a\nb\n", envelope("@@\n+x\n*** End of File\n")) == "a\nb\nx\n"
    assert apply("", envelope("@@\n+x\n")) == "x\n"
    with pytest.raises(ToolError, match="nothing says where"):
        apply("a\nb\n", envelope("@@\n+x\n"))
    with pytest.raises(ToolError, match="nothing says where"):
        apply("a\nb\n", "--- f\n+++ f\n@@ -1,0 +2,1 @@\n+x\n")


def test_context_without_its_blank_is_understood() -> None:
    old = "def f():\n    if x:\n        return 1\n    return 2\n"
    body = "def f():\n    if x:\n-        return 1\n+        return 3\n    return 2\n"
    assert apply(old, envelope(f"@@\n{body}")) == old.replace("return 1", "return 3")
    assert apply(old, f"--- f\n+++ f\n@@ -1,4 +1,4 @@\n{body}") == old.replace("return 1", "return 3")


def test_words_behind_a_complete_hunk_are_not_of_it() -> None:
    assert apply("a\nb\n", "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\nThis changes b.\n") == "a\nc\n"


def test_a_very_long_hunk_has_to_fit() -> None:
    with pytest.raises(ToolError, match="not in the file as it stands"):
        apply("a\n" * 3_000, envelope("@@\n" + " a\n" * 3_000 + "-c\n+b\n"))


def test_a_rough_fit_keeps_the_lines_of_the_file_that_the_hunk_does_not_change() -> None:
    old = "def f():  \n    x = 1\t\n    return x\n"
    changed = apply(old, envelope("@@\n def f():\n     x = 1\n-    return x\n+    return x + 1\n"))
    assert changed == "def f():  \n    x = 1\t\n    return x + 1\n"


def test_a_rough_fit_keeps_the_lines_between_changes_too() -> None:
    old = "a = 1\n  b = 2  \nc = 3\n"
    assert apply(old, envelope("@@\n-a = 1\n+a = 0\n   b = 2\n-c = 3\n+c = 0\n")) == "a = 0\n  b = 2  \nc = 0\n"


def test_a_number_is_believed_only_if_all_of_the_file_are_right() -> None:
    diff = "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-def f():\n+def h():\n@@ -{},1 +7,1 @@\n-    x = 1\n+    x = 2\n"
    changed = apply(TWICE, diff.format(7))
    assert changed == "def h():\n    x = 1\n    return x\n\n\ndef g():\n    x = 2\n    return x\n"
    for wrong in (1, 3, 6, 400):
        with pytest.raises(ToolError, match="at lines 2, 7"):
            apply(TWICE, diff.format(wrong))


def test_a_rough_fit_can_be_refused() -> None:
    def refuse(error: ToolError) -> None:
        raise ToolError("not read")

    (section,) = read_patch(envelope("@@\n-    return 1\n+    return 2\n"))
    assert place_chunks("    return 1\n", section.chunks, "f", refuse).text == "    return 2\n"
    with pytest.raises(ToolError, match="not read"):
        place_chunks("    return 1  \n", section.chunks, "f", refuse)


def test_a_large_file_and_many_hunks_are_placed() -> None:
    old = "".join(f"line {at}\n" for at in range(100_000))
    wanted = [at * 300 for at in range(300)]
    diff = envelope("".join(f"@@\n-line {at}\n+LINE {at}\n" for at in wanted))
    changed = apply(old, diff).split("\n")
    assert [at for at, line in enumerate(changed) if line.startswith("LINE")] == wanted

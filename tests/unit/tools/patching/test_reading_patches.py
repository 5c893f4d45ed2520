"""Patches are read in every form in which models write them; what is no patch, or only half of one, is refused."""

from __future__ import annotations

import pytest

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.patching.reading import LIMIT_CHARS, LIMIT_SECTIONS, read_patch
from trashclaw.tools.patching.sections import Action

CORE = "*** Begin Patch\n*** Update File: src/a.py\n@@ def f():\n-x\n+y\n*** End Patch"
GIT = (
    "diff --git a/src/a.py b/src/a.py\nindex 1234567..89abcde 100644\n--- a/src/a.py\n+++ b/src/a.py\n"
    "@@ -1,2 +1,2 @@ def f():\n x\n-y\n+z\n"
)


@pytest.mark.parametrize(
    "text",
    [
        CORE,
        f"```\n{CORE}\n```",
        f"Here it is:\n\n```diff\n{CORE}\n```\nDone.",
        f"apply_patch <<'EOF'\n{CORE}\nEOF\n",
        f'$ apply_patch << "PATCH"\n{CORE}\nPATCH',
        CORE.replace("\n", "\r\n"),
        CORE.removeprefix("*** Begin Patch\n"),
        CORE.removesuffix("\n*** End Patch"),
        CORE.replace("*** Update File: src/a.py", "*** Update File: `src/a.py` "),
        CORE.replace("*** Update File:", "***update file"),
        CORE.replace("@@ def f():", "--- a/src/a.py\n+++ b/src/a.py\n@@ def f():"),
        CORE.replace("@@ def f():", "@@ def f(): @@"),
    ],
)
def test_the_envelope_is_read_whatever_is_around_it(text: str) -> None:
    (section,) = read_patch(text)
    assert (section.action, section.path) == (Action.UPDATE, "src/a.py")
    (chunk,) = section.chunks
    assert chunk.body.lines == ("-x", "+y")
    assert chunk.anchors == ("def f():",)


@pytest.mark.parametrize(
    "text",
    [
        GIT,
        f"```diff\n{GIT}```",
        f"Subject: [PATCH] x\n\n---\n a.py | 2 +-\n\n{GIT}-- \n2.40.1\n",
        f"git apply <<EOF\n{GIT}EOF\n",
        f"*** Begin Patch\n{GIT}*** End Patch",
        GIT.replace("a/src", "src").replace("b/src", "src"),
        GIT.replace("-1,2 +1,2", "-7,9 +3,1"),
        GIT.replace("@@ -1,2 +1,2 @@ def f():", "@@ -1 @@"),
        GIT.replace("--- a/src/a.py\n", "--- a/src/a.py\t2026-01-01 10:00:00.000 +0000\n"),
        GIT[GIT.index("---") :],
        GIT.replace("a/src", "i/src").replace("b/src", "w/src"),
    ],
)
def test_a_unified_diff_is_read_whatever_is_around_it(text: str) -> None:
    (section,) = read_patch(text)
    assert (section.action, section.path) == (Action.UPDATE, "src/a.py")
    assert section.chunks[0].body.lines == (" x", "-y", "+z")


def test_several_files_come_and_go_and_move() -> None:
    sections = read_patch(
        "*** Begin Patch\n*** Add File: new.py\n+one\n+\n+two\n\n*** Delete File: old.py\n"
        "*** Update File: here.py\n*** Move to: there.py\n@@\n-a\n+b\n"
        "*** Update File: last.py\n-c\n+d\n*** End of File\n*** End Patch\n"
    )
    assert [(one.action, one.path, one.to) for one in sections] == [
        (Action.ADD, "new.py", None),
        (Action.DELETE, "old.py", None),
        (Action.UPDATE, "here.py", "there.py"),
        (Action.UPDATE, "last.py", None),
    ]
    assert sections[0].chunks[0].new == ["one", "", "two"]
    assert sections[3].chunks[0].is_at_end


def test_several_files_of_a_diff_come_and_go_and_move() -> None:
    sections = read_patch(
        "diff --git a/new b/new\nnew file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+x\n"
        "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
        "diff --git a/from b/to\nsimilarity index 100%\nrename from from\nrename to to\n"
        "diff --git a/empty file b/empty file\nnew file mode 100644\nindex 0000000..e69de29\n"
        '--- "a/caf\\303\\251"\n+++ "b/caf\\303\\251"\n@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n'
    )
    assert [(one.action, one.path, one.to, one.is_executable) for one in sections] == [
        (Action.ADD, "new", None, True),
        (Action.DELETE, "gone", None, False),
        (Action.UPDATE, "from", "to", False),
        (Action.ADD, "empty file", None, False),
        (Action.UPDATE, "caf\u00e9", None, False),
    ]
    assert sections[4].chunks[0].body.new_is_open
    assert not sections[4].chunks[0].body.old_is_open


def test_lines_that_look_like_heads_of_files_are_lines_of_the_hunk() -> None:
    (section,) = read_patch(
        "--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,2 @@\n x\n--- old comment\n+++ new comment\n@@ -9 +9 @@\n-a\n+b\n"
    )
    assert section.chunks[0].body.lines == (" x", "--- old comment", "+++ new comment")
    two = read_patch("--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@\n-c\n+d\n")
    assert [section.path for section in two] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no patch"),
        ("just words", "no patch"),
        ("@@\n-a\n+b\n", "names no file"),
        ("*** Update File:\n-a\n+b", "names no file"),
        ("*** Begin Patch\n*** Update File: a\n*** End Patch", "changes nothing"),
        ("*** Begin Patch\n*** Update File: a\n@@\n context\n*** End Patch", "changes nothing"),
        ("*** Begin Patch\n*** Add File: a\n+x\ny\n*** End Patch", "no \\+ in front"),
        ("*** Begin Patch\n*** Delete File: a\n-x\n*** End Patch", "belongs to no file"),
        ("--- /dev/null\n+++ /dev/null\n@@\n+a\n", "names no file"),
        ("--- a/x\n+++ b/y\n@@\n-a\n+b\n", "two files"),
        ("--- a/x\n+++ b/x\n-a\n+b\n", "in no hunk"),
        ("--- a/x\n+++ b/x\n", "no hunk"),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "change of mode"),
        ("diff --git a/x b/x\nBinary files a/x and b/x differ\n", "binary"),
        ("diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n", "link"),
        ("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "copy"),
        ("--- a/x\n+++ b/x\n@@\n-a\n+\0\n", "NUL"),
        pytest.param("--- a/x\n+++ b/x\n@@\n-a\n" + "+\n" * LIMIT_CHARS, "characters", id="too many characters"),
        pytest.param(
            "".join(f"*** Delete File: {at}\n" for at in range(LIMIT_SECTIONS + 1)), "more than", id="too many files"
        ),
        pytest.param("--- a/x\n+++ b/x\n" + "@@\n-a\n+b\n" * 100_000, "more than", id="too many hunks"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        read_patch(text)


def test_a_patch_of_a_million_lines_is_read() -> None:
    (section,) = read_patch("*** Begin Patch\n*** Add File: a\n" + "+\n" * 900_000 + "*** End Patch\n")
    assert len(section.chunks[0].new) == 900_000

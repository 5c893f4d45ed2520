"""A patch lands in all its files or in none, inside the workspace, and says what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.tools.conftest import Bench, KeepingNarrator
from trashclaw.protocol.errors import OutsideWorkspace, StaleFile, ToolError, TrashclawError, UnsuitableFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind
from trashclaw.tools.apply_patch import ApplyPatch
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.diff import select
from trashclaw.workspace.files import digest
from trashclaw.workspace.root import Workspace


@pytest.fixture
def patching(repository: Path) -> Bench:
    return Bench(repository, {"apply_patch": ApplyPatch(Workspace(repository))}, KeepingNarrator())


def files(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


MANY = """*** Begin Patch
*** Update File: src/app.py
@@ def greet(name: str) -> str:
-    return f"Hello, {name}"
+    return f"Hi, {name}"
*** Add File: docs/new.md
+# New
*** Delete File: gone.txt
*** Update File: tool.sh
*** Move to: bin/tool.sh
@@
-echo 1
+echo 2
*** End Patch
"""


def with_more(root: Path) -> None:
    (root / "gone.txt").write_text("x\ny\n")
    (root / "tool.sh").write_text("#!/bin/sh\necho 1\n")
    (root / "tool.sh").chmod(0o755)


async def test_one_patch_changes_makes_deletes_and_moves_files(patching: Bench) -> None:
    with_more(patching.root)
    before = files(patching.root)
    proposal = await patching.prepare("apply_patch", patch=MANY)
    assert files(patching.root) == before
    assert proposal.title == "patch src/app.py, docs/new.md, gone.txt and 2 more (+4 -5)"
    assert proposal.patch is not None
    assert [(change.path, change.kind) for change in proposal.patch.changes] == [
        ("src/app.py", ChangeKind.MODIFIED),
        ("docs/new.md", ChangeKind.ADDED),
        ("gone.txt", ChangeKind.DELETED),
        ("tool.sh", ChangeKind.DELETED),
        ("bin/tool.sh", ChangeKind.ADDED),
    ]
    outcome = await patching.tools["apply_patch"].execute(proposal, proposal.patch, patching.narrator)
    assert outcome.text == (
        "Changed src/app.py (+1 -1).\nCreated docs/new.md (+1 -0).\nDeleted gone.txt (+0 -2).\n"
        "Deleted tool.sh (+0 -2).\nCreated bin/tool.sh (+2 -0).\nNote: bin/tool.sh: moved from tool.sh."
    )
    after = files(patching.root)
    assert after["bin/tool.sh"] == b"#!/bin/sh\necho 2\n"
    assert after["docs/new.md"] == b"# New\n"
    assert b"Hi, " in after["src/app.py"]
    assert not {"gone.txt", "tool.sh"} & after.keys()
    assert (patching.root / "bin" / "tool.sh").stat().st_mode & 0o777 == 0o755


async def test_a_moved_file_stays_if_its_new_place_is_rejected(patching: Bench) -> None:
    with_more(patching.root)
    proposal = await patching.prepare("apply_patch", patch=MANY)
    assert proposal.patch is not None
    kept = select(proposal.patch, [HunkId("1"), HunkId("4")])
    assert [change.path for change in kept.changes] == ["src/app.py", "tool.sh"]
    outcome = await patching.tools["apply_patch"].execute(proposal, kept, patching.narrator)
    assert (patching.root / "tool.sh").read_text() == "#!/bin/sh\necho 1\n"
    assert "tool.sh stays, since bin/tool.sh was not accepted" in outcome.text
    assert "Only 1 of 5 hunks" in outcome.text


@pytest.mark.parametrize(
    "last",
    [
        "*** Update File: README.md\n@@\n-not there at all, and like nothing\n+x\n",
        "*** Update File: README.md\n@@\n-hop\n+x\n",
        "*** Update File: none.md\n@@\n-a\n+b\n",
        "*** Add File: README.md\n+x\n",
        "*** Delete File: none.md\n",
        "*** Update File: ../out.md\n@@\n-a\n+b\n",
        "*** Add File: .git/hooks/pre-commit\n+x\n",
        "*** Update File: README.md\n*** Move to: src/app.py\n",
        "*** Delete File: src\n",
        "garbage\n",
    ],
)
async def test_nothing_lands_if_one_part_cannot(patching: Bench, last: str) -> None:
    before = files(patching.root)
    first = '*** Begin Patch\n*** Update File: src/app.py\n@@\n-    return f"Hello, {name}"\n+    return 1\n'
    with pytest.raises(TrashclawError):
        await patching.prepare("apply_patch", patch=f"{first}{last}*** End Patch\n")
    assert files(patching.root) == before


async def test_a_failure_names_file_and_hunk_and_shows_the_nearest_text(patching: Bench) -> None:
    patch = (
        "--- a/src/app.py\n+++ b/src/app.py\n@@ -1,1 +1,1 @@\n-def greet(name: str) -> str:\n+def g(n):\n"
        "@@\n-    return f'Hallo {nom}!!'\n+    x\n"
    )
    with pytest.raises(ToolError) as refused:
        await patching.prepare("apply_patch", patch=patch)
    assert "src/app.py: hunk 2 of 2 (-    return f'Hallo {nom}!!')" in refused.value.text
    assert '2\t    return f"Hello, {name}"' in refused.value.hint


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("../outside.txt", OutsideWorkspace),
        ("a/../../outside.txt", OutsideWorkspace),
        ("/etc/passwd", OutsideWorkspace),
        ("~/x", OutsideWorkspace),
        (".git/config", OutsideWorkspace),
        (".GIT/hooks/post-checkout", OutsideWorkspace),
        ("/dev/null", OutsideWorkspace),
        ("link/x.txt", OutsideWorkspace),
        (".env", UnsuitableFile),
        ("a" * 5_000, UnsuitableFile),
    ],
)
async def test_no_path_leads_out_or_to_what_is_hidden(patching: Bench, path: str, error: type[Exception]) -> None:
    (patching.root / ".env").write_text("KEY=1\n")
    (patching.root / "link").symlink_to("/tmp")
    before = files(patching.root)
    for patch in (
        f"*** Begin Patch\n*** Update File: {path}\n@@\n-KEY=1\n+KEY=2\n*** End Patch",
        f"*** Begin Patch\n*** Delete File: {path}\n*** End Patch",
        f"*** Begin Patch\n*** Update File: {path}\n*** Move to: here.txt\n*** End Patch",
        f"*** Begin Patch\n*** Update File: README.md\n*** Move to: {path}\n*** End Patch",
        f"--- a/{path}\n+++ b/{path}\n@@ -1 +1 @@\n-KEY=1\n+KEY=2\n",
        f"--- {path}\n+++ {path}\n@@ -1 +1 @@\n-KEY=1\n+KEY=2\n",
    ):
        with pytest.raises((error, ToolError)):
            await patching.prepare("apply_patch", patch=patch)
    assert files(patching.root) == before


async def test_a_folder_called_like_a_side_is_found(patching: Bench) -> None:
    (patching.root / "b").mkdir()
    (patching.root / "b" / "f.txt").write_text("one\n")
    await patching.call("apply_patch", patch="--- a/b/f.txt\n+++ b/b/f.txt\n@@\n-one\n+two\n")
    await patching.call("apply_patch", patch="--- b/f.txt\n+++ b/f.txt\n@@\n-two\n+three\n")
    assert (patching.root / "b" / "f.txt").read_text() == "three\n"


async def test_a_file_may_be_worked_on_twice(patching: Bench) -> None:
    patch = (
        "*** Begin Patch\n*** Add File: a.txt\n+one\n+two\n*** Update File: a.txt\n@@\n-two\n+zwei\n"
        "*** Update File: a.txt\n*** Move to: b.txt\n*** End Patch\n"
    )
    proposal = await patching.prepare("apply_patch", patch=patch)
    assert proposal.patch is not None
    assert [change.path for change in proposal.patch.changes] == ["b.txt"]
    await patching.tools["apply_patch"].execute(proposal, proposal.patch, patching.narrator)
    assert (patching.root / "b.txt").read_text() == "one\nzwei\n"


async def test_a_deletion_with_lines_deletes_only_what_it_shows(patching: Bench) -> None:
    (patching.root / "x").write_text("a\nb\n")
    with pytest.raises(ToolError, match="more lines than the patch deletes"):
        await patching.prepare("apply_patch", patch="--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
    await patching.call("apply_patch", patch="--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n")
    assert not (patching.root / "x").exists()


async def test_links_and_odd_encodings_are_not_moved(patching: Bench) -> None:
    (patching.root / "link").symlink_to("README.md")
    (patching.root / "menu").write_bytes(b"caf\xe9\n")
    for patch, words in (
        ("*** Delete File: link\n", "is a link"),
        ("*** Update File: link\n*** Move to: x\n", "is a link"),
        ("*** Update File: menu\n*** Move to: x\n", "cp1252"),
    ):
        with pytest.raises(UnsuitableFile, match=words):
            await patching.prepare("apply_patch", patch=patch)
    await patching.call("apply_patch", patch="*** Update File: menu\n-caf\u00e9\n+th\u00e9\n")
    assert (patching.root / "menu").read_bytes() == b"th\xe9\n"


async def test_a_patch_that_puts_words_in_place_of_code_is_refused(patching: Bench) -> None:
    (patching.root / "f.py").write_text("a = 1\nb = 2\nc = 3\n")
    with pytest.raises(ToolError, match="stands for text that was left out"):
        await patching.prepare("apply_patch", patch="*** Update File: f.py\n a = 1\n-b = 2\n-c = 3\n+# ... rest ...\n")


async def test_what_was_not_read_is_changed_only_where_it_fits_exactly(repository: Path) -> None:
    sightings = Sightings()
    bench = Bench(repository, {"apply_patch": ApplyPatch(Workspace(repository), sightings)}, KeepingNarrator())
    file = repository / "f.py"
    file.write_text("one \ntwo\n")
    rough = "*** Update File: f.py\n@@\n one\n-two\n+zwei\n"
    with pytest.raises(ToolError, match="Nothing of the file was read yet"):
        await bench.prepare("apply_patch", patch=rough)
    with pytest.raises(ToolError, match="have not read it"):
        await bench.prepare("apply_patch", patch="*** Delete File: f.py\n*** Add File: f.py\n+x\n")
    sightings.note("f.py", digest(file.read_bytes()), (1, 2), 2)
    await bench.prepare("apply_patch", patch=rough)
    file.write_text("one \ntwo\nthree\n")
    with pytest.raises(StaleFile, match="changed since"):
        await bench.prepare("apply_patch", patch=rough)
    with pytest.raises(StaleFile, match="changed since"):
        await bench.prepare("apply_patch", patch="*** Delete File: f.py\n")
    outcome = await bench.call("apply_patch", patch="*** Update File: f.py\n@@\n-three\n+drei\n")
    assert "has changed since you saw it" in outcome.text

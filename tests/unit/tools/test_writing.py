"""Edits are proposed before anything is touched, land as far as they were accepted, and say so."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Bench, KeepingNarrator
from trashclaw.agent.ports import Interrupted
from trashclaw.protocol.errors import OutsideWorkspace, StaleFile, ToolError, UnsuitableFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.tools import landing
from trashclaw.tools.apply_patch import ApplyPatch
from trashclaw.tools.edit_file import EditFile
from trashclaw.tools.write_file import WriteFile
from trashclaw.workspace.apply import LandedChange, apply_patch
from trashclaw.workspace.diff import select
from trashclaw.workspace.root import Workspace


def long_file(root: Path) -> Path:
    file = root / "long.txt"
    file.write_bytes(b"".join(f"line {at}\r\n".encode() for at in range(1, 41)))
    return file


async def test_preparing_an_edit_touches_nothing(bench: Bench) -> None:
    before = (bench.root / "src" / "app.py").read_bytes()
    proposal = await bench.prepare("edit_file", path="src/app.py", old_text="Hello", new_text="Hi")
    assert proposal.has_effects
    assert proposal.title == "edit src/app.py (+1 -1)"
    assert (bench.root / "src" / "app.py").read_bytes() == before


async def test_an_accepted_edit_lands(bench: Bench) -> None:
    outcome = await bench.call("edit_file", path="src/app.py", old_text="Hello", new_text="Hi")
    assert outcome.text == "Changed src/app.py (+1 -1)."
    assert outcome.status is ToolStatus.DONE
    assert 'f"Hi, {name}"' in (bench.root / "src" / "app.py").read_text()


async def test_nothing_lands_without_acceptance(bench: Bench) -> None:
    before = (bench.root / "src" / "app.py").read_bytes()
    proposal = await bench.prepare("edit_file", path="src/app.py", old_text="Hello", new_text="Hi")
    outcome = await bench.tools["edit_file"].execute(proposal, None, bench.narrator)
    assert outcome.status is ToolStatus.REJECTED
    assert (bench.root / "src" / "app.py").read_bytes() == before


async def test_a_rejected_hunk_stays_as_it_was_and_the_model_is_told(bench: Bench) -> None:
    file = long_file(bench.root)
    old = file.read_bytes()
    content = old.decode().replace("line 3\r", "LINE 3\r").replace("line 35\r", "LINE 35\r").replace("\r\n", "\n")
    proposal = await bench.prepare("write_file", path="long.txt", content=content)
    assert proposal.patch is not None
    assert proposal.patch.hunk_ids == {"1", "2"}
    outcome = await bench.tools["write_file"].execute(proposal, select(proposal.patch, [HunkId("2")]), bench.narrator)
    assert file.read_bytes() == old.replace(b"line 35\r", b"LINE 35\r")
    assert "Only 1 of 2 hunks were accepted and landed" in outcome.text
    assert "hunk 2 @@ -32,7 +32,7 @@ landed: -line 35" in outcome.text
    assert "hunk 1 @@ -1,6 +1,6 @@ REJECTED, not in the file: -line 3" in outcome.text
    assert (outcome.metadata["landed"], outcome.metadata["rejected"]) == (["2"], ["1"])


async def test_a_file_that_moved_on_is_not_overwritten(bench: Bench) -> None:
    proposal = await bench.prepare("edit_file", path="README.md", old_text="small", new_text="large")
    (bench.root / "README.md").write_text("somebody else\n")
    with pytest.raises(StaleFile):
        await bench.tools["edit_file"].execute(proposal, proposal.patch, bench.narrator)
    assert (bench.root / "README.md").read_text() == "somebody else\n"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"path": "README.md", "old_text": "same", "new_text": "same"}, ToolError),
        ({"path": "README.md", "old_text": "", "new_text": "x"}, ToolError),
        ({"path": "README.md", "old_text": "not there", "new_text": "x"}, ToolError),
        ({"path": "README.md", "old_text": "hop", "new_text": "x"}, ToolError),
        ({"path": "none.md", "old_text": "a", "new_text": "x"}, UnsuitableFile),
        ({"path": "../out", "old_text": "a", "new_text": "x"}, OutsideWorkspace),
        ({"path": ".git/config", "old_text": "a", "new_text": "x"}, OutsideWorkspace),
    ],
)
async def test_an_edit_that_makes_no_sense_is_refused(
    bench: Bench, arguments: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await bench.prepare("edit_file", **arguments)


async def test_an_edit_without_old_text_makes_a_new_file(bench: Bench) -> None:
    await bench.call("edit_file", path="new/file.txt", old_text="", new_text="text\n")
    assert (bench.root / "new" / "file.txt").read_text() == "text\n"


async def test_an_edit_that_the_encoding_cannot_hold_is_refused_before_anybody_is_asked(bench: Bench) -> None:
    (bench.root / "menu").write_bytes(b"caf\xe9\n")
    with pytest.raises(UnsuitableFile, match="cp1252"):
        await bench.prepare("edit_file", path="menu", old_text="caf\xe9", new_text="\u5496\u5561")
    await bench.call("edit_file", path="menu", old_text="caf\xe9", new_text="th\xe9")
    assert (bench.root / "menu").read_bytes() == b"th\xe9\n"


async def test_a_file_is_created_or_replaced(bench: Bench) -> None:
    assert (await bench.call("write_file", path="a/b.txt", content="")).text == "Created a/b.txt (+0 -0)."
    assert (bench.root / "a" / "b.txt").read_bytes() == b""
    await bench.call("write_file", path="a/b.txt", content="x\n")
    assert (bench.root / "a" / "b.txt").read_bytes() == b"x\n"
    with pytest.raises(ToolError, match="already reads so"):
        await bench.prepare("write_file", path="a/b.txt", content="x\n")
    with pytest.raises(UnsuitableFile, match="folder"):
        await bench.prepare("write_file", path="a", content="x")


async def test_a_replaced_file_keeps_its_line_ends_and_final_newline(bench: Bench) -> None:
    file = bench.root / "dos.txt"
    file.write_bytes(b"one\r\ntwo\r\n")
    outcome = await bench.call("write_file", path="dos.txt", content="one\nzwei\nthree")
    assert file.read_bytes() == b"one\r\nzwei\r\nthree\r\n"
    assert "final newline was kept" in outcome.text
    assert "line ends of the file were kept" in outcome.text


async def test_a_cancelled_edit_that_lands_all_the_same_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, may_land = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(workspace: Workspace, patch: Patch) -> tuple[LandedChange, ...]:
        loop.call_soon_threadsafe(begun.set)
        may_land.wait(10)
        return apply_patch(workspace, patch)

    monkeypatch.setattr(landing, "apply_patch", slow)
    task = asyncio.ensure_future(bench.call("write_file", path="new.txt", content="new\n"))
    await begun.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    may_land.set()
    with pytest.raises(Interrupted) as interrupted:
        await task
    outcome = interrupted.value.outcome
    assert (bench.root / "new.txt").read_text() == "new\n"
    assert "Created new.txt" in outcome.text
    assert "interrupted" in outcome.text
    assert outcome.status is ToolStatus.DONE
    assert outcome.metadata["changes"][0]["path"] == "new.txt"


async def test_a_cancelled_edit_that_cannot_land_is_only_cancelled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_land = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(workspace: Workspace, patch: Patch) -> tuple[LandedChange, ...]:
        loop.call_soon_threadsafe(begun.set)
        may_land.wait(10)
        (bench.root / "new.txt").write_text("mine\n")
        return apply_patch(workspace, patch)

    monkeypatch.setattr(landing, "apply_patch", slow)
    task = asyncio.ensure_future(bench.call("write_file", path="new.txt", content="new\n"))
    await begun.wait()
    task.cancel()
    may_land.set()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    assert not isinstance(cancelled.value, Interrupted)
    assert (bench.root / "new.txt").read_text() == "mine\n"


async def test_a_file_with_other_names_is_replaced_whole_and_the_model_is_told(bench: Bench) -> None:
    os.link(bench.root / "src" / "app.py", bench.root / "other.py")
    outcome = await bench.call("edit_file", path="src/app.py", old_text="Hello", new_text="Hi")
    assert "which keep the old text" in outcome.text
    outcome = await bench.call("write_file", path="src/app.py", content="pass\n")
    assert "hard links" not in outcome.text
    assert "Hello" in (bench.root / "other.py").read_text()


async def test_several_edits_of_a_file_are_one_patch(bench: Bench) -> None:
    (bench.root / "f.py").write_text("a = 1\nb = 2\nc = 3\n")
    edits = [{"old_text": "b = 2", "new_text": "b = a"}, {"old_string": "b = a\nc = 3", "new_string": "b = a\n"}]
    proposal = await bench.prepare("edit_file", path="f.py", old_text="a = 1", new_text="a = 0", edits=edits)
    assert proposal.title == "edit f.py (+3 -3)"
    await bench.tools["edit_file"].execute(proposal, proposal.patch, bench.narrator)
    assert (bench.root / "f.py").read_text() == "a = 0\nb = a\n\n"


@pytest.mark.parametrize(
    "arguments",
    [
        {"edits": [{"old_text": "1", "new_text": "2"}]},
        {"edits": [{"old_text": "1", "new_text": "2"}], "old_text": "", "new_text": ""},
        {"edits": [{"old_text": "1", "new_text": "2"}], "old_text": "1", "new_text": "2"},
        {"edits": '[{"old_text": "1", "new_text": "2"}]'},
        {"edits": {"old_text": "1", "new_text": "2"}},
        {"edits": [], "old_text": "1", "new_text": "2"},
        {"edits": None, "old_text": "1", "new_text": "2"},
    ],
)
async def test_edits_alone_or_beside_the_first_are_understood(bench: Bench, arguments: dict[str, object]) -> None:
    (bench.root / "f.py").write_text("a = 1\n")
    await bench.call("edit_file", path="f.py", **arguments)
    assert (bench.root / "f.py").read_text() == "a = 2\n"


@pytest.mark.parametrize(
    "edits",
    [[{"old_text": "1"}], [{"new_text": "1"}], [{}], ["1"], [{"old_text": "1", "new_text": "2"}, {"old_text": "2"}]],
)
async def test_an_edit_without_its_text_deletes_nothing(bench: Bench, edits: list[object]) -> None:
    (bench.root / "f.py").write_text("a = 1\n")
    with pytest.raises(ToolError, match="edit_file: "):
        await bench.prepare("edit_file", path="f.py", edits=edits)


async def test_if_one_edit_has_no_place_none_is_made(bench: Bench) -> None:
    before = (bench.root / "src" / "app.py").read_text()
    edits = [{"old_text": "def greet(nome", "new_text": "def hi(nome"}, {"old_text": "name", "new_text": "x"}]
    with pytest.raises(ToolError, match=r"Edit 2 of 3: src/app\.py: .* None of them was made") as refused:
        await bench.prepare("edit_file", path="src/app.py", old_text="Hello", new_text="Hi", edits=edits)
    assert "1\tdef greet(name: str)" in refused.value.hint
    assert (bench.root / "src" / "app.py").read_text() == before
    with pytest.raises(ToolError, match="edit 2 of 2: old_text is empty"):
        await bench.prepare(
            "edit_file", path="src/app.py", old_text="Hello", new_text="Hi", edits=[{"old_text": "", "new_text": "x"}]
        )
    with pytest.raises(ToolError, match="101 edits"):
        many = [{"old_text": "a", "new_text": "b"}] * 101
        await bench.prepare("edit_file", path="src/app.py", edits=many)


OLD = "".join(f"def f{at}():\n    return {at}\n\n" for at in range(20))


@pytest.mark.parametrize(
    "line",
    [
        "# ... rest of the file ...",
        "# existing code",
        "// ... existing code ...",
        "    # rest of the code remains the same",
        "/* ... */",
        "<!-- remaining sections unchanged -->",
        "... (rest of file) ...",
        "# \u2026 other functions \u2026",
        "{/* ... existing code ... */}",
        "-- remaining lines omitted for brevity",
    ],
)
async def test_a_rewrite_that_leaves_text_out_is_refused(bench: Bench, line: str) -> None:
    (bench.root / "f.py").write_text(OLD)
    with pytest.raises(ToolError, match="stands for text that was left out") as refused:
        await bench.prepare("write_file", path="f.py", content=f"def f0():\n    return 1\n\n{line}\n")
    assert "edit_file" in refused.value.hint


@pytest.mark.parametrize(
    "content",
    [
        "def f0():\n    ...\n",
        "# the rest of the code assumes that x is sorted\nx = [...rest]\n",
        "# wait for existing connections to close\n",
        "const a = {\n  ...existing,\n};\n",
        OLD + "# ... existing code ...\n",
        "# Retry with the same key, for the other side may have slept...\n",
        'print("loading the rest of the file...")\n',
        'label = "..." + other\n',
    ],
)
async def test_a_shorter_text_is_only_refused_if_it_says_so(bench: Bench, content: str) -> None:
    (bench.root / "f.py").write_text(OLD)
    await bench.prepare("write_file", path="f.py", content=content)


@pytest.mark.parametrize(
    "new",
    [
        "# Retry with the same key...\n",
        'print("loading the rest of the file...")\n',
        "# the rest of the code assumes that x is sorted\n",
        "f(*args, ...)\n",
    ],
)
async def test_an_edit_is_only_refused_if_its_text_says_that_something_is_left_out(bench: Bench, new: str) -> None:
    (bench.root / "f.py").write_text(OLD)
    await bench.prepare("edit_file", path="f.py", old_text=OLD[: OLD.index("def f9")], new_text=new)


async def test_a_placeholder_that_was_there_may_stay(bench: Bench) -> None:
    (bench.root / "f.py").write_text(f"# ... existing code ...\n{OLD}")
    await bench.prepare("write_file", path="f.py", content="# ... existing code ...\n")


async def test_a_program_in_a_fence_is_refused(bench: Bench) -> None:
    for path in ("new.py", "src/app.py", "Makefile"):
        with pytest.raises(ToolError, match="begins with ```python and ends with ```"):
            await bench.prepare("write_file", path=path, content="```python\nprint(1)\n```\n")
    await bench.prepare("write_file", path="notes.md", content="```python\nprint(1)\n```\n")
    await bench.prepare("write_file", path="x.py", content='"""\n```\nprint(1)\n```\n"""\n')


class Guard:
    """Upper-cases what passes, refuses what is broken, and has something to say afterwards."""

    def __init__(self) -> None:
        self.checked: list[tuple[str, str | None, str]] = []
        self.landed: list[str] = []
        self.begun, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    async def check(self, name: str, before: str | None, after: str) -> str:
        self.checked.append((name, before, after))
        if "broken" in after:
            raise ToolError(f"{name}: broken.")
        return after.upper()

    async def after(self, names: Sequence[str]) -> str:
        self.landed += names
        self.begun.set()
        await self.gate.wait()
        return "1: too loud"


async def test_the_guard_sees_every_new_text_and_has_the_last_word(repository: Path) -> None:
    guard, workspace = Guard(), Workspace(repository)
    (repository / "f.txt").write_text("one\ntwo\n")
    tools = (EditFile(workspace, None, guard), WriteFile(workspace, None, guard), ApplyPatch(workspace, None, guard))
    bench = Bench(repository, {tool.name: tool for tool in tools}, KeepingNarrator())
    outcome = await bench.call("edit_file", path="f.txt", old_text="one", new_text="uno")
    assert (repository / "f.txt").read_text() == "UNO\nTWO\n"
    assert outcome.text == "Changed f.txt (+2 -2).\n1: too loud"
    await bench.call("write_file", path="g.txt", content="new\n")
    await bench.call(
        "apply_patch", patch="*** Update File: f.txt\n*** Move to: h.txt\n-TWO\n+due\n*** Delete File: g.txt\n"
    )
    assert guard.checked == [
        ("f.txt", "one\ntwo\n", "uno\ntwo\n"),
        ("g.txt", None, "new\n"),
        ("h.txt", "UNO\nTWO\n", "UNO\ndue\n"),
    ]
    assert guard.landed == ["f.txt", "g.txt", "h.txt"]
    with pytest.raises(ToolError, match="broken"):
        await bench.prepare("write_file", path="i.txt", content="broken")


async def test_what_landed_is_told_when_the_look_at_it_is_cancelled(repository: Path) -> None:
    guard = Guard()
    guard.gate.clear()
    bench = Bench(repository, {"write_file": WriteFile(Workspace(repository), None, guard)}, KeepingNarrator())
    task = asyncio.ensure_future(bench.call("write_file", path="f.txt", content="x\n"))
    await guard.begun.wait()
    task.cancel()
    with pytest.raises(Interrupted) as interrupted:
        await task
    assert interrupted.value.outcome.metadata["changes"][0]["path"] == "f.txt"
    assert "interrupted" in interrupted.value.outcome.text

"""Edits are proposed before anything is touched, land as far as they were accepted, and say so."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest

from tests.unit.tools.conftest import Bench
from trashclaw.agent.ports import Interrupted
from trashclaw.protocol.errors import OutsideWorkspace, StaleFile, ToolError, UnsuitableFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.tools import landing
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

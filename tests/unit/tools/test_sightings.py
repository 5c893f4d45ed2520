"""What the model has seen of a file decides what it may do to it, and whether it is shown the same text again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.tools.conftest import RUN, Bench, KeepingNarrator
from trashclaw.agent.ports import Outcome
from trashclaw.protocol.errors import StaleFile, ToolError
from trashclaw.protocol.ids import CallId, HunkId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolCall, ToolResult
from trashclaw.tools.edit_file import EditFile
from trashclaw.tools.grep import Grep
from trashclaw.tools.read_file import ReadFile
from trashclaw.tools.sightings import Sightings
from trashclaw.tools.write_file import WriteFile
from trashclaw.workspace.diff import select
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search

TEXT = "".join(f"line {at} of the file, long enough to matter\n" for at in range(1, 101))


@dataclass
class Reader:
    """A bench whose tools share sightings, and a window in which results can be left out."""

    bench: Bench
    sightings: Sightings
    shown: set[ItemId]
    called: set[ItemId]
    runs: list[ToolRun] = field(default_factory=list)

    async def call_as(self, item: str, name: str, **arguments: Any) -> Outcome:
        """Call a tool in a run of its own, whose call and result are in the window from now on."""
        item_id = self.bench.narrator.item_id = ItemId(item)
        outcome = await self.call(name, **arguments)
        self.shown.add(item_id)
        self.called.add(item_id)
        return outcome

    async def call(self, name: str, **arguments: Any) -> Outcome:
        outcome = await self.bench.call(name, **arguments)
        self.runs.append(run_of(name, outcome, self.bench.narrator.item_id))
        return outcome


def run_of(name: str, outcome: Outcome, item_id: ItemId) -> ToolRun:
    call = ToolCall(call_id=CallId("c"), name=name)
    metadata = dict(outcome.metadata)
    result = ToolResult(call_id=CallId("c"), status=outcome.status, text=outcome.text, metadata=metadata)
    return ToolRun(item_id=item_id, call=call, title=name, status=outcome.status, result=result)


def make_reader(root: Path, shown: Iterable[ItemId] = (RUN,)) -> Reader:
    window, called = set(shown), set(shown)
    sightings, workspace = Sightings(window.__contains__, called.__contains__), Workspace(root)
    tools = (
        ReadFile(workspace, sightings),
        Grep(workspace, Search(workspace), sightings),
        EditFile(workspace, sightings),
        WriteFile(workspace, sightings),
    )
    bench = Bench(root, {tool.name: tool for tool in tools}, KeepingNarrator())
    return Reader(bench, sightings, window, called)


@pytest.fixture
def reader(repository: Path) -> Reader:
    (repository / "f.txt").write_text(TEXT)
    return make_reader(repository)


async def test_a_file_that_was_not_read_is_not_replaced(reader: Reader) -> None:
    with pytest.raises(ToolError, match=r"f\.txt exists, and you have not read it") as refused:
        await reader.call("write_file", path="f.txt", content="new\n")
    assert "Read it first" in refused.value.hint
    await reader.call("read_file", path="f.txt")
    assert (await reader.call("write_file", path="f.txt", content="new\n")).text.startswith("Changed f.txt")
    await reader.call("write_file", path="f.txt", content="newer\n")


async def test_an_empty_file_and_a_new_one_need_no_reading(reader: Reader) -> None:
    (reader.bench.root / "empty.txt").touch()
    await reader.call("write_file", path="empty.txt", content="x\n")
    await reader.call("write_file", path="new.txt", content="x\n")
    await reader.call("write_file", path="new.txt", content="y\n")


async def test_a_file_of_which_a_part_was_read_is_not_replaced(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt", limit=10)
    await reader.call("grep", pattern="line 5 ")
    with pytest.raises(ToolError, match=r"only lines 1-10 of 100; the rest would be lost"):
        await reader.call("write_file", path="f.txt", content="new\n")
    await reader.call("read_file", path="f.txt", offset=11)
    await reader.call("write_file", path="f.txt", content="new\n")


async def test_what_grep_shows_is_seen_but_is_not_all_of_a_file(reader: Reader) -> None:
    (reader.bench.root / "f.txt").write_text("one \ntwo\n")
    with pytest.raises(ToolError, match="Nothing of the file was read yet"):
        await reader.call("edit_file", path="f.txt", old_text="one\ntwo", new_text="x")
    await reader.call("grep", pattern=".", path="f.txt")
    with pytest.raises(ToolError, match="only a part"):
        await reader.call("write_file", path="f.txt", content="new\n")
    await reader.call("edit_file", path="f.txt", old_text="one\ntwo", new_text="x")
    assert (reader.bench.root / "f.txt").read_text() == "x\n"


async def test_an_exact_edit_needs_no_reading_and_a_rough_one_does(reader: Reader) -> None:
    await reader.call("edit_file", path="f.txt", old_text="line 7 of", new_text="LINE 7 of")
    (reader.bench.root / "g.txt").write_text("a \nb\n")
    with pytest.raises(ToolError, match="Nothing of the file was read yet"):
        await reader.call("edit_file", path="g.txt", old_text="a\nb", new_text="c")
    (reader.bench.root / "h.txt").write_text("a\na\n")
    with pytest.raises(ToolError, match="Nothing of the file was read yet"):
        await reader.call("edit_file", path="h.txt", old_text="a", new_text="b", replace_all=True)
    (reader.bench.root / "w.txt").write_bytes(b"a\r\nb\r\n")
    await reader.call("edit_file", path="w.txt", old_text="a\nb", new_text="c\nd")
    assert (reader.bench.root / "w.txt").read_bytes() == b"c\r\nd\r\n"


async def test_a_file_that_changed_since_is_read_again_first(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    file = reader.bench.root / "f.txt"
    file.write_text(TEXT.replace("line 3 ", "line drei ").replace("line 9 of the file", "line 9 of the file "))
    with pytest.raises(StaleFile, match=r"f\.txt changed since you saw it \(call 1\)"):
        await reader.call("write_file", path="f.txt", content="new\n")
    with pytest.raises(StaleFile, match="changed since you saw it"):
        await reader.call("edit_file", path="f.txt", old_text="line 9 of the file,\nline 10", new_text="x")
    outcome = await reader.call("edit_file", path="f.txt", old_text="line 5 of", new_text="LINE 5 of")
    assert "has changed since you saw it (call 1)" in outcome.text
    with pytest.raises(StaleFile):
        await reader.call("write_file", path="f.txt", content="new\n")
    await reader.call("read_file", path="f.txt")
    assert "changed since" not in (await reader.call("edit_file", path="f.txt", old_text="LINE 5", new_text="l")).text


async def test_what_the_model_landed_itself_does_not_make_a_file_stale(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    await reader.call("edit_file", path="f.txt", old_text="line 5 of", new_text="LINE 5 of")
    await reader.call("write_file", path="f.txt", content=TEXT)


async def test_what_a_person_changed_in_an_edit_is_unknown_to_the_model(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    proposal = await reader.bench.prepare("edit_file", path="f.txt", old_text="line 5 of", new_text="LINE 5 of")
    assert proposal.patch is not None
    other = await reader.bench.prepare("edit_file", path="f.txt", old_text="line 5 of", new_text="Line five of")
    outcome = await reader.bench.tools["edit_file"].execute(proposal, other.patch, reader.bench.narrator)
    resumed = make_reader(reader.bench.root)
    resumed.sightings.fold([*reader.runs, run_of("edit_file", outcome, RUN)])
    for one in (reader, resumed):
        with pytest.raises(StaleFile):
            await one.call("write_file", path="f.txt", content="new\n")


async def test_a_part_of_a_rewrite_leaves_the_model_knowing_the_file(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    content = TEXT.replace("line 5 ", "line V ").replace("line 90 ", "line XC ")
    proposal = await reader.bench.prepare("write_file", path="f.txt", content=content)
    assert proposal.patch is not None
    part = select(proposal.patch, [HunkId("2")])
    await reader.bench.tools["write_file"].execute(proposal, part, reader.bench.narrator)
    await reader.call("write_file", path="f.txt", content=content)


LEFT_OUT = r"f\.txt: not all of its text is in front of you any more"


def both(reader: Reader) -> tuple[Reader, Reader]:
    """Return a reader, and one that was resumed from the log of what it did."""
    resumed = make_reader(reader.bench.root, reader.shown)
    resumed.called.clear()
    resumed.called.update(reader.called)
    resumed.sightings.fold(reader.runs)
    return resumed, reader


async def test_a_file_whose_text_was_left_out_of_the_window_is_read_again_first(reader: Reader) -> None:
    await reader.call_as("read", "read_file", path="f.txt")
    reader.shown.clear()
    for one in both(reader):
        with pytest.raises(ToolError, match=LEFT_OUT) as refused:
            await one.call("write_file", path="f.txt", content="new\n")
        assert "Read all of it again" in refused.value.hint
    await reader.call_as("again", "read_file", path="f.txt")
    assert (await reader.call("write_file", path="f.txt", content="new\n")).text.startswith("Changed f.txt")


async def test_all_parts_of_a_text_have_to_be_in_the_window(reader: Reader) -> None:
    await reader.call_as("one", "read_file", path="f.txt", limit=60)
    await reader.call_as("two", "read_file", path="f.txt", offset=50)
    reader.shown.remove(ItemId("one"))
    for one in both(reader):
        with pytest.raises(ToolError, match=LEFT_OUT):
            await one.call("write_file", path="f.txt", content="new\n")
    reader.shown.add(ItemId("one"))
    await both(reader)[0].call("write_file", path="f.txt", content="new\n")


async def test_what_the_model_wrote_whole_it_knows_while_its_call_is_there(reader: Reader) -> None:
    await reader.call_as("write", "write_file", path="new.txt", content="x\n" * 9)
    reader.shown.clear()
    await reader.call_as("second", "write_file", path="new.txt", content="y\n" * 9)
    reader.called.clear()
    for one in both(reader):
        with pytest.raises(ToolError, match="not all of its text is in front of you any more"):
            await one.call("write_file", path="new.txt", content="z\n" * 9)


async def test_a_text_that_was_read_and_then_edited_is_there_while_all_of_that_is(reader: Reader) -> None:
    await reader.call_as("read", "read_file", path="f.txt")
    for at in range(5, 8):
        await reader.call_as(f"edit {at}", "edit_file", path="f.txt", old_text=f"line {at} of", new_text=f"{at} of")
    await reader.call_as("tail", "read_file", path="f.txt", offset=90)
    for left_out in ("read", "edit 5", "edit 7"):
        reader.shown.remove(ItemId(left_out))
        for one in both(reader):
            with pytest.raises(ToolError, match=LEFT_OUT):
                await one.call("write_file", path="f.txt", content="new\n")
        reader.shown.add(ItemId(left_out))
    await both(reader)[0].call("write_file", path="f.txt", content="new\n")


async def test_an_edit_of_what_was_never_read_is_no_knowledge_of_the_rest(reader: Reader) -> None:
    await reader.call_as("edit", "edit_file", path="f.txt", old_text="line 7 of", new_text="LINE 7 of")
    await reader.call_as("read", "read_file", path="f.txt")
    reader.shown.remove(ItemId("read"))
    for one in both(reader):
        with pytest.raises(ToolError, match=LEFT_OUT):
            await one.call("write_file", path="f.txt", content="new\n")


async def test_without_a_window_to_ask_about_what_was_seen_once_is_enough(repository: Path) -> None:
    workspace, sightings = Workspace(repository), Sightings()
    tools = {"read_file": ReadFile(workspace, sightings), "write_file": WriteFile(workspace, sightings)}
    bench = Bench(repository, tools, KeepingNarrator())
    await bench.call("read_file", path="README.md")
    await bench.call("write_file", path="README.md", content="new\n")


async def test_the_same_lines_are_pointed_at_while_they_are_in_the_window(reader: Reader) -> None:
    first = await reader.call("read_file", path="f.txt")
    again = await reader.call("read_file", path="f.txt")
    assert again.text == "[unchanged since you read it (lines 1-100, call 1); its text is above]"
    assert (await reader.call("read_file", path="f.txt")).text == first.text
    assert "unchanged" in (await reader.call("read_file", path="f.txt")).text


async def test_a_part_of_what_is_in_the_window_is_pointed_at_too(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt", offset=10, limit=60)
    inside = await reader.call("read_file", path="f.txt", offset=20, limit=30)
    assert inside.text == "[unchanged since you read it (lines 10-69, 20-49 among them, call 1); its text is above]"
    assert inside.metadata["is_unchanged"] is True
    assert (await reader.call("read_file", path="f.txt", offset=60, limit=30)).text.startswith("60\tline 60")


async def test_what_is_not_the_same_or_not_in_the_window_is_shown(reader: Reader) -> None:
    first = await reader.call("read_file", path="f.txt")
    reader.shown.clear()
    assert (await reader.call("read_file", path="f.txt")).text == first.text
    reader.shown.add(RUN)
    (reader.bench.root / "f.txt").write_text(TEXT.upper())
    assert "LINE 1 OF" in (await reader.call("read_file", path="f.txt")).text
    await reader.call("edit_file", path="f.txt", old_text="LINE 1 OF", new_text="x")
    assert (await reader.call("read_file", path="f.txt")).text.startswith("1\tx THE FILE")


async def test_a_short_text_is_given_again(reader: Reader) -> None:
    first = await reader.call("read_file", path="f.txt", limit=2)
    assert (await reader.call("read_file", path="f.txt", limit=2)).text == first.text


async def test_another_read_between_two_requests_brings_the_pointer_again(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    assert "unchanged" in (await reader.call("read_file", path="f.txt")).text
    await reader.call("read_file", path="README.md")
    assert "unchanged" in (await reader.call("read_file", path="f.txt")).text


async def test_the_results_of_a_log_give_the_same_knowledge(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    await reader.call("edit_file", path="f.txt", old_text="line 5 of", new_text="LINE 5 of")
    await reader.call("write_file", path="new.txt", content="x\n")
    await reader.call("read_file", path="README.md", limit=1)
    await reader.call("grep", pattern="def", path="src")
    resumed = make_reader(reader.bench.root)
    resumed.sightings.fold(reader.runs)
    await resumed.call("write_file", path="f.txt", content="y\n")
    await resumed.call("write_file", path="new.txt", content="y\n")
    with pytest.raises(ToolError, match="only lines 1 of 3"):
        await resumed.call("write_file", path="README.md", content="y\n")
    with pytest.raises(ToolError, match="only a part"):
        await resumed.call("write_file", path="src/app.py", content="y\n")
    resumed.sightings.fold([])
    with pytest.raises(ToolError, match="not read it"):
        await resumed.call("write_file", path="README.md", content="y\n")


async def test_a_resumed_session_points_at_what_is_in_its_window(reader: Reader) -> None:
    await reader.call("read_file", path="f.txt")
    resumed = make_reader(reader.bench.root)
    resumed.sightings.fold(reader.runs)
    assert "unchanged" in (await resumed.call("read_file", path="f.txt")).text


@pytest.mark.parametrize(
    "metadata",
    [
        {"path": 1, "sha256": 2, "first": "a", "last": None, "lines": []},
        {"path": "f.txt", "sha256": "0", "first": "1", "last": 2, "lines": 3},
        {"seen": "no list"},
        {"seen": [1, None, {}, {"path": "f.txt"}, {"path": "f.txt", "sha256": "0", "ranges": [[1]], "lines": 1}]},
        {"seen": [{"path": "f.txt", "before": 5, "sha256": 6, "ranges": {}}], "edited": 7},
    ],
)
def test_a_log_that_says_nonsense_does_no_harm(metadata: dict[str, Any]) -> None:
    sightings = Sightings()
    sightings.fold([run_of("read_file", Outcome("", metadata=metadata), RUN)])
    assert not sightings.is_current("f.txt", "0")


async def test_mentions_count_as_seen(reader: Reader) -> None:
    outcome = await reader.call("read_file", path="README.md")
    fresh = make_reader(reader.bench.root)
    fresh.sightings.note("README.md", outcome.metadata["sha256"], (1, 3), 3, ItemId("message"))
    with pytest.raises(ToolError, match="not all of its text is in front of you"):
        await fresh.call("write_file", path="README.md", content="x\n")
    fresh.shown.add(ItemId("message"))
    await fresh.call("write_file", path="README.md", content="x\n")
    fresh.sightings.note("src/app.py", "0", (500, 499), 2)
    assert not fresh.sightings.is_current("src/app.py", "0")


async def test_a_limit_of_lines_for_one_read(repository: Path) -> None:
    (repository / "f.txt").write_text(TEXT)
    bench = Bench(repository, {"read_file": ReadFile(Workspace(repository), limit_lines=20)}, KeepingNarrator())
    assert (await bench.call("read_file", path="f.txt", limit=50)).metadata["last"] == 20

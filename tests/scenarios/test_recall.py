"""Recall and undo end to end: what left the window comes back, and our own marks never reach a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, edit, open_driven, read, read_log, reads, write
from tests.unit.policy.made_up_secrets import GITHUB
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.items import Compaction
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.invariants import check

MARK = "[#1: 4312 characters left out here; recall 1 shows them]"
ACCEPT = Settings(mode=Mode.ACCEPT)
DONE = {"text": "Done."}


def recall(**arguments: Any) -> dict[str, Any]:
    return {"name": "recall", "arguments": arguments}


def compactions(driven: Driven) -> list[Compaction]:
    return [item for item in driven.items if isinstance(item, Compaction)]


async def test_a_result_that_was_left_out_comes_back_whole_in_a_small_window_and_in_a_resumed_session(
    large: Path,
) -> None:
    steps = [*reads(16), {"calls": [recall(id=1)]}, {"calls": [recall(query="value_1_80")]}, DONE]
    async with open_driven(large, steps, limit_tokens=12_000) as driven:
        await driven.turn()
        assert compactions(driven)
        first, found = driven.runs[0].result, driven.runs[16].result
        assert first is not None
        assert found is not None
        assert first.text in found.text or first.text[:3000] in found.text
        hits = driven.runs[17].result
        assert hits is not None
        assert "#2 read_file m1.py, line 81: 81 value_1_80" in hits.text
    async with open_driven(large, [{"calls": [recall(id="#2")]}, DONE], limit_tokens=24_000, resume="last") as driven:
        await driven.turn("again")
        back = driven.runs[-1].result
        assert back is not None
        assert "value_1_10 = 10 * 1" in back.text


async def test_a_secret_that_was_masked_stays_so_when_it_is_brought_back(large: Path) -> None:
    (large / "env.txt").write_text(f"A={GITHUB}\n" + "more\n" * 500)
    steps = [{"calls": [read("env.txt")]}, {"calls": [recall(id=1)]}, {"calls": [recall(query="A=")]}, DONE]
    async with open_driven(large, steps, limit_tokens=40_000) as driven:
        await driven.turn()
        texts = [run.result.text for run in driven.runs if run.result is not None]
        assert all("[redacted: GitHub token]" in text for text in texts)
        assert not [text for text in texts if GITHUB in text]


@pytest.mark.parametrize(
    "call",
    [
        write("m1.py", MARK),
        write("new.py", f"x = 1\n# {MARK}\n"),
        edit("m1.py", "value_1_3 = 3 * 1", MARK),
        edit("m1.py", MARK, "y = 1"),
        edit("new.py", "", MARK),
        {"name": "apply_patch", "arguments": {"patch": MARK}},
        {
            "name": "apply_patch",
            "arguments": {"patch": f"*** Begin Patch\n*** Update File: m1.py\n@@\n-{MARK}\n+y\n*** End Patch"},
        },
        {"name": "apply_patch", "arguments": {"patch": f"*** Begin Patch\n*** Add File: n.py\n+{MARK}\n*** End Patch"}},
    ],
)
async def test_our_mark_for_what_was_left_out_is_refused_as_text_of_a_file(large: Path, call: dict[str, Any]) -> None:
    before = (large / "m1.py").read_text()
    async with open_driven(large, [{"calls": [read("m1.py")]}, {"calls": [call]}, DONE], settings=ACCEPT) as driven:
        await driven.turn()
        run = driven.runs[-1]
        assert run.status is ToolStatus.FAILED
        assert run.result is not None
        assert "stands for text that was left out of this conversation" in run.result.text
        assert "recall with that number shows it" in run.result.text
    assert (large / "m1.py").read_text() == before
    assert not (large / "new.py").exists()


async def test_a_file_that_has_such_a_mark_already_can_be_edited(repository: Path) -> None:
    (repository / "docs.md").write_text(f"An example:\n{MARK}\nThe end.\n")
    steps = [{"calls": [read("docs.md")]}, {"calls": [edit("docs.md", f"{MARK}\nThe end.", f"{MARK}\nAn end.")]}, DONE]
    async with open_driven(repository, steps, settings=ACCEPT) as driven:
        await driven.turn()
        assert driven.runs[-1].status is ToolStatus.DONE
    assert (repository / "docs.md").read_text().endswith(f"{MARK}\nAn end.\n")


async def test_a_compaction_is_shown_made_and_taken_back(large: Path) -> None:
    steps = [*reads(9), DONE, {"text": "More."}, {"text": "And more."}]
    async with open_driven(large, steps, limit_tokens=48_000) as driven:
        await driven.turn()
        whole = driven.provider.requests[-1].messages
        shown = driven.session.preview_compaction()
        assert shown is not None
        assert not compactions(driven)
        await driven.do(ops.ContextCompact())
        (made,) = compactions(driven)
        assert made.after_tokens == shown.after_tokens
        await driven.turn("with stubs")
        assert driven.provider.requests[-1].messages[: len(whole)] != whole
        events = await driven.do(ops.ContextCompact(is_undo=True))
        assert [event.type for event in events] == ["compaction.undone", "context.measured", "notice"]
        await driven.turn("and now")
        sent = driven.provider.requests[-1].messages
        assert sent[: len(whole)] == whole
        assert [message.text for message in sent if message.text.startswith("with stubs")]
        assert not [notice for notice in driven.notices if notice.code == "ledger_break"]
        events = await driven.do(ops.ContextCompact(is_undo=True))
        assert [event.text for event in events if isinstance(event, ev.Notice)] == [
            "There is no compaction to take back."
        ]
    async with open_driven(large, [{"text": "Back."}], limit_tokens=48_000, resume="last") as driven:
        await driven.turn("there?")
        assert driven.provider.requests[0].messages[: len(sent)] == sent


async def test_an_undo_that_would_not_fit_is_refused_with_the_figures(large: Path) -> None:
    async with open_driven(large, [*reads(16), DONE], limit_tokens=12_000) as driven:
        await driven.turn()
        assert compactions(driven)
        events = await driven.do(ops.ContextCompact(is_undo=True))
        (notice,) = [event for event in events if isinstance(event, ev.Notice)]
        assert notice.code == UsageError.code
        assert "a window of 12,000 is compacted before that" in notice.text
        assert "--num-ctx" in notice.hint
        assert not [event for event in events if isinstance(event, ev.CompactionUndone)]


async def test_going_back_over_an_undo_brings_the_compaction_back(large: Path) -> None:
    steps = [*reads(9), DONE, {"text": "More."}, {"text": "Again."}]
    async with open_driven(large, steps, limit_tokens=48_000) as driven:
        await driven.turn()
        await driven.do(ops.ContextCompact())
        await driven.turn("with stubs")
        stubbed = driven.provider.requests[-1].messages
        await driven.do(ops.ContextCompact(is_undo=True))
        point = next(point for point in driven.session.rewind.points() if point.title == "with stubs")
        await driven.do(ops.CheckpointRestore(item_id=point.item_id, part="conversation"))
        await driven.turn("with stubs")
        assert driven.provider.requests[-1].messages[: len(stubbed) - 1] == stubbed[:-1]
        events = await driven.do(ops.ContextCompact(is_undo=True))
        assert "compaction.undone" in [event.type for event in events]
        assert check(read_log(driven.state, driven.session.session_id)) == []


async def test_compactions_that_bring_nothing_stop_the_turn_after_three(large: Path) -> None:
    steps = [{"calls": [read(f"m{number}.py") for number in range(first, first + 4)]} for first in range(0, 20, 4)]
    async with open_driven(large, [*steps, DONE], limit_tokens=5_000) as driven:
        done = await driven.turn("Read on. " * 1020)
        assert done.error is not None
        assert done.error.code == "context_overflow"
        assert "was compacted 3 times running" in done.error.text
        assert "of your own messages" in done.error.text
        assert "/new" in done.error.hint
        assert len(compactions(driven)) == 3


@pytest.mark.parametrize("limit_tokens", [4_000, 8_000])
async def test_work_that_is_read_in_large_parts_goes_on(large: Path, limit_tokens: int) -> None:
    files = [[read(f"m{(first + number) % 20}.py") for number in range(4)] for first in range(0, 48, 4)]
    async with open_driven(large, [*({"calls": calls} for calls in files), DONE], limit_tokens=limit_tokens) as driven:
        done = await driven.turn("Read on.")
        assert (done.stop_reason, done.steps) == (ev.StopReason.END_TURN, 13)
        assert len(compactions(driven)) > 3
        sizes = [len(run.result.text) for run in driven.runs[:4] if run.result is not None]
        assert sum(sizes) <= limit_tokens * 3.3 / 3 + 2 * 1000
        assert min(sizes) > 400


async def test_nothing_is_shown_while_a_turn_runs(large: Path) -> None:
    async with open_driven(large, [DONE]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        with pytest.raises(UsageError):
            driven.session.preview_compaction()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert driven.session.preview_compaction() is None

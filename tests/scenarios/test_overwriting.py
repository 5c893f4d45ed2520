"""A file is overwritten only while the model has its text in the window."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, edit, open_driven, read, write
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus

LEFT_OUT = "a.py: not all of its text is in front of you any more"
DONE = {"text": "Done."}
TEXT = "".join(f"value_{line} = {line}\n" for line in range(90))


@pytest.fixture(autouse=True)
def files(repository: Path) -> None:
    for name in ("a", "b", "c"):
        (repository / f"{name}.py").write_text(TEXT)


def calls(*made: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"calls": [call]} for call in made]


@asynccontextmanager
async def opened(root: Path, steps: list[dict[str, Any]], **named: Any) -> AsyncIterator[Driven]:
    settings = Settings(mode=Mode.ACCEPT, context=ContextSettings(kept_results=1))
    async with open_driven(root, steps, settings=settings, **named) as driven:
        yield driven


async def compact(driven: Driven) -> None:
    events = await driven.do(ops.ContextCompact())
    assert any(isinstance(event, ev.ItemCompleted) for event in events), events


def last(driven: Driven) -> tuple[ToolStatus, str]:
    result = driven.runs[-1].result
    assert result is not None
    return result.status, result.text


@pytest.mark.parametrize("is_resumed", [False, True])
async def test_a_file_that_was_read_before_a_compaction_is_read_again_before_it_is_overwritten(
    repository: Path, is_resumed: bool
) -> None:
    rewrite = write("a.py", TEXT.replace("value_7 ", "seven "))
    before = [*calls(read("a.py"), read("b.py"), read("c.py")), DONE]
    after = [*calls(rewrite), DONE, *calls(read("a.py"), rewrite), DONE]

    async def go_on(driven: Driven) -> None:
        await driven.turn()
        status, text = last(driven)
        assert status is ToolStatus.FAILED and text.startswith(LEFT_OUT)
        assert (repository / "a.py").read_text() == TEXT
        await driven.turn()
        assert last(driven)[0] is ToolStatus.DONE
        assert "seven = 7" in (repository / "a.py").read_text()

    async with opened(repository, before if is_resumed else before + after) as driven:
        await driven.turn()
        await compact(driven)
        if not is_resumed:
            await go_on(driven)
    if is_resumed:
        async with opened(repository, after, resume="last") as driven:
            await go_on(driven)


async def test_a_file_whose_text_was_left_out_of_the_call_that_wrote_it_is_not_overwritten(repository: Path) -> None:
    first, second = TEXT.replace("value_", "first_"), TEXT.replace("value_", "second_")
    steps = [*calls(write("new.py", first), *[read("b.py"), read("c.py"), read("a.py")]), DONE]
    async with opened(repository, [*steps, *calls(write("new.py", second)), DONE]) as driven:
        await driven.turn()
        await compact(driven)
        await driven.turn()
        assert last(driven)[0] is ToolStatus.FAILED
        assert "not all of its text is in front of you" in last(driven)[1]
    assert (repository / "new.py").read_text() == first


async def test_reads_and_edits_of_ones_own_leave_the_way_open(repository: Path) -> None:
    steps = calls(read("a.py"), edit("a.py", "value_3 = 3", "three = 3"), write("a.py", "x = 1\n" * 80))
    async with opened(repository, [*steps, DONE]) as driven:
        await driven.turn()
        assert last(driven)[0] is ToolStatus.DONE


async def test_a_file_that_was_mentioned_counts_while_it_is_there(repository: Path) -> None:
    rewrite = write("a.py", TEXT.replace("value_7 ", "seven "))
    steps = [*calls(read("a.py"), rewrite), DONE, DONE, *calls(read("b.py"), read("c.py")), DONE, *calls(rewrite), DONE]
    async with opened(repository, steps) as driven:
        await driven.turn("look at @a.py")
        pointed, written = (run.result for run in driven.runs)
        assert pointed is not None and pointed.text.startswith("[unchanged since you read it (lines 1-90")
        assert written is not None and written.status is ToolStatus.DONE
        (repository / "a.py").write_text(TEXT)
        await driven.turn("look again at @a.py")
        await driven.turn()
        await compact(driven)
        await driven.turn()
        status, text = last(driven)
        assert status is ToolStatus.FAILED and text.startswith(LEFT_OUT)


@pytest.mark.parametrize("kind", [ops.TurnSteer, ops.TurnFollowUp])
async def test_a_file_that_a_queued_message_mentions_counts_too(repository: Path, kind: type[ops.TurnSteer]) -> None:
    gate = asyncio.Event()
    steps = [{"text": "1", "hold": "go"}, *calls(write("a.py", TEXT.replace("value_7 ", "seven "))), DONE]
    async with opened(repository, steps, gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="one"))
        await driven.until(ev.ItemDelta)
        driven.submit(kind(text="rewrite @a.py"))
        gate.set()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert last(driven)[0] is ToolStatus.DONE

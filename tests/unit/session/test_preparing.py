"""Large changes are looked through for secrets in pieces, before the event that tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.sessions import open_driven, write
from tests.unit.policy.made_up_secrets import GITHUB
from trashclaw.config.schema import Settings
from trashclaw.policy.secrets import Secrets
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session import redaction
from trashclaw.session.journal import Journal
from trashclaw.session.redaction import EventRedaction
from trashclaw.workspace.diff import make_change, make_patch


def _patch(files: int) -> Patch:
    return make_patch(make_change(f"{n}.ini", "a\n", f"key = {GITHUB}\r\nfile {n}\n", None) for n in range(files))


def _completed(patch: Patch) -> ev.ItemCompleted:
    call = ToolCall(call_id=CallId("call"), name="bash")
    metadata = {"changes": [{"path": change.path, "note": f"has {GITHUB}"} for change in patch.changes]}
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text="done", metadata=metadata)
    run = ToolRun(item_id=ItemId("item"), call=call, title="t", patch=patch, status=ToolStatus.DONE, result=result)
    return ev.ItemCompleted(item=run)


async def test_others_have_their_turn_between_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "PIECE_S", 0.0)
    patch, turns = _patch(20), 0
    preparing = asyncio.create_task(EventRedaction(Secrets()).prepare(patch, {}))
    while not preparing.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns >= 20


async def test_an_event_is_the_same_whether_it_was_prepared_or_not() -> None:
    event, prepared = _completed(_patch(20)), EventRedaction(Secrets())
    assert isinstance(event.item, ToolRun) and event.item.result is not None
    await prepared.prepare(event.item.patch, event.item.result.metadata)
    (told,) = prepared.clean(event)
    assert [told] == EventRedaction(Secrets()).clean(event)
    assert GITHUB not in told.model_dump_json()
    assert prepared.clean(event) == [told]


async def test_a_turn_that_is_interrupted_meanwhile_tells_what_was_done(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, prepare = asyncio.Event(), Journal.prepare

    async def waiting(self: Journal, patch: Patch | None, metadata: Mapping[str, object]) -> None:
        if metadata:
            entered.set()
            await asyncio.Event().wait()
        await prepare(self, patch, {})

    monkeypatch.setattr(Journal, "prepare", waiting)
    settings = Settings(mode=Mode.ACCEPT)
    async with open_driven(repository, [{"calls": [write("a.txt", "new\n")]}], settings=settings) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await entered.wait()
        driven.submit(ops.TurnInterrupt())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        (run,) = driven.runs
        assert run.status is ToolStatus.DONE
        assert run.result is not None and "Created a.txt" in run.result.text

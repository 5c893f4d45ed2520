"""Rewinds, compactions taken back, other models and dialects: each goes on where it should, and nobody cries wolf."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, open_driven, read
from trashclaw.agent.losses import LossCause
from trashclaw.agent.messages import EndPart, NoticePart, Part, Request
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.protocol.manners import DialectName

READS: list[dict[str, Any]] = [{"calls": [read(f"m{number}.py")]} for number in range(6)]
SETTINGS = Settings.model_validate({"context": {"kept_results": 1, "read_ahead": False}})


@pytest.fixture
def large(repository: Path) -> Path:
    """A repository with six files of some hundred tokens."""
    for number in range(6):
        (repository / f"m{number}.py").write_text("".join(f"value_{line} = {line}\n" for line in range(80)))
    return repository


def alarms(driven: Driven) -> list[ev.Notice]:
    return [notice for notice in driven.notices if notice.code in {"ledger_break", "cache_lost"}]


def breaks(driven: Driven) -> int:
    """Count the requests that do not begin with all of the one before."""
    return sum(
        later.messages[: len(earlier.messages)] != earlier.messages
        for earlier, later in pairwise(driven.provider.requests)
    )


async def test_a_rewind_goes_on_from_what_is_left(large: Path) -> None:
    steps = [*READS, {"text": "One."}, {"text": "Two."}, {"text": "Other."}, {"text": "And on."}]
    async with open_driven(large, steps, settings=SETTINGS) as driven:
        await driven.turn("Read them.")
        await driven.turn("What next?")
        point = driven.session.rewind.points()[-1]
        await driven.do(ops.CheckpointRestore(item_id=point.item_id, part=RestorePart.CONVERSATION))
        await driven.turn("Rather this.")
        await driven.turn("And on.")
        assert breaks(driven) == 1
        assert alarms(driven) == []


async def test_a_compaction_that_is_taken_back_and_made_again_is_expected_each_time(large: Path) -> None:
    steps = [*READS, {"text": "One."}, *({"text": f"Answer {number}."} for number in range(4))]
    async with open_driven(large, steps, settings=SETTINGS) as driven:
        await driven.turn("Read them.")
        for is_undo in (False, True, False):
            await driven.do(ops.ContextCompact(is_undo=is_undo))
            await driven.turn("And now?")
        await driven.turn("And on.")
        assert breaks(driven) == 3
        assert alarms(driven) == []


async def test_another_dialect_is_a_new_beginning(large: Path) -> None:
    unreadable = {"text": "x", "error": {"kind": "unreadable"}}
    steps = [READS[0], unreadable, unreadable, {"text": "Done."}, {"text": "And on."}]
    async with open_driven(large, steps, settings=SETTINGS) as driven:
        await driven.turn("Read them.")
        await driven.turn("And now?")
        assert driven.session._parts.turns.agent.manner.dialect.name is not DialectName.NATIVE
        assert breaks(driven) >= 1
        assert alarms(driven) == []


async def test_a_resumed_session_starts_its_ledger_anew_with_the_same_bytes(large: Path) -> None:
    steps = [*READS[:2], {"text": "One."}, {"text": "Two."}]
    async with open_driven(large, steps, settings=SETTINGS) as driven:
        await driven.turn("Read them.")
        before, session_id = driven.provider.requests[-1], driven.session.session_id
    async with open_driven(large, [{"text": "Yes."}], settings=SETTINGS, resume=session_id) as driven:
        await driven.turn("And now?")
        assert driven.provider.requests[0].messages[: len(before.messages)] == before.messages
        assert driven.provider.requests[0].tools == before.tools
        assert alarms(driven) == []


async def forgetful(large: Path) -> tuple[list[dict[str, Any]], list[int]]:
    """Return steps by whose figures the cache was lost before the last two, and the size of each request."""
    async with open_driven(large, [*READS, {"text": "One."}], settings=SETTINGS) as sizes:
        await sizes.turn("Read them.")
        meter = sizes.session._parts.turns.agent.window.meter
        counts = [meter.estimate(request) for request in sizes.provider.requests]
    told: list[dict[str, Any]] = []
    for place, step in enumerate([*READS, {"text": "One."}]):
        cached = counts[place - 1] if 0 < place < 5 else 0
        usage = {"prompt_tokens": counts[place], "cached_tokens": cached, "completion_tokens": 20}
        told.append({**step, "usage": usage})
    return told, counts


async def test_a_server_that_tells_of_a_lost_cache_is_heard_in_a_session(large: Path) -> None:
    told, counts = await forgetful(large)
    async with open_driven(large, told, settings=SETTINGS, state=large.parent / "other") as driven:
        await driven.turn("Read them.")
        (notice,) = alarms(driven)
        assert notice.code == "cache_lost"
        assert not notice.to_model
        reuse = driven.session._parts.turns.agent.reuse
        assert reuse.losses == {LossCause.OTHER_PROGRAM: 2}
        assert counts[4] + counts[5] - 100 <= reuse.reread_tokens <= counts[5] + counts[6]
        assert breaks(driven) == 0


async def test_a_load_that_the_provider_told_of_is_not_told_once_more_as_a_lost_cache(large: Path) -> None:
    told, _ = await forgetful(large)
    async with open_driven(large, told, settings=SETTINGS, state=large.parent / "other") as driven:
        provider = driven.provider
        stream = provider.stream

        async def telling(request: Request) -> AsyncGenerator[Part, None]:
            async with aclosing(stream(request)) as parts:
                async for part in parts:
                    if isinstance(part, EndPart) and len(provider.requests) == 6:
                        yield NoticePart("model_reloaded", "The model was loaded anew.")
                    yield part

        provider.stream = telling  # type: ignore[method-assign]
        await driven.turn("Read them.")
        assert [notice.code for notice in driven.notices] == ["model_reloaded"]
        reuse = driven.session._parts.turns.agent.reuse
        assert (reuse.losses.total(), reuse.reread_tokens > 0) == (2, True)

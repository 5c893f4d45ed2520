"""Compaction end to end: rare, deep, and without losing a word of the person's."""

from __future__ import annotations

from pathlib import Path

from tests.support.sessions import Driven, assert_paired, open_driven, reads, write
from trashclaw.agent.messages import Role
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.items import Compaction
from trashclaw.protocol.modes import Mode

LIMIT = 12_000


def compactions(driven: Driven) -> list[Compaction]:
    return [item for item in driven.items if isinstance(item, Compaction)]


async def test_a_long_turn_is_compacted_once_and_deeply(large: Path) -> None:
    steps = [*reads(16), {"text": "Done."}]
    async with open_driven(large, steps, limit_tokens=LIMIT) as driven:
        done = await driven.turn("Read them all, please: this must stay.")
        assert (done.stop_reason, done.steps) == (ev.StopReason.END_TURN, 17)
        made = compactions(driven)
        assert 1 <= len(made) <= 3
        assert all(item.after_tokens <= item.before_tokens * 0.8 for item in made)
        assert made[0].before_tokens > LIMIT * 0.5
        for request in driven.provider.requests:
            assert_paired(request.messages)
            assert "this must stay." in request.messages[1].text
        last = driven.provider.requests[-1].messages
        assert "value_15_80" in last[-1].text
        assert not [notice for notice in driven.notices if notice.code == "ledger_break"]


async def test_between_compactions_each_request_continues_the_one_before(large: Path) -> None:
    async with open_driven(large, [*reads(16), {"text": "Done."}], limit_tokens=LIMIT) as driven:
        await driven.turn()
        breaks = 0
        for earlier, later in zip(driven.provider.requests, driven.provider.requests[1:], strict=False):
            breaks += later.messages[: len(earlier.messages)] != earlier.messages
        assert breaks == len(compactions(driven))


async def test_the_persons_words_stay_to_the_letter_in_many_turns(large: Path) -> None:
    steps = [step for number in range(8) for step in (*reads(2, number * 2), {"text": f"Answer {number}."})]
    async with open_driven(large, steps, limit_tokens=LIMIT) as driven:
        for number in range(8):
            await driven.turn(f"Wish {number}: äöü [b]")
        assert compactions(driven)
        texts = [message.text for message in driven.provider.requests[-1].messages]
        assert [n for n in range(8) if any(text.startswith(f"Wish {n}: äöü [b]") for text in texts)] == list(range(8))


async def test_a_compaction_on_demand_and_then_nothing_more_to_free(large: Path) -> None:
    steps = [*reads(8), {"text": "Done."}, {"text": "More."}]
    async with open_driven(large, steps, limit_tokens=LIMIT * 4) as driven:
        await driven.turn()
        await driven.do(ops.ContextCompact())
        (made,) = compactions(driven)
        assert made.after_tokens < made.before_tokens
        events = await driven.do(ops.ContextCompact())
        assert [event.type for event in events] == ["notice"]
        assert (await driven.turn()).stop_reason is ev.StopReason.END_TURN
        assert_paired(driven.provider.requests[-1].messages)


async def test_a_conversation_that_cannot_shrink_ends_with_a_clear_error_and_no_loop(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Never."}], limit_tokens=4000) as driven:
        done = await driven.turn("long words " * 4000)
        assert done.error is not None
        assert done.error.code == "context_overflow"
        assert "--num-ctx" in done.error.hint
        assert driven.provider.requests == []


async def test_one_step_larger_than_the_window_does_not_end_the_session(repository: Path) -> None:
    calls = [write(f"f{number}.txt", "some words\n" * 1500) for number in range(6)]
    steps = [{"calls": calls}, {"text": "Written."}, {"text": "Six.", "expect": "how many"}]
    async with open_driven(repository, steps, limit_tokens=16_000, settings=Settings(mode=Mode.ACCEPT)) as driven:
        assert (await driven.turn("Write them.")).stop_reason is ev.StopReason.END_TURN
        assert (await driven.turn("how many?")).stop_reason is ev.StopReason.END_TURN
        told = "\n".join(message.text for message in driven.provider.requests[1].messages)
        assert "f5.txt (+1500 -0)" in told
        assert "some words\nsome words" not in told
        assert "Write them." in told


async def test_a_small_window_leaves_room_for_the_tools(large: Path) -> None:
    async with open_driven(large, [*reads(12), {"text": "Done."}], limit_tokens=6000) as driven:
        assert (await driven.turn()).stop_reason is ev.StopReason.END_TURN
        assert len(compactions(driven)) < 10


async def test_a_second_summary_takes_up_the_first_without_repeating_its_files(large: Path) -> None:
    said = [{"text": f"Answer {number}. " + "And so on. " * 150} for number in range(16)]
    steps = [{"calls": [write("new.txt", "new\n")]}, *said]
    async with open_driven(large, steps, limit_tokens=5000, settings=Settings(mode=Mode.ACCEPT)) as driven:
        for number in range(16):
            assert (await driven.turn(f"Question {number}?")).stop_reason is ev.StopReason.END_TURN
        summaries = [item.summary for item in compactions(driven) if item.summary]
        assert len(summaries) > 1
        assert all(summary.count("Files changed:") <= 1 for summary in summaries)
        sent = "\n".join(message.text for message in driven.provider.requests[-1].messages)
        assert sent.count("Files changed: new.txt +1 -0") == 1
        assert "you said: Answer " in summaries[0]
        assert "earlier, #1 to #" in sent


async def test_an_overflow_that_the_server_reports_is_compacted_and_tried_once_more(large: Path) -> None:
    fault = {"error": {"kind": "overflow", "prompt_tokens": 30_000, "limit": 20_000}}
    async with open_driven(large, [*reads(8), fault, {"text": "Done."}], limit_tokens=40_000) as driven:
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.END_TURN
        assert len(compactions(driven)) == 1
        assert len(driven.provider.requests) == 10


async def test_two_overflows_in_a_row_end_the_turn(large: Path) -> None:
    fault = {"error": {"kind": "overflow", "prompt_tokens": 30_000, "limit": 20_000}}
    async with open_driven(large, [*reads(8), fault, fault, {"text": "Never."}], limit_tokens=40_000) as driven:
        done = await driven.turn()
        assert done.error is not None
        assert done.error.code == "context_overflow"
        assert len(driven.provider.requests) == 10


async def test_the_last_results_are_kept_whole(large: Path) -> None:
    settings = Settings(context=ContextSettings(kept_results=3))
    steps = [*reads(9), {"text": "Done."}, {"text": "More."}]
    async with open_driven(large, steps, limit_tokens=LIMIT * 3, settings=settings) as driven:
        await driven.turn()
        await driven.do(ops.ContextCompact())
        await driven.turn("and?")
        results = [m.text for m in driven.provider.requests[-1].messages if m.role is Role.TOOL]
        assert [number for number in range(9) if any(f"value_{number}_80" in text for text in results)] == [6, 7, 8]


async def test_a_resumed_session_sends_the_compacted_window(large: Path) -> None:
    async with open_driven(large, [*reads(16), {"text": "Done."}], limit_tokens=LIMIT) as driven:
        await driven.turn()
        last = driven.provider.requests[-1]
    async with open_driven(large, [{"text": "Back."}], limit_tokens=LIMIT * 2, resume="last") as driven:
        await driven.turn("still there?")
        assert driven.provider.requests[0].messages[: len(last.messages)] == last.messages

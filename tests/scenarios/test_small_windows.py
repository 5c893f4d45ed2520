"""Windows that hold little, or are full of the person's own words: the session goes on, or says what fills them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.sessions import open_driven, read
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.protocol.modes import Mode

OK = {"text": "Noted."}


async def test_a_window_full_of_the_persons_words_says_so_and_goes_on_after_a_rewind(repository: Path) -> None:
    async with open_driven(repository, [OK] * 60, limit_tokens=8_192) as driven:
        for number in range(60):
            done = await driven.turn(f"Remember that point {number} is important, and must stay. " * 18)
            if done.error is not None:
                break
        assert done.error is not None
        assert done.error.code == "context_overflow"
        fixed, own = map(int, re.findall(r"\d+", done.error.text.split("In it are ")[1])[:2])
        assert own > 4_000 > fixed
        assert "/rewind" in done.error.hint
        again = await driven.turn("Short.")
        assert again.stop_reason is ev.StopReason.END_TURN
        early = driven.session.rewind.points()[-6]
        await driven.do(ops.CheckpointRestore(item_id=early.item_id, part=RestorePart.CONVERSATION))
        assert (await driven.turn("Go on. " * 200)).stop_reason is ev.StopReason.END_TURN


@pytest.mark.parametrize("limit_tokens", [1_024, 2_048, 4_096])
async def test_a_message_that_is_larger_than_the_window_is_refused_and_the_next_one_is_not(
    repository: Path, limit_tokens: int
) -> None:
    async with open_driven(repository, [OK] * 4, limit_tokens=limit_tokens) as driven:
        await driven.turn("Short.")
        done = await driven.turn("word and more words here " * 2_000)
        assert done.error is not None
        assert done.error.code == "context_overflow"
        assert (await driven.turn("Short again.")).stop_reason is ev.StopReason.END_TURN
        assert len(driven.provider.requests) == 2


async def test_what_was_told_with_a_message_that_was_refused_is_told_with_the_next_one(repository: Path) -> None:
    steps = [{"calls": [read("README.md")]}, OK, OK, OK]
    async with open_driven(repository, steps, limit_tokens=4_096) as driven:
        await driven.turn("Short.")
        await driven.do(ops.SettingsSet(mode=Mode.PLAN))
        (repository / "README.md").write_text("Somebody else was here.\n")
        assert (await driven.turn("word and more words here " * 2_000)).error is not None
        await driven.turn("Short again.")
        told = driven.provider.requests[-1].messages[-1].text
        assert "Mode: plan" in told
        assert "README.md" in told
        await driven.turn("And again.")
        assert driven.provider.requests[-1].messages[-1].text == "And again."


async def test_a_window_that_does_not_hold_the_instructions_says_how_large_they_are(repository: Path) -> None:
    async with open_driven(repository, [OK], limit_tokens=512) as driven:
        done = await driven.turn("Hi.")
        assert done.error is not None
        fixed = int(done.error.text.split("In it are ")[1].split()[0])
        assert fixed > 410
        assert "tokens of instructions and tools" in done.error.text
        assert driven.provider.requests == []

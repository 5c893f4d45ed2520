"""/context, /compact and their keys, with a real session behind them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.tui.test_drawing import LOOK
from trashclaw.faces.tui.drawing.entries import Shown, entry_lines
from trashclaw.faces.tui.screens.context import ContextScreen, PreviewScreen
from trashclaw.faces.tui.widgets.completion_list import CompletionList
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol import ops
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, CompactionTrigger, UserMessage

LIMIT = 16_000
TURNS = 8


@pytest.fixture
def large(repository: Path) -> Path:
    """A repository with files of about a thousand tokens."""
    for number in range(TURNS):
        lines = (f"value_{number}_{line} = {line} * {number}\n" for line in range(90))
        (repository / f"m{number}.py").write_text("".join(lines))
    return repository


def talk() -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for number in range(TURNS):
        arguments = {"path": f"m{number}.py"}
        steps.append({"calls": [{"name": "read_file", "arguments": arguments}]})
        steps.append({"text": f"Answer {number}. " + "And so on. " * 150})
    return steps


async def used(play: Any) -> None:
    for number in range(TURNS):
        await play.say(f"Question {number}?")
        await play.until(lambda number=number: f"Answer {number}." in str(play.transcript.entries[-2:]))
        await play.idle()


def compactions(play: Any) -> list[Compaction]:
    return [entry for entry in play.transcript.entries if isinstance(entry, Compaction)]


async def test_the_context_page_goes_from_groups_to_items_and_back(stage) -> None:
    async with stage({"text": "Done."}) as play:
        await play.say("hello there")
        await play.idle()
        await play.say("/context")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        assert "qwen3:8b" in play.text()
        assert "by group" in play.text()
        assert "tokens more fit before it is compacted" in play.text()
        await play.pilot.press("tab")
        assert "the largest first" in play.text()
        assert "hello there" in play.text()
        await play.pilot.press("tab")
        assert "by group" in play.text()
        await play.pilot.press("escape")
        await play.until(lambda: not isinstance(play.app.screen, ContextScreen))


async def test_an_empty_session_has_a_page_too_and_nothing_to_compact(stage) -> None:
    async with stage() as play:
        await play.say("/context")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        assert "Nothing has been said yet" in play.text()
        await play.pilot.press("c")
        await play.until(lambda: isinstance(play.app.screen, PreviewScreen))
        assert "would free too little" in play.text()
        await play.pilot.press("enter")
        assert isinstance(play.app.screen, PreviewScreen)
        await play.pilot.press("escape")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        await play.pilot.press("escape")


async def test_a_preview_is_left_as_it_was_or_done_with_enter_and_taken_back(stage, large) -> None:
    async with stage(*talk(), limit_tokens=LIMIT, size=(98, 40)) as play:
        await used(play)
        await play.say("/compact --preview")
        await play.until(lambda: isinstance(play.app.screen, PreviewScreen))
        assert "left out" in play.text()
        assert "read_file m0.py" in play.text()
        await play.pilot.press("escape")
        await play.until(lambda: not isinstance(play.app.screen, PreviewScreen))
        assert not compactions(play)
        await play.say("/compact --preview")
        await play.until(lambda: isinstance(play.app.screen, PreviewScreen))
        await play.pilot.press("enter")
        await play.until(lambda: compactions(play) and "window compacted: " in play.text())
        assert "summed up from the log" in play.text()
        assert "recall shows each" not in play.text()
        await play.pilot.press("ctrl+o")
        assert "recall shows each" in play.text()
        await play.pilot.press("ctrl+o")
        await play.say("/compact --undo")
        await play.until(lambda: "compaction taken back: " in play.text())
        await play.say("/compact --undo")
        await play.until(lambda: "There is no compaction to take back" in play.text())


async def test_a_resumed_session_shows_what_was_compacted_and_what_was_taken_back(stage, large) -> None:
    async with stage(*talk(), limit_tokens=LIMIT) as play:
        await used(play)
        first = play.session.session_id
        await play.say("/compact")
        await play.until(lambda: "window compacted: " in play.text())
        await play.say("/compact --undo")
        await play.until(lambda: "compaction taken back: " in play.text())
        await play.say("/new")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id != first)
        await play.say(f"/resume {first}")
        await play.until(lambda: play.app.desk.session is not None and play.session.session_id == first)
        await play.until(lambda: "compaction taken back: " in play.text())
        await play.say("/context")
        await play.until(lambda: isinstance(play.app.screen, ContextScreen))
        assert "m0.py" in play.text()


async def test_esc_stops_the_asking_for_a_summary_and_says_so(stage, large) -> None:
    script = {"summaries": ("Never.",), "wait_summary": "slow", "limit_tokens": LIMIT}
    async with stage(*talk(), gates={"slow": asyncio.Event()}, **script) as play:
        await used(play)
        await play.say("/compact")
        await play.until(lambda: "summing up" in play.text())
        await play.pilot.press("escape")
        await play.until(lambda: "Stopped: nothing was left out" in play.text())
        await play.until(lambda: "ready" in play.text())
        assert not compactions(play)


async def test_words_that_are_sent_meanwhile_wait_and_are_said_behind_it(stage, large) -> None:
    gate = asyncio.Event()
    script = {"summaries": ("Short.",), "wait_summary": "slow", "limit_tokens": LIMIT}
    async with stage(*talk(), {"text": "Heard."}, {"text": "Heard too."}, gates={"slow": gate}, **script) as play:
        await used(play)
        await play.say("/compact")
        await play.until(lambda: "summing up" in play.text())
        await play.pilot.press(*"first", "enter")
        await play.until(lambda: "queued: first" in play.text())
        await play.pilot.press(*"second", "enter")
        await play.until(lambda: [entry.text for entry in play.transcript.queue] == ["first", "second"])
        assert not play.transcript.is_running
        gate.set()
        await play.until(lambda: compactions(play) and "Heard too." in play.text())
        said = [entry.text for entry in play.transcript.entries if isinstance(entry, UserMessage)]
        assert said[-2:] == ["first", "second"]
        assert not play.transcript.queue


async def test_words_put_off_are_said_when_esc_stops_the_compaction_unless_they_were_taken_back(stage, large) -> None:
    script = {"summaries": ("Never.",) * 2, "wait_summary": "slow", "limit_tokens": LIMIT}
    async with stage(*talk(), {"text": "Heard."}, gates={"slow": asyncio.Event()}, **script) as play:
        await used(play)
        for is_taken_back in (True, False):
            await play.say("/compact")
            await play.until(lambda: "summing up" in play.text())
            await play.say("do that")
            await play.until(lambda: play.transcript.queue and "do that" in play.text())
            if is_taken_back:
                await play.pilot.press("alt+up")
                await play.until(lambda: not play.transcript.queue)
                assert play.app.main.prompt.text == "do that"
            play.session.submit(ops.TurnInterrupt())
            if is_taken_back:
                await play.session.wait_idle()
                assert not [entry for entry in play.transcript.entries if getattr(entry, "text", "") == "do that"]
                play.app.main.prompt.clear_draft()
            else:
                await play.until(lambda: "Heard." in play.text())


async def test_what_is_no_argument_is_refused_with_those_that_are(stage) -> None:
    async with stage() as play:
        await play.say("/compact harder")
        await play.told("It takes --preview or --undo, or nothing.")


async def test_arguments_are_completed_and_enter_alone_sends_the_command(stage) -> None:
    async with stage() as play:
        prompt = play.app.screen.query_one(Prompt)
        await play.pilot.press(*"/compact --u")
        await play.until(lambda: play.app.screen.query_one(CompletionList).is_open)
        assert "take the last one back" in play.text()
        await play.pilot.press("tab")
        assert prompt.text == "/compact --undo "
        prompt.load_text("")
        await play.burst(*"/compact", "space", "enter")
        await play.until(lambda: "Too little could be left out" in play.text())


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        (
            CompactionTrigger.FULL,
            "window compacted: 6.1k -> 2.3k tokens, 2 items as stubs, 1 item summed up by the model",
        ),
        (CompactionTrigger.AHEAD, "summed up by the model, ahead, while nobody waited"),
        (CompactionTrigger.OVERFLOW, "summed up by the model, the server had refused the request"),
    ],
)
def test_a_compaction_is_one_quiet_line_that_tells_why(trigger: CompactionTrigger, words: str) -> None:
    made = Compaction(
        item_id=ItemId("cut"),
        summary="<summary>Goal: \x1b[2Jless\n- #4 read a.py\n</summary>",
        stubbed=(ItemId("a"), ItemId("b")),
        dropped=(ItemId("c"),),
        before_tokens=6_100,
        after_tokens=2_300,
        trigger=trigger,
        is_by_model=True,
    )
    (line,) = entry_lines(made, 140, LOOK, Shown())
    assert words in line.plain
    opened = "\n".join(one.plain for one in entry_lines(made, 60, LOOK, Shown(is_unfolded=True)))
    assert "- #4 read a.py" in opened
    assert "\x1b" not in opened
    assert "<summary>" not in opened
    assert "taken back" in entry_lines(made, 140, LOOK, Shown(is_undone=True))[0].plain

"""The wait for a prompt is foretold from the waits before it."""

from __future__ import annotations

from trashclaw.agent.messages import EndPart, EndReason, Message, ProgressPart, Request, Role
from trashclaw.protocol.events import Phase
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.providers.prompt_pace import PromptPace

FIRST = Request((Message(Role.SYSTEM, "s" * 4000),))
ANSWER = Message(Role.ASSISTANT, "a" * 1000)


def end(prompt_tokens: int, cached_tokens: int | None, prefill_s: float) -> EndPart:
    usage = Usage(prompt_tokens=prompt_tokens, cached_tokens=cached_tokens)
    return EndPart(EndReason.STOP, usage, Timings(prefill_s=prefill_s))


def test_nothing_is_foretold_before_something_was_measured() -> None:
    pace = PromptPace()
    assert pace.expect(FIRST) == ProgressPart(Phase.PREFILL)
    pace.learn(FIRST, EndPart(EndReason.STOP))
    assert pace.expect(FIRST) == ProgressPart(Phase.PREFILL)


def test_only_what_is_new_is_waited_for_and_the_models_own_words_are_not_new() -> None:
    pace = PromptPace()
    pace.learn(FIRST, end(1000, 0, 10.0))
    longer = Request((*FIRST.messages, ANSWER, Message(Role.TOOL, "t" * 2000)))
    expected = pace.expect(longer)
    assert (expected.done, expected.total, expected.eta_s, expected.text) == (1250, 1750, 5.0, "estimated")


def test_a_changed_head_is_read_anew() -> None:
    pace = PromptPace()
    pace.learn(FIRST, end(1000, None, 10.0))
    expected = pace.expect(Request((Message(Role.SYSTEM, "x" * 4000),)))
    assert (expected.done, expected.total, expected.eta_s) == (0, 1000, 10.0)


def test_a_cached_prompt_says_nothing_of_the_speed() -> None:
    pace = PromptPace()
    pace.learn(FIRST, end(1000, 0, 10.0))
    pace.learn(FIRST, end(1000, 999, 0.5))
    assert pace.expect(Request((Message(Role.SYSTEM, "x" * 4000),))).eta_s == 10.0

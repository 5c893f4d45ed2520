"""The speed of writing is that of now, not of the whole answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from trashclaw.agent.messages import CallPart, EndPart, EndReason, Part, TextPart
from trashclaw.agent.step import AnswerReader
from trashclaw.agent.writing_pace import WritingPace
from trashclaw.protocol.events import Event, Phase, Progress


def write(pace: WritingPace, began: float, tokens: int, tokens_per_s: float) -> float:
    """Write at a speed, and return when the last piece came."""
    at = began
    for _ in range(tokens):
        at += 1 / tokens_per_s
        pace.add(at)
    return at


def test_nothing_is_said_of_the_speed_of_the_first_pieces() -> None:
    pace = WritingPace()
    assert pace.tokens_per_s is None
    write(pace, 5.0, 2, 10.0)
    assert pace.tokens_per_s is None


def test_a_model_that_slows_down_is_seen_to_and_all_of_it_is_counted() -> None:
    pace = WritingPace()
    at = write(pace, 0.0, 400, 100.0)
    assert round(pace.tokens_per_s or 0) == 100
    write(pace, at, 40, 10.0)
    assert round(pace.tokens_per_s or 0) == 10
    assert pace.tokens == 440


def test_reading_in_the_middle_of_an_answer_is_no_slow_writing() -> None:
    pace = WritingPace()
    at = write(pace, 0.0, 100, 50.0)
    pace.rest()
    assert pace.tokens_per_s is None
    write(pace, at + 60.0, 100, 50.0)
    assert round(pace.tokens_per_s or 0) == 50
    assert pace.tokens == 200


def test_it_is_told_now_and_then() -> None:
    pace = WritingPace()
    assert [pace.add(at) for at in (1.0, 1.1, 1.19, 1.21, 1.3, 2.0)] == [True, False, False, True, False, True]


class Ticking:
    """A clock on which every look takes a tenth of a second."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        self.at += 0.1
        return self.at


class AsItIs:
    """A reading that leaves every part as it is."""

    def feed(self, part: Part) -> Iterable[Part]:
        return (part,)

    def finish(self, end: EndPart) -> Iterable[Part]:
        return (end,)


async def test_a_long_call_is_told_with_its_size_and_all_that_was_written() -> None:
    async def answer() -> AsyncGenerator[Part, None]:
        yield TextPart("Let me")
        yield CallPart(0, name="edit_file")
        for _ in range(60):
            yield CallPart(0, arguments="x" * 40)
        yield EndPart(EndReason.TOOL_CALLS)

    events: list[Event] = []
    await AnswerReader(events.append, Ticking()).read(answer(), AsItIs())
    told = [event for event in events if isinstance(event, Progress)]
    assert {event.phase for event in told} == {Phase.DECODING}
    assert told[1].text == "calling edit_file"
    assert told[-1].text == "calling edit_file (2.4k characters)"
    assert told[-1].done == 62
    assert round(told[-1].tokens_per_s or 0) == 10

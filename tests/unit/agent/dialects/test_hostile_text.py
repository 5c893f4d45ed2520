"""Text that is meant to be slow to read, or never to end: the work grows with the text, and little is held back."""

from __future__ import annotations

import time

import pytest

from tests.support.text_calls import TOOLS, F, calls_of, read, text_of
from trashclaw.agent.dialects.finding import FindingReading
from trashclaw.agent.dialects.marks import Mark, Marks
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.splitting import HELD_AT_MOST
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.messages import EndReason, Request, TextPart

ASKED = Request((), TOOLS)
HERMES = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'
each_manner = pytest.mark.parametrize("is_strict", [True, False], ids=["native", "text"])


def reading(is_strict: bool) -> FindingReading:
    return Native().read(ASKED) if is_strict else TextDialect().read(ASKED)


@each_manner
@pytest.mark.parametrize("unit", ["<", "\n<", "<|", "<a", "[", "\n["])
def test_what_cannot_become_a_mark_is_compared_with_none(
    unit: str, is_strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0
    near = Marks.near

    def counted(marks: Marks, text: str, place: int, *, is_within_line: bool) -> list[Mark]:
        nonlocal compared
        found = near(marks, text, place, is_within_line=is_within_line)
        compared += len(found)
        return found

    monkeypatch.setattr(Marks, "near", counted)
    text = unit * (21_000 // len(unit))
    assert text_of(read(reading(is_strict), [text[i : i + 7] for i in range(0, len(text), 7)])) == text
    assert compared < len(text) * 20


@each_manner
@pytest.mark.parametrize(
    "unit",
    [
        "<",
        "\n<tool_call>\n{",
        "\n<think></think>",
        "```json\n{",
        "\n[TOOL_CALLS]f[ARGS]{",
        "\n<function=f>\n",
        "\n`",
        "[",
    ],
)
def test_six_hundred_thousand_characters_are_read_in_bounded_work(unit: str, is_strict: bool) -> None:
    text = unit * (600_000 // len(unit))
    for size in (7, 4096, len(text)):
        started = time.process_time()
        read(reading(is_strict), [text[i : i + size] for i in range(0, len(text), size)])
        assert time.process_time() - started < 15


@each_manner
@pytest.mark.parametrize("size", [7, 4096, 1_000_000])
@pytest.mark.parametrize("reason", [EndReason.STOP, EndReason.LENGTH])
def test_what_is_too_long_for_a_call_is_words_and_no_longer_held(is_strict: bool, size: int, reason: EndReason) -> None:
    text = 'Look.\n<tool_call>\n{"name": "f", "arguments": {"a": "' + "x" * HELD_AT_MOST + f"\n{HERMES}\n"
    told = reading(is_strict)
    before = [part for i in range(0, len(text), size) for part in told.feed(TextPart(text[i : i + size]))]
    assert text_of(before) == text.rstrip()
    after = read(told, [], reason)
    assert calls_of(after) == ()
    assert text_of(before) + text_of(after) == text


@each_manner
def test_a_long_call_within_the_bound_is_one(is_strict: bool) -> None:
    content = "x" * (HELD_AT_MOST - 200)
    text = f'<tool_call>\n{{"name": "write_file", "arguments": {{"path": "a", "content": "{content}"}}}}\n</tool_call>'
    ((name, arguments),) = calls_of(read(reading(is_strict), [text[i : i + 7] for i in range(0, len(text), 7)]))
    assert name == "write_file"
    assert content in arguments


@pytest.mark.parametrize("words", ["<tool_call> is the tag. ", "<tool_call>, that is. ", "[TOOL_CALLS] is a token. "])
@each_manner
def test_a_mark_that_no_call_follows_holds_nothing_back(words: str, is_strict: bool) -> None:
    text = f"Look.\n{words}More words"
    for size in (1, len(text)):
        told = reading(is_strict)
        assert (
            text_of([part for i in range(0, len(text), size) for part in told.feed(TextPart(text[i : i + size]))])
            == text
        )
    assert calls_of(read(reading(is_strict), f"{text}\n{HERMES}")) == F

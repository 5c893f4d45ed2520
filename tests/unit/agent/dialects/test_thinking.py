"""Reasoning inside the answer: every family's tags, in pieces, not closed, without a beginning, and in code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.text_calls import TOOLS, calls_of, read, text_of, thought_of
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.thinking import HARMONY, TAGS, ThoughtTag
from trashclaw.agent.messages import EndPart, EndReason, Message, Request, Role, TextPart, ThoughtPart

ASKED = Request((), TOOLS)
HERMES = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'
FINAL = "<|start|>assistant<|channel|>final<|message|>"
each_tag = pytest.mark.parametrize("tag", TAGS, ids=lambda tag: tag.opening)


@each_tag
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_thought_is_split_off_with_its_tags(tag: ThoughtTag, in_pieces: bool) -> None:
    text = f"{tag.opening}\nTwo and < two.\n{tag.closing}\n\nFour </b>."
    parts = read(Native().read(ASKED), list(text) if in_pieces else [text])
    assert (thought_of(parts), text_of(parts)) == ("\nTwo and < two.\n", "Four </b>.")
    assert {part.field for part in parts if isinstance(part, ThoughtPart)} == {tag.opening}


@pytest.mark.parametrize("in_pieces", [False, True])
def test_the_channels_of_harmony_are_told_apart(in_pieces: bool) -> None:
    text = f"<|channel|>analysis<|message|>Hm.<|end|>{FINAL}Four.<|return|>"
    parts = read(Native().read(ASKED), list(text) if in_pieces else [text])
    assert (thought_of(parts), text_of(parts)) == ("Hm.", "Four.")


def test_harmony_thinks_tells_and_calls() -> None:
    text = (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|>"
        '<|start|>assistant<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>'
    )
    for pieces in ([text], list(text)):
        parts = read(Native().read(ASKED), pieces)
        assert (thought_of(parts), text_of(parts), calls_of(parts)) == ("Hm.", "I look.", (("f", '{"a": 1}'),))


@pytest.mark.parametrize("reason", [EndReason.STOP, EndReason.LENGTH])
def test_a_thought_that_never_ends_is_a_thought(reason: EndReason) -> None:
    reading = Native().read(ASKED)
    parts = read(reading, ["<think>\nOn and on"], reason)
    assert (thought_of(parts), text_of(parts)) == ("\nOn and on", "")
    assert reading.is_thought_alone


def test_a_blank_thought_is_none_and_words_are_more_than_a_thought() -> None:
    reading = Native().read(ASKED)
    assert text_of(read(reading, ["<think>\n\n</think>\n\nFour."])) == "Four."
    assert not reading.is_thought_alone
    assert not [p for p in read(Native().read(ASKED), ["<think>\n\n</think>\n\nFour."]) if isinstance(p, ThoughtPart)]


@each_tag
def test_a_tag_that_ends_a_thought_behind_words_is_no_word(tag: ThoughtTag) -> None:
    text = f"I have thought of it.{tag.closing}\n\nFour."
    for pieces in ([text], list(text)):
        native = Native()
        assert tag.closing not in text_of(read(native.read(ASKED), pieces))
        assert native.learned.starts_in_thought
        again = read(native.read(ASKED), pieces)
        assert (thought_of(again), text_of(again)) == ("I have thought of it.", "Four.")


@pytest.mark.parametrize(
    "text",
    [
        "The tag `<think>` opens a thought, `</think>` ends it.",
        "```\n<think>\nx\n</think>\n```",
        "In prose <think> is a word.",
        "And so is </think> there.",
        "```xml\n</think>\n```\nThat was it.",
        "1 <thi",
        "<thinker>",
    ],
)
def test_tags_in_code_and_within_lines_are_words(text: str) -> None:
    for pieces in ([text], list(text)):
        parts = read(Native().read(ASKED), pieces)
        assert (thought_of(parts), text_of(parts)) == ("", text)


def test_a_second_thought_may_begin_at_a_line() -> None:
    parts = read(Native().read(ASKED), ["One.\n<think>hm</think>\nTwo."])
    assert (thought_of(parts), text_of(parts)) == ("hm", "One.\nTwo.")


def test_a_thought_begun_by_the_template_is_learned_from_the_first_answer() -> None:
    dialect = Native()
    first = read(dialect.read(ASKED), ["Two and two.\n</think>\n\nFour."])
    assert "think>" not in text_of(first)
    assert dialect.learned.starts_in_thought
    for pieces in (["Two and two.\n</think>\n\nFour."], list("Two and two.\n</think>\n\nFour.")):
        parts = read(dialect.read(ASKED), pieces)
        assert (thought_of(parts), text_of(parts)) == ("Two and two.\n", "Four.")


def test_an_answer_without_the_expected_thought_is_given_whole() -> None:
    for text, calls in (("Four.", ()), (HERMES, (("f", '{"a": 1}'),))):
        dialect = Native(starts_in_thought=True)
        parts = read(dialect.read(ASKED), list(text))
        assert (text_of(parts), calls_of(parts)) == ("" if calls else text, calls)
        assert not dialect.learned.starts_in_thought


def test_an_opening_tag_where_a_thought_was_expected_anyway_is_no_part_of_it() -> None:
    dialect = Native(starts_in_thought=True)
    parts = read(dialect.read(ASKED), list("<thinking>hm</thinking>Four."))
    assert (thought_of(parts), text_of(parts)) == ("hm", "Four.")


def test_a_server_that_tells_thoughts_apart_ends_the_expectation() -> None:
    reading = Native(starts_in_thought=True).read(ASKED)
    parts = [*reading.feed(ThoughtPart("hm", "reasoning")), *reading.feed(TextPart("Four."))]
    parts += reading.finish(EndPart(EndReason.STOP))
    assert (thought_of(parts), text_of(parts)) == ("hm", "Four.")


@pytest.mark.parametrize("tag", [*TAGS, HARMONY], ids=lambda tag: tag.opening)
def test_a_thought_goes_back_where_it_came_from_or_not_at_all(tag: ThoughtTag) -> None:
    told = Message(Role.ASSISTANT, "Four.", thought="\nhm\n", thought_field=tag.opening)
    (sent,) = Native().render(Request((told,))).messages
    assert sent.thought == ""
    assert sent.text == ("Four." if tag.is_skipped else f"{tag.opening}\nhm\n{tag.closing}\n\nFour.")


def test_a_request_without_inline_thoughts_is_sent_as_it_is() -> None:
    request = Request((Message(Role.ASSISTANT, "Four.", thought="hm", thought_field="reasoning"),), TOOLS)
    assert Native().render(request) is request


@given(
    st.lists(
        st.sampled_from(["<think>", "</think>", "<|channel|>", "analysis", "<|message|>", "<|end|>", "\n", "a", " "])
    )
)
def test_pieces_change_nothing_when_the_template_begins_the_thought(fragments: list[str]) -> None:
    text = "".join(fragments)
    whole = read(TextDialect(starts_in_thought=True).read(ASKED), [text])
    split = read(TextDialect(starts_in_thought=True).read(ASKED), text)
    assert (thought_of(whole), text_of(whole)) == (thought_of(split), text_of(split))

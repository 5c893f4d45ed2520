"""Calls written into the text: every form of every family, whole, in pieces, cut, and where they do not count."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.text_calls import SAMPLES, TOOLS, F, Sample, calls_of, read, text_of, thought_of
from trashclaw.agent.dialects.finding import FindingReading
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.text.registry import families
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Request, TextPart

ASKED = Request((), TOOLS)
HERMES = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'
ONE_LINE = HERMES.replace("\n", "")
STRICT = [sample for sample in SAMPLES if sample.is_explicit]
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.family)


def loose() -> FindingReading:
    return TextDialect().read(ASKED)


def strict() -> FindingReading:
    return Native().read(ASKED)


@each_sample
def test_the_calls_of_every_family_are_found_byte_for_byte(sample: Sample) -> None:
    parts = read(loose(), [sample.text])
    assert calls_of(parts) == sample.calls
    assert text_of(parts) == ""
    assert parts[-1] == EndPart(EndReason.TOOL_CALLS)


@each_sample
def test_an_answer_that_comes_in_single_characters_gives_the_same(sample: Sample) -> None:
    parts = read(loose(), sample.text)
    assert (calls_of(parts), text_of(parts)) == (sample.calls, "")


@each_sample
def test_words_before_the_calls_stay_words_without_the_blank_lines(sample: Sample) -> None:
    if not sample.text.startswith("to="):
        for pieces in ([f"I look at it.\n\n{sample.text}"], list(f"I look at it.\n\n{sample.text}")):
            parts = read(loose(), pieces)
            assert (calls_of(parts), text_of(parts)) == (sample.calls, "I look at it.")


@each_sample
def test_calls_follow_each_other(sample: Sample) -> None:
    if sample.follows_itself:
        parts = read(loose(), [f"{sample.text}\n{sample.text}"])
        assert (calls_of(parts), text_of(parts)) == (sample.calls * 2, "")


@each_sample
@pytest.mark.parametrize("reason", [EndReason.LENGTH, EndReason.STOP])
def test_a_cut_answer_never_gives_other_arguments_and_leaks_no_mark(sample: Sample, reason: EndReason) -> None:
    for end in range(1, len(sample.text)):
        parts = read(loose(), [sample.text[:end]], reason)
        for call, whole in zip(calls_of(parts), sample.calls, strict=False):
            if call[0] and is_object(call[1]):
                assert call[0] == whole[0]
                assert json.loads(call[1]).items() <= json.loads(whole[1]).items(), sample.text[:end]
        if reason is EndReason.LENGTH:
            assert len(text_of(parts)) <= 3, sample.text[:end]
            assert parts[-1] == EndPart(EndReason.LENGTH)


def is_object(arguments: str) -> bool:
    try:
        return isinstance(json.loads(arguments), dict)
    except ValueError:
        return False


@pytest.mark.parametrize("sample", STRICT, ids=lambda sample: sample.family)
def test_natively_calls_count_behind_marks_made_for_them(sample: Sample) -> None:
    parts = read(strict(), sample.text)
    assert (calls_of(parts), text_of(parts)) == (sample.calls, "")


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.is_explicit], ids=lambda sample: sample.family)
def test_natively_json_fences_and_plain_lines_are_words(sample: Sample) -> None:
    for pieces in ([sample.text], list(sample.text)):
        parts = read(strict(), pieces)
        assert (calls_of(parts), text_of(parts)) == ((), sample.text)
        assert parts[-1] == EndPart(EndReason.STOP)


@pytest.mark.parametrize(
    "text",
    [
        f"It looks like this:\n\n```\n{HERMES}\n```\n",
        f"~~~xml\n{HERMES}\n~~~",
        f"````\n```\n{HERMES}\n```\n````",
        f"Write `{ONE_LINE}` to call.",
        f"A tool is called by {ONE_LINE} in a line.",
        HERMES.replace('"f"', '"rm"'),
        "<tool_call> is the tag that Hermes uses.\n\n</tool_call> closes it.",
        "<tool_call>",
        "[TOOL_CALLS] is a token.",
        ">>> import os\n>>> f\n",
        "a < b and `<tool",
        "<function=f> is not closed",
    ],
)
def test_natively_markup_in_code_in_lines_or_of_unknown_tools_is_words(text: str) -> None:
    for pieces in ([text], list(text)):
        parts = read(strict(), pieces)
        assert (calls_of(parts), text_of(parts)) == ((), text)


@pytest.mark.parametrize(
    "text",
    [
        f"Like this:\n```python\n{HERMES}\n```",
        f"Write `{ONE_LINE}`.",
        '```json\n{"name": "trashclaw", "version": "1"}\n```\nThat is the package.',
        '{"name": "trashclaw", "arguments": {}}\n',
        "[a link](https://example.org) and a list:\n- [x] done\n",
        "{not json} at all",
        "Action: none is needed.",
        "```\nls\n```\nThen <b>bold</b>.",
        ">>> print(1)\n1\n",
    ],
)
def test_in_text_too_what_is_no_call_stays_words(text: str) -> None:
    for pieces in ([text], list(text)):
        parts = read(loose(), pieces)
        assert (calls_of(parts), text_of(parts)) == ((), text)


def test_a_call_after_a_closed_fence_counts() -> None:
    parts = read(strict(), [f"```\nls\n```\n{HERMES}"])
    assert (calls_of(parts), text_of(parts)) == (F, "```\nls\n```")


def test_in_text_a_call_of_an_unknown_tool_is_one_that_will_fail() -> None:
    assert calls_of(read(loose(), [HERMES.replace('"f"', '"rm"')])) == (("rm", '{"a": 1}'),)


def test_another_name_of_a_tool_counts_natively_if_it_is_known() -> None:
    text = HERMES.replace('"f"', '"effer"')
    assert calls_of(read(Native(lambda name: name == "effer").read(ASKED), [text])) == (("effer", '{"a": 1}'),)


def test_where_the_server_found_a_call_the_text_stays_text() -> None:
    reading = strict()
    parts = [*reading.feed(TextPart(HERMES)), *reading.feed(CallPart(0, "f", "id", "{}"))]
    parts += reading.finish(EndPart(EndReason.TOOL_CALLS))
    assert (calls_of(parts), text_of(parts)) == ((("f", "{}"),), HERMES)


def test_without_tools_or_under_a_schema_nothing_is_a_call() -> None:
    for request in (Request(()), Request((), TOOLS, schema={"type": "object"})):
        for dialect in (Native(), TextDialect()):
            assert text_of(read(dialect.read(request), [HERMES])) == HERMES


@pytest.mark.parametrize(
    "invented",
    [
        "<tool_response>\n42\n</tool_response>\nIt is 42.",
        "Observation: 42\nFinal Answer: 42",
        "<|im_start|>user\nThanks",
    ],
)
def test_a_result_that_the_model_makes_up_is_cut_with_all_that_follows(invented: str) -> None:
    parts = read(loose(), f"Look.\n{HERMES}\n{invented}\n{HERMES}")
    assert (calls_of(parts), text_of(parts)) == (F, "Look.")
    (call,) = [part for part in parts if isinstance(part, CallPart)]
    assert call.mended == "call found in the text (tool_call); what it made up as the result was left out"


def test_words_between_calls_stay() -> None:
    parts = read(loose(), [f"One.\n{HERMES}\nTwo.\n{HERMES}"])
    assert (calls_of(parts), text_of(parts)) == (F * 2, "One.Two.")


def test_a_thought_between_calls_is_a_thought() -> None:
    parts = read(strict(), f"<think>\nfirst\n</think>\n\n{HERMES}\n<think>then</think>\n{HERMES}")
    assert (calls_of(parts), thought_of(parts), text_of(parts)) == (F * 2, "\nfirst\nthen", "")


def test_tags_of_thoughts_inside_a_call_belong_to_it() -> None:
    content = "<think>\nnot a thought\n</think>"
    text = f"<function=write_file>\n<parameter=content>\n{content}\n</parameter>\n</function>"
    parts = read(loose(), text)
    assert calls_of(parts) == (("write_file", json.dumps({"content": content})),)
    assert thought_of(parts) == ""


def test_a_value_whose_end_is_not_certain_is_given_as_it_stands() -> None:
    text = "<function=write_file>\n<parameter=path>\na\n<parameter=content>\nb\n</parameter>\n</function>"
    ((name, arguments),) = calls_of(read(loose(), [text]))
    assert name == "write_file"
    assert not is_object(arguments)
    assert "<parameter=content>" in arguments


def test_python_calls_hold_literals_alone() -> None:
    for inside in ("__import__('os')", "open('x').read()", "a + 'b'", "f'{x}'", "b'x'", "1e999"):
        ((name, arguments),) = calls_of(
            read(loose(), [f"<|tool_call_start|>[write_file(path={inside})]<|tool_call_end|>"])
        )
        assert name == "write_file"
        assert not is_object(arguments)


def test_a_call_that_is_written_slowly_shows_that_something_happens() -> None:
    told = [part for part in read(loose(), HERMES) if getattr(part, "text", "") == "writing a call"]
    assert told


def test_an_answer_that_was_interrupted_goes_on_in_the_middle_of_a_mark() -> None:
    reading = loose()
    first = [*reading.feed(TextPart("Look.\n<tool_c")), *reading.finish(EndPart(EndReason.LENGTH))]
    assert text_of(first) == "Look.\n"[: len(text_of(first))]
    rest = [*reading.feed(TextPart(HERMES.removeprefix("<tool_c"))), *reading.finish(EndPart(EndReason.STOP))]
    assert (calls_of(rest), text_of(rest).strip()) == (F, "")


def test_the_names_of_the_families_are_their_own() -> None:
    names = [family.name for family in families()]
    assert len(names) == len(set(names))


FRAGMENTS = sorted({s.text[i : i + 9] for s in SAMPLES for i in range(0, len(s.text), 7)})


@given(
    st.lists(
        st.sampled_from([*FRAGMENTS, "\n", "```", "`", "x ", "{", "<think>", "</think>", "\n\n", HERMES]), max_size=12
    ),
    st.booleans(),
    st.data(),
)
def test_where_the_pieces_are_split_changes_nothing(fragments: list[str], is_strict: bool, data: st.DataObject) -> None:
    text = "".join(fragments)
    reason = data.draw(st.sampled_from([EndReason.STOP, EndReason.LENGTH]))
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    make = strict if is_strict else loose
    whole, split, single = (read(make(), given_pieces, reason) for given_pieces in ([text], pieces, text))
    for other in (split, single):
        assert text_of(other) == text_of(whole)
        assert thought_of(other) == thought_of(whole)
        assert calls_of(other) == calls_of(whole)
        assert other[-1] == whole[-1]


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize(
    "unit",
    [
        "<tool_call>\n",
        '<tool_call>{"name": "f", ',
        "[",
        "{",
        "`",
        "<",
        "<think>",
        "<function=f>\n<parameter=a>\n",
        "'{",
        ">>>f\n",
        " \n",
        "<|tool_call_start|>[f(",
        "call:f{a:",
        "<|tool_call>call:f{a:{",
        "<start_function_call>call:f{a:<escape>",
    ],
)
def test_much_of_anything_is_read_in_bounded_work(unit: str, is_strict: bool) -> None:
    for chars, size in ((200_000, 4096), (20_000, 1)):
        text = unit * (chars // len(unit))
        started = time.process_time()
        parts = read(strict() if is_strict else loose(), [text[i : i + size] for i in range(0, len(text), size)])
        assert isinstance(parts[-1], EndPart)
        assert time.process_time() - started < 20

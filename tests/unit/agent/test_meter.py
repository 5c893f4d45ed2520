"""What the meter makes of a server's counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trashclaw.agent.encoding import bounded, load_counter
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.suspicion import Finding
from trashclaw.agent.tokens import TokenMeter, count_roughly
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolSpec
from trashclaw.protocol.usage import Usage

SYSTEM = Message(Role.SYSTEM, "You are a careful assistant that reads before it writes. " * 12)
ASK = Message(Role.USER, "Please look at the parser and tell me why it fails on empty lines.")
SPEC = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    kind=ToolKind.READ,
)
FIRST = Request((SYSTEM, ASK), (SPEC,))


def call(number: int) -> ToolCall:
    return ToolCall(call_id=CallId(f"c{number}"), name="read_file", arguments=f'{{"path": "src/part{number}.py"}}')


def step(request: Request, number: int, result: str, *, thought: str = "") -> Request:
    """Return the request after one more step."""
    answer = Message(Role.ASSISTANT, f"I read part {number} now.", thought=thought, calls=(call(number),))
    return replace(request, messages=(*request.messages, answer, Message(Role.TOOL, result, call_id=f"c{number}")))


def user(request: Request, text: str) -> Request:
    return replace(request, messages=(*request.messages, Message(Role.USER, text)))


def bytes_of(request: Request, *, without_thoughts: bool = False) -> int:
    """Count as a server whose every byte is a token, with the frame of ChatML."""
    size = 3 + sum(len(spec.model_dump_json()) for spec in request.tools)
    for message in request.messages:
        called = sum(len(call.arguments) + 40 for call in message.calls)
        thought = 0 if without_thoughts else len(message.thought.encode())
        size += 5 + len(message.text.encode()) + thought + called
    return size


def test_a_counted_request_has_the_servers_size_and_a_longer_one_that_and_what_was_added() -> None:
    meter = TokenMeter()
    meter.learn(FIRST, 400)
    assert meter.estimate(FIRST) == 400
    assert meter.doubt(FIRST) == 0
    longer = user(FIRST, "And the lexer?")
    assert 400 < meter.estimate(longer) < 430
    assert meter.doubt(longer) > 0


def test_an_answer_has_as_many_tokens_as_the_model_wrote() -> None:
    meter = TokenMeter(load_counter())
    meter.learn(FIRST, 400, 70)
    answered = replace(FIRST, messages=(*FIRST.messages, Message(Role.ASSISTANT, "It splits before it strips. " * 8)))
    told = meter.estimate(answered)
    assert 470 <= told <= 480
    other = TokenMeter(load_counter())
    other.learn(FIRST, 400)
    assert abs(other.estimate(answered) - told) > 20


def test_an_answer_that_cannot_be_what_the_model_wrote_is_estimated() -> None:
    meter = TokenMeter(load_counter())
    meter.learn(FIRST, 400, 9_000)
    answered = replace(FIRST, messages=(*FIRST.messages, Message(Role.ASSISTANT, "Yes.")))
    assert meter.estimate(answered) < 430


@pytest.mark.parametrize(
    "text", ["    return self.value\n", "Der Turm steht am Fluss. ", "解析器在空行上失败。", "0x1f, 42; "]
)
def test_another_tokenizer_is_learned_by_kinds_of_text(text: str) -> None:
    meter = TokenMeter(load_counter())
    request = FIRST
    for number in range(6):
        meter.learn(request, bytes_of(request))
        request = step(request, number, text * (20 + 11 * number))
    new = bytes_of(request) - meter.estimate(replace(request, messages=request.messages[:-2]))
    assert meter.estimate(request) == pytest.approx(bytes_of(request), rel=0.01)
    assert meter.estimate_messages(request.messages[-2:]) == pytest.approx(new, rel=0.1)


def test_what_a_compaction_keeps_has_its_true_size() -> None:
    meter = TokenMeter(load_counter())
    request = FIRST
    for number in range(8):
        request = step(request, number, "値を返す関数です。\n" * (10 + 20 * (number % 3)))
        meter.learn(request, bytes_of(request))
    kept = replace(request, messages=(SYSTEM, ASK, *request.messages[-6:]))
    assert meter.estimate(kept) == pytest.approx(bytes_of(kept), rel=0.03)


def test_messages_that_are_rendered_anew_keep_their_size() -> None:
    meter = TokenMeter()
    meter.learn(FIRST, 400)
    again = Request(tuple(replace(message) for message in FIRST.messages), FIRST.tools)
    assert again.messages[0] is not FIRST.messages[0]
    assert meter.estimate(replace(again, messages=again.messages[:1])) == meter.estimate(
        replace(FIRST, messages=FIRST.messages[:1])
    )


def test_that_a_template_leaves_old_thoughts_out_is_learned() -> None:
    meter = TokenMeter(load_counter())
    request = FIRST
    for number in range(4):
        meter.learn(request, bytes_of(request, without_thoughts=True))
        request = step(request, number, "line\n" * 40, thought="The parser may be wrong in the loop. " * 20)
    true = bytes_of(request, without_thoughts=True)
    assert meter.estimate(request) == pytest.approx(true, rel=0.05)


def test_thoughts_that_go_when_the_person_speaks_again_are_no_fault() -> None:
    meter = TokenMeter(load_counter())
    request = FIRST
    for number in range(3):
        meter.learn(request, bytes_of(request))
        request = step(request, number, "line\n" * 40, thought="The parser may be wrong in the loop. " * 20)
    meter.learn(request, bytes_of(request))
    before = meter.count("def f(x):\n    return x\n" * 20)
    request = user(request, "Thank you. And now the lexer, please.")
    true = bytes_of(request, without_thoughts=True)
    assert true < bytes_of(request) - 1_000
    assert meter.suspect(request, Usage(prompt_tokens=true)) is None
    meter.learn(request, true)
    assert meter.estimate(request) == true
    assert 8 < meter.estimate_messages(request.messages[-1:]) < 80
    assert meter.count("def f(x):\n    return x\n" * 20) == pytest.approx(before, rel=0.1)


def test_another_model_is_learned_anew() -> None:
    meter = TokenMeter()
    before = meter.estimate(FIRST)
    meter.learn(FIRST, 2 * before)
    meter.forget()
    assert (meter.estimate(FIRST), meter.has_counted) == (before, False)


@pytest.mark.parametrize("told", [0, -5, 3, 10**9])
def test_an_absurd_count_changes_nothing(told: int) -> None:
    meter = TokenMeter()
    before = meter.estimate(FIRST)
    meter.learn(FIRST, told)
    assert (meter.estimate(FIRST), meter.has_counted) == (before, False)


def long_session(steps: int = 6) -> tuple[TokenMeter, Request, int]:
    """Return a meter that knows a long session, the request that comes next, and how much of that is new."""
    meter, request, counted = TokenMeter(load_counter()), FIRST, 0
    for number in range(steps):
        counted = bytes_of(request)
        meter.learn(request, counted)
        request = step(request, number, "    return self.value\n" * 30)
    return meter, request, bytes_of(request) - counted


def test_a_count_of_what_is_new_alone_is_told_from_a_cut_prompt() -> None:
    meter, request, new = long_session()
    before = meter.estimate(request)
    found = meter.suspect(request, Usage(prompt_tokens=new))
    assert found is not None
    assert (found.finding, found.counted, found.expected) == (Finding.NEW_ALONE, new, before)
    meter.learn(request, new)
    assert meter.estimate(request) == before
    later = step(request, 7, "    return self.value\n" * 50)
    found = meter.suspect(later, Usage(prompt_tokens=bytes_of(later) - bytes_of(request)))
    assert found is not None
    assert found.finding is Finding.NEW_ALONE


def test_a_prompt_that_was_cut_is_told_with_its_figures() -> None:
    meter, request, new = long_session()
    left = bytes_of(request) - new - 100
    found = meter.suspect(request, Usage(prompt_tokens=left))
    assert found is not None
    assert (found.finding, found.counted) == (Finding.CUT, left)
    assert found.expected == pytest.approx(bytes_of(request), rel=0.02)
    meter.learn(request, left)
    assert meter.estimate(request) == found.expected


def test_a_count_beyond_all_bytes_is_neither() -> None:
    meter, request, _ = long_session()
    found = meter.suspect(request, Usage(prompt_tokens=10**6))
    assert found is not None
    assert found.finding is Finding.UNUSABLE


def test_a_request_that_was_only_counted_was_not_sent() -> None:
    meter, request, new = long_session()
    meter.learn(request, bytes_of(request), is_exact=True)
    found = meter.suspect(request, Usage(prompt_tokens=new))
    assert found is not None
    assert found.finding is Finding.NEW_ALONE


def test_a_first_prompt_that_was_cut_is_told() -> None:
    meter = TokenMeter(load_counter())
    request = user(FIRST, "The parser fails on empty lines, as the log shows. " * 1_000)
    found = meter.suspect(request, Usage(prompt_tokens=4_096))
    assert found is not None
    assert found.finding is Finding.CUT


def test_a_true_count_is_not_suspected() -> None:
    meter, request, _ = long_session()
    assert meter.suspect(request, Usage(prompt_tokens=bytes_of(request))) is None
    compacted = replace(request, messages=(SYSTEM, ASK, *request.messages[-4:]))
    assert meter.suspect(compacted, Usage(prompt_tokens=bytes_of(compacted))) is None


WORDS = st.text(max_size=60)
MESSAGES = st.lists(st.builds(Message, st.sampled_from(Role), WORDS, WORDS), max_size=8)


@settings(max_examples=60, deadline=None)
@given(MESSAGES, MESSAGES, st.lists(st.integers(-10, 10**6), max_size=4))
def test_the_estimate_is_additive_and_grows_with_every_message(
    first: list[Message], more: list[Message], counts: list[int]
) -> None:
    meter = TokenMeter()
    for place, counted in enumerate(counts):
        meter.learn(Request(tuple(first[: place + 1])), counted, counted // 3)
    whole = meter.estimate_messages([*first, *more])
    assert abs(whole - meter.estimate_messages(first) - meter.estimate_messages(more)) <= 1
    shorter, longer = Request(tuple(first)), Request((*first, *more))
    assert 0 <= meter.estimate(shorter) <= meter.estimate(longer)
    assert meter.count("".join(message.text for message in more)) >= 0
    assert meter.doubt(longer) >= 0


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.integers(0, 400))
def test_no_text_and_no_count_makes_a_negative_size(text: str, counted: int) -> None:
    meter = TokenMeter(load_counter())
    request = Request((Message(Role.USER, text),))
    meter.learn(request, counted)
    assert meter.estimate(Request((*request.messages, Message(Role.TOOL, text)))) >= meter.estimate(request) >= 0


def test_a_message_is_counted_once_however_often_it_is_sent() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return count_roughly(text)

    meter = TokenMeter(count)
    for number in range(5):
        meter.learn(FIRST, 400 + number)
        meter.estimate(Request(tuple(replace(message) for message in FIRST.messages), FIRST.tools))
    assert counted.count(ASK.text) == 1


def test_what_is_remembered_is_bounded_and_the_counted_request_is_kept() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return count_roughly(text)

    meter = TokenMeter(count)
    meter.learn(FIRST, 400)
    for number in range(6_000):
        meter.estimate_messages([Message(Role.USER, f"number {number}")])
    meter.estimate_messages([Message(Role.USER, "number 0")])
    assert counted.count("number 0") == 2
    assert (meter.estimate(FIRST), counted.count(ASK.text)) == (400, 1)


@pytest.mark.parametrize("sign", ["a", " ", "\n", "=", "一", "é", "a一", "\ud800", "🎉"])
def test_a_huge_text_of_one_sign_is_counted_from_a_bounded_part_of_it(sign: str) -> None:
    given_to_count: list[int] = []

    def count(text: str) -> int:
        given_to_count.append(len(text))
        return load_counter()(text)

    text = sign * (1_000_000 // len(sign))
    counted = bounded(count)(text)
    assert max(given_to_count) <= 4_096
    assert sum(given_to_count) <= 65_536
    piece = sign * (4_096 // len(sign))
    assert counted == pytest.approx(load_counter()(piece) * 1_000_000 / 4_096, rel=0.05)


@pytest.mark.parametrize("length", [0, 1, 4_096, 4_097, 65_536, 65_537, 200_000])
def test_a_text_in_pieces_counts_as_it_does_whole(length: int) -> None:
    text = ("def find(self, key):\n    return self.table.get(key)\n" * 4_000)[:length]
    pieces: list[str] = []

    def count(piece: str) -> int:
        pieces.append(piece)
        return len(piece)

    assert bounded(count)(text) == length
    if length <= 65_536:
        assert "".join(pieces) == text

"""The typed dialect: events go out, and words and calls come back, however the server cuts its answer into pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.agent.dialects.event_text import replied, told
from trashclaw.agent.dialects.reply_schema import reply_schema
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    Part,
    ProgressPart,
    Request,
    Role,
    TextPart,
    ThoughtPart,
)
from trashclaw.protocol.events import Phase
from trashclaw.protocol.ids import CallId
from trashclaw.protocol.tools import ToolCall, ToolSpec

READ = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={
        "type": "object",
        "properties": {
            "path": {"type": "string", "description": "Where it is."},
            "offset": {"type": "integer", "minimum": 1},
        },
        "required": ["path"],
    },
)
PLAN = ToolSpec(
    name="update_plan",
    description="Write the plan.",
    parameters={
        "type": "object",
        "properties": {
            "entries": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"text": {"type": "string"}, "status": {"type": "string", "enum": ["todo", "done"]}},
                    "required": ["text"],
                },
            }
        },
        "required": ["entries"],
    },
)
TOOLS = (READ, PLAN)
AT = 1795269905.7
HELLO = Request((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Fix it.", at=AT)), TOOLS, max_tokens=100)


def call(arguments: str = '{"path": "a.py"}', name: str = "read_file") -> ToolCall:
    return ToolCall(call_id=CallId("call_1"), name=name, arguments=arguments)


def read(pieces: Iterable[str], reason: EndReason = EndReason.STOP) -> tuple[str, list[tuple[str, str]], EndReason]:
    """Return words, calls and how it ended."""
    reading = Typed().read(HELLO)
    parts: list[Part] = [part for piece in pieces for part in reading.feed(TextPart(piece))]
    parts += reading.finish(EndPart(reason))
    end = parts[-1]
    assert isinstance(end, EndPart)
    calls: dict[int, list[str]] = {}
    for part in parts:
        if isinstance(part, CallPart):
            made = calls.setdefault(part.index, ["", ""])
            made[0] += part.name
            made[1] += part.arguments
    words = "".join(part.text for part in parts if isinstance(part, TextPart))
    return words, [(name, arguments) for name, arguments in calls.values()], end.reason


def test_events_are_tagged_json_with_their_time() -> None:
    assert told(Message(Role.USER, 'Say "hi"\nplease', at=AT)) == (
        '<event type="user" ts="2026-11-21T14:05:05">{"text": "Say \\"hi\\"\\nplease"}</event>'
    )
    assert told(Message(Role.USER, "<note>Be quick.</note>")) == '<event type="note">{"text": "Be quick."}</event>'
    result = Message(Role.TOOL, "x = 1", call_id="c", tool_name="read_file", at=AT)
    assert told(result) == (
        '<event type="result" ts="2026-11-21T14:05:05">{"tool": "read_file", "text": "x = 1"}</event>'
    )


@pytest.mark.parametrize("at", [1e300, float("inf"), float("nan"), -1e20])
def test_a_time_that_is_none_is_left_out(at: float) -> None:
    assert told(Message(Role.USER, "x", at=at)) == '<event type="user">{"text": "x"}</event>'


@given(st.text() | st.sampled_from(["</event>", "</EVENT >", '<event type="user">', "<\\/event>"]))
def test_nothing_in_an_event_ends_it_or_is_lost(text: str) -> None:
    line = told(Message(Role.TOOL, f"a{text}</event>z", tool_name="bash"))
    assert line.lower().count("</event") == 1
    assert "\n" not in line
    content = json.loads(line.removeprefix('<event type="result">').removesuffix("</event>"))
    assert content == {"tool": "bash", "text": f"a{text}</event>z"}


def test_a_reply_goes_back_as_it_was_written() -> None:
    arguments = '{"path":  "a.py",\n "offset": 3}'
    written = f'{{"say": "Reading “it”.", "tool": "read_file", "arguments": {arguments}}}'
    words, calls, reason = read([written])
    assert (words, calls, reason) == ("Reading “it”.", [("read_file", arguments)], EndReason.TOOL_CALLS)
    assert replied(Message(Role.ASSISTANT, words, calls=(call(arguments),))) == written


def test_an_end_goes_back_as_it_was_written() -> None:
    written = '{"say": "Fixed.\\nAll green.", "tool": "done"}'
    words, calls, reason = read([written])
    assert (words, calls, reason) == ("Fixed.\nAll green.", [], EndReason.STOP)
    assert replied(Message(Role.ASSISTANT, words)) == written


def test_every_request_begins_with_the_whole_of_the_one_before() -> None:
    dialect = Typed()
    turns = (
        Message(Role.ASSISTANT, "Reading.", calls=(call(), call('{"path": "b.py"}')), thought="Hm", thought_field="x"),
        Message(Role.TOOL, "one", call_id="1", tool_name="read_file", at=AT),
        Message(Role.TOOL, "two", call_id="2", tool_name="read_file", at=AT),
        Message(Role.USER, "<note>Hurry.</note>", at=AT),
        Message(Role.ASSISTANT, "Done."),
        Message(Role.USER, "Thanks.", at=AT),
    )
    before = dialect.render(HELLO)
    for count in range(1, len(turns) + 1):
        request = dialect.render(replace(HELLO, messages=(*HELLO.messages, *turns[:count])))
        assert request.messages[: len(before.messages)] == before.messages
        assert (request.tools, request.schema) == ((), before.schema)
        assert request == Typed().render(replace(HELLO, messages=(*HELLO.messages, *turns[:count])))
        before = request
    assert [message.role for message in before.messages] == [
        *(Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.USER, Role.USER, Role.USER, Role.ASSISTANT, Role.USER)
    ]
    assert (before.messages[2].thought, before.messages[2].calls) == ("Hm", ())
    assert before.messages[2].text.splitlines()[1] == (
        '{"say": "", "tool": "read_file", "arguments": {"path": "b.py"}}'
    )


def test_tools_are_in_the_system_message_and_the_schema_and_nowhere_else() -> None:
    sent = Typed().render(HELLO)
    assert sent.messages[0].text.startswith("Be brief.\n\n")
    for words in ("- read_file: Read a file.", "path (string): Where it is.", "offset? (integer)"):
        assert words in sent.messages[0].text
    assert 'entries (list of {text: string, status: "todo" or "done"})' in sent.messages[0].text
    assert sent.max_tokens == 100
    bare = Typed().render(replace(HELLO, messages=HELLO.messages[1:]))
    assert [message.role for message in bare.messages] == [Role.SYSTEM, Role.USER]


def test_without_tools_or_with_another_schema_an_answer_is_words() -> None:
    aside = replace(HELLO, tools=())
    assert Typed().render(aside).schema is None
    assert Typed().render(aside).messages[0].text == "Be brief."
    own = replace(HELLO, schema={"type": "object"})
    assert Typed().render(own).schema == {"type": "object"}
    for request in (aside, own):
        assert [*Typed().read(request).feed(TextPart('{"tool": "x"}'))] == [TextPart('{"tool": "x"}')]


def test_the_union_is_closed_and_has_required_properties_first() -> None:
    schema = reply_schema(TOOLS)
    kinds = [one["properties"]["tool"]["enum"] for one in schema["anyOf"]]
    assert kinds == [["read_file"], ["update_plan"], ["done"]]
    for one in schema["anyOf"]:
        assert one["additionalProperties"] is False
        assert [*one["properties"]][:2] == one["required"][:2] == ["say", "tool"]
    entry = schema["anyOf"][1]["properties"]["arguments"]["properties"]["entries"]["items"]
    assert entry["additionalProperties"] is False
    assert "description" not in json.dumps(schema)


SAID = st.text(max_size=40) | st.text(alphabet='"\\\\{}[],: aé🙂\n/', max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | SAID,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAID, inner, max_size=3),
    max_leaves=6,
)


@given(
    say=SAID,
    name=st.sampled_from(["read_file", "update_plan", "done", "no such"]) | SAID,
    arguments=st.dictionaries(SAID, VALUES, max_size=3),
    ascii_only=st.booleans(),
    indent=st.sampled_from([None, 1]),
    order=st.permutations(["say", "tool", "arguments", "other"]),
    cuts=st.lists(st.integers(0, 400), max_size=8),
)
def test_any_reply_in_any_pieces_is_what_json_says_it_is(
    say: str,
    name: str,
    arguments: dict[str, object],
    ascii_only: bool,
    indent: int | None,
    order: list[str],
    cuts: list[int],
) -> None:
    reply = {"say": say, "tool": name, "arguments": arguments, "other": [{"say": "no"}]}
    text = json.dumps({key: reply[key] for key in order}, ensure_ascii=ascii_only, indent=indent)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    words, calls, reason = read(text[start:end] for start, end in pairwise(places))
    assert words == say
    if name == "done":
        assert (calls, reason) == ([], EndReason.STOP)
    else:
        [(called, raw)] = calls
        assert (called, json.loads(raw), reason) == (name, arguments, EndReason.TOOL_CALLS)


def test_words_are_shown_while_they_come_and_a_call_is_never_shown_as_text() -> None:
    reading = Typed().read(HELLO)
    seen = [
        [*reading.feed(TextPart(piece))] for piece in ('{"sa', 'y": "Loo', "k\\", 'n", "tool": "re', 'ad_file"', ", ")
    ]
    assert seen == [[], [TextPart("Loo")], [TextPart("k")], [TextPart("\n")], [CallPart(0, name="read_file")], []]
    assert [*reading.feed(TextPart('"arguments": {"path'))] == [CallPart(0, arguments='{"path')]
    assert [*reading.feed(TextPart('": "}"}} '))] == [CallPart(0, arguments='": "}"}')]


def test_what_is_no_text_passes() -> None:
    reading = Typed().read(HELLO)
    for part in (ThoughtPart("Hm"), ProgressPart(Phase.PREFILL), CallPart(0, name="x")):
        assert [*reading.feed(part)] == [part]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I cannot do that.", "I cannot do that."),
        ("`x` is wrong", "`x` is wrong"),
        ('{"answer": 42}', '{"answer": 42}'),
        ('{"answer": 4', '{"answer": 4'),
        ("{}", "{}"),
        ("{", "{"),
        ("```", "```"),
        ("", ""),
        ('{"say": 3, "tool": ["x"]}', '{"say": 3, "tool": ["x"]}'),
        ('{"say": "Hi", "tool": "done"} And more.', "Hi\n\nAnd more."),
        ('```json\n{"say": "Hi", "tool": "done"}\n```\n', "Hi"),
        ('<think>\n\n</think>\n\n{"say": "Hi", "tool": "done"}', "Hi"),
        ('<think>\n{"say": "Hi", "tool": "done"}', "Hi"),
        ('<think>Hm. Say {"a": 1}.</think>\n{"say": "Hi", "tool": "done"}', "Hi"),
        ('<think>Hm.</think> [THINK]So.[/THINK]```json\n{"say": "Hi", "tool": "done"}```', "Hi"),
        ('{"say": "<think>Hi</think>", "tool": "done"}', "<think>Hi</think>"),
        ("<thin air>", "<thin air>"),
        ("<thi", "<thi"),
        ("<think>Hm", ""),
        ("<thin ice", "<thin ice"),
        ("," * 200, "," * 200),
        ("```" + "\n" * 300 + "x", "```" + "\n" * 300 + "x"),
    ],
)
def test_what_is_no_reply_is_text(text: str, words: str) -> None:
    for pieces in ([text], [*text]):
        found, calls, reason = read(pieces)
        assert (found, calls, reason) == (words, [], EndReason.STOP)


def test_several_objects_are_several_calls() -> None:
    one = '{"say": "", "tool": "read_file", "arguments": {"path": "a"}}'
    words, calls, reason = read([one, "\n", one.replace('"a"', '"b"')])
    assert (words, reason) == ("", EndReason.TOOL_CALLS)
    assert [json.loads(arguments)["path"] for _, arguments in calls] == ["a", "b"]


def test_a_reply_that_was_cut_keeps_its_pieces_and_says_so() -> None:
    cut = '{"say": "Now", "tool": "read_file", "arguments": {"path": "a.'
    assert read([cut], EndReason.LENGTH) == ("Now", [("read_file", '{"path": "a.')], EndReason.LENGTH)
    assert read(['{"say": "No'], EndReason.LENGTH) == ("No", [], EndReason.LENGTH)
    assert read(['{"say": "No", "tool": "rea'], EndReason.LENGTH) == ("No", [], EndReason.LENGTH)
    assert read(['{"arguments": {"a": 1'], EndReason.LENGTH) == ("", [], EndReason.LENGTH)


@pytest.mark.parametrize(
    ("escaped", "meant"),
    [
        ("\\ud83d\\ude42", "🙂"),
        ("\\ud83d!", "\ufffd!"),
        ("\\ud83d\\n", "\ufffd\n"),
        ("\\ud83d\\ud83d\\ude42", "\ufffd🙂"),
        ("\\ude42", "\ufffd"),
        ("\\uzzzz", "\ufffd"),
        ("\\q\\/", "q/"),
        ("\\ud83d", "\ufffd"),
        ("a\x1bb\nc", "a\x1bb\nc"),
    ],
)
def test_escapes_are_read_as_json_has_them_and_never_fail(escaped: str, meant: str) -> None:
    text = f'{{"say": "{escaped}", "tool": "done"}}'
    assert read([text])[0] == read([*text])[0] == meant


@given(st.lists(st.text(alphabet='{}[]":,\\ud8`jsontay 1\n', max_size=12), max_size=12), st.sampled_from(EndReason))
def test_nothing_that_a_model_writes_makes_it_fail(pieces: list[str], reason: EndReason) -> None:
    words, calls, _ = read(pieces, reason)
    assert len(words) <= len("".join(pieces)) + 2 * len(pieces) + 2
    assert (words, calls) == read(["".join(pieces)], reason)[:2]


def test_a_thought_that_came_inline_goes_back_inline() -> None:
    thought = Message(Role.ASSISTANT, "Done.", thought="Hm", thought_field="<think>")
    sent = Typed().render(replace(HELLO, messages=(*HELLO.messages, thought)))
    assert sent.messages[-1].text == '<think>Hm</think>\n\n{"say": "Done.", "tool": "done"}'
    assert sent.messages[-1].thought == ""

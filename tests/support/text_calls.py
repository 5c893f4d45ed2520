"""What models write when they call tools in their text: one sample for each form of each family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Part, TextPart, ThoughtPart
from trashclaw.protocol.tools import ToolSpec

TOOLS = (
    ToolSpec(
        name="f",
        description="Take a number.",
        parameters={"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
    ),
    ToolSpec(
        name="write_file",
        description="Write a file.",
        parameters={
            "type": "object",
            "properties": {
                "path": {"type": "string"},
                "content": {"type": "string"},
                "lines": {"type": "array", "items": {"type": "integer"}},
            },
            "required": ["path", "content"],
        },
    ),
    ToolSpec(name="git_status", description="Tell the state.", parameters={"type": "object", "properties": {}}),
)

Expected = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sample:
    """An answer, and the calls in it: names, and arguments byte for byte."""

    family: str
    text: str
    calls: Expected = (("f", '{"a": 1}'),)
    is_explicit: bool = True
    """Also found by the native dialect."""

    follows_itself: bool = True
    """The same text again is another call."""


F, TWO = (("f", '{"a": 1}'),), (("f", '{"a": 1}'), ("f", '{"a": 2}'))
STATUS = (("git_status", "{}"),)
FILE = (("write_file", '{"path": "a.py", "content": "  x = \\"<b>\\"\\n\\ny\\n"}'),)
_CODER = (
    "<tool_call>\n<function=write_file>\n<parameter=path>\na.py\n</parameter>\n<parameter=content>\n"
    '  x = "<b>"\n\ny\n\n</parameter>\n</function>\n</tool_call>'
)
_R1 = (
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n"
    '{"a": 1}```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n'
    '{"a": 2}```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
)
_V31 = '<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
_DSML = (
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="write_file">\n'
    '<｜DSML｜parameter name="path" string="true">1</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="lines" string="false">[1, 2]</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n</｜DSML｜function_calls>"
)
_KIMI = (
    "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>"
    '{"a": 1}<|tool_call_end|><|tool_call_begin|>functions.f:1<|tool_call_argument_begin|>{"a": 2}<|tool_call_end|>'
    "<|tool_calls_section_end|>"
)
_M3 = "]<]minimax[>["

SAMPLES = (
    Sample("hermes", '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>'),
    Sample("hermes-no-end", '<tool_call>\n{"name": "f", "arguments": {"a": 1}}', follows_itself=False),
    Sample("hermes-no-outer-brace", '<tool_call>\n{"name": "f", "arguments": {"a": 1}\n</tool_call>'),
    Sample("hermes-extra-brace", '<tool_call>{"name": "f", "arguments": {"a": 1}}}</tool_call>'),
    Sample(
        "hermes-list",
        '<tool_call>[{"name":"f","arguments":{"a": 1}},{"name":"f","arguments":{"a": 2}}]</tool_call>',
        TWO,
    ),
    Sample("hermes-arguments-first", '<tool_call>{"arguments": {"a": 1}, "name": "f"}</tool_call>'),
    Sample(
        "hermes-order-kept",
        '<tool_call>{"name": "f", "arguments": {"b" :2,  "a":1.0}}</tool_call>',
        (("f", '{"b" :2,  "a":1.0}'),),
    ),
    Sample("hermes-flat", '<tool_call>{"name": "f", "a": 1}</tool_call>'),
    Sample(
        "hermes-nested", '<tool_call>{"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}</tool_call>'
    ),
    Sample(
        "hermes-tag-inside",
        '<tool_call>{"name": "f", "arguments": {"a": "</tool_call>"}}</tool_call>',
        (("f", '{"a": "</tool_call>"}'),),
    ),
    Sample("hermes-python", "<tool_call>{'name': 'f', 'arguments': {'a': True}}</tool_call>", (("f", "{'a': True}"),)),
    Sample(
        "hermes-text", '<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}</tool_call>', (("f", '"{\\"a\\": 1}"'),)
    ),
    Sample("qwen3-coder", _CODER, FILE),
    Sample("qwen3-coder-no-opening", _CODER.removeprefix("<tool_call>\n"), FILE),
    Sample(
        "qwen3-coder-number", "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>"
    ),
    Sample("qwen3-coder-none", "<tool_call>\n<function=git_status>\n</function>\n</tool_call>", STATUS),
    Sample("llama-tag", '<|python_tag|>{"name": "f", "parameters": {"a": 1}}'),
    Sample("llama-builtin", "<|python_tag|>f.call(a=1)", follows_itself=False),
    Sample("llama", '{"name": "f", "parameters": {"a": 1}}', is_explicit=False),
    Sample(
        "llama-two",
        '{"name": "f", "parameters": {"a": 1}}; {"name": "f", "parameters": {"a": 2}}',
        TWO,
        is_explicit=False,
    ),
    Sample("functionary-3.1", '<function=f>{"a": 1}</function>'),
    Sample("functionary-3.2", '>>>f\n{"a": 1}', is_explicit=False),
    Sample("mistral-nemo", '[TOOL_CALLS][{"name": "f", "arguments": {"a": 1}, "id": "123456789"}]'),
    Sample("devstral", '[TOOL_CALLS]f[ARGS]{"a": 1}'),
    Sample(
        "mistral-small",
        '[TOOL_CALLS]f[CALL_ID]123456789[ARGS]{"a": 1}[TOOL_CALLS]f[CALL_ID]123456780[ARGS]{"a": 2}',
        TWO,
    ),
    Sample("deepseek-r1", _R1, TWO),
    Sample("deepseek-v3.1", _V31),
    Sample("deepseek-ascii", _V31.replace("｜", "|").replace("▁", "_")),
    Sample("deepseek-mixed", _V31.replace("▁", "_")),
    Sample("deepseek-v3.2", _DSML, (("write_file", '{"path": "1", "lines": [1, 2]}'),)),
    Sample(
        "deepseek-v4",
        _DSML.replace("function_calls", "tool_calls"),
        (("write_file", '{"path": "1", "lines": [1, 2]}'),),
    ),
    Sample("deepseek-v4-ascii", _DSML.replace("｜", "|"), (("write_file", '{"path": "1", "lines": [1, 2]}'),)),
    Sample("gpt-oss", '<|channel|>commentary to=functions.f <|constrain|>json<|message|>{"a": 1}<|call|>'),
    Sample("gpt-oss-first", '<|start|>assistant to=functions.f<|channel|>commentary json<|message|>{"a": 1}<|call|>'),
    Sample(
        "gpt-oss-bare", 'to=functions.f<|channel|>commentary <|constrain|>json<|message|>{"a": 1}', follows_itself=False
    ),
    Sample("glm", "<tool_call>f\n<arg_key>a</arg_key>\n<arg_value>1</arg_value>\n</tool_call>"),
    Sample("glm-4.7", "<tool_call>f<arg_key>a</arg_key><arg_value>1</arg_value></tool_call>"),
    Sample("glm-none", "<tool_call>git_status</tool_call>", STATUS),
    Sample("kimi-k2", _KIMI, TWO),
    Sample(
        "minimax-m2",
        '<minimax:tool_call>\n<invoke name="f">\n<parameter name="a">1</parameter>\n</invoke>\n</minimax:tool_call>',
    ),
    Sample(
        "minimax-m3",
        f'{_M3}<tool_call>\n{_M3}<invoke name="f">{_M3}<a>1{_M3}</a>{_M3}</invoke>\n{_M3}</tool_call>',
    ),
    Sample(
        "minimax-m3-list",
        f'{_M3}<tool_call>{_M3}<invoke name="write_file">{_M3}<lines>{_M3}<item>1{_M3}</item>{_M3}</lines>'
        f"{_M3}</invoke>{_M3}</tool_call>",
        (("write_file", '{"lines": ["1"]}'),),
    ),
    Sample("granite", '<|tool_call|>[{"name": "f", "arguments": {"a": 1}}]'),
    Sample("phi-4-mini", 'functools[{"name": "f", "parameters": {"a": 1}}, {"name": "f", "arguments": {"a": 2}}]', TWO),
    Sample("functiongemma", "<start_function_call>call:f{a:1}<end_function_call>"),
    Sample(
        "functiongemma-text",
        "<start_function_call>call:write_file{path:<escape>a, {b}<escape>,lines:[1,2]}<end_function_call>",
        (("write_file", '{"path": "a, {b}", "lines": [1, 2]}'),),
    ),
    Sample("gemma-4", "<|tool_call>call:f{a:1}<tool_call|>"),
    Sample(
        "gemma-4-text",
        '<|tool_call>call:write_file{path:<|"|>it\'s<|"|>}<tool_call|>',
        (("write_file", '{"path": "it\'s"}'),),
    ),
    Sample("gemma-code", "```tool_code\nprint(f(a=1))\n```", is_explicit=False),
    Sample(
        "command-r", '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "f", "parameters": {"a": 1}}]<|END_ACTION|>'
    ),
    Sample("command-r-1", 'Action: ```json\n[{"tool_name": "f", "parameters": {"a": 1}}]\n```', is_explicit=False),
    Sample("lfm2", "<|tool_call_start|>[f(a=1), f(a=2)]<|tool_call_end|>", TWO),
    Sample(
        "lfm2-text",
        "<|tool_call_start|>[write_file(path='<|tool_call_end|>', lines=[-1, 2])]<|tool_call_end|>",
        (("write_file", '{"path": "<|tool_call_end|>", "lines": [-1, 2]}'),),
    ),
    Sample("seed-oss", "<seed:tool_call>\n<function=f>\n<parameter=a>1</parameter>\n</function>\n</seed:tool_call>"),
    Sample("nemotron", '<TOOLCALL>[{"name": "f", "arguments": {"a": 1}}]</TOOLCALL>'),
    Sample("apriel", '<tool_calls>[{"name": "f", "arguments": {"a": 1}}]</tool_calls>'),
    Sample("apertus", '<|tools_prefix|>[{"f": {"a": 1}}]<|tools_suffix|>'),
    Sample("lm-studio", '[TOOL_REQUEST]{"name": "f", "arguments": {"a": 1}}[END_TOOL_REQUEST]'),
    Sample(
        "anthropic",
        '<function_calls>\n<invoke name="f">\n<parameter name="a">1</parameter>\n</invoke>\n</function_calls>',
    ),
    Sample(
        "invoke",
        '<invoke name="write_file">\n<parameter name="path">\na\n</parameter>\n</invoke>',
        (("write_file", '{"path": "\\na\\n"}'),),
    ),
    Sample("tool-use", '<tool_use>\n<name>f</name>\n<arguments>{"a": 1}</arguments>\n</tool_use>'),
    Sample("tool-use-object", '<tool_use>{"name": "f", "input": {"a": 1}}</tool_use>'),
    Sample("function-call", '<function_call>{"name": "f", "arguments": {"a": 1}}</function_call>'),
    Sample("fence-json", '```json\n{"name": "f", "arguments": {"a": 1}}\n```', is_explicit=False),
    Sample("fence-call", '```tool_call\n{"name": "f", "arguments": {"a": 1}}\n```', is_explicit=False),
    Sample(
        "json-list",
        '[{"name": "f", "arguments": {"a": 1}}, {"name": "f", "arguments": {"a": 2}}]',
        TWO,
        is_explicit=False,
    ),
    Sample("react", 'Action: f\nAction Input: {"a": 1}', is_explicit=False),
)


def read(reading: Reading, pieces: Iterable[str], reason: EndReason = EndReason.STOP) -> list[Part]:
    """Return all parts that a reading gives for an answer in pieces, its end included."""
    parts: list[Part] = []
    for piece in pieces:
        parts += reading.feed(TextPart(piece))
    return [*parts, *reading.finish(EndPart(reason))]


def text_of(parts: Sequence[Part]) -> str:
    """Return the words."""
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def thought_of(parts: Sequence[Part]) -> str:
    """Return the reasoning."""
    return "".join(part.text for part in parts if isinstance(part, ThoughtPart))


def calls_of(parts: Sequence[Part]) -> Expected:
    """Return the calls, as names and arguments."""
    return tuple((part.name, part.arguments) for part in parts if isinstance(part, CallPart))

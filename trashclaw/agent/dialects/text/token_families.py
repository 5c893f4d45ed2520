"""Families that write a call with tokens of their own: a name, and then JSON or Python."""

from __future__ import annotations

import re
from itertools import product

from trashclaw.agent.dialects.marks import Mark, Place
from trashclaw.agent.dialects.text.calls import NAME, Block, Family, Found, Scope, begun_behind, skip_blank
from trashclaw.agent.dialects.text.gemma import functiongemma, gemma4
from trashclaw.agent.dialects.text.objects import objects, raw_arguments
from trashclaw.agent.dialects.text.python_calls import python_calls

_CALLS_AT_MOST = 64
_UNCLOSED_AT_MOST = 8
"""So many arguments without an end in one answer: for each of them all the rest is looked through."""

_MISTRAL = re.compile(rf"\s*(?:\[TOOL_CALLS\])?\s*({NAME})(?:\[CALL_ID\][\w-]{{1,64}})?\s*(?:\[ARGS\])?\s*(?=\{{|$)")
_B, _S = "[｜|]", "[▁_]"
_DEEPSEEK = re.compile(
    rf"\s*<{_B}tool{_S}call{_S}begin{_B}>(?:function<{_B}tool{_S}sep{_B}>)?\s*({NAME})"
    rf"(?:<{_B}tool{_S}sep{_B}>)?\s*(?:```(?:json)?)?\s*"
)
_DEEPSEEK_END = re.compile(rf"\s*(?:```)?\s*(?:<{_B}tool{_S}call{_S}end{_B}>)?")
_DEEPSEEK_LAST = re.compile(rf"\s*<{_B}tool{_S}calls{_S}end{_B}>")
_KIMI = re.compile(rf"\s*<\|tool_call_begin\|>\s*({NAME})\s*<\|tool_call_argument_begin\|>\s*")
_KIMI_END = re.compile(r"\s*(?:<\|tool_call_end\|>)?")
_KIMI_LAST = re.compile(r"\s*<\|tool_calls_section_end\|>")
_HARMONY = re.compile(
    rf"\s*(?:<\|start\|>assistant)?(?:<\|channel\|>\w+)?\s*to=({NAME})\s*"
    r"(?:<\|channel\|>\w+)?\s*(?:<\|constrain\|>\w+|json|code)?\s*<\|message\|>\s*"
)
_HARMONY_END = re.compile(r"\s*(?:<\|call\|>|<\|end\|>)?")
_FUNCTIONARY = re.compile(rf"\s*(?:>>>)?({NAME})\n\s*(?=\{{|$)")
_NO_END = re.compile(r"")


def _series(
    text: str, start: int, opening: re.Pattern[str], closings: tuple[str, ...], end: re.Pattern[str]
) -> Block | None:
    """Read names and arguments, one after another."""
    found: list[Found] = []
    place, unclosed = start, 0
    while len(found) < _CALLS_AT_MOST and unclosed < _UNCLOSED_AT_MOST and (head := opening.match(text, place)):
        arguments, place = raw_arguments(text, head.end(), closings)
        unclosed += not arguments.endswith(("}", "]"))
        found.append(Found(_bare_name(head[1]), arguments))
        after = end.match(text, place)
        place = after.end() if after else place
    return Block(tuple(found), place) if found else None


def _bare_name(name: str) -> str:
    """Take the namespace and the running number off: `functions.f:0` is `f`."""
    return re.sub(r":\d+$", "", name).removeprefix("functions.")


def _ended(block: Block | None, text: str, last: re.Pattern[str]) -> Block | None:
    after = last.match(text, block.end) if block else None
    return Block(block.calls, after.end()) if block and after else block


def mistral(text: str, scope: Scope) -> Block | None:
    """Read `[TOOL_CALLS]`: a list of objects, or names with arguments."""
    start = skip_blank(text, len("[TOOL_CALLS]"))
    if text[start : start + 1] in ("[", "{"):
        return objects(text, start, (), scope)
    return _series(text, start, _MISTRAL, ("[TOOL_CALLS]", "</s>"), _NO_END)


def deepseek(text: str, scope: Scope) -> Block | None:
    """Read DeepSeek R1's and V3.1's form, and Kimi K2's, which shares a token with it."""
    if (kimi := _KIMI.match(text)) is not None:
        return _kimi(text, kimi.start())
    start = text.index(">") + 1 if re.match(rf"<{_B}tool{_S}calls", text) else 0
    closings = ("```<｜tool▁call▁end｜>", "<｜tool▁call▁end｜>", "<|tool_call_end|>", "<|tool▁call▁end|>")
    return _ended(_series(text, start, _DEEPSEEK, closings, _DEEPSEEK_END), text, _DEEPSEEK_LAST)


def kimi(text: str, scope: Scope) -> Block | None:
    """Read Kimi K2's form."""
    return _kimi(text, len("<|tool_calls_section_begin|>"))


def _kimi(text: str, start: int) -> Block | None:
    return _ended(_series(text, start, _KIMI, ("<|tool_call_end|>",), _KIMI_END), text, _KIMI_LAST)


def harmony(text: str, scope: Scope) -> Block | None:
    """Read the form of gpt-oss."""
    return _series(text, 0, _HARMONY, ("<|call|>", "<|end|>"), _HARMONY_END)


def functionary(text: str, scope: Scope) -> Block | None:
    """Read Functionary 3.2's form."""
    return _series(text, 0, _FUNCTIONARY, (">>>",), _NO_END)


def _may_be_functionary(head: str) -> bool:
    name, newline, rest = head[3:].partition("\n")
    if name and re.fullmatch(NAME, name) is None:
        return False
    return not newline or (bool(name) and "{".startswith(rest.lstrip()[:1]))


def lfm2(text: str, scope: Scope) -> Block | None:
    """Read LFM2's form: a list of Python calls, or of objects."""
    start = skip_blank(text, len("<|tool_call_start|>"))
    closings = ("<|tool_call_end|>",)
    return python_calls(text, start, closings, scope) or objects(text, start, closings, scope)


def families() -> tuple[Family, ...]:
    """Return these families, in the order in which they are tried."""
    forms = [
        f"<{bar}{text.replace('_', space)}{bar}>"
        for bar, space in product("｜|", "▁_")
        for text in ("tool_calls_begin", "tool_call_begin")
    ]
    return (
        Family("mistral", (Mark("[TOOL_CALLS]", is_plausible=begun_behind("[TOOL_CALLS]")),), mistral),
        Family("deepseek", tuple(Mark(form) for form in forms), deepseek),
        Family("kimi", (Mark("<|tool_calls_section_begin|>"),), kimi),
        Family("harmony", (Mark("to=functions.", place=Place.START),), harmony),
        Family("functiongemma", (Mark("<start_function_call>"),), functiongemma),
        Family("gemma", (Mark("<|tool_call>"),), gemma4),
        Family("lfm2", (Mark("<|tool_call_start|>"),), lfm2),
        Family("functionary", (Mark(">>>", is_plausible=_may_be_functionary),), functionary, False),
    )

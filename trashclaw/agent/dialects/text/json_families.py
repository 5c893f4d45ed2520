"""Families that write a call as a JSON object behind a mark."""

from __future__ import annotations

import re
from collections.abc import Callable

from trashclaw.agent.dialects.marks import Mark
from trashclaw.agent.dialects.text.calls import Block, Family, Found, Parse, Scope, skip_blank
from trashclaw.agent.dialects.text.objects import may_be_object, objects
from trashclaw.agent.dialects.text.python_calls import python_calls

_REACT = re.compile(r"Action:[ \t]*([\w.:/-]{1,64})[ \t]*\n+Action Input:[ \t]*")
_REACT_END = re.compile(r"\n\s*(?=Observation:|Thought:|Final Answer:|Action:)")
_CODE_INFO = ("tool_code",)
_CALL_INFO = ("tool_call", "tool_calls", "function_call", "tool_use")
_JSON_INFO = ("json", "", "tool", "xml", "text")


def boxed(name: str, opening: str, *closings: str, is_explicit: bool = True) -> Family:
    """Return a family whose objects, or a list of them, stand between two marks."""

    def parse(text: str, scope: Scope) -> Block | None:
        return objects(text, len(opening), closings, scope)

    is_plausible = None if is_explicit else _behind(opening)
    return Family(name, (Mark(opening, is_plausible=is_plausible),), parse, is_explicit)


def python_tag(text: str, scope: Scope) -> Block | None:
    """Read Llama's calls: objects, or `name.call(...)`."""
    start = skip_blank(text, len("<|python_tag|>"))
    if text[start : start + 1] in ("{", "["):
        return objects(text, start, ("<|eom_id|>", "<|eot_id|>"), scope)
    return python_calls(text, start, ("<|eom_id|>", "<|eot_id|>", "\n\n"), scope)


def bare(text: str, scope: Scope) -> Block | None:
    """Read objects that are the rest of the answer, or that name a tool."""
    found = objects(text, 0, (), scope)
    if found is None or not all(scope.knows(call.name) for call in found.calls):
        return None
    return found


def fenced(text: str, scope: Scope) -> Block | None:
    """Read a fence that holds nothing but calls."""
    info, _, _ = text[3:].partition("\n")
    info = info.strip()
    start = skip_blank(text, 3 + len(text[3:].partition("\n")[0]))
    if info in _CODE_INFO and text[start : start + 1] not in ("{", "["):
        return python_calls(text, start, ("\n```", "```"), scope)
    found = objects(text, start, ("```",), scope)
    if found is None or (info not in _CALL_INFO and not all(scope.knows(call.name) for call in found.calls)):
        return None
    is_closed = text[: found.end].endswith("```") or not text[found.end :].strip("`\n ")
    return found if is_closed else None


def react(text: str, scope: Scope) -> Block | None:
    """Read `Action:` and `Action Input:`, or Command R's list behind `Action:`."""
    found = _REACT.match(text)
    if found is None:
        start = skip_blank(text, len("Action:"))
        return fenced(text[start:], scope) and _shifted(fenced(text[start:], scope), start)
    if text[found.end() : found.end() + 1] == "{":
        from trashclaw.agent.dialects.text.objects import object_end

        end = object_end(text, found.end())
        if end is not None:
            return Block((Found(found[1], text[found.end() : end]),), end)
    stop = _REACT_END.search(text, found.end())
    end = stop.start() if stop else len(text)
    return Block((Found(found[1], text[found.end() : end].strip()),), end)


def _shifted(block: Block | None, by: int) -> Block | None:
    return None if block is None else Block(block.calls, block.end + by)


def _behind(opening: str) -> Callable[[str], bool]:
    return lambda head: may_be_object(head[len(opening) :])


def _may_be_fenced(head: str) -> bool:
    info, newline, rest = head[3:].partition("\n")
    info = info.strip()
    known = (*_CODE_INFO, *_CALL_INFO, *_JSON_INFO)
    if not newline:
        return any(word.startswith(info) for word in known)
    if info in _CODE_INFO:
        return True
    return info in known and may_be_object(rest)


def _may_be_action(head: str) -> bool:
    action, newline, rest = head.removeprefix("Action:").lstrip(" \t").partition("\n")
    if not newline:
        return len(action) <= 64 and (not action or re.fullmatch(r"[\w.:/-]+[ \t]*|`{1,3}\w*", action) is not None)
    if action.strip():
        rest = rest.lstrip()
        return action.startswith("```") or "Action Input:".startswith(rest[:13])
    rest = rest.lstrip()
    return "```".startswith(rest[:3])


def families() -> tuple[Family, ...]:
    """Return these families, in the order in which they are tried."""
    tag: tuple[tuple[str, str, Parse], ...] = (("llama", "<|python_tag|>", python_tag),)
    return (
        *(Family(name, (Mark(mark),), parse) for name, mark, parse in tag),
        boxed("granite", "<|tool_call|>", "<|/tool_call|>", "<|end|>", "<|end_of_text|>"),
        boxed("command-r", "<|START_ACTION|>", "<|END_ACTION|>"),
        boxed("nemotron", "<TOOLCALL>", "</TOOLCALL>"),
        boxed("apriel", "<tool_calls>", "</tool_calls>"),
        boxed("apertus", "<|tools_prefix|>", "<|tools_suffix|>"),
        boxed("lm-studio", "[TOOL_REQUEST]", "[END_TOOL_REQUEST]"),
        boxed("function-call", "<function_call>", "</function_call>"),
        boxed("phi", "functools", "<|end|>"),
        boxed("tools", "<tools>", "</tools>", is_explicit=False),
        boxed("tool", "<tool>", "</tool>", is_explicit=False),
        Family("json", (Mark("{", is_plausible=may_be_object), Mark("[", is_plausible=may_be_object)), bare, False),
        Family("fence", (Mark("```", is_plausible=_may_be_fenced),), fenced, False),
        Family("react", (Mark("Action:", is_plausible=_may_be_action),), react, False),
    )

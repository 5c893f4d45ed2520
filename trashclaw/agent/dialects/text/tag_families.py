"""Families that write a call in tags with one element for each argument; the tags that more than one of them uses."""

from __future__ import annotations

import re

from trashclaw.agent.dialects.marks import Mark
from trashclaw.agent.dialects.text.calls import (
    NAME,
    Block,
    Family,
    Found,
    Scope,
    begun_behind,
    json_object,
    json_value,
    skip_blank,
)
from trashclaw.agent.dialects.text.elements import Form, calls
from trashclaw.agent.dialects.text.objects import objects, raw_arguments

_SPACE = "]<]minimax[>["
_KEY = r"(?P<key>\w[\w.:-]{0,127})"
_FUNCTION = Form(
    re.compile(rf"""<function(?:=|\s+name=)["']?(?P<name>{NAME})["']?\s*>"""),
    re.compile(rf"""<parameter(?:=|\s+name=)["']?{_KEY}["']?\s*>"""),
    "</parameter>",
    "</function>",
    has_own_lines=True,
)
_INVOKE = Form(
    re.compile(rf'<invoke name="(?P<name>{NAME})"\s*>'),
    re.compile(rf'<parameter name="{_KEY}"[^<>]{{0,64}}>'),
    "</parameter>",
    "</invoke>",
)
_MINIMAX = Form(_INVOKE.opening, _INVOKE.parameter, "</parameter>", "</invoke>", has_own_lines=True)
_MINIMAX_3 = Form(
    re.compile(rf'{re.escape(_SPACE)}<invoke name="(?P<name>{NAME})"\s*>'),
    re.compile(rf"{re.escape(_SPACE)}<{_KEY}>"),
    _SPACE + "</{key}>",
    _SPACE + "</invoke>",
    space=_SPACE,
)
_GLM_NAME = re.compile(rf"\s*({NAME})\s*(?=<arg_key>|</tool_call>|\{{|$)")
_GLM_PAIR = re.compile(r"\s*<arg_key>\s*([\w.-]{1,128})\s*</arg_key>\s*<arg_value>")
_GLM_AFTER = re.compile(r"\s*(?:<arg_key>|</tool_call>|$)")
_TOOL_USE_NAME = re.compile(rf"\s*<name>\s*({NAME})\s*</name>\s*<(arguments|input|parameters)>")
_BOX_END = ("</tool_call>",)
_DSML = r"<[｜|]DSML[｜|]"


def tool_call(text: str, scope: Scope) -> Block | None:
    """Read `<tool_call>`: Hermes puts JSON into it, Qwen3-Coder a function with parameters, GLM keys and values."""
    start = skip_blank(text, len("<tool_call>"))
    if text[start : start + 1] in ("{", "["):
        return objects(text, start, _BOX_END, scope)
    if text.startswith("<function", start):
        return _functions(text, start, scope, _BOX_END)
    if text.startswith("<invoke", start):
        return calls(text, start, _INVOKE, scope, _BOX_END)
    if start >= len(text):
        return Block((Found("", ""),), len(text))
    return _glm(text, start, scope)


def _functions(text: str, start: int, scope: Scope, closings: tuple[str, ...]) -> Block | None:
    found = calls(text, start, _FUNCTION, scope, closings)
    if found is not None:
        return found
    opening = _FUNCTION.opening.match(text, start)
    if opening is None:
        return None
    begin = skip_blank(text, opening.end())
    if not text.startswith("{", begin):
        return None
    arguments, end = raw_arguments(text, begin, ("</function>",))
    for closing in ("</function>", *closings):
        after = skip_blank(text, end)
        if text.startswith(closing, after):
            end = after + len(closing)
    return Block((Found(opening["name"], arguments),), end)


def function(text: str, scope: Scope) -> Block | None:
    """Read a function without `<tool_call>`: Functionary 3.1, and Qwen3-Coder when it leaves the tag out."""
    return _functions(text, 0, scope, _BOX_END)


def seed(text: str, scope: Scope) -> Block | None:
    """Read Seed-OSS's form."""
    return _functions(text, skip_blank(text, len("<seed:tool_call>")), scope, ("</seed:tool_call>",))


def _glm(text: str, start: int, scope: Scope) -> Block | None:
    named = _GLM_NAME.match(text, start)
    if named is None:
        return None
    name, place = named[1], named.end()
    if place == len(text) and not scope.knows(name):
        return Block((Found("", name),), place)
    if text.startswith("{", place):
        arguments, place = raw_arguments(text, place, _BOX_END)
        return Block((Found(name, arguments),), _behind(text, place, "</tool_call>"))
    members: list[tuple[str, str]] = []
    known = scope.properties(name)
    while pair := _GLM_PAIR.match(text, place):
        end = text.find("</arg_value>", pair.end())
        while end >= 0 and _GLM_AFTER.match(text, end + 12) is None:
            end = text.find("</arg_value>", end + 12)
        if end < 0:
            return Block((Found(name, text[named.end() :].strip()),), len(text))
        members.append((pair[1], json_value(text[pair.end() : end], known.get(pair[1]))))
        place = end + len("</arg_value>")
    rest = text[skip_blank(text, place) :]
    if rest and not rest.startswith("</tool_call>") and not "</tool_call>".startswith(rest):
        end = text.find("</tool_call>", place)
        stop = len(text) if end < 0 else end
        return Block((Found(name, text[named.end() : stop].strip()),), _behind(text, stop, "</tool_call>"))
    return Block((Found(name, json_object(members)),), _behind(text, place, "</tool_call>"))


def _behind(text: str, place: int, closing: str) -> int:
    after = skip_blank(text, place)
    if text.startswith(closing, after):
        return after + len(closing)
    return len(text) if closing.startswith(text[after:]) else place


def invokes(text: str, scope: Scope) -> Block | None:
    """Read `<invoke>` with or without `<function_calls>` around it."""
    start = 0 if text.startswith("<invoke") else text.index(">") + 1
    return calls(text, start, _INVOKE, scope, ("</function_calls>",))


def minimax(text: str, scope: Scope) -> Block | None:
    """Read MiniMax M2's form."""
    return calls(text, len("<minimax:tool_call>"), _MINIMAX, scope, ("</minimax:tool_call>",))


def minimax_3(text: str, scope: Scope) -> Block | None:
    """Read MiniMax M3's form, in which every tag has a prefix."""
    return calls(text, len(f"{_SPACE}<tool_call>"), _MINIMAX_3, scope, (f"{_SPACE}</tool_call>",))


def tool_use(text: str, scope: Scope) -> Block | None:
    """Read `<tool_use>` with a name and a JSON of arguments, or with an object."""
    start = len("<tool_use>")
    named = _TOOL_USE_NAME.match(text, start)
    if named is None:
        return objects(text, start, ("</tool_use>",), scope)
    closing = f"</{named[2]}>"
    arguments, end = raw_arguments(text, skip_blank(text, named.end()), (closing,))
    return Block((Found(named[1], arguments),), _behind(text, _behind(text, end, closing), "</tool_use>"))


def dsml(text: str, scope: Scope) -> Block | None:
    """Read the form of DeepSeek V3.2 and V4."""
    opening = re.match(_DSML, text)
    if opening is None:
        return None
    tag = opening[0][1:]
    form = Form(
        re.compile(rf'{_DSML}invoke name="(?P<name>{NAME})"\s*>'),
        re.compile(rf'{_DSML}parameter name="{_KEY}"(?:\s+string="(?P<string>true|false)")?\s*>'),
        f"</{tag}parameter>",
        f"</{tag}invoke>",
    )
    return calls(
        text, text.index(">") + 1, form, scope, tuple(f"</{tag}{word}>" for word in ("function_calls", "tool_calls"))
    )


def families() -> tuple[Family, ...]:
    """Return these families, in the order in which they are tried."""
    dsml_marks = tuple(Mark(f"<{bar}DSML{bar}{word}>") for bar in "｜|" for word in ("function_calls", "tool_calls"))
    return (
        Family("tool_call", (Mark("<tool_call>", is_plausible=begun_behind("<tool_call>")),), tool_call),
        Family("function", (Mark("<function="), Mark("<function name=")), function),
        Family("seed", (Mark("<seed:tool_call>"),), seed),
        Family("minimax", (Mark("<minimax:tool_call>"),), minimax),
        Family("minimax-3", (Mark(f"{_SPACE}<tool_call>"),), minimax_3),
        Family("invoke", (Mark("<function_calls>"), Mark("<invoke name=")), invokes),
        Family("tool_use", (Mark("<tool_use>"),), tool_use),
        Family("dsml", dsml_marks, dsml),
    )

"""Calls as tags with one element for each argument, whose values are plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.agent.dialects.text.calls import Block, Found, Scope, json_object, json_value, skip_blank

_CALLS_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Form:
    """How one family writes a call."""

    opening: re.Pattern[str]
    """With a group `name`."""

    parameter: re.Pattern[str]
    """With a group `key`, and maybe `string`."""

    value_end: str
    """`{key}` stands for the name of the argument."""

    closing: str
    space: str = ""
    """What stands before every tag."""

    has_own_lines: bool = False
    """A value that begins with a line end stands on lines of its own: one line end on each side is not part of it."""


def call_at(text: str, start: int, form: Form, scope: Scope) -> tuple[Found, int] | None:
    """Read one call; arguments whose extent is not certain are given as they stand, which is no JSON."""
    found = form.opening.match(text, start)
    if found is None:
        return None
    name, begin = found["name"], found.end()
    place = skip_blank(text, begin)
    if text[place : place + 1] == "{":
        return None
    members: list[tuple[str, str]] = []
    known = scope.properties(name)
    while parameter := form.parameter.match(text, place):
        key = parameter["key"]
        end = _value_end(text, parameter.end(), form, key)
        if end is None:
            return _uncertain(text, name, begin, form)
        raw = text[parameter.end() : end]
        if any(other["key"] in known for other in form.parameter.finditer(raw) if raw[: other.start()].endswith("\n")):
            return _uncertain(text, name, begin, form)
        if form.has_own_lines and raw.startswith("\n"):
            raw = raw[1:].removesuffix("\n")
        flag = parameter.groupdict().get("string")
        nested = nested_value(raw, form.space) if form.space else ""
        members.append(
            (key, nested or json_value(raw, known.get(key), is_string=None if flag is None else flag == "true"))
        )
        place = skip_blank(text, end + len(form.value_end.format(key=key)))
    if text.startswith(form.closing, place):
        return Found(name, json_object(members)), place + len(form.closing)
    if form.closing.startswith(text[place:]) or text.startswith(f"{form.space}</", place):
        # The end of the answer, or the end of what is around it: the model left its own end out.
        return Found(name, json_object(members)), len(text) if form.closing.startswith(text[place:]) else place
    return _uncertain(text, name, begin, form) if members or text.startswith("<", place) else None


def calls(text: str, start: int, form: Form, scope: Scope, closings: Sequence[str]) -> Block | None:
    """Read calls one after another, up to one of `closings`, which is taken too."""
    found: list[Found] = []
    place = skip_blank(text, start)
    while len(found) < _CALLS_AT_MOST and (one := call_at(text, place, form, scope)):
        found.append(one[0])
        place = skip_blank(text, one[1])
    if not found:
        return None
    for closing in closings:
        if text.startswith(closing, place):
            return Block(tuple(found), place + len(closing))
        if text[place:] and closing.startswith(text[place:]):
            return Block(tuple(found), len(text))
    return Block(tuple(found), place)


def _value_end(text: str, start: int, form: Form, key: str) -> int | None:
    """Return the end of a value: an end tag behind which something of a call follows."""
    closing, place = form.value_end.format(key=key), start
    while (place := text.find(closing, place)) >= 0:
        after = skip_blank(text, place + len(closing))
        rest = text[after : after + 64]
        if (
            form.closing.startswith(rest)
            or rest.startswith((form.closing, f"{form.space}</"))
            or form.parameter.match(text, after)
        ):
            return place
        place += len(closing)
    return None


def _uncertain(text: str, name: str, begin: int, form: Form) -> tuple[Found, int]:
    end = text.rfind(form.closing, begin)
    stop = len(text) if end < 0 else end
    return Found(name, text[begin:stop].strip()), len(text) if end < 0 else end + len(form.closing)


def nested_value(text: str, space: str) -> str:
    """Return the JSON of a value in which every tag has the prefix `space`: elements, items or plain text."""
    if space not in text:
        return ""
    items = _children(text, space)
    if items is None:
        return ""
    values = [(key, nested_value(raw, space) or json.dumps(raw, ensure_ascii=False)) for key, raw in items]
    if all(key == "item" for key, _ in values):
        return "[" + ", ".join(value for _, value in values) + "]"
    return json_object(values)


def _children(text: str, space: str) -> list[tuple[str, str]] | None:
    opening = re.compile(rf"\s*{re.escape(space)}<([A-Za-z_][\w.-]*)>")
    found: list[tuple[str, str]] = []
    place = 0
    while match := opening.match(text, place):
        closing = f"{space}</{match[1]}>"
        end = text.find(closing, match.end())
        if end < 0:
            return None
        found.append((match[1], text[match.end() : end]))
        place = end + len(closing)
    return found if found and not text[place:].strip() else None

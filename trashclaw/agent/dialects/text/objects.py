"""Calls as JSON objects: names and arguments byte for byte, also where the JSON is broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from trashclaw.agent.dialects.text.calls import NAME, Block, Found, Scope, first_of, json_object, skip_blank

NAME_KEYS = ("name", "tool_name", "tool", "function", "function_name", "action")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "params", "input", "action_input", "tool_input")
_OTHER_KEYS = ("id", "type", "tool_call_id", "tool_calls", "calls")
_NO_ARGUMENTS = frozenset({*_OTHER_KEYS, "thought", "reasoning", "index"})
_DECODER = json.JSONDecoder(strict=False)
_NAME_IN = re.compile(rf"""["'](?:{"|".join(NAME_KEYS)})["']\s*:\s*["']({NAME})["']""")
_ARGUMENTS_IN = re.compile(rf"""["'](?:{"|".join(ARGUMENT_KEYS)})["']\s*:\s*""")
_SEPARATORS = re.compile(r"[\s,;]*")
_LEFT_OVER = re.compile(r"[\s}\]]*")
_HEAD_CHARS = 2048
_OBJECTS_AT_MOST = 64
_SCANNED_CHARS = 100_000
"""How far the end of an object is looked for that is no JSON."""


def may_be_object(head: str) -> bool:
    """Whether a text may begin with a call as an object, or with a list of such."""
    first = head[:128].lstrip()
    if first[:1] == "[" and first[1:].lstrip()[:1] not in ("", "{"):
        return False
    bare = "".join(first.split()).removeprefix("[")
    if not bare or bare == "{":
        return True
    if bare[0] != "{" or bare[1] not in "\"'":
        return False
    key, quote, _ = bare[2:].partition(bare[1])
    known = (*NAME_KEYS, *ARGUMENT_KEYS, *_OTHER_KEYS)
    return key in known if quote else any(name.startswith(key) for name in known)


def value_end(text: str, start: int) -> int | None:
    """Return the end of the JSON value that begins at `start`; `None` if it is broken."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def object_end(text: str, start: int) -> int | None:
    """Return the end of the value at `start` by its brackets alone; `None` if they are never closed."""
    end = value_end(text, start)
    if end is not None:
        return end
    depth, place, quote, last = 0, start, "", ""
    last_place = min(len(text), start + _SCANNED_CHARS)
    while place < last_place:
        letter = text[place]
        if quote:
            if letter == "\\":
                place += 1
            elif letter == quote and (quote == '"' or _is_quote_end(text, place)):
                quote = ""
        elif letter == '"' or (letter == "'" and last in ("{", "[", ",", ":")):
            quote = letter
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
            if depth <= 0:
                return place + 1 if depth == 0 else None
        last = last if letter.isspace() else letter
        place += 1
    return None


def _is_quote_end(text: str, place: int) -> bool:
    after = skip_blank(text, place + 1)
    return after == len(text) or text[after] in ",:}]"


def raw_arguments(text: str, start: int, closings: Sequence[str]) -> tuple[str, int]:
    """Return the arguments that begin at `start` as they stand, and where they end."""
    end = object_end(text, start) if text[start : start + 1] in ("{", "[", '"') else None
    if end is None:
        end = first_of(text, closings, start)[0] if closings else len(text)
    return text[start:end].rstrip(), end


def objects(text: str, start: int, closings: Sequence[str], scope: Scope) -> Block | None:
    """Read calls as objects, one after another or in a list, up to one of `closings`, which is taken too."""
    calls: list[Found] = []
    place = skip_blank(text, start)
    if text[place : place + 1] == "[":
        place += 1
    while len(calls) < _OBJECTS_AT_MOST:
        place = _SEPARATORS.match(text, place).end()  # type: ignore[union-attr]
        if text[place : place + 1] != "{":
            break
        found, place = _object(text, place, closings, scope)
        if found is None:
            return None
        calls += found
    if not calls:
        return None
    left = _LEFT_OVER.match(text, place)
    after = left.end() if left else place
    for closing in closings:
        if text.startswith(closing, after):
            return Block(tuple(calls), after + len(closing))
    return Block(tuple(calls), after)


def _object(text: str, start: int, closings: Sequence[str], scope: Scope) -> tuple[list[Found] | None, int]:
    end = value_end(text, start)
    if end is None:
        return _broken(text, start, closings)
    return _whole(text, start, scope), end


def _whole(text: str, start: int, scope: Scope) -> list[Found] | None:
    values: dict[str, Any] = {}
    raw: dict[str, str] = {}
    places: dict[str, int] = {}
    for key, value, begin, end in _members(text, start):
        values[key], raw[key], places[key] = value, text[begin:end], begin
    for key in ("tool_calls", "calls"):
        if isinstance(values.get(key), list):
            block = objects(text, places[key], (), scope)
            return list(block.calls) if block else None
    if isinstance(values.get("function"), dict):
        return _whole(text, places["function"], scope)
    name_key = next((key for key in NAME_KEYS if isinstance(values.get(key), str)), None)
    if name_key is None:
        if len(values) == 1 and isinstance(next(iter(values.values())), dict):
            name = next(iter(values))
            return [Found(name, raw[name])] if scope.knows(name) else None
        return None
    arguments_key = next((key for key in ARGUMENT_KEYS if key in values), None)
    if arguments_key is not None:
        return [Found(values[name_key], "{}" if values[arguments_key] is None else raw[arguments_key])]
    rest = [(key, raw[key]) for key in values if key != name_key and key not in _NO_ARGUMENTS]
    return [Found(values[name_key], json_object(rest))]


def _members(text: str, start: int) -> Iterator[tuple[str, Any, int, int]]:
    """Yield key, value and place of each member of a sound object."""
    place = skip_blank(text, start + 1)
    while text[place] != "}":
        key, place = _DECODER.raw_decode(text, place)
        begin = skip_blank(text, skip_blank(text, place) + 1)
        value, end = _DECODER.raw_decode(text, begin)
        yield key, value, begin, end
        place = skip_blank(text, end)
        if text[place] == ",":
            place = skip_blank(text, place + 1)


def _broken(text: str, start: int, closings: Sequence[str]) -> tuple[list[Found] | None, int]:
    """Read name and arguments of an object that is no JSON, or that was cut."""
    head = text[start : start + _HEAD_CHARS]
    found = _ARGUMENTS_IN.search(head)
    if found is None:
        named, end = _NAME_IN.search(head), object_end(text, start)
        if end is None:
            end = first_of(text, closings, start)[0] if closings else len(text)
        if named is None:
            return ([Found("", text[start:end].rstrip())] if may_be_object(head) else None), end
        rest = text[start + named.end() : end].strip(" \n}")
        return [Found(named.group(1), "" if rest == "," else rest)], end
    begin = start + found.end()
    arguments, end = raw_arguments(text, begin, closings)
    named = _NAME_IN.search(head[: found.start()]) or _NAME_IN.match(text, _SEPARATORS.match(text, end).end())  # type: ignore[union-attr]
    if named is not None and named.string is text:
        end = named.end()
    return [Found(named.group(1) if named else "", arguments)], end

"""Gemma's calls: `call:f{key:<escape>text<escape>,other:1}`."""

from __future__ import annotations

import json
import re

from trashclaw.agent.dialects.text.calls import NAME, Block, Found, Scope, json_object, skip_blank
from trashclaw.agent.dialects.text.objects import value_end

_CALL = re.compile(rf"\s*call:\s*({NAME})\s*(?=\{{)")
_KEY = re.compile(r"\s*(?:<escape>|<\|\"\|>|\")?([\w.-]{1,128})(?:<escape>|<\|\"\|>|\")?\s*:\s*")
_BARE = re.compile(r"[^,{}\[\]<\"\n]{1,256}")
_QUOTES = ("<escape>", '<|"|>')
_DEPTH = 32


class _NoValue(Exception):
    """What stands here is no value, or it was cut."""


def gemma_calls(text: str, start: int, opening: str, closing: str) -> Block | None:
    """Read calls one after another, each between `opening` and `closing`; `start` is behind the first opening."""
    calls: list[Found] = []
    place = start
    while found := _CALL.match(text, place):
        try:
            arguments, end = _value(text, found.end(), 0)
        except _NoValue:
            stop = text.find(closing, found.end())
            end = len(text) if stop < 0 else stop
            arguments = text[found.end() : end].strip()
        calls.append(Found(found[1], arguments))
        place = skip_blank(text, end)
        if closing.startswith(text[place : place + len(closing)]):
            place = min(len(text), place + len(closing))
        following = skip_blank(text, place)
        if not text.startswith(opening, following) or len(calls) >= 64:
            break
        place = following + len(opening)
    return Block(tuple(calls), place) if calls else None


def _value(text: str, place: int, depth: int) -> tuple[str, int]:
    """Return the JSON of the value at `place`, and its end."""
    if depth > _DEPTH or place >= len(text):
        raise _NoValue
    for quote in _QUOTES:
        if text.startswith(quote, place):
            end = text.find(quote, place + len(quote))
            if end < 0:
                raise _NoValue
            return json.dumps(text[place + len(quote) : end], ensure_ascii=False), end + len(quote)
    if text[place] == "{":
        return _object(text, place + 1, depth)
    if text[place] == "[":
        return _list(text, place + 1, depth)
    if text[place] == '"':
        end_of_string = value_end(text, place)
        if end_of_string is None:
            raise _NoValue
        return text[place:end_of_string], end_of_string
    found = _BARE.match(text, place)
    if found is None or found.end() >= len(text) or text[found.end()] not in ",}]":
        raise _NoValue
    word = found[0].strip()
    return (word if value_end(word, 0) == len(word) else json.dumps(word, ensure_ascii=False)), found.end()


def _object(text: str, place: int, depth: int) -> tuple[str, int]:
    members: list[tuple[str, str]] = []
    place = skip_blank(text, place)
    while not text.startswith("}", place):
        key = _KEY.match(text, place)
        if key is None:
            raise _NoValue
        value, end = _value(text, key.end(), depth + 1)
        members.append((key[1], value))
        place = _next(text, end, "}")
    return json_object(members), place + 1


def _list(text: str, place: int, depth: int) -> tuple[str, int]:
    values: list[str] = []
    place = skip_blank(text, place)
    while not text.startswith("]", place):
        value, end = _value(text, place, depth + 1)
        values.append(value)
        place = _next(text, end, "]")
    return "[" + ", ".join(values) + "]", place + 1


def _next(text: str, place: int, closing: str) -> int:
    place = skip_blank(text, place)
    if text.startswith(",", place):
        return skip_blank(text, place + 1)
    if not text.startswith(closing, place):
        raise _NoValue
    return place


def functiongemma(text: str, scope: Scope) -> Block | None:
    """Read FunctionGemma's form."""
    opening = "<start_function_call>"
    return gemma_calls(text, len(opening), opening, "<end_function_call>")


def gemma4(text: str, scope: Scope) -> Block | None:
    """Read Gemma 4's form."""
    opening = "<|tool_call>"
    return gemma_calls(text, len(opening), opening, "<tool_call|>")

"""What is found in a text: calls, and what a parser may know while it looks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trashclaw.agent.dialects.marks import Mark
from trashclaw.agent.healing.names import plain
from trashclaw.protocol.tools import ToolSpec

NAME = r"[A-Za-z_][\w.:/-]{0,127}"
"""A tool's name."""

_BLANK = re.compile(r"\s*")
_BEGUN = re.compile(r"\s*+(?:[\[\]{<(\"].*|[\w.:/\[\]-]*+\s*+(?:[<{\[].*)?)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """A call as it stood in the text."""

    name: str
    """Empty where it could not be read."""

    arguments: str
    """JSON, or what stood in its place."""


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbouring calls, and where they end."""

    calls: tuple[Found, ...]
    end: int


class Scope:
    """What a parser may know of the tools that were offered."""

    def __init__(self, tools: Sequence[ToolSpec], knows: Callable[[str], bool] | None = None) -> None:
        """`knows` tells whether a name that is no tool's own goes for one."""
        self._schemas = {plain(tool.name): tool.parameters for tool in tools}
        self._knows = knows

    def knows(self, name: str) -> bool:
        """Whether a tool goes by this name."""
        return bool(name) and (plain(name) in self._schemas or (self._knows is not None and self._knows(name)))

    def properties(self, name: str) -> Mapping[str, Any]:
        """Return the schemas of a tool's arguments, in their order; none for an unknown tool."""
        found = self._schemas.get(plain(name), {}).get("properties")
        return found if isinstance(found, dict) else {}

    def required(self, name: str) -> tuple[str, ...]:
        """Return the names of the arguments that a tool must be given, in their order."""
        found = self._schemas.get(plain(name), {}).get("required")
        return tuple(str(entry) for entry in found) if isinstance(found, list) else ()


Parse = Callable[[str, Scope], Block | None]
"""Reads the calls at the beginning of a text, which may be cut at any place; `None` if there are none."""


@dataclass(frozen=True, slots=True)
class Family:
    """A form of calls in a text."""

    name: str
    marks: tuple[Mark, ...]
    parse: Parse
    is_explicit: bool = True
    """Its marks are made for calls and stand for nothing else."""


def begun_behind(opening: str) -> Callable[[str], bool]:
    """Return what tells whether a text may be a call behind `opening`: markup, an object, or a name before one."""
    return lambda head: _BEGUN.fullmatch(head, len(opening)) is not None


def skip_blank(text: str, place: int) -> int:
    """Return the next place that is not blank."""
    found = _BLANK.match(text, place)
    return found.end() if found else place


def json_value(raw: str, schema: object, *, is_string: bool | None = None) -> str:
    """Return the JSON of a value written as plain text: a string byte for byte unless its schema wants another type."""
    if is_string is None:
        kinds = schema.get("type") if isinstance(schema, Mapping) else None
        wanted = {kinds} if isinstance(kinds, str) else set(kinds) if isinstance(kinds, list) else set()
        is_string = not wanted or "string" in wanted
    if not is_string:
        try:
            json.loads(raw, strict=False)
        except (ValueError, RecursionError):
            pass
        else:
            return raw.strip()
    return json.dumps(raw, ensure_ascii=False)


def json_object(members: Sequence[tuple[str, str]]) -> str:
    """Return the JSON of an object whose values are JSON already."""
    return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {value}" for key, value in members) + "}"


def first_of(text: str, words: Sequence[str], start: int) -> tuple[int, int]:
    """Return where the first of the words begins and ends; the end of the text, without a beginning of one, if none."""
    found = [(place, place + len(word)) for word in words if (place := text.find(word, start)) >= 0]
    if found:
        return min(found)
    longest = max(map(len, words), default=1) - 1
    for size in range(min(longest, len(text) - start), 0, -1):
        if any(word.startswith(text[-size:]) for word in words):
            return len(text) - size, len(text)
    return len(text), len(text)

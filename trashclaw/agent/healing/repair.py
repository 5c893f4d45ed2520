"""The second rung: a text that is nearly JSON, read without guessing or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trashclaw.agent.healing.bones import other_places, rebuild
from trashclaw.agent.healing.literals import OPENING, Unclear, Unpaired
from trashclaw.agent.healing.loose import readings
from trashclaw.agent.healing.parsing import parse
from trashclaw.agent.healing.scanning import Scan, scan

LIMIT_CHARS = 1_000_000
_AROUND_CHARS = 2_000
_LAYERS = 3
_LOOSE_ROOT = re.compile(
    rf"(?:([{OPENING}])\w{{1,64}}[{OPENING}]|(\w{{1,64}}))\s{{0,9}}:\s{{0,9}}[{OPENING}\[{{0-9tfnTFN-]"
)
_ESCAPED = re.compile(r"[{\[]\s*(?:\\[nrt]\s*)*\\\"")
_EXTRA = re.compile(r"[\s`;,}\])\ufeff]*")

Fits = Callable[[Any], bool]
"""Tells whether a value is right for the tool that was meant, every name in it known."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a text stands for, and what was not as JSON has it."""

    value: Any
    faults: frozenset[str]


def repair(raw: str, schema: Mapping[str, Any], fits: Fits, layers: int = _LAYERS) -> Repaired:
    """Read a text that is no JSON as it stands.

    Every value of the result stands in the text, unchanged and in order; what is left out are brackets, separators,
    comments and words around it.

    Raises:
        Unclear: it cannot be read, or can be read in several ways.
    """
    text = raw.strip().strip("\ufeff\u200b").strip()
    if len(text) > LIMIT_CHARS:
        raise Unclear("it is too long")
    if layers and (inner := _inner(text)) is not None:
        return read(inner, schema, fits, layers - 1, frozenset({"JSON inside a string"}))
    around = {"a stray character"} if text != raw.strip() else set()
    if raw.endswith("\n"):
        text += "\n"
    if (begun := _LOOSE_ROOT.match(text)) and (begun[1] or begun[2] in schema.get("properties", {})):
        text, around = "{" + text, {"missing brackets"}
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    if start < 0:
        raise Unclear("there is no object in it")
    _check_words(text[:start], schema)
    try:
        done = scan(text, start)
        value, has_more = rebuild(done)
        faults = done.faults | _behind(text, done.end, value, schema)
        if has_more and any(fits(other) for other in other_places(value)):
            raise Unclear("a bracket is missing, and it can be in two places")
    except Unpaired as why:
        value, faults = _loosely(text, start, schema, fits, why)
    if text[:start].strip():
        around = around | {"words around it"}
    return Repaired(value, frozenset(faults | around) or frozenset({"a stray character"}))


def read(text: str, schema: Mapping[str, Any], fits: Fits, layers: int, faults: frozenset[str]) -> Repaired:
    """Read a text that may be JSON as it stands.

    Raises:
        Unclear: as `repair` does.
    """
    try:
        value = parse(text)
    except Unclear:
        done = repair(text, schema, fits, layers)
        return Repaired(done.value, done.faults | faults)
    if isinstance(value, str) and layers:
        return read(value, schema, fits, layers - 1, faults)
    return Repaired(value, faults)


def _inner(text: str) -> str | None:
    """Return the object inside quotes that were put around it, or whose own quotes are escaped."""
    quoted = f'"{text}"' if _ESCAPED.match(text) else text
    if quoted is text and not (
        len(text) > 4 and text[0] == text[-1] and text[0] in "\"'`" and text[1:].lstrip()[0] in "{["
    ):
        return None
    if quoted is text and text[0] != '"':
        return text[1:-1] if "\\" not in text else None
    try:
        value = json.loads(quoted, strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _behind(text: str, end: int, value: Any, schema: Mapping[str, Any], *, is_loose: bool = False) -> set[str]:
    """Check what follows the object: brackets too many, a fence, words, or the same object again.

    Raises:
        Unclear: something else.
    """
    extra = _EXTRA.match(text, end)
    rest = extra.end() if extra else end
    faults = {"brackets too many"} if re.search(r"[}\])]", text[end:rest]) else set()
    if rest >= len(text):
        return faults
    if text[rest] == "{":
        if is_loose:
            raise Unclear("there are two objects")
        again = scan(text, rest)
        if json.dumps(rebuild(again)[0]) != json.dumps(value):
            raise Unclear("there are two different objects")
        return {"the same object twice"} | _behind_last(text, again.end, schema)
    return faults | _behind_last(text, rest, schema)


def _behind_last(text: str, at: int, schema: Mapping[str, Any]) -> set[str]:
    if not text[at:].strip(" \t\r\n`;,}])\ufeff"):
        return set()
    _check_words(text[at:], schema)
    return {"words around it"}


def _check_words(words: str, schema: Mapping[str, Any]) -> None:
    """Refuse words around the object that may be part of it."""
    properties = schema.get("properties")
    names = "|".join(re.escape(name) for name in properties) if isinstance(properties, Mapping) else ""
    if len(words) > _AROUND_CHARS or re.search(r"[{}\[\]\"\\]", words):
        raise Unclear("what stands around the object may be part of it")
    if names and re.search(rf"\b(?:{names})\b['`]?\s*[:=]", words):
        raise Unclear("what stands around the object may be part of it")


def _loosely(text: str, start: int, schema: Mapping[str, Any], fits: Fits, why: Unclear) -> tuple[Any, set[str]]:
    """Return the only reading that is right for the tool, if there is just one."""
    found: dict[str, tuple[Any, Scan]] = {}
    for way in readings(text, start):
        try:
            value, has_more = rebuild(way)
            _behind(text, way.end, value, schema, is_loose=True)
        except Unclear:
            continue
        if fits(value) and not has_more:
            found[json.dumps(value)] = value, way
        if len(found) > 1:
            raise Unclear("it can be read in several ways")
    if not found:
        raise why
    value, way = next(iter(found.values()))
    if way.is_doubtful:
        raise Unclear("it can be read in several ways")
    return value, way.faults

"""Searching: where words were said or done, in all stored sessions.

There is no index: the log is looked through from its end, first for the words in its bytes, then in what these say.
So a search is never behind, writes nothing and holds nothing up, and what was deleted is not kept elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from trashclaw.protocol.ids import SessionId
from trashclaw.store.log import Log
from trashclaw.store.looking import Found

_AROUND_CHARS = 60
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Match:
    """One entry in which all words are."""

    session_id: SessionId
    seq: int
    at: float
    """Seconds since the epoch."""

    kind: str
    """The kind of the item (`user_message`, `agent_message`, `thought`, `tool_run`, `compaction`), or `notice`."""

    excerpt: str
    """One line around the first of the words, as it was written."""

    item_id: str = ""
    """The item, where it is one."""


def find_matches(log: Log, words: str, limit: int, session_id: SessionId | None = None) -> Sequence[Match]:
    """Return the entries in which all words are, the latest first.

    Raises:
        StoreError: the log cannot be read.
    """
    wanted = [word.lower() for word in words.split()]
    if not wanted or limit < 1:
        return []
    matches: list[Match] = []
    for found in log.looking().entries_with(wanted, session_id):
        match = _match(found, wanted)
        if match is not None:
            matches.append(match)
            if len(matches) == limit:
                break
    return matches


def _match(found: Found, wanted: Sequence[str]) -> Match | None:
    try:
        event = json.loads(found.payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict):
        return None
    given = event.get("item")
    item: dict[str, Any] = given if isinstance(given, dict) else {}
    texts = [text for text in (_texts_of(item) if item else _texts(event.get("text"), event.get("hint"))) if text]
    folded = [text.lower() for text in texts]
    if not all(any(word in text for text in folded) for word in wanted):
        return None
    excerpt = next(_excerpt(text, wanted[0]) for text, low in zip(texts, folded, strict=True) if wanted[0] in low)
    kind = str(item.get("kind", "")) or "notice"
    return Match(found.session_id, found.seq, found.at, kind, excerpt, str(item.get("item_id", "")))


def _texts_of(item: dict[str, Any]) -> Iterator[str]:
    """Yield what a person would say an item consists of: no ids, no names of fields."""
    yield from _texts(item.get("text"), item.get("title"), item.get("attached"), item.get("summary"))
    call, result, patch = (item.get(name) for name in ("call", "result", "patch"))
    if isinstance(call, dict):
        yield from _texts(call.get("name"))
        yield from _argument_texts(call.get("arguments"))
    if isinstance(result, dict):
        yield from _texts(result.get("text"), result.get("stdout"), result.get("stderr"))
    if isinstance(patch, dict):
        for change in patch.get("changes") or ():
            yield from _texts(change.get("path"))
            for hunk in change.get("hunks") or ():
                yield "".join(_texts(*(hunk.get("lines") or ())))


def _argument_texts(arguments: object) -> Iterator[str]:
    try:
        yield from _strings(json.loads(arguments) if isinstance(arguments, str) else None)
    except (ValueError, RecursionError):
        yield from _texts(arguments)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _strings(entry)


def _texts(*values: object) -> Iterator[str]:
    yield from (value for value in values if isinstance(value, str))


def _excerpt(text: str, word: str) -> str:
    at = text.lower().index(word)
    start, end = max(0, at - _AROUND_CHARS), at + len(word) + _AROUND_CHARS
    shown = _SPACES.sub(" ", text[start:end]).strip()
    return ("…" if start else "") + shown + ("…" if end < len(text) else "")

"""Secrets in texts: each is replaced by a placeholder that names its kind, and put back where an edit needs it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trashclaw.agent.ports import Redacted
from trashclaw.policy.private_keys import MARK, find_keys
from trashclaw.policy.secret_library import KNOWN_MARKS, find_known
from trashclaw.policy.secret_patterns import PATTERNS, find_given, has_giving_word
from trashclaw.protocol.errors import ToolError

VALUES_AT_MOST = 5_000
"""Secrets that are told apart in a session."""

_MARKS = tuple(sorted({MARK, *KNOWN_MARKS, *(mark for pattern in PATTERNS for mark in pattern.marks)}))
_PLACEHOLDER = re.compile(r"\[redacted: [A-Za-z][A-Za-z .]{2,40}(?: #\d{1,6})?\]")
_PLACEHOLDER_MARK = "[redacted: "
_HINT = "Leave that line out of it, or use what stands before and after it."


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a secret stands in a text."""

    start: int
    end: int
    kind: str
    value: str
    """What tells it from others: its text; of a key of several lines, all of them."""


class Secrets:
    """Finds secrets, and remembers in memory alone which placeholder stands for which.

    The same value has the same placeholder for the whole session; a value of several lines is never put back.
    """

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}
        self._values: dict[str, str | None] = {}
        self._counts: Counter[str] = Counter()

    def redact(self, text: str) -> Redacted:
        """Return a text with every secret replaced, how many there were, and of which kinds."""
        if not _may_hold_any(text):
            return Redacted(text)
        places = _without_overlaps([*_find_lines(text), *_find_words(text)], text)
        if not places:
            return Redacted(text)
        pieces: list[str] = []
        at = 0
        for place in places:
            pieces += [text[at : place.start], self._label(place, text[place.start : place.end])]
            at = place.end
        pieces.append(text[at:])
        kinds = tuple(dict.fromkeys(place.kind for place in places))
        return Redacted("".join(pieces), len({(place.kind, place.value) for place in places}), kinds)

    def reserve(self, text: str) -> None:
        """Take in a text of foreign or earlier origin: a placeholder that stands in it already stands for no value."""
        if _PLACEHOLDER_MARK in text:
            for match in _PLACEHOLDER.finditer(text):
                self._values[match[0]] = None

    def restore(self, arguments: Mapping[str, Any], *, is_edit: bool) -> Mapping[str, Any]:
        """Return a call's arguments with the values for the placeholders, to be executed and never stored.

        Raises:
            ToolError: the value is not known any more, or this is no edit: nothing else may use a secret by its name.
        """
        found = [label for text in _texts(arguments) for label in _PLACEHOLDER.findall(text) if label in self._values]
        if not found:
            return arguments
        if not is_edit:
            raise ToolError(
                f"{found[0]} stands for a secret that you cannot see and that is not put in here.",
                "Let the program read it from where it is.",
            )
        for label in found:
            if self._values[label] is None:
                raise ToolError(f"It is not known here what {label} stands for, so it cannot be written.", _HINT)
        return {name: self._filled(value) for name, value in arguments.items()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return _PLACEHOLDER.sub(lambda match: self._values.get(match[0]) or match[0], value)
        if isinstance(value, list):
            return [self._filled(entry) for entry in value]
        if isinstance(value, Mapping):
            return {name: self._filled(entry) for name, entry in value.items()}
        return value

    def _label(self, place: _Place, shown: str) -> str:
        key = place.kind, place.value
        if key in self._labels:
            return self._labels[key]
        if len(self._labels) >= VALUES_AT_MOST:
            return f"[redacted: {place.kind}, one of many]"
        label = self._next_label(place.kind)
        while label in self._values:
            label = self._next_label(place.kind)
        self._labels[key] = label
        self._values[label] = place.value if place.value == shown else None
        return label

    def _next_label(self, kind: str) -> str:
        self._counts[kind] += 1
        number = self._counts[kind]
        return f"[redacted: {kind}]" if number == 1 else f"[redacted: {kind} #{number}]"


def _may_hold_any(text: str) -> bool:
    """Tell whether a text has a mark of any secret: most have none, and many texts are asked about."""
    for mark in _MARKS:
        if mark in text:
            return True
    return has_giving_word(text)


def _find_words(text: str) -> Iterator[_Place]:
    for start, end, kind in find_known(text):
        yield _Place(start, end, kind, text[start:end])
    for pattern in PATTERNS:
        if not any(mark in text for mark in pattern.marks):
            continue
        group = "value" if "value" in pattern.regex.groupindex else 0
        for match in pattern.regex.finditer(text):
            if pattern.is_secret is None or pattern.is_secret(match[group]):
                yield _Place(*match.span(group), pattern.kind, match[group])
    for start, end, kind in find_given(text):
        yield _Place(start, end, kind, text[start:end])


def _find_lines(text: str) -> Iterator[_Place]:
    for lines in find_keys(text):
        value = "\n".join(text[start:end] for start, end in lines)
        yield from (_Place(start, end, "private key", f"{value}\n") for start, end in lines)


def _without_overlaps(places: list[_Place], text: str) -> list[_Place]:
    """Return the places in order; those that overlap are one, of the kind that begins first."""
    kept: list[_Place] = []
    for place in sorted(places, key=lambda place: place.start):
        if not kept or place.start >= kept[-1].end:
            kept.append(place)
        elif place.end > kept[-1].end:
            first = kept[-1]
            kept[-1] = replace(first, end=place.end, value=text[first.start : place.end])
    return kept


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if _PLACEHOLDER_MARK in value:
            yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)

"""Undoes escapes that a model put over a whole edit: `\\n`, `\\"`, `\\\\`, `&lt;`."""

from __future__ import annotations

import re
from collections.abc import Callable

from trashclaw.tools.editing.readings import Reading

_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r"}
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "#39": "'", "#x27": "'", "#34": '"'}
_ALL = re.compile(r"""\\(["'\\/ntr])""")
_QUOTES = re.compile(r"""\\(["'`$])""")
_BREAKS = re.compile(r"\\([nt])")
_DOUBLED = re.compile(r"\\(\\)")
_ENTITY = re.compile(r"&(lt|gt|amp|quot|apos|#39|#x27|#34);")


def unescaped(reading: Reading) -> list[tuple[Reading, bool]]:
    """Return the edit with escapes undone in each way that changes its old text, and whether the new text is certain.

    It is certain where nothing stands bare in the new text that would have been escaped there too.
    """
    found = []
    for undo, is_certain in _WAYS:
        old = undo(reading.old)
        if old != reading.old:
            new = undo(reading.new)
            certain = new == reading.new or is_certain(reading.new)
            found.append((Reading(old, new, "escapes were undone"), certain))
    return found


def _undo(pattern: re.Pattern[str], meaning: dict[str, str]) -> Callable[[str], str]:
    return lambda text: pattern.sub(lambda match: meaning.get(match[1], match[1]), text)


def _bare_quotes(text: str) -> bool:
    """Tell whether a kind of quote is escaped here and bare there."""
    return any(
        f"\\{quote}" in text and re.search(rf"(?<!\\){re.escape(quote)}", text) is not None for quote in ('"', "'", "`")
    )


def _is_escaped_whole(text: str) -> bool:
    breaks = "\n" in text.strip("\n") and "\\n" in re.sub(r"\\\\", "", text)
    return not breaks and not _bare_quotes(text)


def _has_entities_alone(text: str) -> bool:
    return not re.search(r"[<>]|&(?!(?:lt|gt|amp|quot|apos|#39|#x27|#34);)", text)


_WAYS: tuple[tuple[Callable[[str], str], Callable[[str], bool]], ...] = (
    (_undo(_ALL, _CHARACTERS), _is_escaped_whole),
    (_undo(_QUOTES, {}), lambda text: not _bare_quotes(text)),
    (_undo(_BREAKS, _CHARACTERS), lambda text: _is_escaped_whole(text) and not re.search(r"""\\["'\\]""", text)),
    (_undo(_DOUBLED, {}), lambda text: re.search(r"(?<!\\)(?:\\\\)*\\(?!\\)", text) is None),
    (_undo(_ENTITY, _ENTITIES), _has_entities_alone),
)

"""Puts right what models commonly get wrong in arguments, without inventing anything, and tells what it did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung
from trashclaw.tools.schema import NUMBER_LIMIT, bare_type
from trashclaw.tools.truncate import clip

COMMON_RENAMES: dict[str, tuple[str, ...]] = {
    "path": ("file_path", "filepath", "file", "filename", "file_name", "target_file", "dir", "directory", "folder"),
    "old_text": ("old_string", "old_str", "old", "search", "find", "original", "old_content"),
    "new_text": ("new_string", "new_str", "new", "replace", "replacement", "updated", "new_content"),
    "replace_all": ("replaceall", "all"),
    "content": ("contents", "text", "file_text", "data", "body", "code"),
    "command": ("cmd", "script", "shell_command", "bash", "code", "input"),
    "timeout_s": ("timeout", "timeout_seconds", "timeout_sec"),
    "pattern": ("query", "regex", "search", "glob", "glob_pattern", "search_pattern", "text", "q"),
    "glob": ("include", "file_pattern", "files", "filter"),
    "ignore_case": ("case_insensitive", "ignorecase", "insensitive", "i"),
    "context": ("context_lines", "lines_of_context", "around"),
    "offset": ("start", "start_line", "line", "from_line", "line_start", "first_line"),
    "limit": ("lines", "max_lines", "count", "line_count", "num_lines", "max_count", "n"),
    "depth": ("max_depth", "levels"),
    "staged": ("cached",),
    "thought": ("thoughts", "thinking", "reasoning", "text", "content"),
    "entries": ("plan", "todos", "todo", "items", "steps", "tasks"),
    "question": ("prompt", "text", "message", "query"),
    "options": ("choices", "answers", "suggestions"),
}
"""For each argument, other names that models use; one that is itself an argument of the tool keeps its meaning."""

DEPTH_LIMIT = 32
"""How deep a value may be nested: comparing, showing and checking it recurse."""

NOTES_LIMIT = 12
NAME_LIMIT_CHARS = 60
SHOWN_CHARS = 60
_NOTHING: tuple[Any, ...] = (None, False, "", [], {})
_TRUE, _FALSE = {"true", "yes", "1", "on"}, {"false", "no", "0", "off"}


def mend_arguments(model: type[BaseModel], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Mending, ...]]:
    """Return the arguments under the tool's names and types, and each thing put right.

    What is unknown or nested beyond reason is left out, what cannot be put right stays as it is; doing it twice
    changes nothing.
    """
    notes: list[Mending] = []
    named = _shallow(_named(model, given, notes), notes)
    clean = {name: _typed(name, model.model_fields[name].annotation, value, notes) for name, value in named.items()}
    for name in [name for name, value in clean.items() if value is None]:
        if not model.model_fields[name].is_required():
            del clean[name]
    more = [_named_note(f"and {len(notes) - NOTES_LIMIT} more")] if len(notes) > NOTES_LIMIT else []
    return clean, (*notes[:NOTES_LIMIT], *more)


def ignored(name: str) -> Mending:
    """Return the note on an argument that was left out."""
    return _named_note(f"ignored the unknown argument {clip(name, NAME_LIMIT_CHARS)}")


def _named_note(text: str) -> Mending:
    return Mending(rung=Rung.NAMED, text=text)


def _shallow(named: Mapping[str, Any], notes: list[Mending]) -> dict[str, Any]:
    deep = [name for name, value in named.items() if _is_deep([value])]
    notes += [_named_note(f"left out {name}, which is nested too deeply") for name in deep]
    return {name: value for name, value in named.items() if name not in deep}


def _is_deep(values: Iterable[Any]) -> bool:
    """Tell whether values are nested beyond the limit, level by level."""
    level = list(values)
    for _ in range(DEPTH_LIMIT):
        containers = [value for value in level if isinstance(value, list | Mapping)]
        level = [part for held in containers for part in (held.values() if isinstance(held, Mapping) else held)]
        if not level:
            return False
    return True


def _named(model: type[BaseModel], given: Mapping[str, Any], notes: list[Mending]) -> dict[str, Any]:
    fields = model.model_fields
    named = {name: value for name, value in given.items() if name in fields}
    for asked, value in given.items():
        if asked in fields:
            continue
        name = _meaning(model, asked, named)
        if name is None:
            notes.append(ignored(asked))
        else:
            named[name] = value
            notes.append(_named_note(f"took {clip(asked, NAME_LIMIT_CHARS)} as {name}"))
    return named


def _meaning(model: type[BaseModel], asked: str, taken: Mapping[str, Any]) -> str | None:
    plain = _plain(asked)
    free = [name for name in model.model_fields if name not in taken]
    for name in free:
        if plain == _plain(name):
            return name
    for name in free:
        if plain in {_plain(other) for other in COMMON_RENAMES.get(name, ())}:
            return name
    return None


def others(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given under a name that is none of the arguments', and says more than its absence."""
    return {
        name: value
        for name, value in given.items()
        if name not in model.model_fields and value not in _NOTHING and not _is_deep([value])
    }


def contradictions(model: type[BaseModel], given: Mapping[str, Any], clean: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given under another name of an argument that has another value: which one is meant is open."""
    found: dict[str, Any] = {}
    for asked, value in given.items():
        names = [name for name in model.model_fields if name in clean and _is_name_for(asked, name)]
        as_typed = {name: _typed(name, model.model_fields[name].annotation, value, []) for name in names}
        if names and all(clean[name] != typed for name, typed in as_typed.items()):
            found[asked] = value
    return found


def is_same_name(one: str, other: str) -> bool:
    """Tell whether two names differ in their spelling alone."""
    return _plain(one) == _plain(other)


def _is_name_for(asked: str, name: str) -> bool:
    return any(is_same_name(asked, other) for other in (name, *COMMON_RENAMES.get(name, ())))


def _plain(name: str) -> str:
    return name.strip().replace("_", "").replace("-", "").replace(" ", "").casefold()


def _typed(name: str, annotation: Any, value: Any, notes: list[Mending]) -> Any:
    wanted = bare_type(annotation)
    mended = value
    if wanted is int:
        mended = _integer(value)
    elif wanted is bool:
        mended = _boolean(value)
    elif wanted is str and isinstance(value, int) and not isinstance(value, bool):
        mended = str(value) if abs(value) <= NUMBER_LIMIT else value
    elif get_origin(wanted) in (list, tuple):
        mended = _sequence(value, get_args(wanted)[0])
    elif isinstance(value, str) and (choices := _choices(wanted)):
        mended = _choice(value, choices)
    if mended is not value and (type(mended) is not type(value) or mended != value):
        shown = json.dumps(value, default=str)[:SHOWN_CHARS]
        notes.append(Mending(rung=Rung.TYPED, text=f"took {name}={shown} as {_kind(mended)}"))
    return mended


def _choices(wanted: Any) -> tuple[str, ...]:
    """Return the words that a type is a choice of."""
    if get_origin(wanted) is Literal:
        return tuple(map(str, get_args(wanted)))
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return tuple(str(member.value) for member in wanted)
    return ()


def _choice(value: str, choices: tuple[str, ...]) -> str | None:
    if value.strip().casefold() in {"", "null", "none"} and value not in choices:
        return None
    folded = [choice for choice in choices if _plain(choice) == _plain(value.strip())]
    return folded[0] if len(folded) == 1 and value not in choices else value


def _kind(value: Any) -> str:
    names = {int: "an integer", bool: "a boolean", str: "a string", list: "a list", type(None): "not given"}
    return names.get(type(value), "another type")


def _integer(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) <= NUMBER_LIMIT:
        return int(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.casefold() in {"", "null", "none"}:
        return None
    found = re.fullmatch(r"([+-]?[0-9]{1,9})(?:\.0{1,3})?", text)
    return int(found[1]) if found else value


def _boolean(value: Any) -> Any:
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        return None if word in {"", "null", "none"} else value
    if isinstance(value, int) and not isinstance(value, bool) and value in (0, 1):
        return bool(value)
    return value


def _sequence(value: Any, item: Any) -> Any:
    """A list that came as JSON text, or one thing where a list belongs."""
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, str):
        return value
    if value.strip().casefold() in {"", "null", "none"}:
        return None
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return [value] if bare_type(item) is str and re.fullmatch(r"[\w./~*@:+-]+", value) else value
    if isinstance(parsed, Mapping) and bare_type(item) is not str:
        parsed = [parsed]
    return parsed if isinstance(parsed, list) and not _is_deep(parsed) else value


def first_named(given: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    """Return the first value that a mapping has under one of these names, or nothing."""
    return next((given[name] for name in names if given.get(name) is not None), None)

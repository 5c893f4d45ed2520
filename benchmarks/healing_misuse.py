"""What models get wrong in calls whose text is JSON: names, types, wrappers, JSON in JSON, and what is left out."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from benchmarks.healing_calls import written


def wrong_types(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Numbers and booleans as strings, whole floats, one thing for a list, other case in a choice."""
    made = {key: _mistyped(key, value, source) for key, value in arguments.items()}
    return json.dumps(made, ensure_ascii=False) if made != arguments or repr(made) != repr(arguments) else ""


def _mistyped(key: str, value: Any, source: random.Random) -> Any:
    if isinstance(value, bool):
        return source.choice((str(value), str(value).lower(), int(value)))
    if isinstance(value, int):
        return source.choice((str(value), float(value), f"{value}.0", f" {value}"))
    if isinstance(value, list):
        return json.dumps(value) if len(value) != 1 or isinstance(value[0], str) else value[0]
    return value.title() if key == "action" else value


def wrappers(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A whole call, or a schema, in place of the arguments."""
    made: tuple[Any, ...] = (
        {"name": name, "arguments": arguments},
        {"name": name, "parameters": arguments},
        {"type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}},
        {"arguments": arguments},
        {"arguments": json.dumps(arguments)},
        {"input": arguments},
        [arguments],
        {name: arguments},
    )
    return json.dumps(source.choice(made), ensure_ascii=False)


def other_names(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Arguments under the names that other programs give them."""
    made = {source.choice(_ALIASES.get(key, (key,))): value for key, value in arguments.items()}
    return json.dumps(made, ensure_ascii=False) if made != arguments and len(made) == len(arguments) else ""


_ALIASES: Mapping[str, tuple[str, ...]] = {
    "path": ("file_path", "filePath", "filename"),
    "old_text": ("old_string", "oldText", "search"),
    "new_text": ("new_string", "newText", "replace"),
    "content": ("contents", "file_text"),
    "command": ("cmd", "Command"),
    "pattern": ("Pattern", "regex"),
    "entries": ("todos", "plan"),
    "thought": ("thoughts",),
    "timeout_s": ("timeout",),
}


def double_encoding(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """JSON inside a string: all of it, half of it, or one value that is no string."""
    text = written(arguments, source)
    style = source.randrange(3)
    if style == 0:
        return json.dumps(text)
    if style == 1:
        return json.dumps(text)[1:-1]
    made = {key: json.dumps(value) if isinstance(value, list | dict) else value for key, value in arguments.items()}
    return json.dumps(made) if made != arguments else json.dumps(json.dumps(text))


def said_twice(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The same object twice."""
    text = json.dumps(arguments, ensure_ascii=False)
    return text + source.choice(("", "\n", ", ")) + text


def bare_value(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The only argument that is needed, without its name; the other text of a tool with two is left."""
    if len(arguments) != 1 or name not in {"bash", "think", "glob", "grep", "read_file", "update_plan", "ask_user"}:
        return ""
    return json.dumps(next(iter(arguments.values())), ensure_ascii=False)


def nulls(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Nothing, in one of its spellings, for what is not given, and a comma too many."""
    known: Mapping[str, dict[str, Any]] = {
        "read_file": {"offset": source.choice((None, "null", "None", "")), "limit": None},
        "grep": {"context": source.choice((None, "null")), "ignore_case": source.choice((None, "None"))},
        "bash": {"timeout_s": None, "background": source.choice((None, "null"))},
        "background": {"wait_s": "None"},
        "edit_file": {"replace_all": source.choice((None, "null"))},
    }
    made = {**known.get(name, {}), **arguments}
    return json.dumps(made, ensure_ascii=False)[:-1] + ",}" if made != arguments else ""


def other_choices(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """One of several words, in another spelling."""
    if name == "update_plan":
        spelling = source.choice((str.upper, str.title, lambda word: word.replace("_", " "), lambda word: f"{word} "))
        entries = [{**entry, "status": spelling(entry["status"])} for entry in arguments["entries"]]
        return json.dumps({"entries": entries}, ensure_ascii=False)
    made = {key: value.title() if key == "action" else value for key, value in arguments.items()}
    return json.dumps(made) if made != arguments else ""


def one_for_a_list(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The one thing that a list holds, without the list."""
    made = {
        key: value[0] if isinstance(value, list) and len(value) == 1 and key != "options" else value
        for key, value in arguments.items()
    }
    return json.dumps(made, ensure_ascii=False) if made != arguments else ""


def right(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The right text: another thing is wrong."""
    return written(arguments, source)


def other_tool_name(name: str, source: random.Random) -> str:
    """Return a tool's name as models write it: in a wrapper, in another case, with a slip."""
    words = name.split("_")
    slip = source.randrange(1, len(name) - 1)
    forms = [
        f"functions.{name}",
        f"functions.{name}:0",
        f"default_api.{name}",
        f"{name}()",
        name.upper(),
        "".join(word.title() for word in words),
        "-".join(words),
    ]
    if len(name) > 7:
        forms.append(name[:slip] + name[slip + 1] + name[slip] + name[slip + 2 :])
    return source.choice(forms)

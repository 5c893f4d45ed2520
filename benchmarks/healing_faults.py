"""What models do to the text of a call: each kind takes right arguments and returns what comes instead."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.healing_calls import written
from benchmarks.healing_misuse import (
    bare_value,
    double_encoding,
    nulls,
    one_for_a_list,
    other_choices,
    other_names,
    right,
    said_twice,
    wrappers,
    wrong_types,
)

Fault = Callable[[str, dict[str, Any], random.Random], str]
"""Takes the tool's name, right arguments and a source of chance; returns the text, or nothing where it cannot be."""

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\s+')


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _each_string(text: str, change: Callable[[str], str]) -> str:
    return "".join(change(token) if token[0] == '"' else token for token in _tokens(text))


def _keys(text: str, change: Callable[[str], str]) -> str:
    return re.sub(r'"(\w+)"(?=\s*:)', lambda found: change(found[0]), text) if not _has_keys_inside(text) else ""


def _has_keys_inside(text: str) -> bool:
    return any(re.search(r'\w\\"\s*:', string) for string in _STRING.findall(text))


def single_quotes(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """`'` for `"`, with what is inside escaped for it or, as often, not."""
    escapes = source.random() < 0.7
    return _each_string(
        written(arguments, source),
        lambda token: "'" + (token[1:-1].replace("'", "\\'") if escapes else token[1:-1]) + "'",
    )


def smart_quotes(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Typographic quotes around strings."""
    return _each_string(written(arguments, source), lambda token: f"“{token[1:-1]}”")


def bare_keys(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Names without quotes, or without one of them."""
    left, right = source.choice(((1, -1), (1, -1), (1, None), (0, -1)))
    return _keys(written(arguments, source), lambda token: token[left:right])


def inner_quotes(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Quotes inside a string that are not escaped."""
    text = written(arguments, source)
    return text.replace('\\"', '"') if '\\"' in text and '\\\\"' not in text else ""


def pasted(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A text put between quotes as it is: nothing in it is escaped."""
    if '"' not in "".join(str(value) for value in arguments.values()):
        return ""
    members = (
        f'"{key}": ' + (f'"{value}"' if isinstance(value, str) else json.dumps(value))
        for key, value in arguments.items()
    )
    return _unless_json("{" + ", ".join(members) + "}")


def _unless_json(text: str) -> str:
    """Return a text that is no JSON; one that is by chance is another call, and nobody could tell."""
    try:
        json.loads(text, strict=False)
    except ValueError:
        return text
    return ""


def unescaped_quotes(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Quotes inside a string that are not escaped, alone or with all else in it."""
    return source.choice((inner_quotes, pasted))(name, arguments, source)


def trailing_comma(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A comma behind the last member."""
    tokens = _tokens(written(arguments, source))
    at = source.choice([at for at, token in enumerate(tokens) if token in "}]" and tokens[at - 1] not in "{["])
    return "".join([*tokens[:at], ",", *tokens[at:]])


def missing_comma(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A comma left out."""
    tokens = _tokens(written(arguments, source))
    commas = [at for at, token in enumerate(tokens) if token == ","]
    if not commas:
        return ""
    del tokens[source.choice(commas)]
    return "".join(tokens)


def double_comma(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A comma too many between two members, or before the first."""
    tokens = _tokens(json.dumps(arguments, ensure_ascii=False))
    depths = [
        sum(1 if token == "{" else -1 if token == "}" else 0 for token in tokens[:at]) for at in range(len(tokens))
    ]
    lists = [
        sum(1 if token == "[" else -1 if token == "]" else 0 for token in tokens[:at]) for at in range(len(tokens))
    ]
    places = [at for at, token in enumerate(tokens) if token == "," and depths[at] == 1 and not lists[at]] or [0]
    at = source.choice(places)
    return "".join([*tokens[: at + 1], ",", *tokens[at + 1 :]])


def stopped_early(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The model ends its answer behind the last value, before the brackets that close it."""
    tokens = _tokens(written(arguments, source))
    while tokens[-1].isspace() or tokens[-1] in "}]":
        last = tokens.pop()
    return "".join([*tokens, last if last.isspace() else ""])


def cut_inside(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The text ends in the middle of a value or a name, and nobody says so."""
    tokens = _tokens(written(arguments, source))
    inside = [at for at, token in enumerate(tokens) if len(token) > 2 and not token.isspace()]
    at = source.choices(inside, [len(tokens[at]) for at in inside])[0]
    return "".join([*tokens[:at], tokens[at][: source.randrange(1, len(tokens[at]))]])


def comments(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A comment behind a comma or a bracket."""
    tokens = _tokens(written(arguments, source))
    at = source.choice([at for at, token in enumerate(tokens) if token in ",{["])
    note = source.choice((" // the file\n", " # it's needed\n", " /* as said */ ", "\n// {old}: [1, 2]\n"))
    return "".join([*tokens[: at + 1], note, *tokens[at + 1 :]])


def fences(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A Markdown fence around it."""
    before, after = source.choice((("```json\n", "\n```"), ("```\n", "\n```\n"), ("```json ", "```"), ("`", "`")))
    return before + written(arguments, source) + after


def words_around(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Words or tags around it."""
    before, after = source.choice(
        (
            ("Here is the call:\n```json\n", "\n```\nLet me know!"),
            ("I'll do it now: ", ""),
            ("<tool_call>", "</tool_call>"),
            ("json\n", ""),
            ("", "\n\nThis is what you asked for."),
        )
    )
    return before + written(arguments, source) + after


def python_literals(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """The `repr` of a dictionary, in two of three with what Python has beside: tuples, raw and triple quotes."""
    style = source.randrange(3)
    if style == 0:
        return repr({key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()})
    if style == 1:
        return "{" + ", ".join(f'"{key}": {_block(value)}' for key, value in arguments.items()) + "}"
    return repr({**arguments, "offset": arguments.get("offset")} if name == "read_file" else arguments)


def _block(value: Any) -> str:
    if isinstance(value, str) and "\\" not in value and '"""' not in value and not value.endswith('"'):
        return f'"""{value}"""' if not value.startswith('"') else repr(value)
    return repr(value)


def missing_braces(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Closing brackets left out at the end, or one inside; at times inside a whole call."""
    whole = {"name": name, "arguments": arguments} if source.random() < 0.5 else arguments
    text = json.dumps(whole, ensure_ascii=False)
    closers = len(text) - len(text.rstrip("}]"))
    tokens = _tokens(text)
    inner = [at for at, token in enumerate(tokens[:-closers]) if token in "}]"]
    if inner and source.random() < 0.3:
        del tokens[source.choice(inner)]
        return "".join(tokens)
    return text[: -source.randint(1, closers)]


def extra_braces(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Closing brackets too many."""
    return written(arguments, source) + source.choice(("}", "}}", "\n}", "]}", "},"))


def raw_line_ends(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Line ends and tabs inside strings as they are, and a comma too many."""
    text = re.sub(r"(?<!\\)((?:\\\\)*)\\n", "\\1\n", json.dumps(arguments, ensure_ascii=False))
    text = re.sub(r"(?<!\\)((?:\\\\)*)\\t", "\\1\t", text)
    return text[:-1] + ",}"


def lost_backslashes(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Backslashes of expressions, paths and commands that are not doubled; JSON by chance is another value."""
    if name in {"write_file", "edit_file"}:
        return ""
    return _unless_json(json.dumps(arguments, ensure_ascii=False).replace("\\\\", "\\"))


def control_characters(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Line ends as two lines of the source, in the quotes of Python."""
    return re.sub(r"(?<!\\)((?:\\\\)*)\\n", "\\1\n", single_quotes(name, arguments, random.Random(1)))


def stray_characters(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """A byte order mark, a double comma, a semicolon, `=`, or no opening bracket."""
    tokens = _tokens(written(arguments, source))
    style = source.randrange(5)
    if style == 0:
        return "\ufeff" + "".join(tokens)
    if style == 1:
        return "".join([tokens[0], ",", *tokens[1:]])
    if style == 2:
        return "".join(tokens) + ";,"
    if style == 3:
        return "".join("=" if token == ":" else token for token in tokens)
    return "".join(tokens[1:])


def two_faults(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """Two kinds at once: what the one returns goes into what the other does to a text."""
    inner = source.choice((single_quotes, trailing_comma, missing_comma, comments, wrappers, python_literals))
    text = inner(name, arguments, source)
    before, after = source.choice(
        (("```json\n", "\n```"), ("\ufeff", ""), ("Sure: ", ""), ("", "}"), ("```\n", "}\n```"))
    )
    return before + text + after if text else ""


def alternating_lines(name: str, arguments: dict[str, Any], source: random.Random) -> str:
    """One member a line, without commas, as in YAML or JSON5."""
    if len(arguments) < 2:
        return ""
    lines = [f"  {source.choice((key, json.dumps(key)))}: {json.dumps(value)}" for key, value in arguments.items()]
    return "{\n" + "\n".join(lines) + "\n}"


NAMED: Mapping[str, tuple[Fault, ...]] = {
    "quotes": (single_quotes, smart_quotes, bare_keys, unescaped_quotes),
    "commas": (trailing_comma, missing_comma, double_comma),
    "truncation": (stopped_early, cut_inside),
    "comments": (comments,),
    "fences": (fences,),
    "Python literals": (python_literals,),
    "double encoding": (double_encoding,),
    "missing braces": (missing_braces,),
    "wrong types": (wrong_types,),
}
"""The kinds that everybody knows; a kind with several faults has an equal number of each."""

TOOL_NAMES = "tool names"

MORE: Mapping[str, tuple[Fault, ...]] = {
    "words around": (words_around,),
    "escapes": (raw_line_ends, lost_backslashes, control_characters),
    "brackets too many": (extra_braces,),
    "wrappers": (wrappers,),
    "argument names": (other_names,),
    TOOL_NAMES: (right,),
    "said twice": (said_twice,),
    "stray characters": (stray_characters,),
    "a bare value": (bare_value,),
    "nothing spelt out": (nulls,),
    "choices": (other_choices,),
    "one for a list": (one_for_a_list,),
    "two faults": (two_faults,),
    "lines without commas": (alternating_lines,),
}
"""Others that were seen."""

KINDS: Mapping[str, tuple[Fault, ...]] = {**NAMED, **MORE}

"""Random words, paths, marks and tools: what the model must learn not to mind."""

from __future__ import annotations

import random
import re
from typing import Any

WORDS: tuple[str, ...] = tuple(
    re.findall(
        r"\w+",
        "the a of to and in is it that for on with as are this be or by an if you from at which can use file code "
        "test run read write edit path line lines none true false self def class return import print value name "
        "type list dict string number index data result output input user model tool call project directory folder "
        "config build version server client request response message token context window cache prefix system "
        "prompt agent assistant function method variable argument module package python rust shell command git "
        "commit branch diff patch merge review plan step task work todo note warning info debug trace exit status "
        "code started skipped small large new old first last next before after open close start stop save load "
        "keep drop always never must should may will when then else while each every only also more less same "
        "other about into over under between without within because so but however answer question tell show find "
        "search replace add remove rename move copy create delete update change bug issue feature docs readme "
        "example sample world ",
    )
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MARKS: list[str] = [*".,:;()[]{}=#-*`\"'/|!?<>+%@$&\\~^", "==", "->"]
GAPS = [*[" "] * 5, "\n", "\n", "\n    ", "\n\n", ""]


def identifier(dice: random.Random) -> str:
    """Return something like a Python name."""
    parts = []
    for _ in range(dice.choice([1, 1, 2, 2, 3])):
        letters = (dice.choice(LETTERS) for _ in range(dice.randint(2, 7)))
        parts.append(dice.choice(WORDS) if dice.random() < 0.5 else "".join(letters))
    return "_".join(parts)


def path(dice: random.Random) -> str:
    """Return something like a relative path."""
    folders = "".join(identifier(dice) + "/" for _ in range(dice.choice([0, 0, 1, 2])))
    return folders + identifier(dice) + dice.choice([".py", ".py", ".md", ".txt", ".rs", ".toml"])


def word(dice: random.Random) -> str:
    """Return a word, name, path, number or mark."""
    kind = dice.random()
    if kind < 0.55:
        plain = dice.choice(WORDS)
        return plain.capitalize() if dice.random() < 0.1 else plain
    if kind < 0.65:
        return identifier(dice)
    if kind < 0.72:
        return path(dice)
    if kind < 0.80:
        return str(dice.randint(0, 10 ** dice.randint(1, 6)))
    return dice.choice(MARKS)


def text(dice: random.Random, count: int) -> str:
    """Return `count` words with blanks and line ends between them."""
    return "".join(word(dice) + dice.choice(GAPS) for _ in range(count)).strip()


def tools(dice: random.Random, count: int) -> list[dict[str, Any]]:
    """Return tools that nobody has, in OpenAI form."""
    return [_tool(dice) for _ in range(count)]


def _tool(dice: random.Random) -> dict[str, Any]:
    properties = {
        identifier(dice): {"type": dice.choice(["string", "integer", "boolean"]), "description": text(dice, 4)}
        for _ in range(dice.randint(0, 3))
    }
    parameters = {"type": "object", "properties": properties, "required": list(properties)[:1]}
    name, description = identifier(dice), text(dice, dice.randint(1, 12))
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}

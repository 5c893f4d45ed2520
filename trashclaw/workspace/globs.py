"""Path patterns as people and models write them: `*`, `?`, `**`, `[a-z]`, `{a,b}`."""

from __future__ import annotations

import re

from trashclaw.protocol.errors import WorkspaceError

PATTERN_LIMIT_CHARS = 300
CHOICE_LIMIT = 64
STAR_LIMIT = 12


class Glob:
    """A pattern, ready to match paths with forward slashes; without a slash it matches names at any depth.

    Raises:
        WorkspaceError: it is empty, too long or too wild.
    """

    def __init__(self, pattern: str) -> None:
        plain = pattern.replace("\\", "/").removeprefix("./").lstrip("/")
        if not plain or len(plain) > PATTERN_LIMIT_CHARS or plain.count("*") > STAR_LIMIT:
            raise WorkspaceError(f"The pattern {pattern[:80]!r} cannot be used.", "Use one such as src/**/*.py.")
        choices = _expand([plain])
        try:
            self._regex = re.compile("|".join(f"(?:{_translate(choice)})" for choice in choices))
        except re.error as error:
            raise WorkspaceError(f"The pattern {pattern[:80]!r} cannot be used: {error}.") from error

    def matches(self, path: str) -> bool:
        """Tell whether a path matches as a whole."""
        return self._regex.fullmatch(path) is not None


def _expand(patterns: list[str]) -> list[str]:
    """Return the patterns with each `{a,b}` written out, innermost first."""
    while any(_CHOICE.search(pattern) for pattern in patterns):
        patterns = [written for pattern in patterns for written in _expand_once(pattern)]
        if len(patterns) > CHOICE_LIMIT:
            raise WorkspaceError("The pattern has too many {choices}.", "Use several simpler patterns.")
    return patterns


_CHOICE = re.compile(r"\{([^{}]*,[^{}]*)\}")


def _expand_once(pattern: str) -> list[str]:
    found = _CHOICE.search(pattern)
    if found is None:
        return [pattern]
    return [pattern[: found.start()] + part + pattern[found.end() :] for part in found.group(1).split(",")]


def _translate(pattern: str) -> str:
    parts = pattern.rstrip("/").split("/")
    if len(parts) == 1:
        parts = ["**", *parts]
    if pattern.endswith("/"):
        parts.append("**")
    out = ""
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        if part == "**":
            out += ".*" if is_last else "(?:[^/]+/)*"
        else:
            out += _translate_name(part) + ("" if is_last else "/")
    return out


def _translate_name(name: str) -> str:
    out, at = "", 0
    while at < len(name):
        char = name[at]
        end = name.find("]", at + 2)
        if char == "*":
            out += "[^/]*" if not out.endswith("[^/]*") else ""
        elif char == "?":
            out += "[^/]"
        elif char == "[" and end > 0:
            inside = re.sub(r"([\\\[\]&~|])", r"\\\1", re.sub("-+", "-", name[at + 1 : end]))
            out += f"[{'^' + inside[1:] if inside[0] in '!^' else inside}]"
            at = end
        else:
            out += re.escape(char)
        at += 1
    return out

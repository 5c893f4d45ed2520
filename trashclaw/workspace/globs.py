"""Path patterns as people and models write them: `*`, `?`, `**`, `[a-z]`, `{a,b}`; matched without backtracking."""

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
            self._regex = re.compile("|".join(f"(?:{_translate(choice)})" for choice in choices), re.DOTALL)
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
    """Return a regular expression that needs time in proportion to the path alone.

    What stands between two stars is looked for at its first place only (an atomic group): a later place leaves less
    room for what follows, so going back to it never helps, and trying all of them takes exponential time.
    """
    parts = pattern.rstrip("/").split("/")
    if len(parts) == 1:
        parts = ["**", *parts]
    if pattern.endswith("/"):
        parts.append("**")
    *leading, last = _split(parts[:-1], "**")
    end = ".*" if parts[-1] == "**" else _translate_name(parts[-1])
    out = ""
    for at, run in enumerate([*leading, last]):
        names = "".join(_translate_name(name) + "/" for name in run)
        if at == 0:
            out += names
        elif at < len(leading):
            out += f"(?>(?:{_FOLDER})*?{names})" if names else ""
        else:
            out += f"(?:{_FOLDER})*{names}"
    return out + end


_FOLDER = "[^/]++/"


def _split(parts: list[str], star: str) -> list[list[str]]:
    """Return the runs of parts between the stars, at least one; the first and the last may be empty."""
    runs: list[list[str]] = [[]]
    for part in parts:
        if part == star:
            runs.append([])
        else:
            runs[-1].append(part)
    return runs


def _translate_name(name: str) -> str:
    first, *others = _split(_signs(name), "*")
    if not others:
        return "".join(first)
    *middle, last = others
    found = "".join(f"(?>[^/]*?{''.join(run)})" for run in middle if run)
    return f"{''.join(first)}{found}[^/]*{''.join(last)}"


def _signs(name: str) -> list[str]:
    """Return `*`, or what matches one character, for each sign of a name."""
    signs, at = [], 0
    while at < len(name):
        char = name[at]
        end = name.find("]", at + 2)
        if char == "[" and end > 0:
            inside = re.sub(r"([\\\[\]&~|])", r"\\\1", re.sub("-+", "-", name[at + 1 : end]))
            signs.append(f"(?!/)[{'^' + inside[1:] if inside[0] in '!^' else inside}]")
            at = end
        else:
            signs.append({"*": "*", "?": "[^/]"}.get(char) or re.escape(char))
        at += 1
    return signs

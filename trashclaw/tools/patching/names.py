"""Paths as patches write them: quoted, with `a/` and `b/` in front, with a date behind."""

from __future__ import annotations

import re

_DATE = re.compile(r"\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*$")
_QUOTED = re.compile(rb'\\([0-7]{3}|[abfnrtv"\\])')
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_SIDES = ("a/", "b/", "c/", "i/", "o/", "w/")
"""What git writes in front of paths, by its settings."""

NOWHERE = "/dev/null"


def plain_name(written: str) -> str:
    """Return a path without the quotes that git puts around unusual ones, and without the date of `diff`."""
    written = written.strip("\r\n ")
    if written.startswith('"'):
        end = written.rfind('"')
        return _unquoted(written[1:end]) if end > 0 else written
    name = _DATE.sub("", written.partition("\t")[0]).rstrip()
    quote = name[:1]
    return name[1:-1] if len(name) > 2 and quote in "`'" and name.endswith(quote) else name


def is_nowhere(name: str) -> bool:
    """Tell whether a name stands for no file, with or without a side in front."""
    return without_side(name).lstrip("/") == "dev/null"


def without_side(name: str) -> str:
    """Return a name without git's letter in front."""
    return name[2:] if name.startswith(_SIDES) else name


def without_sides(old: str, new: str) -> tuple[str, str]:
    """Return both names of a section without git's letters, where both (or the only one) have one."""
    named = [name for name in (old, new) if not is_nowhere(name)]
    if named and all(name.startswith(_SIDES) for name in named) and not (len(named) == 2 and _is_folder(old, new)):
        return without_side(old), without_side(new)
    return old, new


def is_pair(old: str, new: str) -> bool:
    """Tell whether two names are those of one section: the same file, or no file on one side."""
    old, new = plain_name(old), plain_name(new)
    return is_nowhere(old) or is_nowhere(new) or without_side(old) == without_side(new)


def names_of_git(line: str) -> tuple[str, str] | None:
    """Return the names in `diff --git a/x b/x`, if they can be told apart."""
    rest = line.removeprefix("diff --git ").strip("\r\n ")
    if rest.startswith('"') and rest.endswith('"') and '" "' in rest:
        old, _, new = rest.partition('" "')
        return plain_name(f'{old}"'), plain_name(f'"{new}')
    half = len(rest) // 2
    if len(rest) % 2 and rest[half] == " " and is_pair(rest[:half], rest[half + 1 :]):
        return rest[:half], rest[half + 1 :]
    parts = rest.split(" ")
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _is_folder(old: str, new: str) -> bool:
    """Tell whether the letter is a folder's name: it is the same on both sides, which git never writes."""
    return old[:2] == new[:2]


def _unquoted(text: str) -> str:
    data = _QUOTED.sub(
        lambda found: _ESCAPES.get(found[1]) or (bytes([int(found[1], 8) & 255]) if len(found[1]) == 3 else found[1]),
        text.encode("utf-8", "surrogatepass"),
    )
    return data.decode("utf-8", "replace")

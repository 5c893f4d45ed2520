"""The paths of a workspace, made ready to be found by a few letters: tens of thousands of them between two keys."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

TYPED_AT_MOST = 60
_RANKED = 300
"""Paths that have the letters in order, of which the closest are chosen; there may be as many as there are paths."""


class PathIndex:
    """Files and folders. What was typed of a name is found at its beginning first, then anywhere, then scattered."""

    def __init__(self, files: Iterable[str] = ()) -> None:
        """Take the files, relative to the workspace; their folders follow from them. Short paths come first."""
        files = list(files)
        folders = {folder for path in files for folder in _folders(path)}
        self._paths = sorted([*files, *folders], key=lambda path: (path.count("/", 0, -1), len(path), path))
        self._text = "\n".join(["", *(path.lower() for path in self._paths), ""])
        if self._text.count("\n") != len(self._paths) + 1:
            self._paths = [path for path in self._paths if "\n" not in path]
            self._text = "\n".join(["", *(path.lower() for path in self._paths), ""])
        self._starts = [match.start() for match in re.finditer("\n", self._text)]
        self._names: dict[str, list[int]] = {}
        for place, path in enumerate(self._paths):
            self._names.setdefault(path.lower().rstrip("/").rpartition("/")[2], []).append(place)

    def __len__(self) -> int:
        return len(self._paths)

    def best(self, typed: str, limit: int) -> Sequence[str]:
        """Return the paths that fit best, best first; without anything typed, what lies on top."""
        wanted = typed.lower()[:TYPED_AT_MOST]
        if not wanted:
            return self._paths[:limit]
        if len(wanted) != len(typed.lower()) or "\n" in wanted:
            return ()
        found: dict[int, None] = {}
        tiers = (self._named, self._beginning, self._inside, self._anywhere) if wanted in self._text else ()
        for tier in tiers:
            for place in tier(wanted):
                found.setdefault(place)
                if len(found) == limit:
                    return [self._paths[place] for place in found]
        if len(wanted) > 1:
            for place in self._scattered(wanted):
                found.setdefault(place)
        return [self._paths[place] for place in list(found)[:limit]]

    def _named(self, wanted: str) -> Sequence[int]:
        """Return what has exactly this name."""
        return self._names.get(wanted, ())

    def _beginning(self, wanted: str) -> Iterator[int]:
        """Yield the paths that begin so, then those whose name does."""
        yield from self._found(f"\n{wanted}")
        for place, at in self._hits(f"/{wanted}"):
            if self._is_in_name(at + 1):
                yield place

    def _inside(self, wanted: str) -> Iterator[int]:
        return (place for place, at in self._hits(wanted) if self._is_in_name(at))

    def _anywhere(self, wanted: str) -> Iterator[int]:
        return self._found(wanted)

    def _scattered(self, wanted: str) -> Sequence[int]:
        """Return what has the letters in order, the closest together first."""
        first, rest = wanted[0], wanted[1:]
        pattern = f"\n([^{re.escape(first)}\n]*{re.escape(first)}"
        pattern += "".join(f"[^{re.escape(letter)}\n]*{re.escape(letter)}" for letter in rest) + ")"
        ranked: list[tuple[int, int]] = []
        for match in re.finditer(pattern, self._text):
            place = self._place(match.start() + 1)
            ranked.append((_spread(wanted, self._paths[place].lower()), place))
            if len(ranked) == _RANKED:
                break
        return [place for _, place in sorted(ranked)]

    def _found(self, needle: str) -> Iterator[int]:
        return (place for place, _ in self._hits(needle))

    def _hits(self, needle: str) -> Iterator[tuple[int, int]]:
        """Yield each path that has a text, with where it stands; of a path that has it often, every time."""
        at = self._text.find(needle)
        while at >= 0:
            yield self._place(at + needle.startswith("\n")), at
            at = self._text.find(needle, at + 1)

    def _place(self, at: int) -> int:
        """Return which path a place of the whole text is in."""
        return bisect_left(self._starts, at) - 1

    def _is_in_name(self, at: int) -> bool:
        """Tell whether only the end of a name follows: no further folder but the one that it is."""
        end = self._text.find("\n", at)
        slash = self._text.find("/", at, end)
        return slash < 0 or slash == end - 1


def _folders(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[: at + 1]
        at = path.rfind("/", 0, at)


def _spread(wanted: str, text: str) -> int:
    """Return how many letters lie between those that were typed, when they are taken from the end."""
    at, skipped = len(text), 0
    for place, letter in enumerate(reversed(wanted)):
        found = text.rfind(letter, 0, at)
        skipped += at - found - 1 if place else 0
        at = found
    return skipped

"""Carries a change over to the file's own lines: what an edit keeps stays as the file has it, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.tools.editing.indentation import carry_over
from trashclaw.tools.editing.matching import BLANKS, Place, Solid, Unsure, indent_of
from trashclaw.tools.editing.typography import keep_own, learn, plain, undo
from trashclaw.tools.line_ends import dominant_end
from trashclaw.workspace.matching import match_blocks

NEAR_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Merged:
    """New lines for a range of the file's lines, counted from 0, the end left out."""

    start: int
    end: int
    lines: tuple[str, ...]


def indent_pairs(file: Solid, old: Solid, place: Place) -> list[tuple[str, str]]:
    """Return the indentation of each old line and of the file's line for it."""
    real = file.bodies[place.first : place.first + place.size]
    return [(indent_of(plain(one)), indent_of(other)) for one, other in zip(old.bodies, real, strict=True)]


def merge(file: Solid, old: Solid, new: Solid, place: Place, pairs: Sequence[tuple[str, str]]) -> Merged:
    """Return the file's lines at a place with the change from `old` to `new` made in them.

    `pairs` are what `indent_pairs` returns, for this place or for all places of one edit.

    Raises:
        Unsure: a changed line is not quite the file's, or blank lines or indentation leave open what is meant.
    """
    return _Merge(file, old, new, place).run(pairs)


class _Merge:
    def __init__(self, file: Solid, old: Solid, new: Solid, place: Place) -> None:
        self._file = file
        self._old = old
        self._new = new
        self._first = place.first
        self._origins: list[int | None] = [None] * len(new)
        for block in match_blocks(old.bodies, new.bodies):
            for step in range(block.size):
                if self._is_kept(block.old + step, block.new + step):
                    self._origins[block.new + step] = block.old + step

    def run(self, pairs: Sequence[tuple[str, str]]) -> Merged:
        file, new = self._file, self._new
        start, end = file.at[self._first], file.at[self._first + len(self._old) - 1] + 1
        region = "".join(file.lines[start:end])
        line_end = dominant_end(region if "\n" in region else "".join(file.lines[:NEAR_LINES]))
        bodies = self._new_bodies(pairs)
        lead, start = self._outer(start, is_front=True)
        tail, end = self._outer(end, is_front=False)
        lines = [line_end] * lead
        for index, origin in enumerate(self._origins):
            if index:
                lines += self._gap(index, line_end)
            lines.append(bodies[index] + line_end if origin is None else self._real(origin))
        if len(new):
            lines += [line_end] * tail
        return Merged(start, end, _ended(lines, file.lines[end - 1], line_end))

    def _is_kept(self, old: int, new: int) -> bool:
        """Tell whether two lines that are alike differ in no blanks behind them that the edit means to change."""
        before, after = _tail(self._old, old), _tail(self._new, new)
        return before == after or before != _tail(self._file, self._first + old)

    def _real(self, old: int) -> str:
        return self._file.lines[self._file.at[self._first + old]]

    def _body(self, old: int) -> str:
        return self._file.bodies[self._first + old]

    def _new_bodies(self, pairs: Sequence[tuple[str, str]]) -> dict[int, str]:
        """Return the lines that come new, as they are to read in the file."""
        kept = {origin for origin in self._origins if origin is not None}
        for at, body in enumerate(self._old.bodies):
            if at not in kept and plain(body).strip(BLANKS) != plain(self._body(at)).strip(BLANKS):
                raise Unsure("a line that is to change is not quite as old_text has it")
        learned = learn(
            (body, self._body(at))
            for at, body in enumerate(self._old.bodies)
            if plain(body).strip(BLANKS) == plain(self._body(at)).strip(BLANKS)
        )
        fresh = [index for index, origin in enumerate(self._origins) if origin is None]
        indents = {index: indent_of(plain(self._new.bodies[index])) for index in fresh}
        middle = max(0, self._first - NEAR_LINES // 2)
        carried = carry_over(pairs, indents.values(), self._file.bodies[middle : middle + NEAR_LINES])
        partners = self._partners(kept)
        bodies = {}
        for index in fresh:
            text = self._new.lines[self._new.at[index]].rstrip("\r\n")
            body = undo(carried[indents[index]] + text[len(indents[index]) :], learned)
            partner = partners.get(index)
            bodies[index] = body if partner is None else self._with_own(partner, body)
        return bodies

    def _with_own(self, old: int, body: str) -> str:
        before, real = self._old.bodies[old], self._body(old)
        return body if before.strip(BLANKS) == real.strip(BLANKS) else keep_own(before, real, body)

    def _partners(self, kept: set[int]) -> dict[int, int]:
        """Return the old line that each new one replaces, where as many come as go.

        Raises:
            Unsure: more or fewer come, and the file's lines have characters that old_text has not.
        """
        partners: dict[int, int] = {}
        gone = [at for at in range(len(self._old)) if at not in kept]
        for run in _runs(gone):
            before = self._index_of(run[0] - 1)
            after = self._index_of(run[-1] + 1)
            come = range(before + 1, after)
            if len(come) == len(run):
                partners |= dict(zip(come, run, strict=True))
            elif come and any(not self._body(at).isascii() and self._old.bodies[at].isascii() for at in run):
                raise Unsure("the lines that change have typographic characters in the file")
        return partners

    def _index_of(self, old: int) -> int:
        if old < 0:
            return -1
        return self._origins.index(old) if old < len(self._old) else len(self._new)

    def _gap(self, index: int, line_end: str) -> list[str]:
        """Return the blank lines before a new line that is not the first."""
        before, here = self._origins[index - 1], self._origins[index]
        wanted = self._new.gaps[index]
        blank = [line.rstrip("\r\n") + line_end for line in _blanks(self._new, index)]
        if before is None and here is None:
            return blank
        if before is not None and here is not None and here == before + 1:
            return self._kept_gap(here, wanted, blank)
        bounds = [before + 1] if before is not None else []
        bounds += [here] if here is not None else []
        inner = [bound for bound in dict.fromkeys(bounds) if 0 < bound < len(self._old)]
        if not [bound for bound in inner if self._is_dirty(bound)]:
            return self._own_blanks(inner, wanted, blank, is_front=before is not None)
        if before is not None and here is not None:
            shift = sum(len(self._real_gap(bound)) - self._old.gaps[bound] for bound in inner)
            return [line_end] * max(0, wanted + shift)
        return self._dirty_gap(inner[0], wanted, blank, is_front=before is not None)

    def _kept_gap(self, bound: int, wanted: int, blank: list[str]) -> list[str]:
        real = self._real_gap(bound)
        if wanted == self._old.gaps[bound]:
            return real
        if not self._is_dirty(bound):
            return blank
        raise Unsure("blank lines differ where the edit changes them")

    def _dirty_gap(self, bound: int, wanted: int, blank: list[str], *, is_front: bool) -> list[str]:
        """Return the blank lines at one side of what is put or replaced where the file's differ from old_text's."""
        real, had = len(self._real_gap(bound)), self._old.gaps[bound]
        if not self._is_put_in(bound):
            if wanted == had:
                return self._real_gap(bound)
            raise Unsure("blank lines around what is replaced differ")
        first = self._index_of(bound - 1) + 1
        around = (self._new.gaps[first], self._new.gaps[self._index_of(bound)])
        if not real and around == (0, 0):
            return blank
        if not had or around.count(had) != 1:
            raise Unsure("blank lines where something is put in differ")
        is_kept_side = (around[0] == had) == is_front
        return self._real_gap(bound) if is_kept_side else blank

    def _is_put_in(self, bound: int) -> bool:
        return bound - 1 in self._origins and bound in self._origins

    def _is_dirty(self, bound: int) -> bool:
        return self._file.gaps[self._first + bound] != self._old.gaps[bound]

    def _real_gap(self, bound: int) -> list[str]:
        return _blanks(self._file, self._first + bound)

    def _own_blanks(self, bounds: Sequence[int], wanted: int, blank: list[str], *, is_front: bool) -> list[str]:
        for bound in bounds:
            real = self._real_gap(bound)
            is_as_quoted = {line.rstrip("\r\n") for line in blank} <= {
                line.rstrip("\r\n") for line in _blanks(self._old, bound)
            }
            if len(real) >= wanted > 0 and is_as_quoted:
                return real[:wanted] if is_front else real[-wanted:]
        return blank

    def _outer(self, edge: int, *, is_front: bool) -> tuple[int, int]:
        """Return how many blank lines come at an edge, and the edge with those that go."""
        side = 0 if is_front else -1
        had, wanted = self._old.gaps[side], self._new.gaps[side]
        if not len(self._new):
            wanted = wanted if is_front else 0
        elif had == wanted:
            return 0, edge
        place = self._first if is_front else self._first + len(self._old)
        if self._file.gaps[place] < had:
            raise Unsure("blank lines at the edge differ")
        return wanted, edge - had if is_front else edge + had


def _tail(text: Solid, at: int) -> str:
    return text.lines[text.at[at]].rstrip("\r\n")[len(text.bodies[at]) :]


def _blanks(text: Solid, at: int) -> list[str]:
    """Return the blank lines before a solid line."""
    return text.lines[text.at[at] - text.gaps[at] : text.at[at]]


def _ended(lines: list[str], last: str, line_end: str) -> tuple[str, ...]:
    """End every line, and the last one as the last line of what was there."""
    ended = [line if line.endswith("\n") else line + line_end for line in lines]
    if ended and not last.endswith("\n"):
        ended[-1] = ended[-1].removesuffix("\n").removesuffix("\r")
    return tuple(ended)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs

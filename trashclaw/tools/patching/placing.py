"""Places the hunks of a patch in a file's text: by their content, in whole lines, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.replace import replace
from trashclaw.tools.line_ends import dominant_end
from trashclaw.tools.patching.places import Lines, choose, find_scope, lead_of
from trashclaw.tools.patching.sections import Chunk
from trashclaw.tools.truncate import clip
from trashclaw.workspace.diff import split_lines

GUESSES_AT_MOST = 50
"""So many hunks may fit only roughly: each such search can take long."""

GUESSED_LINES = 2_000
"""A longer hunk has to fit but for trailing blanks."""

RefuseGuess = Callable[[ToolError], None]
"""Raises if a place that fits only roughly may not be taken."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A text after all hunks."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Edit:
    """New lines, with their ends, for the lines from `first` up to, and without, `last` (counted from 0)."""

    first: int
    last: int
    new: tuple[str, ...]
    chunk: Chunk
    reaches_end: bool
    """The hunk's last line is the file's."""


def place_chunks(text: str, chunks: Sequence[Chunk], name: str, refuse_guess: RefuseGuess | None = None) -> Placed:
    """Return the text with every hunk in its place.

    Raises:
        ToolError: one has no place, or several; names it, and shows the nearest text.
    """
    return _Placing(text, chunks, name, refuse_guess).run()


class _Placing:
    def __init__(self, text: str, chunks: Sequence[Chunk], name: str, refuse_guess: RefuseGuess | None) -> None:
        self._text, self._name, self._chunks, self._refuse_guess = text, name, chunks, refuse_guess
        self._lines = split_lines(text)
        self._bare = [_bare(line) for line in self._lines]
        self._exact = Lines(self._bare, _bare)
        self._loose: Lines | None = None
        self._stripped: Lines | None = None
        self._end = dominant_end(text)
        self._notes: list[str] = []
        self._guesses = 0

    def run(self) -> Placed:
        edits: list[_Edit] = []
        done = 0
        trusts_numbers = all(map(self._is_where_stated, self._chunks))
        for number, chunk in enumerate(self._chunks, 1):
            try:
                edit = self._place(chunk, done, chunk.line if trusts_numbers else None)
            except ToolError as error:
                which = f"hunk {number} of {len(self._chunks)} ({chunk.label.strip()})"
                words = error.text.removeprefix(f"{self._name}: ").replace("old_text", "its old text")
                hint = error.hint.replace("old_text", "the old lines")
                raise ToolError(f"{self._name}: {which}: {words} Nothing was changed.", hint) from error
            done = max(done, edit.last)
            edits.append(edit)
        return Placed(self._joined(edits), tuple(dict.fromkeys(self._notes)))

    def _place(self, chunk: Chunk, done: int, stated: int | None) -> _Edit:
        if not chunk.old:
            return self._insertion(chunk, done)
        place = self._one_of(self._exact.find(chunk.old), chunk, done, stated)
        if place is not None:
            return self._edit_at(place, chunk)
        unstripped = _unstripped(chunk)
        place = self._one_of(self._exact.find(unstripped.old), unstripped, done, None)
        if place is not None:
            return self._edit_at(place, unstripped)
        return self._place_roughly(chunk, done)

    def _place_roughly(self, chunk: Chunk, done: int) -> _Edit:
        nothing = ToolError(f"{self._name}: old_text is not in the file as it stands there.")
        if self._refuse_guess is not None:
            self._refuse_guess(nothing)
        self._guesses += 1
        if self._guesses > GUESSES_AT_MOST:
            raise ToolError(f"{nothing.text} {GUESSES_AT_MOST} others were not either.", "Read the file again.")
        self._loose = self._loose or Lines(self._bare, str.rstrip)
        place = self._one_of(self._loose.find(chunk.old), chunk, done, None)
        if place is not None:
            self._notes.append("trailing blanks differed")
            return self._edit_at(place, chunk)
        if self._loose.has_within(chunk.old):
            raise ToolError(f"{self._name}: old_text is there only as a part of longer lines.", "Give whole lines.")
        if len(chunk.body.lines) > GUESSED_LINES:
            raise nothing
        old, new = "\n".join(chunk.old) + "\n", "".join(f"{line}\n" for line in chunk.new)
        text = "".join(self._closed(line) for line in self._lines)
        replaced = replace(text, old, new, self._name, near_line=chunk.line)
        if replaced.note:
            self._notes.append(replaced.note)
        return self._difference(split_lines(replaced.text), chunk)

    def _one_of(self, places: Sequence[int], chunk: Chunk, done: int, stated: int | None) -> int | None:
        if not places:
            return None
        scope = self._scope(chunk, done) if len(places) > 1 else None
        left = choose(places, chunk, len(self._lines), done, scope)
        if len(left) > 1 and stated is not None:
            return stated - 1
        if len(left) > 1:
            shown = ", ".join(str(place + 1) for place in left[:5]) + (" and more" if len(left) > 5 else "")
            raise ToolError(
                f"{self._name}: its old text occurs {len(left)} times, at lines {shown}.",
                "Add lines around it until it is unique, or name the function above it: @@ def name():",
            )
        return left[0]

    def _edit_at(self, place: int, chunk: Chunk) -> _Edit:
        """Return the edit without the context at both ends; context in the middle stays as the file has it."""
        lines = chunk.body.lines
        lead = lead_of(chunk)
        tail = next((at for at, line in enumerate(reversed(lines)) if line[0] != " "), 0)
        new: list[str] = []
        at = place + lead
        for line in lines[lead : len(lines) - tail]:
            if line[0] == "+":
                new.append(_bare(line[1:]) + self._end)
                continue
            if line[0] == " ":
                new.append(self._lines[at])
            at += 1
        return _Edit(place + lead, at, tuple(new), chunk, place + len(chunk.old) == len(self._lines))

    def _insertion(self, chunk: Chunk, done: int) -> _Edit:
        """Return the edit of a hunk that has only new lines."""
        new = tuple(_bare(line) + self._end for line in chunk.new)
        scope, total = self._scope(chunk, done), len(self._lines)
        if scope is not None:
            return _Edit(scope[0], scope[0], new, chunk, scope[0] == total)
        if chunk.is_at_end or not self._lines:
            return _Edit(total, total, new, chunk, reaches_end=True)
        raise ToolError(
            f"{self._name}: it has only new lines, and nothing says where they belong.",
            "Give the lines before and after them too, with a blank in front.",
        )

    def _difference(self, after: Sequence[str], chunk: Chunk) -> _Edit:
        """Return what was changed as an edit of the lines before."""
        before = [self._closed(line) for line in self._lines]
        most = min(len(before), len(after))
        lead = next((at for at in range(most) if before[at] != after[at]), most)
        tail = next((at for at in range(most - lead) if before[-1 - at] != after[-1 - at]), most - lead)
        return _Edit(lead, len(before) - tail, tuple(after[lead : len(after) - tail]), chunk, tail == 0)

    def _scope(self, chunk: Chunk, done: int) -> tuple[int, int] | None:
        if not chunk.anchors:
            return None
        self._stripped = self._stripped or Lines(self._bare, str.strip)
        return find_scope(chunk.anchors, self._bare, self._stripped, done)

    def _is_where_stated(self, chunk: Chunk) -> bool:
        """Tell whether the lines of a hunk stand exactly where its number says."""
        old = chunk.old
        if not old or chunk.line is None:
            return not old
        first = max(chunk.line - 1, 0)
        return self._bare[first : first + len(old)] == [_bare(line) for line in old]

    def _closed(self, line: str) -> str:
        return line if line.endswith("\n") else line + self._end

    def _joined(self, edits: list[_Edit]) -> str:
        """Return the text with all edits made.

        Raises:
            ToolError: two hunks change the same lines.
        """
        lines: list[str] = []
        done = 0
        for edit in sorted(edits, key=lambda edit: (edit.first, edit.last)):
            if edit.first < done:
                label = clip(edit.chunk.label.strip(), 80)
                raise ToolError(
                    f"{self._name}: two hunks change the same lines ({label}). Nothing was changed.",
                    "Put them into one hunk.",
                )
            lines += [*self._lines[done : edit.first], *edit.new]
            done = edit.last
        lines += self._lines[done:]
        is_open = bool(self._lines) and not self._lines[-1].endswith("\n")
        for edit in edits:
            if edit.reaches_end:
                is_open = _is_open(edit.chunk, is_open=is_open)
        after = "".join(self._closed(line) for line in lines)
        return _without_end(after) if is_open else after


def _is_open(chunk: Chunk, *, is_open: bool) -> bool:
    """Tell whether a text whose end a hunk reaches has no final newline; a hunk that says nothing keeps it."""
    if chunk.body.old_is_open or chunk.body.new_is_open:
        return chunk.body.new_is_open
    return is_open


def _unstripped(chunk: Chunk) -> Chunk:
    """Return the hunk read as if its context lines had been written without the blank in front."""
    lines = tuple(f" {line}" if line.startswith(" ") else line for line in chunk.body.lines)
    body = type(chunk.body)(lines, chunk.body.is_unmarked, chunk.body.old_is_open, chunk.body.new_is_open)
    return Chunk(body, chunk.line, chunk.anchors, chunk.is_at_end)


def _bare(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")

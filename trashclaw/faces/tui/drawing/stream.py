"""A Markdown text that is still being written: what later text cannot change is drawn once, only the end again.

The lines are those of the text so far as a whole, with one exception: an open code block is coloured in parts, and a
label that is defined below its use is no link before the end. `finish` draws both as the whole text is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.markdown import block_lines, code_lines, language_of, markdown_lines, parsed
from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

PIECE_LINES = 24
"""Lines of an open code block that are drawn together, and then not again before its end."""

_REFERENCES = "references"


class MarkdownStream:
    """Lines of a growing text."""

    def __init__(self, width: int, look: Look) -> None:
        self._width = width
        self._look = look
        self._came: list[str] = []
        self._tail = ""
        self._is_fresh = True
        """Nothing has come since the lines were drawn."""

        self._lines: list[Text] = []
        self._settled = 0
        """How many of the lines stay as they are."""

        self._labels: dict[str, Any] = {}
        """What the parser knows of the labels that the settled text defines."""

        self._has_labels = False
        """Whether a label was ever known; one may have been the beginning of something else."""

        self._drawn: dict[tuple[str, str], list[Text]] = {}
        """The blocks of the tail as they were drawn last, by type and source."""

        self._code: list[tuple[str, list[Text]]] = []
        """The pieces of the open code block, with their lines."""

    @property
    def text(self) -> str:
        """All that has come."""
        if len(self._came) > 1:
            self._came[:] = ["".join(self._came)]
        return self._came[0] if self._came else ""

    @property
    def lines(self) -> list[Text]:
        """The lines as they were drawn last; not to be changed."""
        return self._lines

    def feed(self, text: str) -> None:
        """Take the next piece."""
        self._came.append(text)
        self._tail += text
        self._is_fresh = False

    def advance(self) -> int:
        """Draw what has come, and return the first place at which the lines are others than before."""
        if self._is_fresh:
            return len(self._lines)
        self._is_fresh = True
        source = visible(self._tail)
        labels: dict[str, Any] = {_REFERENCES: dict(self._labels)}
        tops = parsed(source, labels)
        rows = source.split("\n")
        if self._has_labels or labels[_REFERENCES]:
            self._has_labels = True
            self._drawn = {}
        settled, cut = _settled(tops, rows)
        drawn = [self._block(top, rows) for top in tops]
        before = self._lines
        self._lines = before[: self._settled]
        self._add(drawn[:settled])
        changed, self._settled = self._settled, len(self._lines)
        self._add(drawn[settled:])
        self._drawn = {self._key(top, rows): lines for top, lines in zip(tops[settled:], drawn[settled:], strict=True)}
        if cut:
            known = labels[_REFERENCES].items()
            self._labels = {name: label for name, label in known if "map" not in label or label["map"][1] <= cut}
            for label in self._labels.values():
                label.pop("map", None)
            self._tail = _without(self._tail, cut)
        while changed < min(len(before), len(self._lines)) and _is_same(before[changed], self._lines[changed]):
            changed += 1
        return changed

    def finish(self) -> int:
        """Draw the text as a whole one is drawn; return as `advance` does. Nothing may come after it."""
        changed = self.advance()
        tops = parsed(visible(self._tail), {})
        if not self._has_labels and not any(top.type == "fence" for top in tops[-1:]):
            return changed
        before = self._lines
        if self._has_labels:
            self._lines = markdown_lines(self.text, self._width, self._look)
            self._settled = 0
        else:
            self._lines = before[: self._settled]
            self._add([block_lines(top, self._width, self._look) for top in tops])
        place = min(changed, self._settled)
        while place < min(len(before), len(self._lines)) and _is_same(before[place], self._lines[place]):
            self._lines[place] = before[place]
            place += 1
        return min(changed, place)

    def _add(self, blocks: list[list[Text]]) -> None:
        for block in blocks:
            if self._lines and block:
                self._lines.append(Text())
            self._lines.extend(block)

    def _block(self, top: SyntaxTreeNode, rows: list[str]) -> list[Text]:
        """Return a block's lines, those of the last time where nothing has changed."""
        if top.type == "fence" and top.map and top.map[1] >= len(rows) - 1:
            return self._open_code(top)
        known = self._drawn.get(self._key(top, rows))
        return block_lines(top, self._width, self._look) if known is None else known

    def _key(self, top: SyntaxTreeNode, rows: list[str]) -> tuple[str, str]:
        first, end = top.map or (0, 0)
        is_open = top.type == "fence" and end >= len(rows) - 1
        # Of an open code block nothing is kept here: when it is closed, it is drawn anew as a whole.
        return ("open" if is_open else top.type, "" if is_open else "\n".join(rows[first:end]))

    def _open_code(self, top: SyntaxTreeNode) -> list[Text]:
        """Return the lines of a code block that has no end yet, coloured in pieces of some lines."""
        rows = top.content.removesuffix("\n").split("\n")
        language = language_of(top)
        pieces: list[tuple[str, list[Text]]] = []
        for place, first in enumerate(range(0, len(rows), PIECE_LINES)):
            code = "".join(f"{row}\n" for row in rows[first : first + PIECE_LINES])
            piece = f"{language}\n{code}"
            if place < len(self._code) and self._code[place][0] == piece:
                pieces.append(self._code[place])
            else:
                pieces.append((piece, code_lines(code, language, self._width, self._look)))
        self._code = pieces
        return [line for _, lines in pieces for line in lines]


def _settled(tops: list[SyntaxTreeNode], rows: list[str]) -> tuple[int, int]:
    """Return how many blocks no later text can change, and the row behind them.

    The last row may be the beginning of anything: `1` of the next item of a list, `#` of a word. So a block is certain
    when another one that is whole begins behind it. Behind the definition of a label nothing is certain, either: its
    title may still come.
    """
    whole = [place for place, top in enumerate(tops) if top.map and top.map[1] <= len(rows) - 1]
    for place in reversed(whole):
        first = (tops[place].map or (0, 0))[0]
        end = (tops[place - 1].map or (0, 0))[1] if place else 0
        if place and (end >= first or not rows[first - 1].strip()):
            return place, first
    return 0, 0


def _without(text: str, rows: int) -> str:
    """Return a text without its first rows; only line feeds end one, as for the parser."""
    place = 0
    for _ in range(rows):
        place = text.index("\n", place) + 1
    return text[place:]


def _is_same(one: Text, other: Text) -> bool:
    return one is other or (one == other and (one.style, one.end) == (other.style, other.end))

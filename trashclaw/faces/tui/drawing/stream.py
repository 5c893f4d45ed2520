"""A Markdown text that is still being written: whole blocks are drawn once, only the open one again."""

from __future__ import annotations

import re

from rich.text import Text

from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.markdown import markdown_lines, parser
from trashclaw.faces.visible import visible

LONG_FENCE = 60
"""Lines of an open code block beyond which its beginning is drawn for good."""


class MarkdownStream:
    """Lines of a growing text. What a completed message looks like is drawn anew from its whole text."""

    def __init__(self, width: int, look: Look) -> None:
        self._width = width
        self._look = look
        self._settled: list[Text] = []
        self._tail = ""
        self._is_fence_cut = False

    def feed(self, text: str) -> None:
        """Take the next piece."""
        self._tail += text

    def lines(self) -> list[Text]:
        """Return all lines as of now."""
        self._settle()
        tail = markdown_lines(self._tail, self._width, self._look)
        return self._settled + self._gap(tail) + tail

    def _gap(self, lines: list[Text]) -> list[Text]:
        return [Text()] if self._settled and lines and not self._is_fence_cut else []

    def _settle(self) -> None:
        """Draw for good what later text cannot change: of the whole lines, every top-level block but the last.

        A line that is not whole may still turn into something else: `1` into the next item of a list.
        """
        whole = self._tail[: self._tail.rfind("\n") + 1]
        tops = [token for token in parser().parse(visible(whole)) if token.level == 0 and token.map]
        starts = sorted({token.map[0] for token in tops if token.map})
        if len(starts) > 1:
            self._keep(starts[-1])
        elif tops and tops[-1].type == "fence":
            self._cut_fence(tops[-1].markup, tops[-1].info)

    def _keep(self, line: int) -> None:
        source = _lines(self._tail)
        done = markdown_lines("".join(source[:line]), self._width, self._look)
        self._settled += self._gap(done) + done
        self._is_fence_cut = False
        self._tail = "".join(source[line:])

    def _cut_fence(self, markup: str, info: str) -> None:
        source = _lines(self._tail)
        if len(source) <= LONG_FENCE + 1 or any(line.strip().startswith(markup) for line in source[1:]):
            return
        body = source[:LONG_FENCE]
        done = markdown_lines("".join(body) + markup, self._width, self._look)
        self._settled += self._gap(done) + done
        self._is_fence_cut = True
        self._tail = f"{markup}{info}\n" + "".join(source[LONG_FENCE:])


def _lines(text: str) -> list[str]:
    """Split at line feeds only, as the parser does; other separators are characters like any other."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)

"""Markdown to lines: headings, lists, tables, coloured code; HTML in it is shown, not obeyed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich.style import Style
from rich.text import Span, Text

from trashclaw.faces.tui.drawing.copied import NOT_AGAIN, NOT_SAID
from trashclaw.faces.tui.drawing.lines import fold, plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.syntax import highlighted, lexer_for
from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

MAX_DEPTH = 12
"""Levels of nested quotes and lists that are indented."""


@lru_cache(maxsize=1)
def parser() -> MarkdownIt:
    """Return the parser: CommonMark with tables and strike-through, without HTML."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def markdown_lines(source: str, width: int, look: Look) -> list[Text]:
    """Return the lines of a Markdown text, each at most `width` cells wide."""
    return _blocks(parsed(visible(source), {}), width, look, depth=0)


def parsed(source: str, labels: dict[str, Any]) -> list[SyntaxTreeNode]:
    """Return the blocks of a text that is safe to show; `labels` is what the parser knows of labels, and learns."""
    from markdown_it.tree import SyntaxTreeNode

    return SyntaxTreeNode(parser().parse(source, labels)).children


def block_lines(node: SyntaxTreeNode, width: int, look: Look) -> list[Text]:
    """Return the lines of one of the blocks that `parsed` returns."""
    return _block(node, max(8, width), look, 0)


def language_of(fence: SyntaxTreeNode) -> str:
    """Return the name of the language of a code block, as it was written; empty where there is none."""
    words = fence.info.split()
    return words[0] if words else ""


def _blocks(
    nodes: Sequence[SyntaxTreeNode], width: int, look: Look, *, depth: int, is_tight: bool = False
) -> list[Text]:
    lines: list[Text] = []
    for node in nodes:
        block = _block(node, max(8, width), look, depth)
        if lines and block and not is_tight:
            lines.append(Text())
        lines.extend(block)
    return lines


def _block(node: SyntaxTreeNode, width: int, look: Look, depth: int) -> list[Text]:
    match node.type:
        case "heading":
            return _heading(node, width, look)
        case "fence" | "code_block":
            return code_lines(node.content, language_of(node), width, look)
        case "bullet_list" | "ordered_list":
            return _list(node, width, look, depth)
        case "blockquote":
            bar = Text(f"{look.signs.quote} ", style=look.muted + NOT_SAID)
            inner = _blocks(node.children, width - 2, look, depth=depth + 1) if depth < MAX_DEPTH else []
            return prefixed(bar, bar, inner)
        case "table":
            from trashclaw.faces.tui.drawing.table import table_lines

            return table_lines(_cells(node, look), width, look)
        case "hr":
            return [Text(look.signs.rule * width, style=look.faint)]
        case _:
            return wrap(inline(node, look), width, look)


def _heading(node: SyntaxTreeNode, width: int, look: Look) -> list[Text]:
    level = int(node.tag[1:]) if node.tag[1:].isdigit() else 6
    style = look.primary + Style(bold=True, underline=level == 1)
    text = inline(node, look)
    text.style = style if level <= 3 else look.strong
    return wrap(text, width, look)


def code_lines(code: str, language: str, width: int, look: Look) -> list[Text]:
    """Return code on its own ground, padded to the full width; long lines fold, with a sign before what goes on."""
    text = highlighted(visible(code.removesuffix("\n")), lexer_for(language), look)
    ink = look.text + look.code
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        room = width - 1 - line.cell_len
        if room > 0:
            spans = [Span(0, 1, NOT_SAID), *(Span(one.start + 1, one.end + 1, one.style) for one in line.spans)]
            lines.append(Text(f" {line.plain}{' ' * room}", style=ink, end="", spans=spans))
            continue
        pieces = fold(line, max(1, width - 2))
        for piece in prefixed(Text(" ", style=NOT_SAID), Text(look.signs.goes_on, style=look.muted + NOT_SAID), pieces):
            piece.append(" " * max(0, width - piece.cell_len))
            piece.stylize_before(look.code)
            lines.append(piece)
    return lines


def _list(node: SyntaxTreeNode, width: int, look: Look, depth: int) -> list[Text]:
    if depth >= MAX_DEPTH:
        return []
    start = node.attrs.get("start", 1)
    number = start if isinstance(start, int) else 1
    is_ordered = node.type == "ordered_list"
    lines: list[Text] = []
    size = len(f"{number + len(node.children) - 1}.") + 1 if is_ordered else 2
    for place, item in enumerate(node.children):
        mark = f"{number + place}.".rjust(size - 1) + " " if is_ordered else f"{look.signs.bullet} "
        inner = _blocks(item.children, width - size, look, depth=depth + 1, is_tight=True) or [Text()]
        lines.extend(prefixed(Text(mark, style=look.muted), Text(" " * size, style=NOT_AGAIN), inner))
    return lines


def _cells(node: SyntaxTreeNode, look: Look) -> list[list[Text]]:
    """Return the rows of a table, the head first."""
    return [[inline(cell, look) for cell in row.children] for part in node.children for row in part.children]


def inline(node: SyntaxTreeNode, look: Look) -> Text:
    """Return the running text of a block with its emphasis, code and links."""
    text = Text(style=look.text, end="")
    _write(text, node, Style(), look)
    return text


def _write(text: Text, node: SyntaxTreeNode, style: Style, look: Look) -> None:
    write = _WRITERS.get(node.type)
    if write is not None:
        write(text, node, style, look)
        return
    style = style + _EMPHASIS.get(node.type, Style())
    for child in node.children:
        _write(text, child, style, look)


def _write_link(text: Text, node: SyntaxTreeNode, style: Style, look: Look) -> None:
    """Write a link with its address, so that nobody follows words that lie about it."""
    begin = len(text)
    for child in node.children:
        _write(text, child, style + look.primary + Style(underline=True), look)
    address = str(node.attrs.get("href") or node.attrs.get("src") or "")
    if node.type == "image":
        text.append_text(plain(node.content or "image", style + look.primary))
    if address and text.plain[begin:] != address:
        text.append_text(plain(f" ({address})", style + look.muted))


_EMPHASIS = {"strong": Style(bold=True), "em": Style(italic=True), "s": Style(strike=True)}
_Writer = Callable[[Text, "SyntaxTreeNode", Style, Look], None]
_WRITERS: dict[str, _Writer] = {
    "text": lambda text, node, style, look: _append(text, node.content, style),
    "code_inline": lambda text, node, style, look: _append(text, node.content, style + look.accent),
    "softbreak": lambda text, node, style, look: _append(text, " ", style),
    "hardbreak": lambda text, node, style, look: _append(text, "\n", style),
    "link": _write_link,
    "image": _write_link,
}


def _append(text: Text, content: str, style: Style) -> None:
    text.append_text(plain(content, style))

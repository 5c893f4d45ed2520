"""Finds what is wrong in the syntax of a text; whatever the text is, it takes bounded time and raises nothing."""

from __future__ import annotations

import json
import re
import threading
import time
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from trashclaw.languages.grammars import Grammar, load

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

LIMIT_BYTES = 2_000_000
LIMIT_S = 1.0
"""Of the processor's time, so that nothing else that runs here decides what is found."""
LIMIT_FAULTS = 200
LIMIT_NODES = 200_000
_COMPILED_CHARS = 500_000
_CHUNK_BYTES = 1 << 16
_PIECE_CHARS = 40
_WARNINGS = threading.Lock()
_ESCAPED = re.compile(r"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """One place that cannot be read."""

    line: int
    """From 1."""

    column: int
    """From 1, in characters."""

    what: str
    """What is wrong there, or what would be expected: a few words without an end."""


def syntax_errors(grammar: Grammar, text: str) -> Sequence[SyntaxFault]:
    """Return the faults of a text in their order, the first `LIMIT_FAULTS`.

    Nothing is said of a text over `LIMIT_BYTES`, of one that takes the grammar longer than `LIMIT_S`, and of Python,
    JSON and TOML that this very interpreter reads without complaint. Only the interpreter finds a wrong indentation.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LIMIT_BYTES or "\0" in text or not text.strip():
        return ()
    if grammar.name == "python":
        return _python_faults(grammar, text, data)
    faults = _grammar_faults(grammar, data)
    return () if faults and _is_valid_data(grammar, text) else faults


def _is_valid_data(grammar: Grammar, text: str) -> bool:
    """Tell whether the standard library reads a text that the grammar stumbles over."""
    read = {"json": json.loads, "toml": tomllib.loads}.get(grammar.name)
    if read is None:
        return False
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True


def _python_faults(grammar: Grammar, text: str, data: bytes) -> Sequence[SyntaxFault]:
    error = _compile(text) if len(text) <= _COMPILED_CHARS else _NOT_COMPILED
    if error is None:
        return ()
    if isinstance(error, IndentationError):
        return (_told(error, text),)
    faults = _grammar_faults(grammar, data)
    # The interpreter says better what is wrong, but alone it would take the syntax of later versions for wrong.
    if not faults or error.lineno is None or (error.msg == _PLAIN and faults[0].what.endswith(_EXPECTED)):
        return faults
    return (_told(error, text), *faults[1:])


_NOT_COMPILED = SyntaxError("not compiled")
_PLAIN = "invalid syntax"
_EXPECTED = "is expected here"
_UNFIT = "does not fit here"


def _compile(text: str) -> SyntaxError | None:
    """Return what the interpreter says of a text; `_NOT_COMPILED` where it cannot say."""
    import ast

    try:
        # What is set about warnings holds for the whole process, so only one may set it.
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        return error
    except (ValueError, MemoryError, RecursionError):
        return _NOT_COMPILED
    return None


def _told(error: SyntaxError, text: str) -> SyntaxFault:
    lines = text.split("\n")
    line, column = min(max(error.lineno or 1, 1), len(lines)), max(error.offset or 1, 1)
    what = _ESCAPED.sub("?", error.msg or _PLAIN)[:200]
    if what == _PLAIN:
        what = f"{_shown(lines[line - 1][column - 1 : column + _PIECE_CHARS])} {_UNFIT}"
    return SyntaxFault(line, column, what)


def _grammar_faults(grammar: Grammar, data: bytes) -> Sequence[SyntaxFault]:
    tree = _parse(grammar, data)
    if tree is None or not tree.root_node.has_error:
        return ()
    lines = data.split(b"\n")
    return tuple(islice((_fault(node, lines) for node in _faulty(tree.root_node)), LIMIT_FAULTS))


def _parse(grammar: Grammar, data: bytes) -> Tree | None:
    language = load(grammar)
    if language is None:
        return None
    from tree_sitter import Parser

    ends_at = time.thread_time() + LIMIT_S

    def is_over(*_: object) -> bool:
        return time.thread_time() > ends_at

    def read(offset: int, _point: object) -> bytes:
        # Scanners written by hand look ahead as far as they like, and only here can be told that there is no more.
        return b"" if is_over() else data[offset : offset + _CHUNK_BYTES]

    try:
        tree = Parser(language).parse(read, progress_callback=is_over)
    except ValueError:
        return None
    return None if is_over() else tree


def _faulty(root: Node) -> Iterator[Node]:
    """Yield the nodes that are missing or could not be read, in the order of the text."""
    waiting = [root]
    for _ in range(LIMIT_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            waiting.extend(reversed(node.children))


def _fault(node: Node, lines: Sequence[bytes]) -> SyntaxFault:
    if node.is_missing:
        row, column = node.start_point
        return SyntaxFault(row + 1, _characters(lines, row, column), f"{_shown(node.type)} {_EXPECTED}")
    inner = next((child for child in node.children if child.is_error), node)
    row, column = inner.start_point
    text = lines[row][column : column + _PIECE_CHARS].decode("utf-8", "replace") if row < len(lines) else ""
    until = f" (nothing fits up to line {node.end_point[0] + 1})" if node.end_point[0] > row + 1 else ""
    return SyntaxFault(row + 1, _characters(lines, row, column), f"{_shown(text)} {_UNFIT}{until}")


def _characters(lines: Sequence[bytes], row: int, column: int) -> int:
    line = lines[row] if row < len(lines) else b""
    return len(line[:column].decode("utf-8", "replace")) + 1


def _shown(text: str) -> str:
    plain = "".join(char for char in text if char.isprintable()).strip()
    return f"`{plain}`" if plain else "the end of the line"

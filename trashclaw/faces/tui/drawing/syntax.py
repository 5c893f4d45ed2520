"""Syntax colours, from the theme's own colours; the highlighter is loaded when code is first shown."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import import_module
from typing import Protocol

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.look import Look

MAX_HIGHLIGHTED = 60_000
"""Characters; longer code is shown without colours, since a lexer may take long."""


class Token(Protocol):
    """A kind of token; its parent is the more general kind."""

    @property
    def parent(self) -> Token | None: ...


class Lexer(Protocol):
    """Splits code into tokens whose values add up to the code."""

    def get_tokens(self, text: str) -> Iterable[tuple[Token, str]]: ...


@lru_cache(maxsize=64)
def lexer_for(language: str) -> Lexer | None:
    """Return the lexer of a language name, such as the word after a code fence."""
    return _lexer("get_lexer_by_name", language) if language else None


@lru_cache(maxsize=64)
def lexer_for_path(path: str) -> Lexer | None:
    """Return the lexer of a file, by its name alone."""
    return _lexer("get_lexer_for_filename", path)


def _lexer(finder: str, name: str) -> Lexer | None:
    """Ask pygments, which is loaded here for the first time; it has no types of its own."""
    lexers = import_module("pygments.lexers")
    try:
        lexer: Lexer = getattr(lexers, finder)(name, stripnl=False, ensurenl=False)
    except lexers.ClassNotFound:
        return None
    return lexer


def highlighted(code: str, lexer: Lexer | None, look: Look) -> Text:
    """Return code that is already safe to show as text with colours; the characters stay the same."""
    text = Text(code, style=look.text, end="")
    if lexer is None or len(code) > MAX_HIGHLIGHTED:
        return text
    inks = _inks(look)
    place = 0
    for token, value in lexer.get_tokens(code):
        style = _ink_of(token, inks)
        if style is not None:
            text.stylize(style, place, place + len(value))
        place += len(value)
    return text


def _inks(look: Look) -> dict[object, Style]:
    token = import_module("pygments.token")

    return {
        token.Comment: look.muted + Style(italic=True),
        token.Keyword: look.accent,
        token.Keyword.Constant: look.warning,
        token.Operator.Word: look.accent,
        token.Name.Function: look.primary,
        token.Name.Class: look.primary,
        token.Name.Decorator: look.cloud,
        token.Name.Builtin: look.cloud,
        token.Name.Tag: look.accent,
        token.Name.Attribute: look.primary,
        token.String: look.success,
        token.Number: look.warning,
        token.Generic.Heading: look.strong,
        token.Generic.Inserted: look.success,
        token.Generic.Deleted: look.error,
    }


def _ink_of(token: Token, inks: dict[object, Style]) -> Style | None:
    step: Token | None = token
    while step is not None:
        if step in inks:
            return inks[step]
        step = step.parent
    return None

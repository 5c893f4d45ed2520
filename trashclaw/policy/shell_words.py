"""Words of a shell line: what each of them is before the shell runs, as far as that can be known."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_GLOB = re.compile(r"[*?\[\]]")
_ANSI = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_SIGNS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\033", "E": "\033", "f": "\f", "v": "\v"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a command."""

    text: str | None
    """What the program gets; `None` if only the shell will know: variables, substitutions, braces."""

    is_exact: bool = True
    """It is this one word and nothing else: no glob, no `~`, no sign that shells read differently."""

    @property
    def has_glob(self) -> bool:
        """Whether it may become the names of files."""
        return self.text is not None and not self.is_exact and _GLOB.search(self.text) is not None

    def __str__(self) -> str:
        """Return it for a person."""
        return "..." if self.text is None else self.text


UNKNOWN = Word(None, is_exact=False)


def plain_words(texts: Iterable[str]) -> tuple[Word, ...]:
    """Return words that are known."""
    return tuple(map(Word, texts))


def read_word(node: Node) -> Word:
    """Return the word that a node of the parse tree stands for."""
    text = (node.text or b"").decode("utf-8", "replace")
    match node.type:
        case "word" | "number" | "variable_name" | "special_variable_name":
            return UNKNOWN if node.named_child_count else _bare(text)
        case "raw_string":
            return Word(text[1:-1])
        case "string":
            return _quoted(node, text)
        case "ansi_c_string":
            return Word(_ANSI.sub(_ansi, text[2:-1]), is_exact=False)
        case "concatenation" | "command_name" | "translated_string":
            return _joined(node, text)
        case _ if not node.is_named and text not in ("$", "`"):
            return Word(text, is_exact=False)
        case _:
            return UNKNOWN


def _bare(text: str) -> Word:
    if _has_braces(text):
        return UNKNOWN
    is_exact = not (
        "{" in text or _GLOB.search(text) or "\\" in text or "~" in text or "!" in text or "`" in text or "$" in text
    )
    return Word(re.sub(r"\\(.?)", lambda found: found.group(1).strip("\n"), text, flags=re.DOTALL), is_exact)


def _has_braces(text: str) -> bool:
    """Tell whether braces may make several words of it; `{}`, as find and xargs take it, does not."""
    rest = text.replace("{}", "")
    return text not in ("{", "}") and ("{" in rest or "}" in rest)


def _quoted(node: Node, text: str) -> Word:
    if any(child.type != "string_content" for child in node.named_children):
        return UNKNOWN
    inside = text[1:-1]
    value = re.sub(r'\\([$`"\\\n])', lambda found: found.group(1).strip("\n"), inside)
    return Word(value, is_exact="\\\n" not in inside and "`" not in inside and "!" not in inside)


def _joined(node: Node, text: str) -> Word:
    parts = [read_word(child) for child in node.children]
    if any(part.text is None for part in parts) or (_has_braces(text) and node.type == "concatenation"):
        return UNKNOWN
    whole = "".join(part.text or "" for part in parts)
    return Word(whole, is_exact=all(part.is_exact for part in parts) and node.type != "translated_string")


def _ansi(found: re.Match[str]) -> str:
    sign = found.group(1)
    if sign[0] in "xuU" and len(sign) > 1:
        return _char(int(sign[1:], 16))
    if sign[0] in "01234567":
        return _char(int(sign, 8))
    return _ANSI_SIGNS.get(sign, sign)


def _char(number: int) -> str:
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "?"

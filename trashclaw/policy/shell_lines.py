"""Shell lines, taken apart with a grammar: every simple command, also those inside substitutions and wrappers."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from trashclaw.policy.shell_words import UNKNOWN, Word, read_word

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

MAX_CHARS = 16_000
MAX_NODES = 20_000
MAX_COMMANDS = 500
MAX_DEPTH = 6
MAX_PARSE_S = 0.5
_CHUNK_BYTES = 4_096

_PLAIN = frozenset(
    {"program", "list", "pipeline", "command", "command_name", "word", "string", "raw_string", "string_content"}
    | {"number", "concatenation", "redirected_statement", "file_redirect", "file_descriptor", "negated_command"}
    | {"subshell", "compound_statement", "variable_assignment", "variable_name"}
)
"""What a line is made of that can be understood in full."""

_SIGNS = frozenset(
    ["(", ")", "{", "}", ";", "\n", "&&", "||", "|", "!", "'", '"', "$", "=", ">", ">>", ">&", "&>", "&>>"]
)
_TOLD = {
    "command_substitution": "it runs a command to make words of another",
    "process_substitution": "it runs a command in place of a file",
    "simple_expansion": "it holds a variable",
    "expansion": "it holds a variable",
    "arithmetic_expansion": "it holds arithmetic",
    "heredoc_redirect": "it holds a here-document",
    "herestring_redirect": "it holds a here-string",
    "function_definition": "it defines a function",
    "comment": "it holds a remark",
    "ERROR": "it cannot be parsed",
}
_RESERVED_WORDS = "if then else elif fi do done case esac for select while until in function { } ! [[ ]]"
_RESERVED = frozenset(_RESERVED_WORDS.split())
_OUTPUTS = frozenset({">", ">>", ">|", "&>", "&>>", ">&", "<>"})
_HARMLESS_VARIABLES = frozenset({"LC_ALL", "LANG", "NO_COLOR"})


@dataclass(frozen=True, slots=True)
class SimpleCommand:
    """One program with its arguments."""

    words: tuple[Word, ...]
    """The name first; a name that is not known is one unknown word."""

    through: str = ""
    """The wrapper that runs it."""

    is_opaque: bool = False
    """It runs code that is not in the line: a script, a task of the project, another language."""

    @property
    def name(self) -> str:
        """The program's own name without its folder, in lower case; empty if not known."""
        first = self.words[0] if self.words else UNKNOWN
        if first.text is None or not (first.is_exact or not first.has_glob):
            return ""
        return first.text.rpartition("/")[2].lower()

    def __str__(self) -> str:
        """Return it for a person, cut short."""
        told = " ".join(map(str, self.words))
        return told if len(told) <= 80 else f"{told[:77]}..."


@dataclass(frozen=True, slots=True)
class ShellLine:
    """What is known of a line before it runs."""

    text: str
    commands: tuple[SimpleCommand, ...] = ()
    problem: str = ""
    """Why the line is not understood in full; empty if it is."""

    writes: tuple[str, ...] = ()
    """Files that redirections write."""

    constructs: frozenset[str] = frozenset()
    """Types of the grammar's nodes in it."""

    @property
    def risk(self) -> str:
        """What may happen if it runs with all rights, in one line for a person."""
        from trashclaw.policy.risk import describe

        return describe(self)


@dataclass(slots=True)
class Findings:
    """What the reading of one line, and of the lines in it, has found so far."""

    commands: list[SimpleCommand] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    constructs: set[str] = field(default_factory=set)
    nodes: int = 0

    def unknown(self, problem: str) -> None:
        """Note that something runs which cannot be known."""
        self.problems.append(problem)
        self.commands.append(SimpleCommand((UNKNOWN,)))


@lru_cache(maxsize=32)
def read_line(text: str) -> ShellLine:
    """Take a line apart; never fails, and looks at a bounded part only: what it leaves out is a problem told."""
    findings = Findings()
    read_into(findings, text, 0, "")
    problems = findings.problems
    if not problems and (doubt := _doubt(text, findings)):
        problems = [doubt]
    return ShellLine(
        text=text,
        commands=tuple(findings.commands),
        problem=problems[0] if problems else "",
        writes=tuple(findings.writes),
        constructs=frozenset(findings.constructs),
    )


def read_into(findings: Findings, text: str, depth: int, through: str) -> None:
    """Add what a line holds, and the lines that its commands are given."""
    if len(text) > MAX_CHARS or depth > MAX_DEPTH or "\0" in text:
        findings.unknown("it is too long or too deep to be read")
        return
    tree = _parse(text)
    if tree is None:
        findings.unknown("it takes too long to be parsed")
        return
    if tree.root_node.has_error:
        findings.unknown(_TOLD["ERROR"])
    for node in _nodes(findings, tree.root_node):
        _read_node(findings, node, depth, through)
        if len(findings.commands) > MAX_COMMANDS:
            findings.unknown("it holds too many commands")
            return


def _parse(text: str) -> Tree | None:
    """Return the parse tree, `None` if that takes too long: a grammar with choices can be led astray."""
    data = text.encode("utf-8", "replace")
    ends_at = time.monotonic() + MAX_PARSE_S
    try:
        return _parser().parse(
            lambda offset, _point: data[offset : offset + _CHUNK_BYTES],
            progress_callback=lambda _offset, _has_error: time.monotonic() > ends_at,
        )
    except ValueError:
        _parser().reset()
        return None


def _nodes(findings: Findings, root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        findings.nodes += 1
        if findings.nodes > MAX_NODES:
            findings.unknown("it is too long or too deep to be read")
            return
        yield node
        waiting.extend(reversed(node.children))


def _read_node(findings: Findings, node: Node, depth: int, through: str) -> None:
    if not node.is_named:
        if node.type not in _SIGNS:
            told = "it runs something in the background" if node.type == "&" else f"it holds `{node.type}`"
            findings.problems.append(told)
        return
    findings.constructs.add(node.type)
    if node.is_missing:
        findings.problems.append(_TOLD["ERROR"])
    if node.type not in _PLAIN:
        findings.problems.append(_TOLD.get(node.type, f"it holds a shell construct ({node.type.replace('_', ' ')})"))
    match node.type:
        case "command":
            _read_command(findings, node, depth, through)
        case "file_redirect":
            _read_redirect(findings, node)
        case "variable_assignment" | "declaration_command" | "unset_command":
            _read_assignment(findings, node)


def _read_command(findings: Findings, node: Node, depth: int, through: str) -> None:
    from trashclaw.policy.wrappers import look_into

    skipped = ("variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect", "comment")
    words = [read_word(child) for child in node.children if child.type not in skipped]
    if not words:
        return
    if words[0].text in _RESERVED:
        findings.unknown("a word of the shell stands where a program should")
    look_into(findings, tuple(words), depth, through)


def _read_redirect(findings: Findings, node: Node) -> None:
    operator = next((child.type for child in node.children if not child.is_named), "")
    target = node.child_by_field_name("destination")
    word = read_word(target) if target is not None else UNKNOWN
    is_harmless = word.text == "/dev/null" or (operator == ">&" and (word.text or "").isdigit())
    if operator in _OUTPUTS and not is_harmless:
        findings.writes.append(str(word))
        findings.problems.append(f"it writes to {word}")
    elif operator not in _OUTPUTS:
        findings.problems.append(f"it reads from {word}")


def _read_assignment(findings: Findings, node: Node) -> None:
    name = node.child_by_field_name("name") if node.type == "variable_assignment" else None
    value = node.child_by_field_name("value")
    is_harmless = (
        name is not None
        and (name.text or b"").decode() in _HARMLESS_VARIABLES
        and (value is None or (value.type in ("word", "number") and b"/" not in (value.text or b"/")))
        and node.parent is not None
        and node.parent.type == "command"
    )
    if not is_harmless:
        findings.problems.append("it sets variables")


def _doubt(text: str, findings: Findings) -> str:
    """Return why a line that seems to be understood may still mean something else to a shell."""
    if not all(char.isascii() and (char.isprintable() or char in "\n\t") for char in text):
        return "it holds signs that shells read differently"
    if any(not word.is_exact for command in findings.commands for word in command.words):
        return "it holds signs that stand for something else"
    outer = [str(word) for command in findings.commands if not command.through for word in command.words]
    lexer = shlex.shlex(text, posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.commenters, lexer.whitespace_split = " \t", "", True
    try:
        seen = list(lexer)
    except ValueError:
        return _TOLD["ERROR"]
    # Another reading of the same text, by other means: whoever fools one of them is caught by the other.
    return "" if _is_within(outer, seen) else "it can be read in two ways"


def _is_within(words: list[str], seen: list[str]) -> bool:
    """Tell whether all words stand in a list in their order, with nothing between but signs and redirections."""
    at = 0
    skip = False
    for token in seen:
        if at < len(words) and token == words[at] and not skip:
            at += 1
            continue
        is_sign = bool(token) and all(char in "();<>|&\n" for char in token)
        if not (
            is_sign
            or skip
            or token.isdigit()
            or token in ("{", "}", "!")
            or token.partition("=")[0] in _HARMLESS_VARIABLES
        ):
            return False
        skip = is_sign and any(char in "<>" for char in token)
    return at == len(words)


@lru_cache(maxsize=1)
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))

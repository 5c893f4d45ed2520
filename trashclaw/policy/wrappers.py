"""Commands that run other commands: `sudo`, `xargs`, `find -exec`, `bash -c`, `git -c alias...`; looked into."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from trashclaw.policy.shell_lines import Findings, SimpleCommand, read_into
from trashclaw.policy.shell_words import UNKNOWN, Word
from trashclaw.policy.wrapper_tables import (
    CODE_OPTIONS,
    INNER_LINE_OPTIONS,
    LINE_TAKERS,
    OPAQUE,
    PREFIXES,
    SHELLS,
    Prefix,
)

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_FIND_ENDS = frozenset({"-exec", "-execdir", "-ok", "-okdir"})
_VERSION = re.compile(r"[0-9.]+$")

Words = tuple[Word, ...]


def look_into(findings: Findings, words: Words, depth: int, through: str) -> None:
    """Note a command, and what it runs in its turn."""
    command = SimpleCommand(words, through)
    name = _VERSION.sub("", command.name) or command.name
    findings.commands.append(SimpleCommand(words, through, _is_opaque(name, words)))
    if words[0].text is None or words[0].has_glob:
        findings.problems.append("the name of a program is not known before it runs")
        return
    if depth > 12:
        findings.unknown("it is too long or too deep to be read")
        return
    inner = _Inner(findings, depth + 1, name)
    for options, take in _LOOKS.items():
        if name in options:
            take(inner, words)
    if name in PREFIXES:
        _look_behind(inner, words, PREFIXES[name])
    _look_at_options(inner, words)


class _Inner:
    """Takes what a wrapper runs."""

    def __init__(self, findings: Findings, depth: int, through: str) -> None:
        self._findings = findings
        self._depth = depth
        self._through = through

    @property
    def name(self) -> str:
        """The wrapper."""
        return self._through

    def run(self, words: Sequence[Word]) -> None:
        """It runs this command."""
        if words:
            look_into(self._findings, tuple(words), self._depth, self._through)

    def run_line(self, word: Word) -> None:
        """It has a shell run this line."""
        if word.text is None:
            self.run_anything()
        else:
            read_into(self._findings, word.text, self._depth, self._through)

    def run_anything(self) -> None:
        """It runs what nobody can know."""
        self._findings.unknown(f"what {self._through} runs is not known before it runs")

    def problem(self, text: str) -> None:
        """It does something that is not understood in full."""
        self._findings.problems.append(text)


def _look_behind(inner: _Inner, words: Words, prefix: Prefix) -> None:
    """Find the command behind the wrapper's own options; where an option is not known, take it either way."""
    at = 1
    skipped = 0
    while at < len(words):
        text = words[at].text
        if text is None:
            inner.run_anything()
            return
        if text == "--":
            at += 1
            break
        if prefix.has_assignments and _ASSIGNMENT.match(text):
            inner.problem("it sets variables")
            at += 1
        elif text.startswith("-") and len(text) > 1:
            at += _option_width(inner, words, at, prefix)
        elif skipped < prefix.operands:
            skipped += 1
            at += 1
        else:
            break
    at += prefix.operands - skipped if at < len(words) and skipped < prefix.operands else 0
    rest = list(words[at:])
    if not rest:
        return
    if prefix.is_joined:
        inner.run_line(_joined(rest))
        if len(rest) == 1:
            return
    inner.run([*rest, UNKNOWN] if prefix.has_more else rest)


def _option_width(inner: _Inner, words: Words, at: int, prefix: Prefix) -> int:
    """Return how many words an option takes."""
    text = words[at].text or ""
    name = text.partition("=")[0]
    if name in prefix.lines:
        inner.run_line(Word(text.partition("=")[2]) if "=" in text else _at(words, at + 1))
        return 1 if "=" in text else 2
    if text[:2] in prefix.lines and not text.startswith("--"):
        inner.run_line(Word(text[2:]) if len(text) > 2 else _at(words, at + 1))
        return 1 if len(text) > 2 else 2
    if "=" in text:
        return 1
    if text in prefix.with_value:
        return 2
    if text not in prefix.flags and not (text[:2] in prefix.with_value and len(text) > 2):
        # Not known: the next word may be its value, or the command.
        inner.run(words[at + 2 :])
    return 1


def _shell(inner: _Inner, words: Words) -> None:
    """`bash -c LINE`; a script, or what comes on its input, is not known."""
    for at, word in enumerate(words[1:], 1):
        if word.text is None:
            inner.run_anything()
            return
        if re.fullmatch(r"[-+][A-Za-z]*c[A-Za-z]*", word.text) or word.text in ("--command", "-command"):
            following = [later for later in words[at + 1 :] if not (later.text or "").startswith(("-", "+"))]
            inner.run_line(following[0] if following else UNKNOWN)
            return
        if word.text.startswith("--command="):
            inner.run_line(Word(word.text.partition("=")[2]))
            return
        if word.text in ("--version", "--help"):
            return
    inner.run_anything()


def _line_taker(inner: _Inner, words: Words) -> None:
    """`eval`, `trap`: the words are a line."""
    rest = [word for word in words[1:] if word.text != "--"]
    if inner.name == "trap":
        rest = rest[:1]
    if inner.name in ("source", "."):
        inner.run_anything()
    elif rest:
        inner.run_line(_joined(rest))


def _find(inner: _Inner, words: Words) -> None:
    at = 1
    while at < len(words):
        text = words[at].text
        if text is None:
            inner.problem("what find does is not known before it runs")
        if text in _FIND_ENDS:
            end = next((n for n in range(at + 1, len(words)) if words[n].text in (";", "+")), len(words))
            inner.run([UNKNOWN if word.text and "{}" in word.text else word for word in words[at + 1 : end]])
            at = end
        elif text and text.startswith(("-delete", "-fprint", "-fls")):
            inner.problem(f"find {text} changes files")
        at += 1


def _git(inner: _Inner, words: Words) -> None:
    """Settings on the command line name programs, and so do some options and subcommands."""
    texts = [word.text or "" for word in words]
    for before, text in pairwise(texts):
        setting = text if before in ("-c", "--config", "--config-env") else text[2:] if text.startswith("-c") else ""
        key, _, value = setting.partition("=")
        if setting and key.lower().startswith("alias."):
            inner.run_line(Word(value[1:] if value.startswith("!") else f"git {value}"))
        elif setting and "." in key and value and before in ("-c", "--config"):
            inner.run_line(Word(value.removeprefix("!")))
    for at, text in enumerate(texts):
        if text in ("foreach", "run") and at and any(name in texts[:at] for name in ("submodule", "bisect")):
            inner.run_line(_joined(list(words[at + 1 :])))
        if text.startswith("alias.") and "config" in texts[:at]:
            named = _at(words, at + 1)
            inner.run_line(Word(named.text.removeprefix("!")) if named.text else UNKNOWN)
        if text in ("-x", "--exec") and {"rebase", "difftool"} & set(texts[:at]):
            inner.run_line(_at(words, at + 1))
        if text.endswith("-filter") and "filter-branch" in texts[:at]:
            inner.run_line(_at(words, at + 1))


def _look_at_options(inner: _Inner, words: Words) -> None:
    """Options that name a program, of whatever command."""
    for at, word in enumerate(words[1:], 1):
        name, equals, value = (word.text or "").partition("=")
        if name not in INNER_LINE_OPTIONS.get(inner.name, ()):
            continue
        told = Word(value) if equals else _at(words, at + 1)
        if inner.name == "tar" and told.text and name == "--checkpoint-action":
            told = Word(told.text.removeprefix("exec="))
        inner.run_line(told)


def _is_opaque(name: str, words: Words) -> bool:
    if name in OPAQUE:
        return True
    options = CODE_OPTIONS.get(name, ())
    return any((word.text or "").startswith(tuple(options)) for word in words[1:]) if options else False


def _joined(words: Sequence[Word]) -> Word:
    if any(word.text is None for word in words):
        known = next((at for at, word in enumerate(words) if word.text is None), 0)
        # What comes first is known: a variable behind it is put in as one.
        return UNKNOWN if known == 0 else Word(" ".join(word.text or '"$UNKNOWN"' for word in words))
    return Word(" ".join(word.text or "" for word in words))


def _at(words: Words, at: int) -> Word:
    return words[at] if at < len(words) else UNKNOWN


_LOOKS: Mapping[frozenset[str], Callable[[_Inner, Words], None]] = {
    SHELLS: _shell,
    LINE_TAKERS: _line_taker,
    frozenset({"find", "fd", "fdfind"}): _find,
    frozenset({"git"}): _git,
}

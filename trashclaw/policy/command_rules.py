"""Patterns on commands: compared word by word with what a line would run, never with its text."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.policy.rules import Match
from trashclaw.policy.shell_words import Word

if TYPE_CHECKING:
    from trashclaw.policy.shell_lines import ShellLine, SimpleCommand

_SIGNS = "*?["


@dataclass(frozen=True, slots=True)
class CommandPattern:
    """Words with globs; a word `*` stands for any words, also none."""

    text: str
    words: tuple[str, ...]

    @staticmethod
    def read(text: str) -> CommandPattern:
        """Read what a person wrote; words are parted as in a shell.

        Raises:
            ValueError: it is empty, a quote is not closed, or it holds more than one command.
        """
        words = tuple(shlex.split(text))
        if not words:
            raise ValueError("it is empty")
        if any(word in ("|", "||", "&&", ";", "&") or word.endswith(";") for word in words):
            raise ValueError("a pattern is one command; each command of a line is looked at by itself")
        return CommandPattern(text, words)

    def __str__(self) -> str:
        """Return it as it was written."""
        return self.text

    def touches(self, line: ShellLine) -> Match:
        """Tell whether any command of the line is meant, with whatever words behind it."""
        return max((self._touch(command) for command in line.commands), default=Match.NO)

    def covers(self, line: ShellLine) -> bool:
        """Tell whether every command of the line is meant, word for word."""
        return not line.problem and bool(line.commands) and all(self._is_met(command) for command in line.commands)

    def refusal(self, command: SimpleCommand, root: Path | None) -> str:
        """Return why a rule with this pattern does not allow a command; empty if it does."""
        from trashclaw.policy.harmless import refusal

        if not self._is_met(command):
            return f"no rule allows `{command}`"
        texts = tuple(word.text or "" for word in command.words)
        return "" if texts == self.words and not self._has_signs else refusal(texts, self.words, root)

    @property
    def _has_signs(self) -> bool:
        return any(sign in word for word in self.words for sign in _SIGNS)

    def _is_met(self, command: SimpleCommand) -> bool:
        if any(not word.is_exact or word.text is None for word in command.words):
            return False
        return _is_met(self.words, tuple(word.text or "" for word in command.words))

    def _touch(self, command: SimpleCommand) -> Match:
        words = (Word(command.name, command.words[0].is_exact), *command.words[1:]) if command.name else command.words
        pattern = (self.words[0].rpartition("/")[2].lower() or "*", *self.words[1:])
        found = _touch(pattern, words)
        wanted = [word for word in pattern[1:] if _is_option(word)]
        if found is Match.YES or not wanted:
            return found
        plain = [word for word in words if word.text is None or not _is_option(word.text)]
        if not all(_has_option(word, words) for word in wanted):
            return found
        return max(found, _touch(tuple(word for word in pattern if not _is_option(word)), tuple(plain)))


def _is_met(pattern: tuple[str, ...], texts: tuple[str, ...]) -> bool:
    """Tell whether words are those of a pattern, all of them."""
    reached = {0}
    for word in pattern:
        if word == "*":
            reached = set(range(min(reached), len(texts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(texts) and fnmatchcase(texts[at], word)}
    return len(texts) in reached


def _touch(pattern: tuple[str, ...], words: tuple[Word, ...]) -> Match:
    """Tell whether words begin as a pattern says; options with their values may stand behind the name."""
    reached = {0}
    best = Match.NO
    for at_pattern, sign in enumerate(pattern):
        if at_pattern == 1 and not _is_option(sign):
            reached |= _behind_options(words, reached)
        if any(at < len(words) and words[at].text is None for at in reached):
            best = Match.MAYBE
        if sign == "*":
            reached = set(range(min(reached), len(words) + 1)) if reached else reached
            continue
        following = set()
        for at in reached:
            text = words[at].text if at < len(words) else None
            if text is None:
                continue
            if fnmatchcase(text.lower() if at == 0 else text, sign):
                following.add(at + 1)
            elif words[at].has_glob and fnmatchcase(sign, text):
                best = Match.MAYBE
        reached = following
    return Match.YES if reached else best


def _behind_options(words: tuple[Word, ...], reached: set[int]) -> set[int]:
    """Return where the words proper may begin, if what stands in front are options, each perhaps with a value."""
    found: set[int] = set()
    for start in reached:
        at, is_value = start, False
        while at < len(words):
            text = words[at].text
            is_option = text is None or _is_option(text)
            if not is_option and not is_value:
                break
            is_value = is_option and not is_value
            if is_option:
                is_value = True
            at += 1
            found.add(at)
    return found


def _is_option(text: str) -> bool:
    return text.startswith("-") and len(text) > 1


def _has_option(wanted: str, words: tuple[Word, ...]) -> bool:
    """Tell whether an option is among the words: by itself, with a value, cut short, or bundled with others."""
    texts = [word.text for word in words[1:] if word.text is not None and _is_option(word.text)]
    if wanted.startswith("--"):
        return any(
            fnmatchcase(text.partition("=")[0], wanted) or (len(text) > 4 and wanted.startswith(text)) for text in texts
        )
    letters = {letter for text in texts if not text.startswith("--") for letter in text[1:]}
    return wanted in texts or set(wanted[1:]) <= letters

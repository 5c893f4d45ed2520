"""What the `*` of a rule may stand for: options and paths that are known to change and reveal nothing outside."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*")
_NUMBER = r"\+?[0-9]{1,9}"
_SETTINGS_BYTES = 64 * 1024
_ATTACHED = frozenset({"--color", "--porcelain", "--untracked-files"})
"""Options whose value must stand in the same word: the next word is no value."""

_PROGRAMS = ("fsmonitor", "filter", "include", "worktree", "pager", "hook", "alias", "attributesfile", "submodule")
"""Words in a git configuration that lead to programs, or to other files and folders."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program of which it is known what is harmless."""

    letters: str = ""
    """Options of one letter."""

    long: frozenset[str] = frozenset()
    values: tuple[tuple[str, str], ...] = ()
    """Options with a value, and what that must look like."""

    texts: int = 0
    """How many of the words are text and no path."""

    text_options: frozenset[str] = frozenset()
    """Options whose value takes the place of that text."""

    has_paths: bool = True
    has_texts_only: bool = False

    def refusal(self, words: Sequence[str], root: Path | None) -> str:
        """Return which of the words is not known to be harmless; empty if all are."""
        values = dict(self.values)
        texts, at, are_paths = self.texts, 0, False
        while at < len(words):
            word = words[at]
            at += 1
            name, equals, value = word.partition("=")
            if word == "--" and not are_paths:
                are_paths = True
            elif are_paths or not word.startswith("-") or word == "-":
                if self.has_texts_only:
                    continue
                if texts:
                    texts -= 1
                elif not self.has_paths:
                    return f"`{word}` is not known to be harmless"
                elif why := path_refusal(word, root):
                    return why
            elif name in values and equals and name.startswith("--"):
                if not re.fullmatch(values[name], value):
                    return f"`{word}` is not known to be harmless"
                texts -= texts and name in self.text_options
            elif word in values and word not in _ATTACHED:
                if at >= len(words) or not re.fullmatch(values[word], words[at]):
                    return f"`{word}` is not known to be harmless with this value"
                texts -= texts and word in self.text_options
                at += 1
            elif word[:2] in values and not word.startswith("--"):
                if not re.fullmatch(values[word[:2]], word[2:]):
                    return f"`{word}` is not known to be harmless"
                texts -= texts and word[:2] in self.text_options
            elif word not in self.long and (word.startswith("--") or not set(word[1:]) <= set(self.letters)):
                return f"`{word}` is not known to be harmless"
        return ""


_ALLOWED = None


def _long(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WHEN = r"auto|always|never"
_TEXT = r"(?s:.*)"
_WORDS = r"[A-Za-z0-9_ ()\[\].-]+"
_COUNT = (("-n", _NUMBER), ("--lines", _NUMBER), ("-c", _NUMBER), ("--bytes", _NUMBER))
TOOLS: dict[tuple[str, ...], Tool] = {
    ("ls",): Tool(
        "1AaBCFGghiklmnopQqRrSstUuvXx",
        _long("--all --almost-all --human-readable --recursive --reverse --size --classify --full-time --inode"),
        (("--color", _WHEN), ("--sort", "[a-z]+"), ("--time", "[a-z]+"), ("--format", "[a-z]+")),
    ),
    ("cat",): Tool(
        "AbeEnstTuv", _long("--number --number-nonblank --show-all --show-ends --show-tabs --squeeze-blank")
    ),
    ("head",): Tool("qvz", _long("--quiet --verbose"), _COUNT),
    ("tail",): Tool("qvz", _long("--quiet --verbose"), _COUNT),
    ("wc",): Tool("clLmw", _long("--lines --words --bytes --chars --max-line-length")),
    ("pwd",): Tool("LP", has_paths=False),
    ("true",): Tool(has_paths=False),
    ("false",): Tool(has_paths=False),
    ("echo",): Tool("neE", has_texts_only=True),
    ("grep",): Tool(
        "abcEFGhHilLnoqsTvwxyzP",
        _long("--count --ignore-case --invert-match --line-number --files-with-matches --files-without-match")
        | _long("--only-matching --quiet --silent --no-messages --word-regexp --line-regexp --with-filename")
        | _long("--no-filename --extended-regexp --fixed-strings --basic-regexp --perl-regexp --text --null --color"),
        (
            *((name, _NUMBER) for name in ("-A", "-B", "-C", "-m", "--after-context", "--before-context", "--context")),
            ("--max-count", _NUMBER),
            ("--color", _WHEN),
            ("-e", _TEXT),
            ("--regexp", _TEXT),
        ),
        texts=1,
        text_options=frozenset({"-e", "--regexp"}),
    ),
    ("git", "status"): Tool(
        "sbvz",
        _long(
            "--short --branch --long --verbose --show-stash --ahead-behind --no-ahead-behind --no-renames --porcelain"
        ),
        (("--porcelain", "v1|v2"), ("--untracked-files", "no|normal")),
    ),
    ("pytest",): Tool(
        "lqsvx",
        _long("--quiet --verbose --exitfirst --lf --last-failed --ff --failed-first --collect-only --co --no-header")
        | _long("--no-summary --showlocals --strict-markers --strict-config --sw --stepwise --nf --new-first"),
        (
            ("-k", _WORDS),
            ("-m", _WORDS),
            ("-r", "[A-Za-z]+"),
            ("--maxfail", _NUMBER),
            ("--durations", _NUMBER),
            ("--tb", "auto|long|short|line|native|no"),
            ("--color", "yes|no|auto"),
            ("--capture", "fd|sys|no|tee-sys"),
        ),
    ),
}
"""Nothing here writes a file, reads a list of names or settings from one, runs a program, or goes where links lead."""


def refusal(texts: tuple[str, ...], pattern: tuple[str, ...], root: Path | None) -> str:
    """Return why the words that stand in place of a pattern's globs are not allowed; empty if they are."""
    for key, tool in TOOLS.items():
        if texts[: len(key)] == key:
            if key[0] == "git" and (why := _git_refusal(root)):
                return why
            return tool.refusal(texts[len(key) :], root)
    fixed = list(pattern)
    for word in texts:
        if word in fixed:
            fixed.remove(word)
        elif not _PLAIN.fullmatch(word):
            return f"`{word}` is not known to be harmless for {texts[0]}"
        elif why := path_refusal(word, root):
            return why
    return ""


def path_refusal(word: str, root: Path | None) -> str:
    """Return why a word may not be used as a path: it leads out, is hidden, or is no file and no folder."""
    path = word.partition("::")[0]
    parts = path.split("/")
    if path.startswith(("/", "~")) or ".." in parts or "\0" in word:
        return f"`{word}` may lead out of the workspace"
    if any(part.startswith(".") and part != "." for part in parts):
        return f"`{word}` is hidden"
    if not path or path.startswith("@") or len(path) > 1_000 or "\n" in word:
        return f"`{word}` is no plain path"
    return _link_refusal(word, path, root) if root is not None else ""


def _link_refusal(word: str, path: str, root: Path) -> str:
    named = Path(os.path.normpath(Path(os.path.realpath(root)) / path))
    try:
        real = Path(os.path.realpath(named))
        is_usable = not os.path.lexists(named) or real.is_file() or real.is_dir()
    except (OSError, ValueError):
        return f"`{word}` is no plain path"
    if real != named:
        return f"`{word}` is a link"
    return "" if is_usable else f"`{word}` is no plain file"


def _git_refusal(root: Path | None) -> str:
    """Return why git may run programs here: its own settings, or those of a repository inside."""
    if root is None:
        return "the git settings of this folder are not known"
    folder = root / ".git"
    try:
        if (
            folder.is_symlink()
            or not folder.is_dir()
            or (folder / "modules").exists()
            or (folder / "commondir").exists()
        ):
            return "this is no plain git repository"
        with (folder / "config").open("rb") as file:
            settings = file.read(_SETTINGS_BYTES + 1)
    except OSError:
        return "the git settings of this folder cannot be read"
    told = settings.decode("utf-8", "replace").lower()
    if len(settings) > _SETTINGS_BYTES or "\\" in told or any(word in told for word in _PROGRAMS):
        return "the git settings of this folder may run programs"
    return ""

"""Recognises a text that is not the whole file it is given for: parts replaced by words, or a fence around it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from trashclaw.agent.records import LEFT_OUT
from trashclaw.protocol.errors import ToolError
from trashclaw.tools.truncate import clip

LINE_CHARS = 160
_PROSE = frozenset({".md", ".markdown", ".mdx", ".mkd", ".qmd", ".rmd", ".txt", ".rst", ".adoc", ".org", ".snap"})
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*[\w+#.-]*[ \t]*")
_MARKS = re.compile(r"^(?:#+|//+|\{?/\*+|<!--|--+|;+|%+|\"|')[ \t]*|[ \t]*(?:\*+/\}?|-->)$")
_DOTS = re.compile(r"\.{3,}|\u2026")
_SPREAD = re.compile(r"\.{3}\w")
"""Dots that belong to a program: `...rest`."""

_OLD = r"(?:rest|remainder|remaining|existing|unchanged|previous|original|other|same|omitted)"
_THING = (
    r"(?:code|file|contents?|methods?|functions?|implementations?|class(?:es)?|lines?|text|imports?|logic|tests?|"
    r"parts?|sections?)"
)
_WITH_DOTS = re.compile(rf"\b{_OLD}\b|\b{_THING}\b.{{0,40}}\b(?:unchanged|as before|here)\b", re.IGNORECASE)
_ALONE = re.compile(
    rf"(?:keep )?(?:the |all )?{_OLD}(?: of)?(?: the| this| your)?(?: \w{{1,20}})?(?: {_THING})"
    r"(?: (?:remains?|stays?|is|are|goes|the|same|unchanged|omitted|here|below|above|as|before|for|brevity)){0,5}",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"\b(?:existing|remaining|previous|other) (?:code|lines|content|methods|functions|imports|implementation)\b"
    r"|\brest of (?:the |this )?(?:code|file|function|class|method|implementation|content)\b"
    r"|\b(?:remains?|stays?|is|are|code) (?:unchanged|the same)\b|^\W*(?:unchanged|same as before)\W*$",
    re.IGNORECASE,
)
"""Words that, with dots around them, stand for code also in a text that is no shorter than the old one."""


def stand_in(new: str, old: str, *others: str, is_sure: bool = False) -> tuple[int, str] | None:
    """Return the first line of `new` that only stands for text, stripped, and its number, counted from 1.

    A line that is in `old` or one of the `others` too is none. Where `new` is as long as `old`, or with `is_sure`,
    the line must have a comment's mark, dots, and words such as `existing code`; in a shorter text less is enough.
    """
    is_stand_in = _is_sure if is_sure or not _is_shorter(new, old) else _is_placeholder
    had: set[str] | None = None
    for number, line in enumerate(new.split("\n"), 1):
        bare = line.strip() if len(line) <= LINE_CHARS else ""
        if bare and is_stand_in(bare):
            had = had if had is not None else {known.strip() for text in (old, *others) for known in text.split("\n")}
            if bare not in had:
                return number, bare
    return None


def refuse_elided(name: str, old: str, new: str) -> None:
    """Refuse a new text that is shorter than the old one and says that parts of it are left out.

    Raises:
        ToolError: it has a line such as `# ... rest of the file ...` that the old text has not.
    """
    if _is_shorter(new, old) and (found := stand_in(new, old)) is not None:
        number, line = found
        raise ToolError(
            f"{name}: line {number} of the content stands for text that was left out: {clip(line, 120)} "
            f"The file would shrink from {old.count(chr(10))} lines to {new.count(chr(10))}.",
            "Give the whole text of the file, or change only the part that changes with edit_file.",
        )


def refuse_fenced(name: str, content: str) -> None:
    """Refuse the text of a program that is wrapped in a Markdown fence.

    Raises:
        ToolError: its first and last line are a fence, and the file is none of prose.
    """
    path = PurePosixPath(name)
    lines = content.strip().split("\n")
    if len(lines) < 2 or path.suffix.casefold() in _PROSE or path.name.casefold().startswith("readme"):
        return
    opening = _FENCE.fullmatch(lines[0].strip()[:LINE_CHARS])
    if opening is not None and lines[-1].strip() == opening[1]:
        raise ToolError(
            f"{name}: the content begins with {lines[0].strip()} and ends with {lines[-1].strip()}, which would stand "
            "in the file.",
            "Give the text of the file alone, without a Markdown fence around it.",
        )


def refuse_left_out(name: str, given: str, had: str = "") -> None:
    """Refuse a text with the mark that stands for what was left out of the conversation: it is no text of a file.

    `had` is what the file has already; a mark that is in it may stay.

    Raises:
        ToolError: the mark is there.
    """
    found = next((mark for mark in LEFT_OUT.finditer(given) if mark[0] not in had), None)
    if found is None:
        return
    start = given.rfind("[", 0, found.start())
    shown = clip(given[max(start, 0) :].split("\n", 1)[0], 120)
    raise ToolError(
        f"{name}: {shown} stands for text that was left out of this conversation; it is no text of the file. "
        "Nothing was changed.",
        "Write the text itself: recall with that number shows it, read_file shows the file as it is now.",
    )


def _is_shorter(new: str, old: str) -> bool:
    return new.count("\n") < old.count("\n") or len(new) < len(old)


def _is_sure(line: str) -> bool:
    """Tell whether a line is a comment with dots and words that hardly stand there for anything else."""
    bare = _MARKS.sub("", line)
    return bare != line and bool(_DOTS.search(line)) and bool(_SURELY.search(bare))


def _is_placeholder(line: str) -> bool:
    """Tell whether a line is a comment, or dots, that stand for text: `# ... existing code ...`, `// rest of file`."""
    bare = _MARKS.sub("", line)
    is_marked, has_dots = bare != line, bool(_DOTS.search(line))
    if not has_dots:
        return is_marked and bool(_ALONE.fullmatch(_words(bare)))
    leads = bool(_DOTS.match(bare.lstrip(" []()*")))
    if not is_marked and (not leads or _SPREAD.search(line)):
        return False
    words = _words(bare)
    if not words:
        return is_marked
    return bool(_ALONE.fullmatch(words) or (leads and _WITH_DOTS.search(words))) or _is_sure(line)


def _words(bare: str) -> str:
    return " ".join(_DOTS.sub(" ", bare).strip(" []().:*").split())

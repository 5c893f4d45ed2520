"""Takes a patch out of what models wrap around it, and reads it in the format that it has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.patching.envelope import is_directive, names_file, read_envelope
from trashclaw.tools.patching.sections import Section
from trashclaw.tools.patching.unified import opens_file, read_unified

LIMIT_CHARS = 2_000_000
LIMIT_SECTIONS = 100
LIMIT_CHUNKS = 300

_HEREDOC = re.compile(r"^[^\n]{0,200}<<-? ?['\"]?(\w{1,40})['\"]?[^\n]{0,200}$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")

_FORMATS = (
    "Write *** Begin Patch, *** Update File: path, hunks of lines with a blank, - or + in front below @@, "
    "*** End Patch; or a unified diff."
)


def read_patch(text: str) -> tuple[Section, ...]:
    """Return what a patch does, file by file, in its order. Touches no file.

    Raises:
        ToolError: it is no patch, is malformed or too large; nothing of it is returned then.
    """
    if len(text) > LIMIT_CHARS:
        raise ToolError(f"The patch has {len(text):,} characters; {LIMIT_CHARS:,} at most.", "Split it.")
    if "\0" in text:
        raise ToolError("The patch holds a NUL character.", "Only text can be changed.")
    lines = _unwrapped(text.split("\n"))
    first = next((at for at, line in enumerate(lines) if names_file(line) or opens_file(lines, at)), None)
    if first is None:
        if any(line.startswith("@@") for line in lines):
            raise ToolError("The patch has hunks, but names no file.", _FORMATS)
        raise ToolError("This is no patch: it names no file.", _FORMATS)
    sections = read_envelope(lines[first:]) if names_file(lines[first]) else read_unified(_bare(lines[first:]))
    if len(sections) > LIMIT_SECTIONS or sum(len(one.chunks) for one in sections) > LIMIT_CHUNKS:
        raise ToolError(f"The patch changes more than {LIMIT_SECTIONS} files or {LIMIT_CHUNKS} places.", "Split it.")
    return tuple(sections)


def _unwrapped(lines: list[str]) -> list[str]:
    """Return the lines without a fence, a command with a here document, and line ends that only travelled along."""
    heads = [line for line in lines[:-1] if line.startswith(("*** ", "--- ", "+++ ", "@@", "diff --git "))]
    if heads and all(line.endswith("\r") for line in heads):
        lines = [line.removesuffix("\r") for line in lines]
    lines = _within_fence(lines)
    for at, line in enumerate(lines[:20]):
        found = _HEREDOC.match(line) if "<<" in line and line[:1] not in {" ", "+", "-", "@"} else None
        if found is not None:
            end = next((place for place in range(at + 1, len(lines)) if lines[place].strip() == found[1]), len(lines))
            lines = lines[at + 1 : end]
            break
        if is_directive(line) or opens_file(lines, at):
            break
    begin = next((at for at, line in enumerate(lines) if _is_mark(line, "begin")), None)
    if begin is not None:
        end = next((at for at in range(begin, len(lines)) if _is_mark(lines[at], "end")), len(lines))
        lines = lines[begin + 1 : end]
    return lines


def _within_fence(lines: list[str]) -> list[str]:
    """Return what stands between a fence that opens before the patch and its end."""
    for at, line in enumerate(lines):
        if is_directive(line) or line.startswith(("diff --git ", "--- ", "@@")):
            return lines
        found = _FENCE.match(line)
        if found is not None:
            closing = [place for place in range(at + 1, len(lines)) if lines[place].strip() == found[1]]
            return lines[at + 1 : closing[-1] if closing else len(lines)]
    return lines


def _is_mark(line: str, word: str) -> bool:
    plain = line.strip().casefold()
    return plain.startswith(f"*** {word}") and plain.endswith("patch") and line.startswith("***")


def _bare(lines: Sequence[str]) -> list[str]:
    """Return the lines of a diff without the marks of a format around it, and the empty piece behind the last line."""
    kept = [line for line in lines if not is_directive(line)]
    return kept[:-1] if kept and not kept[-1] else kept

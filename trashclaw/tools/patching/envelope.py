"""Reads patches between `*** Begin Patch` and `*** End Patch`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.patching.hunk_heads import read_head
from trashclaw.tools.patching.names import plain_name
from trashclaw.tools.patching.sections import Action, Body, Chunk, Section, read_body
from trashclaw.tools.truncate import clip

_DIRECTIVE = re.compile(
    r"\*\*\* ?(?:(?P<what>update|modify|add|create|new|delete|remove) file ?:?|(?P<to>(?:move|rename) to ?:)"
    r"|(?P<mark>end of file|begin patch|end patch|end of patch))[ \t]*(?P<name>.*)",
    re.IGNORECASE,
)
_ACTIONS = {
    "update": Action.UPDATE,
    "modify": Action.UPDATE,
    "add": Action.ADD,
    "create": Action.ADD,
    "new": Action.ADD,
    "delete": Action.DELETE,
    "remove": Action.DELETE,
}


def is_directive(line: str) -> bool:
    """Tell whether a line belongs to the format: `*** Update File: src/app.py`."""
    return line.startswith("***") and _DIRECTIVE.match(line) is not None


def names_file(line: str) -> bool:
    """Tell whether a line opens a section."""
    found = _DIRECTIVE.match(line) if line.startswith("***") else None
    return found is not None and found["what"] is not None


def read_envelope(lines: Sequence[str]) -> list[Section]:
    """Return the sections.

    Raises:
        ToolError: it is malformed; names the line.
    """
    sections: list[Section] = []
    at = 0
    while at < len(lines):
        found = _DIRECTIVE.match(lines[at]) if lines[at].startswith("***") else None
        if found is not None and found["what"]:
            section, at = _read_section(lines, at, found)
            sections.append(section)
        elif not lines[at].strip() or _is_idle(found):
            at += 1
        else:
            raise ToolError(
                f"Line {at + 1} of the patch belongs to no file: {clip(lines[at].strip(), 120)}",
                "Write `*** Update File: path` before the hunks of a file.",
            )
    return sections


def _is_idle(found: re.Match[str] | None) -> bool:
    """Tell whether a directive only begins or ends a patch."""
    return found is not None and bool(found["mark"]) and found["mark"].casefold() != "end of file"


def _read_section(lines: Sequence[str], at: int, found: re.Match[str]) -> tuple[Section, int]:
    action, name = _ACTIONS[found["what"].casefold()], plain_name(found["name"])
    if not name:
        raise ToolError(f"Line {at + 1} of the patch names no file.", "Write `*** Update File: path`.")
    at += 1
    if action is Action.DELETE:
        return Section(action, name, name), at
    if action is Action.ADD:
        chunk, at = _read_new_text(lines, at, name)
        return Section(action, name, name, (chunk,)), at
    to = None
    if at < len(lines) and (moved := _DIRECTIVE.match(lines[at])) and moved["to"]:
        to, at = plain_name(moved["name"]), at + 1
        if not to:
            raise ToolError(f"{name}: the patch does not say where it moves to.", "Write `*** Move to: path`.")
    if [line[:4] for line in lines[at : at + 2]] == ["--- ", "+++ "]:
        at += 2
    chunks, at = _read_chunks(lines, at)
    if not chunks and to is None:
        raise ToolError(f"{name}: the patch changes nothing in it.", "Write its hunks, with - and + before the lines.")
    return Section(action, name, name, tuple(chunks), to), at


def _read_chunks(lines: Sequence[str], at: int) -> tuple[list[Chunk], int]:
    chunks: list[Chunk] = []
    anchors: list[str] = []
    line: int | None = None
    while at < len(lines) and (not is_directive(lines[at])):
        if lines[at].startswith("@@"):
            head = read_head(lines[at])
            line, anchors = head.line, [*anchors, *([head.anchor] if head.anchor else [])]
            at += 1
        body, at = read_body(lines, at, lambda place, _: lines[place].startswith("@@") or is_directive(lines[place]))
        is_at_end = at < len(lines) and (lines[at].casefold().replace(" ", "").startswith("***endoffile"))
        at += is_at_end
        if body.lines:
            chunks.append(Chunk(body, line, tuple(anchors), is_at_end))
            anchors = []
    return [chunk for chunk in chunks if chunk.has_changes], at


def _read_new_text(lines: Sequence[str], at: int, name: str) -> tuple[Chunk, int]:
    """Return the text of a new file: every line has its `+`, or none has."""
    text: list[str] = []
    if at < len(lines) and lines[at].startswith("@@"):
        at += 1
    while at < len(lines) and not is_directive(lines[at]):
        text.append(lines[at])
        at += 1
    is_at_end = at < len(lines) and lines[at].casefold().startswith("*** end of file")
    is_open = any(line.startswith("\\ No newline") for line in text[-1:])
    text = text[:-1] if is_open else text
    while text and not text[-1].strip():
        text.pop()
    marked = [line.startswith("+") for line in text if line.strip()]
    if any(marked) and not all(marked):
        raise ToolError(f"{name}: some lines of the new file have no + in front.", "Put a + before each of them.")
    added = [f"+{line[1:] if line.startswith('+') and any(marked) else line}" for line in text]
    return Chunk(Body(tuple(added), new_is_open=is_open)), at + is_at_end

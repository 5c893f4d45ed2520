"""What an entry of the conversation is made of: its words to copy, the code in them, and the files that it names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trashclaw.faces.tui.run_output import full_output
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.session.transcript import Entry

MOST_PLACES = 200
"""Places of files that are looked for in one entry."""

MOST_CHARS = 200_000
"""Of an entry's text, so many are looked through for them."""

_PATH = r"[\w.@+~-]*(?:/[\w.@+~-]+)*"
_PLACE = re.compile(rf"(?<![\w/.:@-])(?P<path>/?{_PATH})(?::(?P<line>\d{{1,7}})\b)?")
_TRACE = re.compile(r'File "(?P<path>[^"\n]{1,400})", line (?P<line>\d{1,7})')


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A place in a file that an entry names; whether there is such a file is not known yet."""

    path: str
    line: int = 0
    """Counted from 1; 0 where none is named."""

    def __str__(self) -> str:
        """Return it as it is usually written: `src/db.py:42`."""
        return f"{self.path}:{self.line}" if self.line else self.path


def source_text(entry: Entry, preview: str = "") -> str:
    """Return the words of an entry as they came: Markdown, a command with its output, an edit as a diff."""
    match entry:
        case UserMessage():
            return entry.text
        case AgentMessage() | Thought():
            return entry.text or preview
        case ToolRun():
            return "\n".join(part for part in _run_parts(entry, preview) if part)
        case Compaction():
            return entry.summary
        case ev.Notice():
            return f"{entry.text}\n{entry.hint}".rstrip()
        case ev.TurnCompleted() if entry.error is not None:
            return f"{entry.error.text}\n{entry.error.hint}".rstrip()
        case _:
            return ""


def code_parts(entry: Entry, preview: str = "") -> Sequence[str]:
    """Return the code in an entry: blocks of Markdown, else a command, its output, or an edit's diff."""
    match entry:
        case AgentMessage() | UserMessage():
            from trashclaw.faces.tui.drawing.markdown import parser

            tokens = parser().parse(source_text(entry, preview))
            return [token.content.rstrip("\n") for token in tokens if token.type in {"fence", "code_block"}]
        case ToolRun():
            return [part.removeprefix("$ ") for part in _run_parts(entry, preview) if part]
        case _:
            return ()


def file_places(entry: Entry, preview: str = "") -> Sequence[FilePlace]:
    """Return the places in files that an entry names, each once: of a tool run, those it worked on come first."""
    found = dict.fromkeys(_worked_on(entry) if isinstance(entry, ToolRun) else ())
    text = source_text(entry, preview)[:MOST_CHARS]
    for pattern in (_TRACE, _PLACE):
        for match in pattern.finditer(text):
            path, line = match["path"].rstrip("."), int(match["line"] or 0)
            if line or "/" in path or "." in path.strip("."):
                found.setdefault(FilePlace(path, line))
            if len(found) >= MOST_PLACES:
                return tuple(found)
    return tuple(found)


def _run_parts(run: ToolRun, preview: str) -> Iterator[str]:
    """Return what was asked for and what came of it."""
    command = _arguments(run).get("command")
    if run.tool_kind is ToolKind.EXECUTE and isinstance(command, str):
        yield f"$ {command}"
    else:
        yield run.title
    if run.patch is not None and run.patch.hunks:
        yield _diff(run.patch)
    else:
        yield full_output(run, preview).rstrip("\n")


def _diff(patch: Patch) -> str:
    from trashclaw.workspace.diff import render_header

    lines: list[str] = []
    for change in patch.changes:
        lines += [f"--- a/{change.from_path or change.path}", f"+++ b/{change.path}"]
        for hunk in change.hunks:
            lines += [render_header(hunk).rstrip("\n"), *(line.rstrip("\n") for line in hunk.lines)]
    return "\n".join(lines)


def _worked_on(run: ToolRun) -> Iterator[FilePlace]:
    for change in run.patch.changes if run.patch is not None else ():
        yield FilePlace(change.path, max(1, change.hunks[0].after) if change.hunks else 0)
    given = _arguments(run)
    path, line = given.get("path"), given.get("offset")
    if isinstance(path, str) and path:
        yield FilePlace(path, line if isinstance(line, int) and line > 0 else 0)


def _arguments(run: ToolRun) -> dict[str, object]:
    try:
        given = json.loads(run.call.arguments)
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}

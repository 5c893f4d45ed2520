"""Runs that only looked around, one after another, as one line: how many files were read, and which."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.visible import visible_line
from trashclaw.faces.wording.figures import counted, seconds
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolKind

READ_TOOL = "read_file"
_TIME_FROM = 44
"""Cells from which on there is room for how long they took, as in the line of a run."""


def is_look(run: ToolRun) -> bool:
    """Tell whether a run only looks around: it reads a file or searches."""
    return run.tool_kind is ToolKind.SEARCH or (run.tool_kind is ToolKind.READ and run.call.name == READ_TOOL)


def group_line(runs: Sequence[ToolRun], width: int, look: Look, *, is_open: bool) -> Text:
    """Return the one line that stands for some runs: `read 5 files  a.py, b.py`; open, they are listed below it."""
    files = list(dict.fromkeys(filter(None, map(_path, runs))))
    searches = sum(run.tool_kind is ToolKind.SEARCH for run in runs)
    done = [("read", counted(len(files), "file"))] if files else []
    done += [("searched", counted(searches, "time"))] if searches else []
    left = Text(end="")
    for verb, what in done:
        left.append(f"{', ' if left.plain else ''}{verb}", style=look.text)
        left.append(f" {what}", style=look.muted)
    took = sum(run.duration_s or 0.0 for run in runs)
    right = Text(seconds(took).rjust(8) if width > _TIME_FROM else "", style=look.muted, end="")
    if files and not is_open:
        left.append_text(plain(f"  {', '.join(_names(files, width))}", look.muted))
    return spread(left, right, width, look)


def _names(files: Iterable[str], width: int) -> Iterable[str]:
    """Yield the names of files, without their folders, as far as they can be seen."""
    for path in files:
        name = visible_line(path.rstrip("/").rpartition("/")[2] or path)
        yield name
        width -= len(name) + 2
        if width < 0:
            return


def _path(run: ToolRun) -> str:
    """Return the file that a run read."""
    if run.call.name != READ_TOOL:
        return ""
    try:
        given = json.loads(run.call.arguments)
    except (ValueError, RecursionError):
        return run.title
    path = given.get("path") if isinstance(given, dict) else None
    return path if isinstance(path, str) else run.title

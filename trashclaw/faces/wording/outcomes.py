"""What came of a tool run, in a few words."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from trashclaw.faces.visible import telling_line
from trashclaw.faces.wording.changes import hunk_words
from trashclaw.faces.wording.figures import counted
from trashclaw.protocol.events import FailureRouted
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolKind, ToolResult, ToolStatus
from trashclaw.session.landed import landed_patch

LEAST_REASON = 16
"""Cells that the first line of an error needs to be worth showing behind the exit code."""


def is_in_background(run: ToolRun) -> bool:
    """Tell whether a run has left a command running, as far as its result says."""
    metadata = run.result.metadata if run.result is not None else {}
    return bool(metadata.get("background_id")) and metadata.get("is_running", True) is not False


def outcome(run: ToolRun, *, is_waiting: bool, reverted: Collection[HunkId] = ()) -> str:
    """Return what came of a run in a few words: `12 hits`, `landed`, `exit 1`, `rejected`, `refused: mode plan`.

    `reverted` are those of its hunks that landed and were taken out again: `reverted`, `1 of 2 reverted`.
    """
    said = _came(run, is_waiting=is_waiting)
    out, landed = _taken_back(run, reverted)
    if not out:
        return said
    words = "reverted" if out == landed else f"{out} of {landed} reverted"
    return words if said == "landed" else f"{said}, {words}"


def is_taken_back(run: ToolRun, reverted: Collection[HunkId]) -> bool:
    """Tell whether everything was reverted that had landed with a run."""
    out, landed = _taken_back(run, reverted)
    return bool(out) and out == landed


def reverted_lines(run: ToolRun, reverted: Collection[HunkId]) -> Sequence[str]:
    """Return what was taken back of a run, a line for each file: `reverted: src/db.py, line 12, line 40`."""
    landed = landed_patch(run) if reverted else None
    lines = []
    for change in landed.changes if landed is not None else ():
        named = [hunk_words(hunk) for hunk in change.hunks if hunk.hunk_id in reverted]
        if named:
            lines.append(f"reverted: {', '.join([change.path, *named])}")
    return lines


def _taken_back(run: ToolRun, reverted: Collection[HunkId]) -> tuple[int, int]:
    """Return how many hunks were reverted, of how many that had landed."""
    landed = landed_patch(run) if reverted else None
    hunk_ids = landed.hunk_ids if landed is not None else frozenset()
    return len(hunk_ids.intersection(reverted)), len(hunk_ids)


def _came(run: ToolRun, *, is_waiting: bool) -> str:
    if is_waiting:
        return "waits for you"
    result = run.result
    if result is None:
        return "running"
    if run.status is not ToolStatus.DONE:
        if result.exit_code:
            return f"exit {result.exit_code}"
        return _refusal(result) if result.metadata.get("refused_by") == "policy" else run.status.value
    return _counted(run, result)


def _refusal(result: ToolResult) -> str:
    """Return what refused a run when that was a rule and not the person: `refused: mode plan`."""
    reason = re.split("[:.]", result.text.removeprefix("Not allowed: "), maxsplit=1)[0].strip()
    return f"refused: {reason}" if reason else "refused"


def _counted(run: ToolRun, result: ToolResult) -> str:
    """Return how much a run that went well brought."""
    if is_in_background(run):
        return f"running as {result.metadata['background_id']}"
    if result.exit_code is not None:
        effects = effect_words(result)
        failed = f"exit {result.exit_code}" if result.exit_code else ""
        return ", ".join(part for part in (failed, effects) if part) or "ok"
    if run.patch is not None and run.patch.changes:
        landed = landed_patch(run)
        hunks, total = len(landed.hunks) if landed is not None else 0, len(run.patch.hunks)
        return "landed" if hunks == total else f"{hunks} of {total} landed"
    for key in ("lines", "files", "commits"):
        count = result.metadata.get(key)
        if isinstance(count, int):
            return counted(count, "hit" if run.tool_kind is ToolKind.SEARCH and key == "lines" else key[:-1])
    lines = len(result.text.splitlines())
    return counted(lines, "line") if lines > 1 else ""


def effect_words(result: ToolResult) -> str:
    """Return what a command changed: `3 files changed`, `2 of 3 files landed`; nothing where that is not known."""
    effects = result.metadata.get("effects")
    proposed = effects.get("proposed") if isinstance(effects, dict) else None
    if not isinstance(effects, dict) or not isinstance(proposed, int) or not proposed:
        return "no effect" if result.metadata.get("has_effects") is False or proposed == 0 else ""
    landed = effects.get("landed")
    if not landed and "effects_refused" in result.metadata:
        return f"{counted(proposed, 'file')} discarded"
    if landed == proposed:
        return f"{counted(proposed, 'file')} changed"
    return f"{landed if isinstance(landed, int) else 0} of {counted(proposed, 'file')} landed"


def failed_words(said: str, failure: FailureRouted, room: int) -> str:
    """Return what came of a run that failed, with how often it did and, where there is room, how it begins.

    Such as `exit 1 x2: NameError: name 'total' is not defined`; `room` is in cells.
    """
    code, comma, effects = said.removesuffix(", no effect").partition(",")
    said = f"{code} x{failure.times}{comma}{effects}" if failure.times > 1 else f"{code}{comma}{effects}"
    first = telling_line(failure.lines)
    return f"{said}: {first}" if first and room >= len(said) + LEAST_REASON else said

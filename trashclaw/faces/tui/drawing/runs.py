"""A tool run in words: its sign, its title, what came of it, and its output when it is opened."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trashclaw.agent.gist import ERROR_MARK
from trashclaw.faces.tui.drawing.figures import counted, seconds
from trashclaw.faces.tui.drawing.landed import landed_patch
from trashclaw.faces.tui.drawing.lines import cut, plain, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.manner import is_marked
from trashclaw.faces.visible import telling_line
from trashclaw.protocol.events import FailureRouted
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolKind, ToolResult, ToolStatus

MENDED = "mended  "
LEAST_REASON = 16
"""Cells that the first line of an error needs to be worth showing behind the exit code."""

SHOWN_LINES = 20
"""Lines of output shown under an opened run; the log has all of it."""


def status_sign(run: ToolRun, look: Look, *, is_waiting: bool) -> tuple[str, Style]:
    """Return the sign and the ink of a run's status."""
    signs = look.signs
    if is_waiting:
        return signs.waiting, look.warning + Style(bold=True)
    match run.status:
        case ToolStatus.DONE if is_in_background(run):
            return signs.running, look.accent
        case ToolStatus.DONE if run.result is not None and run.result.exit_code:
            return signs.failed, look.warning
        case ToolStatus.DONE:
            return signs.done, look.success
        case ToolStatus.FAILED:
            return signs.failed, look.error
        case ToolStatus.REJECTED | ToolStatus.SKIPPED | ToolStatus.CANCELLED:
            return signs.left_out, look.warning
        case _:
            return signs.running, look.accent


def is_in_background(run: ToolRun) -> bool:
    """Tell whether a run has left a command running, as far as its result says."""
    metadata = run.result.metadata if run.result is not None else {}
    return bool(metadata.get("background_id")) and metadata.get("is_running", True) is not False


def outcome(run: ToolRun, *, is_waiting: bool) -> str:
    """Return what came of a run in a few words: `12 hits`, `landed`, `exit 1`, `rejected`, `refused: mode plan`."""
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


def run_line(
    run: ToolRun,
    width: int,
    look: Look,
    *,
    is_waiting: bool,
    has_sign: bool = True,
    failure: FailureRouted | None = None,
) -> Text:
    """Return the one line that stands for a run; `failure` is what was told of it if it failed."""
    sign, ink = status_sign(run, look, is_waiting=is_waiting)
    name, _, rest = cut(run.title, width, look).partition(" ")
    left = Text(end="")
    if has_sign:
        left.append(f"{sign} ", style=ink)
    left.append(name, style=look.text)
    left.append(f" {rest}" if rest else "", style=look.muted)
    time = seconds(run.duration_s).rjust(8) if run.duration_s is not None and width > 44 else ""
    room = max(14, width // 3, width - left.cell_len - len(time) - 2)
    said = outcome(run, is_waiting=is_waiting)
    is_quiet = ink in (look.success, look.muted, look.accent)
    right = Text(end="")
    if is_marked(run.mended) and room >= cell_len(said) + len(MENDED):
        right.append(MENDED, style=look.muted)
        room -= len(MENDED)
    said = cut(said if failure is None else failed_words(said, failure, room), room, look)
    right.append(said, style=look.muted if is_quiet else ink)
    right.append(time, style=look.muted)
    return spread(left, right, width, look)


def run_output(run: ToolRun, preview: str, width: int, look: Look, failure: FailureRouted | None = None) -> list[Text]:
    """Return the last lines of what a run said, the newest always among them, and what the model was advised."""
    said, advice = preview if run.result is None else run.result.text, ""
    if failure is not None:
        said, advice = _without_advice(run, said)
    told = wrap(plain(f"advised: {advice}", look.muted + Style(italic=True)), width, look) if advice else []
    if not said.strip():
        return told or [Text("no output", style=look.muted)]
    source = said.rstrip("\n").splitlines()
    lines: list[Text] = []
    for line in source[-SHOWN_LINES:]:
        lines.extend(wrap(plain(line, look.muted), width, look))
    hidden = len(source) - SHOWN_LINES
    if hidden > 0:
        lines.insert(0, Text(f"{counted(hidden, 'line')} before this", style=look.muted))
    return lines + told


def _without_advice(run: ToolRun, text: str) -> tuple[str, str]:
    """Return the result of a run as it came, and the advice that the model reads behind it when the run failed."""
    own, mark, event = text.rpartition(f'{ERROR_MARK}{run.call.name}"')
    _, end, advice = event.rpartition("</error>\n")
    return (own, advice) if mark and end else (text, "")

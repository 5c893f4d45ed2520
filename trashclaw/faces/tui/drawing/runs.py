"""A tool run in words: its sign, its title, what came of it, and its output when it is opened."""

from __future__ import annotations

from collections.abc import Collection

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trashclaw.agent.gist import ERROR_MARK
from trashclaw.faces.tui.drawing.lines import cut, plain, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.manner import is_marked
from trashclaw.faces.tui.run_output import full_output
from trashclaw.faces.wording.figures import counted, seconds
from trashclaw.faces.wording.outcomes import failed_words, is_in_background, is_taken_back, outcome, reverted_lines
from trashclaw.protocol.events import FailureRouted
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus

MENDED = "mended  "
SHOWN_LINES = 20
"""Lines of output shown under an opened run; the log has all of it."""


def status_sign(run: ToolRun, look: Look, *, is_waiting: bool, reverted: Collection[HunkId] = ()) -> tuple[str, Style]:
    """Return the sign and the ink of a run's status; `reverted` are those of its hunks that were taken out again."""
    signs = look.signs
    if is_waiting:
        return signs.waiting, look.warning + Style(bold=True)
    match run.status:
        case ToolStatus.DONE if is_taken_back(run, reverted):
            return signs.left_out, look.warning
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


def run_line(
    run: ToolRun,
    width: int,
    look: Look,
    *,
    is_waiting: bool,
    has_sign: bool = True,
    failure: FailureRouted | None = None,
    reverted: Collection[HunkId] = (),
) -> Text:
    """Return the one line that stands for a run.

    `failure` is what was told of it if it failed, `reverted` are its hunks that were taken out again.
    """
    sign, ink = status_sign(run, look, is_waiting=is_waiting, reverted=reverted)
    name, _, rest = cut(run.title, width, look).partition(" ")
    left = Text(end="")
    if has_sign:
        left.append(f"{sign} ", style=ink)
    left.append(name, style=look.text)
    left.append(f" {rest}" if rest else "", style=look.muted)
    time = seconds(run.duration_s).rjust(8) if run.duration_s is not None and width > 44 else ""
    room = max(14, width // 3, width - left.cell_len - len(time) - 2)
    said = outcome(run, is_waiting=is_waiting, reverted=reverted)
    is_quiet = ink in (look.success, look.muted, look.accent) and not reverted
    right = Text(end="")
    if is_marked(run.mended) and room >= cell_len(said) + len(MENDED):
        right.append(MENDED, style=look.muted)
        room -= len(MENDED)
    said = cut(said if failure is None else failed_words(said, failure, room), room, look)
    right.append(said, style=look.muted if is_quiet else look.warning if reverted else ink)
    right.append(time, style=look.muted)
    return spread(left, right, width, look)


def run_output(
    run: ToolRun,
    preview: str,
    width: int,
    look: Look,
    failure: FailureRouted | None = None,
    limit: int | None = SHOWN_LINES,
    reverted: Collection[HunkId] = (),
) -> list[Text]:
    """Return the last lines of what a run said (`None`: all), the newest among them, and what the model was advised.

    What was taken back of it since comes last.
    """
    said, advice = preview if run.result is None else run.result.text, ""
    said = full_output(run, preview) if limit is None else said
    if failure is not None:
        said, advice = _without_advice(run, said)
    told = wrap(plain(f"advised: {advice}", look.muted + Style(italic=True)), width, look) if advice else []
    for line in reverted_lines(run, reverted):
        told += wrap(plain(line, look.warning), width, look)
    if not said.strip():
        return told or [Text("no output", style=look.muted)]
    source = said.rstrip("\n").splitlines()
    lines: list[Text] = []
    hidden = 0 if limit is None else len(source) - limit
    for line in source[max(0, hidden) :]:
        lines.extend(wrap(plain(line, look.muted), width, look))
    if hidden > 0:
        lines.insert(0, Text(f"{counted(hidden, 'line')} before this", style=look.muted))
    return lines + told


def _without_advice(run: ToolRun, text: str) -> tuple[str, str]:
    """Return the result of a run as it came, and the advice that the model reads behind it when the run failed."""
    own, mark, event = text.rpartition(f'{ERROR_MARK}{run.call.name}"')
    _, end, advice = event.rpartition("</error>\n")
    return (own, advice) if mark and end else (text, "")

"""The status bar: what is happening now, in figures."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.drawing.sandbox import sandbox_ink, sandbox_words
from trashclaw.faces.tui.keymap import hint
from trashclaw.faces.tui.widgets.row import Row
from trashclaw.faces.wording.figures import counted
from trashclaw.faces.wording.progress import (
    activity_words,
    ahead_words,
    context_words,
    is_summing_up,
    reread_words,
    turn_progress,
    whole,
)

if TYPE_CHECKING:
    from textual.timer import Timer

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.session.transcript import Transcript

TICK_S = 0.25
_GAP = "   "


class _Figure(NamedTuple):
    """A figure in words from long to short."""

    worth: int
    """Where there is no room, the one of least worth goes first."""

    words: tuple[str, str, str]
    ink: Style


_BRANCH_CELLS, _BRANCH_WORTH = 24, 1
_LONG_FORMS = ((0, 0), (1, 0), (1, 2), (1, 3))
"""How long the figures are (0 is longest), and the least worth of those that are shown: how much of the prompt the
server knew is more than the branch and the step."""

_ACTIVITY_CELLS = 44
"""What a turn does takes about so much; with less of it, the figures are as short as with this: they keep still."""


class _Shown(NamedTuple):
    """A figure as it is shown."""

    worth: int
    text: str
    ink: Style


class Gauges(NamedTuple):
    """What the bar shows."""

    is_running: bool = False
    is_waiting: bool = False
    """The person is asked something."""

    step: int = 0
    step_limit: int | None = None
    phase: str = ""
    left_s: float | None = None
    """How long reading the prompt will still take, where that is known."""

    is_left_estimate: bool = False

    tokens_per_s: float | None = None
    ahead: tuple[str, str] = ("", "")
    """What is read while nobody waits, long and short."""

    context: tuple[str, str, str] = ("", "", "")
    """How full the window is, from long to short."""

    is_context_high: bool = False
    reread: tuple[str, str, str] = ("", "", "")
    """What the server had to read again in this session, from long to short."""

    mended_calls: int = 0
    """How many calls were put right."""

    mode: str = ""
    branch: str = ""
    is_trusted: bool = True
    sandbox: str = ""
    """The name of what holds commands; like the branch it is told here where there is no header."""


def gauges_of(transcript: Transcript, branch: str, *, is_trusted: bool = True, sandbox: str = "") -> Gauges:
    """Return the gauges of a session."""
    progress, context = turn_progress(transcript), transcript.live.context
    is_reading = progress is not None and progress.phase.value == "prefill"
    return Gauges(
        is_running=transcript.is_running or is_summing_up(transcript),
        is_waiting=bool(transcript.approvals or transcript.questions),
        step=transcript.step,
        step_limit=transcript.step_limit,
        phase=activity_words(transcript),
        left_s=progress.eta_s if progress is not None and is_reading else None,
        is_left_estimate=progress is not None and is_reading and progress.is_estimate,
        tokens_per_s=progress.tokens_per_s if progress is not None else None,
        ahead=ahead_words(transcript),
        context=context_words(context),
        is_context_high=context is not None and context.used_tokens > 0.8 * context.limit_tokens,
        reread=reread_words(context),
        mended_calls=transcript.mended_calls,
        mode=transcript.mode.value,
        branch=branch,
        is_trusted=is_trusted,
        sandbox=sandbox,
    )


class StatusBar(Row):
    """One row of gauges. Its clock ticks only while a turn runs and the model, not the person, is at work."""

    DEFAULT_CSS = """
    StatusBar {
        padding: 0 2;
        background: $surface;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._gauges = Gauges()
        self._notice = "opening the session"
        self._started_at = 0.0
        self._told_at = 0.0
        """When it was told how long reading will take."""

        self._ticks = 0
        self._is_fresh = False
        """News came since the last tick: while they pour in, the bar is drawn with them, not for its clock as well."""

        self._timer: Timer | None = None

    @property
    def gauges(self) -> Gauges:
        """What is shown."""
        return self._gauges

    @property
    def is_ticking(self) -> bool:
        """Whether the clock runs."""
        return self._timer is not None

    def show(self, gauges: Gauges) -> None:
        """Show other gauges."""
        if gauges == self._gauges:
            return
        if gauges.is_running and not self._gauges.is_running:
            self._started_at = monotonic()
        if gauges.left_s != self._gauges.left_s:
            self._told_at = monotonic()
        self._gauges, self._is_fresh = gauges, True
        self._run_clock(is_needed=gauges.is_running and not gauges.is_waiting)
        self.refresh()

    def say(self, text: str) -> None:
        """Show a short notice in place of the gauges; an empty one brings them back."""
        self._notice = text
        self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        look = self.look
        said = [hint("help", "help"), hint("palette", "palette").replace("Ctrl+", "^", 1)]
        right = Text("  ".join(words for words in said[: 2 if width >= 76 else 1] if words), style=look.muted)
        if self._notice:
            return spread(Text(cut(self._notice, width, look), style=look.warning), right, width, look)
        room = width - right.cell_len - 2
        left = self._activity(look, room)
        is_busy = self._gauges.is_running and not self._gauges.is_waiting
        calm = max(left.cell_len, _ACTIVITY_CELLS) if is_busy else left.cell_len
        figures = _fitting(self._figures(look), room - left.cell_len, room - calm)
        for one in _with_ahead(figures, self._gauges.ahead, room - left.cell_len, look.muted):
            left.append(_GAP + one.text, style=one.ink)
        return spread(left, right, width, look)

    def _activity(self, look: Look, room: int) -> Text:
        """Return what happens now, at most `room` cells wide; it has the first claim on the bar."""
        gauges = self._gauges
        left = Text(end="")
        if gauges.is_waiting:
            left.append(f"{look.signs.waiting} waits for you", style=look.warning)
        elif gauges.is_running:
            left.append(look.signs.progress[self._ticks % len(look.signs.progress)], style=look.accent)
            spent = whole(self._elapsed_s) if self._elapsed_s >= 1 else ""
            times = "".join(f"  {time}" for time in (self._left(), spent) if time)
            left.append(f" {cut(gauges.phase or 'working', room - 2 - len(times), look)}", style=look.text)
            left.append(times, style=look.muted)
        else:
            left.append("ready", style=look.muted)
        return left

    def _figures(self, look: Look) -> list[_Figure]:
        """Return the figures from left to right."""
        gauges = self._gauges
        has_header = not (self.screen.has_class("-short") or self.screen.has_class("-live"))
        sandbox = "" if has_header else sandbox_words(gauges.sandbox)
        trust = "" if gauges.is_trusted else "not trusted: /trust"
        step = f"step {gauges.step}" if gauges.is_running and gauges.step else ""
        step_of = f"{step}/{gauges.step_limit}" if step and gauges.step_limit is not None else step
        speed = f"{gauges.tokens_per_s:.0f} tok/s" if gauges.tokens_per_s else ""
        mended = f"{gauges.mended_calls} mended" if gauges.mended_calls else ""
        mended_long = f"{counted(gauges.mended_calls, 'call')} mended" if mended else ""
        branch = "" if has_header else cut(gauges.branch, _BRANCH_CELLS, look)
        figures = (
            _Figure(9, (gauges.mode,) * 3, look.primary),
            _Figure(7, (sandbox,) * 3, sandbox_ink(gauges.sandbox, look)),
            _Figure(8, (trust,) * 3, look.warning),
            _Figure(2, (step_of, step_of, step), look.muted),
            _Figure(5, (speed,) * 3, look.muted),
            _Figure(6, gauges.context, look.warning if gauges.is_context_high else look.muted),
            _Figure(4, gauges.reread, look.muted),
            _Figure(3, (mended_long, mended, mended), look.muted),
            _Figure(_BRANCH_WORTH, (branch,) * 3, look.muted),
        )
        return [figure for figure in figures if figure.words[0]]

    def _left(self) -> str:
        """Return how long reading the prompt will still take."""
        left_s = (self._gauges.left_s or 0.0) - (monotonic() - self._told_at)
        return f"{'~' if self._gauges.is_left_estimate else ''}{whole(left_s)} left" if left_s >= 1 else ""

    @property
    def _elapsed_s(self) -> float:
        return monotonic() - self._started_at

    def _run_clock(self, *, is_needed: bool) -> None:
        if is_needed and self._timer is None:
            self._timer = self.set_interval(TICK_S, self._tick)
        elif not is_needed and self._timer is not None:
            self._timer.stop()
            self._timer = None

    def _tick(self) -> None:
        self._ticks += 1
        if not self._is_fresh:
            self.refresh()
        self._is_fresh = False


def _fitting(figures: list[_Figure], room: int, calm_room: int) -> list[_Shown]:
    """Return the figures as long as `calm_room` has place for them, else as short as they can be.

    The ones of least worth are left out where not even that fits into `room`.
    """
    for size, least_worth in _LONG_FORMS:
        shown = [_Shown(one.worth, one.words[size], one.ink) for one in figures if one.worth >= least_worth]
        if _cells(shown) <= calm_room:
            return shown
    shown = [_Shown(one.worth, one.words[2], one.ink) for one in figures]
    while shown and _cells(shown) > room:
        shown.remove(min(shown, key=lambda one: one.worth))
    return shown


def _with_ahead(figures: list[_Shown], words: tuple[str, str], room: int, ink: Style) -> list[_Shown]:
    """Return the figures with what is read ahead at their end; the branch makes room for it, nothing else moves."""
    for kept in (figures, [one for one in figures if one.worth != _BRANCH_WORTH]):
        for ahead in filter(None, words):
            longer = [*kept, _Shown(0, ahead, ink)]
            if _cells(longer) <= room:
                return longer
    return figures


def _cells(figures: list[_Shown]) -> int:
    return sum(len(_GAP) + cell_len(one.text) for one in figures)

"""The status bar: what is happening now, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.figures import counted, seconds, tokens
from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.drawing.sandbox import sandbox_ink, sandbox_words
from trashclaw.faces.tui.widgets.row import Row
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from textual.timer import Timer

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.protocol.events import Progress
    from trashclaw.session.transcript import Transcript

TICK_S = 0.25
WIDE = 90
"""Cells from which on there is room for whole words."""

_CHECKING = "checking: "
"""Begins the words about a check that runs in the middle of a tool run, and is what takes the time."""

_ASIDE = "asking again"


@dataclass(frozen=True, slots=True)
class Gauges:
    """What the bar shows."""

    is_running: bool = False
    is_waiting: bool = False
    """The person is asked something."""

    step: int = 0
    phase: str = ""
    left_s: float | None = None
    """How long reading the prompt will still take, where that is known."""

    is_left_estimate: bool = False

    tokens_per_s: float | None = None
    context: str = ""
    is_context_high: bool = False
    mended_calls: int = 0
    """How many calls were put right."""

    mode: str = ""
    branch: str = ""
    is_trusted: bool = True
    sandbox: str = ""
    """The name of what holds commands; it is told here where the header has no room."""


def gauges_of(transcript: Transcript, branch: str, *, is_trusted: bool = True, sandbox: str = "") -> Gauges:
    """Return the gauges of a session."""
    progress = transcript.live.progress
    context = transcript.live.context
    share = context.used_tokens / max(1, context.limit_tokens) if context is not None else 0.0
    words = ""
    if context is not None:
        words = f"context {share:.0%}"
        if context.reused_tokens is not None and context.used_tokens:
            words += f" (reused {min(1.0, context.reused_tokens / context.used_tokens):.0%})"
    now = progress if transcript.is_running else None
    is_reading = now is not None and now.phase.value == "prefill"
    said = phase_words(now) if now is not None else ""
    return Gauges(
        is_running=transcript.is_running,
        is_waiting=bool(transcript.approvals or transcript.questions),
        step=transcript.step,
        phase=said if said.startswith(_CHECKING) else _tool_words(transcript) or said,
        left_s=now.eta_s if now is not None and is_reading else None,
        is_left_estimate=now is not None and is_reading and now.text == "estimated",
        tokens_per_s=progress.tokens_per_s if progress is not None else None,
        context=words,
        is_context_high=share > 0.8,
        mended_calls=transcript.mended_calls,
        mode=transcript.mode.value,
        branch=branch,
        is_trusted=is_trusted,
        sandbox=sandbox,
    )


def _tool_words(transcript: Transcript) -> str:
    """Return which tool runs now: `running $ pytest -q`, or that the model thinks; nothing where it does other work."""
    from trashclaw.protocol.items import Thought, ToolRun

    last = transcript.entries[-1] if transcript.is_running and transcript.entries else None
    progress = transcript.live.progress
    if isinstance(last, Thought) and not last.text and progress is not None and progress.phase.value == "decoding":
        return "" if progress.text else "thinking"
    return f"running {visible_line(last.title)}" if isinstance(last, ToolRun) and last.result is None else ""


def phase_words(progress: Progress) -> str:
    """Return what the server does in words: `reading prompt 9.1k/12.4k`, `loading the model`, `calling edit_file`."""
    if progress.text == _ASIDE:
        return f"{_ASIDE}, {phase_words(progress.model_copy(update={'text': ''}))}"
    match progress.phase.value:
        case "connecting":
            return "connecting"
        case "loading" if progress.text:
            return progress.text if " " in progress.text else f"loading {progress.text}"
        case "loading":
            return "loading the model"
        case "prefill" if progress.done is not None and progress.total:
            return f"reading prompt {tokens(progress.done)}/{tokens(progress.total)}"
        case "prefill":
            return "reading prompt"
        case "waiting":
            return progress.text or "working"
        case _:
            return progress.text or "writing"


def _whole(duration_s: float) -> str:
    return f"{int(duration_s)} s" if duration_s < 60 else seconds(duration_s)


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
        self._gauges = gauges
        self._run_clock(is_needed=gauges.is_running and not gauges.is_waiting)
        self.refresh()

    def say(self, text: str) -> None:
        """Show a short notice in place of the gauges; an empty one brings them back."""
        self._notice = text
        self.refresh()

    def row(self, y: int, width: int) -> Text:
        """Return the row."""
        look = self.look
        right = Text("F1 help  ^P palette" if width >= 76 else "F1 help", style=look.muted)
        if self._notice:
            return spread(Text(cut(self._notice, width, look), style=look.warning), right, width, look)
        left = self._activity(look, width - right.cell_len - 2)
        for text, ink in self._figures(look):
            if left.cell_len + len(text) + 3 <= width - right.cell_len - 2:
                left.append("   " if left.plain else "")
                left.append(text, style=ink)
        return spread(left, right, width, look)

    def _activity(self, look: Look, room: int) -> Text:
        """Return what happens now, at most `room` cells wide; it has the first claim on the bar."""
        gauges = self._gauges
        left = Text(end="")
        if gauges.is_waiting:
            left.append(f"{look.signs.waiting} waits for you", style=look.warning)
        elif gauges.is_running:
            left.append(look.signs.progress[self._ticks % len(look.signs.progress)], style=look.accent)
            spent = _whole(self._elapsed_s) if self._elapsed_s >= 1 else ""
            times = "".join(f"  {time}" for time in (self._left(), spent) if time)
            left.append(f" {cut(gauges.phase or 'working', room - 2 - len(times), look)}", style=look.text)
            left.append(times, style=look.muted)
        else:
            left.append("ready", style=look.muted)
        return left

    def _figures(self, look: Look) -> list[tuple[str, Style]]:
        gauges = self._gauges
        sandbox = gauges.sandbox if self.screen.has_class("-short") else ""
        count = counted(gauges.mended_calls, "call") if self.size.width >= WIDE else str(gauges.mended_calls)
        mended = f"{count} mended"
        return [
            (text, ink)
            for text, ink in (
                (gauges.mode, look.primary),
                (sandbox_words(sandbox), sandbox_ink(sandbox, look)),
                ("" if gauges.is_trusted else "not trusted: /trust", look.warning),
                (f"step {gauges.step}" if gauges.is_running and gauges.step else "", look.muted),
                (f"{gauges.tokens_per_s:.0f} tok/s" if gauges.tokens_per_s else "", look.muted),
                (gauges.context, look.warning if gauges.is_context_high else look.muted),
                (mended if gauges.mended_calls else "", look.muted),
                (cut(gauges.branch, 24, look), look.muted),
            )
            if text
        ]

    def _left(self) -> str:
        """Return how long reading the prompt will still take; `about`, where that is an estimate of our own."""
        left_s = (self._gauges.left_s or 0.0) - (monotonic() - self._told_at)
        return f"{'about ' if self._gauges.is_left_estimate else ''}{_whole(left_s)} left" if left_s >= 1 else ""

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
        self.refresh()

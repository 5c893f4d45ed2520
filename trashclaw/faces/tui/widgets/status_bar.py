"""The status bar: what is happening now, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.figures import seconds, tokens
from trashclaw.faces.tui.drawing.lines import cut, spread
from trashclaw.faces.tui.widgets.row import Row

if TYPE_CHECKING:
    from textual.timer import Timer

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.session.transcript import Transcript

TICK_S = 0.25


@dataclass(frozen=True, slots=True)
class Gauges:
    """What the bar shows."""

    is_running: bool = False
    is_waiting: bool = False
    """The person is asked something."""

    step: int = 0
    phase: str = ""
    tokens_per_s: float | None = None
    context: str = ""
    is_context_high: bool = False
    mode: str = ""
    branch: str = ""


def gauges_of(transcript: Transcript, branch: str) -> Gauges:
    """Return the gauges of a session."""
    progress = transcript.live.progress
    context = transcript.live.context
    share = context.used_tokens / max(1, context.limit_tokens) if context is not None else 0.0
    words = ""
    if context is not None:
        words = f"context {share:.0%}"
        if context.reused_tokens is not None and context.used_tokens:
            words += f" (reused {min(1.0, context.reused_tokens / context.used_tokens):.0%})"
    phase = ""
    if transcript.is_running and progress is not None:
        word = _PHASES[progress.phase.value]
        is_counted = progress.done is not None and progress.total is not None
        figures = f" {tokens(progress.done or 0)}/{tokens(progress.total or 0)}" if is_counted else ""
        phase = progress.text or word + figures
    return Gauges(
        is_running=transcript.is_running,
        is_waiting=bool(transcript.approvals or transcript.questions),
        step=transcript.step,
        phase=phase,
        tokens_per_s=progress.tokens_per_s if progress is not None else None,
        context=words,
        is_context_high=share > 0.8,
        mode=transcript.mode.value,
        branch=branch,
    )


_PHASES = {
    "connecting": "connecting",
    "loading": "loading the model",
    "prefill": "reading the prompt",
    "decoding": "writing",
    "waiting": "waiting",
}


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
        left = self._activity(look)
        for text, ink in self._figures(look):
            if left.cell_len + len(text) + 3 <= width - right.cell_len - 2:
                left.append("   " if left.plain else "")
                left.append(text, style=ink)
        return spread(left, right, width, look)

    def _activity(self, look: Look) -> Text:
        gauges = self._gauges
        left = Text(end="")
        if gauges.is_waiting:
            left.append(f"{look.signs.waiting} waits for you", style=look.warning)
        elif gauges.is_running:
            left.append(look.signs.progress[self._ticks % len(look.signs.progress)], style=look.accent)
            left.append(f" {cut(gauges.phase or 'working', 32, look)}", style=look.text)
            left.append(f"  {_whole(self._elapsed_s)}" if self._elapsed_s >= 1 else "", style=look.muted)
        else:
            left.append("ready", style=look.muted)
        return left

    def _figures(self, look: Look) -> list[tuple[str, Style]]:
        gauges = self._gauges
        return [
            (text, ink)
            for text, ink in (
                (gauges.mode, look.primary),
                (f"step {gauges.step}" if gauges.is_running and gauges.step else "", look.muted),
                (f"{gauges.tokens_per_s:.0f} tok/s" if gauges.tokens_per_s else "", look.muted),
                (gauges.context, look.warning if gauges.is_context_high else look.muted),
                (cut(gauges.branch, 24, look), look.muted),
            )
            if text
        ]

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

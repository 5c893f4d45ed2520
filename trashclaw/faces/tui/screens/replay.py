"""A replay: a stored session drawn by the panes of the main screen, as it happened or step by step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical
from textual.content import Content

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.key_hints import hint_lines
from trashclaw.faces.tui.drawing.replay_line import AT_ONCE, replay_line
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.replay import Replay
from trashclaw.faces.tui.screens.overlay import OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.plan_pane import PlanPane
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.message import Message
    from textual.worker import WorkType

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.protocol.envelope import Envelope

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, AT_ONCE)
LEAST_S = 0.02
"""Between two things on the screen, at any speed: the screen is to show each of them, and to hear keys."""

_PIECE_S = 0.06
NARROW = 100


class ReplayScreen(OverlayScreen[int | None]):
    """Plays envelopes; returns the place of the log to fork the session at, or nothing. It reaches no session."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.REPLAY)
    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    ReplayScreen {
        background: $background;
        color: $foreground;
    }
    ReplayScreen > Horizontal {
        height: 1fr;
    }
    ReplayScreen TranscriptPane {
        width: 1fr;
    }
    ReplayScreen .side {
        width: 42%;
        max-width: 72;
    }
    ReplayScreen.-narrow .side {
        display: none;
    }
    ReplayScreen PlanPane {
        height: auto;
        min-height: 4;
        max-height: 30%;
    }
    ReplayScreen ToolLog {
        height: 1fr;
    }
    ReplayScreen DiffPane {
        height: 1fr;
    }
    ReplayScreen OverlayLines {
        height: auto;
        max-height: 4;
        background: $background;
    }
    """

    def __init__(
        self, envelopes: Sequence[Envelope], *, title: str = "", speed: float = 1.0, can_fork: bool = True
    ) -> None:
        super().__init__()
        self._can_fork = can_fork
        self.replay = Replay(envelopes)
        self._title = title
        self._speed = AT_ONCE if speed == AT_ONCE else min(SPEEDS[:-1], key=lambda known: abs(known - speed))
        self._is_playing = True
        self._grown = 0
        """Pieces shown already of the words that come next."""

    def compose(self) -> ComposeResult:
        """Place the panes, none of which takes keys, and the line that tells how far it has come."""
        with Horizontal():
            yield TranscriptPane()
            with Vertical(classes="side"):
                yield PlanPane()
                yield ToolLog()
                yield DiffPane(grace_s=0.0)
        yield OverlayLines(self._foot)

    def on_mount(self) -> None:
        """Begin to play."""
        for widget in self.query("*"):
            widget.can_focus = False
        self.query_one(TranscriptPane).border_title = Content(f"Replay   {visible_line(self._title)}".rstrip())
        self._run()

    def on_resize(self, event: Resize) -> None:
        """Leave the side out where there is no room for it."""
        self.set_class(event.size.width < NARROW, "-narrow")

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._is_playing and not self.replay.is_over

    @property
    def speed(self) -> float:
        """How much faster than the session itself; infinite: at once."""
        return self._speed

    def action_pause(self) -> None:
        """Pause, or go on; at the end, begin again."""
        if self.replay.is_over:
            self._go(0)
            self._is_playing = True
        else:
            self._is_playing = not self._is_playing
        self._run()

    def action_step(self, step: int) -> None:
        """Go one step on, or back; it pauses there."""
        self._is_playing = False
        if step > 0 and not self.replay.is_over:
            self._tell(self.replay.go_on())
        else:
            self._go(self.replay.place_by_step(step))
        self._run()

    def action_step_turn(self, step: int) -> None:
        """Go to another turn."""
        self._go(self.replay.place_by_turn(step))
        self._run()

    def action_jump(self, end: int) -> None:
        """Go to the beginning (0) or to the end (-1)."""
        self._go(0 if end == 0 else self.replay.end)
        self._run()

    def action_speed(self, step: int) -> None:
        """Go faster or slower."""
        at = max(0, min(len(SPEEDS) - 1, SPEEDS.index(self._speed) + step))
        self._speed = SPEEDS[at]
        self._run()

    def action_scroll_by(self, lines: int) -> None:
        """Scroll the conversation; a large number of lines is a page."""
        pane = self.query_one(TranscriptPane)
        rows = lines if abs(lines) == 1 else lines // abs(lines) * max(1, pane.size.height - 2)
        pane.scroll_to(y=pane.scroll_offset.y + rows, animate=False)

    def action_fork(self) -> None:
        """Leave, and fork the session here."""
        if self._can_fork and self.replay.seq is not None:
            self.dismiss(self.replay.seq)

    def action_close(self) -> None:
        """Leave."""
        self.dismiss(None)

    @on(msg.ApprovalGiven)
    @on(msg.QuestionAnswered)
    @on(msg.EditWanted)
    @on(msg.ReviewOpened)
    @on(msg.ForkWanted)
    def _refuse(self, message: Message) -> None:
        """Let no wish of a pane reach the session that is open behind: what is shown here is over."""
        message.stop()

    def _go(self, place: int) -> None:
        self._grown = 0
        self._tell(self.replay.go_to(place))

    def _run(self) -> None:
        self._show_foot()
        if self.is_playing:
            play: WorkType[None] = self._play
            self.run_worker(play, group="play", exclusive=True)
        else:
            self.workers.cancel_group(self, "play")

    async def _play(self) -> None:
        while self.is_playing:
            pause_s = 0.0 if self._speed == AT_ONCE else self.replay.pause_s / self._speed
            await self._grow(pause_s)
            self._grown = 0
            self._tell(self.replay.go_on())
            self._show_foot()
        self._is_playing = False
        self._show_foot()

    async def _grow(self, pause_s: float) -> None:
        """Let a pause go by; words that came in during it come in again."""
        coming = self.replay.coming_text()
        pieces = max(1, int(pause_s / _PIECE_S))
        if coming is None or pieces == 1:
            await asyncio.sleep(max(LEAST_S, pause_s))
            return
        item_id, channel, text = coming
        size = -(-len(text) // pieces)
        while self._grown * size < len(text):
            await asyncio.sleep(pause_s / pieces)
            self.query_one(TranscriptPane).grow(item_id, channel, text[self._grown * size : (self._grown + 1) * size])
            self._grown += 1

    def _tell(self, told: Sequence[Message]) -> None:
        """Show news in the panes."""
        conversation, tools, changes = self.query_one(TranscriptPane), self.query_one(ToolLog), self.query_one(DiffPane)
        is_jump = any(isinstance(message, msg.Replayed) for message in told)
        for message in told:
            match message:
                case msg.Replayed():
                    entries = [entry for entry, _ in message.entries]
                    conversation.load(message.entries, message.failures, message.undone)
                    tools.load(entries, message.failures)
                    changes.load(entries)
                case msg.EntryChanged():
                    conversation.show_entry(message.entry, is_done=message.is_done)
                    tools.show_entry(message.entry)
                    changes.show_entry(message.entry)
                case msg.FailureTold():
                    conversation.tell(message.failure)
                    tools.tell_failure(message.failure)
                case msg.CompactionTakenBack():
                    conversation.tell(message.event)
                case msg.StateChanged():
                    state = message.transcript
                    self.query_one(PlanPane).show(state.plan, state.plan_before, is_jump=is_jump)
                    reverted = message.transcript.all_reverted()
                    conversation.show_reverted(reverted)
                    tools.show_reverted(reverted)
                    changes.show_reverts(message.transcript)
                    waiting = {one.item_id for one in message.transcript.approvals.values()}
                    waiting |= {one.item_id for one in message.transcript.questions.values()}
                    conversation.show_waiting(waiting)
                    tools.show_waiting(waiting)
                case _:
                    continue

    def _show_foot(self) -> None:
        self.query_one(OverlayLines).reload()

    def _foot(self, width: int, look: Look) -> Sequence[Text]:
        keys = [
            hint("replay.pause", "goes on" if not self.is_playing else "pauses"),
            f"{hint('replay.previous', '')}{hint('replay.next', 'step')}",
            f"{hint('replay.previous_turn', '')}{hint('replay.next_turn', 'turn')}",
            f"{hint('replay.slower', '')}{hint('replay.faster', 'speed')}",
            f"{hint('replay.first', '')}{hint('replay.last', 'ends')}",
            hint("replay.fork", "forks here") if self._can_fork else "",
            hint("replay.close", "leaves"),
        ]
        line = replay_line(self.replay, self._speed, width, look, is_playing=self.is_playing)
        return [line, *hint_lines(keys, width, look)]

"""The main screen as a region: what is still being written, what waits for the person, the queue and the prompt."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual import on

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import plain, strips, wrap
from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.keymap import sentence
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.widgets.block import Block
from trashclaw.faces.tui.widgets.live_pane import LivePane
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.strip import Strip
    from textual.timer import Timer

    from trashclaw.faces.tui.inline_app import InlineApp
    from trashclaw.protocol.events import FailureRouted
    from trashclaw.protocol.ids import ItemId
    from trashclaw.session.transcript import Entry

KEPT = 80
"""Finished blocks that are kept to draw a screen of them anew."""

COMPOSER_ROWS = 5
"""What the prompt and the row of figures take, about."""

_ASKING_PART, _ASKING_LEAST, _ASKING_MOST = 0.6, 8, 26


class InlineScreen(MainScreen):
    """Hands finished blocks over to be written for good, and keeps the rest."""

    CSS = """
    InlineScreen.-live {
        height: auto;
        border: none !important;
    }
    InlineScreen LivePane { display: none; }
    InlineScreen.-live LivePane { display: block; }
    InlineScreen.-live #header, InlineScreen.-live #tabs, InlineScreen.-live #conversation,
    InlineScreen.-live #plan, InlineScreen.-live #tools, InlineScreen.-live #changes, InlineScreen.-live #question,
    InlineScreen.-live #body, InlineScreen.-live ToastRack {
        display: none !important;
    }
    InlineScreen.-live.-asking #body, InlineScreen.-live.-asking #side,
    InlineScreen.-live.-asking #changes.-waiting, InlineScreen.-live.-asking #question.-waiting {
        display: block !important;
    }
    InlineScreen.-live #side { width: 1fr !important; max-width: 100% !important; }
    """

    def __init__(self, grace_s: float) -> None:
        super().__init__(grace_s)
        self._open: list[Block] = []
        self._finished: deque[Block] = deque(maxlen=KEPT)
        self._notice: Timer | None = None
        self._has_open_tools = False
        self._has_open_thoughts = False
        self._is_headed = False
        self.add_class("-live")

    def compose(self) -> ComposeResult:
        """Place everything."""
        yield LivePane(widget_id="live")
        yield from super().compose()

    @property
    def _live(self) -> LivePane:
        return self.query_one(LivePane)

    @property
    def _width(self) -> int:
        return max(8, self.app.size.width - 1)

    @property
    def _look(self) -> Look:
        return look_of_theme(self.app.current_theme, is_ascii=self.app.has_class("-ascii"))

    def newest(self, count: int) -> Sequence[Strip]:
        """Return the newest finished lines, at most so many."""
        found: list[Strip] = []
        for block in reversed(self._finished):
            if len(found) >= count:
                break
            block.forget()
            found[:0] = self._drawn(block)
        return found[-count:] if count > 0 else []

    def rest(self) -> Sequence[Strip]:
        """Return the lines of what is not finished, for good: the app is about to end."""
        blocks, self._open = self._open, []
        return [line for block in blocks for line in self._drawn(block)]

    def tell(self, text: str, seconds: float, *, is_error: bool) -> None:
        """Show a notice above the prompt for some time."""
        lines = wrap(plain(text, self._look.error if is_error else self._look.warning), self._width, self._look)
        self._live.tell(strips(lines, self._look))
        if self._notice is not None:
            self._notice.stop()
        self._notice = self.set_timer(seconds, lambda: self._live.tell(()))

    def set_expanded(self, *, is_expanded: bool) -> None:
        """Be the whole screen, or the region again."""
        self.set_class(not is_expanded, "-live")
        self._make_room()
        self._arrangement.place()

    @on(msg.Replayed)
    def _begin(self, message: msg.Replayed) -> None:
        """Write a conversation as it stands."""
        self._open.clear()
        self._is_headed = False
        for entry, is_done in message.entries:
            self._put(entry, is_done=is_done)
        for failure in message.failures.values():
            self._learn(failure)
        self._settle()

    @on(msg.EntryChanged)
    def _take_entry(self, message: msg.EntryChanged) -> None:
        self._put(message.entry, is_done=message.is_done)
        self._show_open()

    @on(msg.ItemGrew)
    def _take_piece(self, message: msg.ItemGrew) -> None:
        block = self._block_of(message.item_id)
        if block is not None:
            block.grow(message.channel, message.text)
            self._show_open()

    @on(msg.FailureTold)
    def _take_failure(self, message: msg.FailureTold) -> None:
        self._learn(message.failure)

    @on(msg.StateChanged)
    def _take_state(self, message: msg.StateChanged) -> None:
        """Write what is finished, now that all news of this moment has come."""
        state = message.transcript
        waiting = {request.item_id for request in state.approvals.values()}
        waiting |= {asked.item_id for asked in state.questions.values()}
        for block in self._open:
            is_waiting = getattr(block.entry, "item_id", None) in waiting
            if block.is_waiting is not is_waiting:
                block.is_waiting = is_waiting
                block.forget()
        self.set_class(bool(waiting), "-asking")
        self._make_room()
        self._settle()

    def on_resize(self, event: Resize) -> None:
        """Place everything for another size."""
        self._make_room()
        for block in self._open:
            block.forget()
        self._show_open()

    def action_maximise_pane(self) -> None:
        """Show the whole screen, or the region again; what waits comes with its own."""
        if self._arrangement.here == "changes":
            super().action_maximise_pane()
        else:
            self._app.expand()

    def action_toggle_side(self) -> None:
        """Show the side panes, which are on the whole screen."""
        self._app.expand()

    def action_step_pane(self, step: int) -> None:
        """Go to another pane, which is on the whole screen."""
        if not self._app.is_whole:
            self._app.expand()
        super().action_step_pane(step)

    def action_go_to(self, pane: str) -> None:
        """Go to a pane, which is on the whole screen."""
        if not self._app.is_whole:
            self._app.expand()
        super().action_go_to(pane)

    def action_toggle_thoughts(self) -> None:
        """Open or fold thoughts: here those that are still to come."""
        super().action_toggle_thoughts()
        self._has_open_thoughts = not self._has_open_thoughts
        self._unfold("thoughts", is_unfolded=self._has_open_thoughts)

    def action_toggle_tools(self) -> None:
        """Open or fold tool output: here that which is still to come."""
        super().action_toggle_tools()
        self._has_open_tools = not self._has_open_tools
        self._unfold("tools", is_unfolded=self._has_open_tools)

    @property
    def _app(self) -> InlineApp:
        return cast("InlineApp", self.app)

    def _unfold(self, kind: str, *, is_unfolded: bool) -> None:
        for block in self._open:
            if block.folds_with == kind:
                block.is_unfolded = is_unfolded
                block.forget()
        self._show_open()
        if not self._app.is_whole:
            state = "open" if is_unfolded else "folded"
            way = sentence("pane.maximise", "shows the whole screen, where earlier ones open")
            self.app.notify(f"New {kind} come {state}. {way}".strip())

    def _block_of(self, item_id: ItemId) -> Block | None:
        known = (block for block in reversed(self._open) if getattr(block.entry, "item_id", None) == item_id)
        return next(known, None)

    def _put(self, entry: Entry, *, is_done: bool) -> None:
        item_id = getattr(entry, "item_id", None)
        block = self._block_of(item_id) if item_id is not None else None
        if block is not None:
            block.replace(entry, is_done=is_done)
            return
        block = Block(entry, is_done)
        before = self._open[-1] if self._open else self._finished[-1] if self._finished else None
        block.has_gap = not block.stands_close_to(before)
        opened = {"thoughts": self._has_open_thoughts, "tools": self._has_open_tools}
        if opened.get(block.folds_with):
            block.is_unfolded = True
        self._open.append(block)

    def _learn(self, failure: FailureRouted) -> None:
        block = self._block_of(failure.item_id)
        if block is not None:
            block.learn(failure)

    def _settle(self) -> None:
        """Write the blocks for good before which nothing is open."""
        lines: list[Strip] = []
        while self._open and self._open[0].is_done:
            block = self._open.pop(0)
            lines += self._drawn(block)
            self._finished.append(block)
        if lines:
            self._app.put_above([*self._heading(), *lines])
        self._show_open()

    def _heading(self) -> Sequence[Strip]:
        if self._is_headed:
            return ()
        self._is_headed = True
        where, branch = self._facts
        words = "  ".join(visible_line(word) for word in ("trashclaw", where, branch) if word)
        return strips([Text(words, style=self._look.muted)], self._look)

    def _drawn(self, block: Block) -> list[Strip]:
        drawn = list(block.strips(self._width, self._look))
        for one in self.app.get_line_filters():
            drawn = [strip.apply_filter(one, self.background_colors[1]) for strip in drawn]
        return drawn

    def _show_open(self) -> None:
        if self.is_mounted and self.has_class("-live"):
            self._live.show(self._last_open(self._live.limit))

    def _last_open(self, count: int) -> Sequence[Strip]:
        """Return the last rows of what is open; no more of them are drawn."""
        found: list[Strip] = []
        for block in reversed(self._open):
            rows = block.strips(self._width, self._look)
            found[:0] = [rows[place] for place in range(max(0, len(rows) - count + len(found)), len(rows))]
        return found

    def _make_room(self) -> None:
        """Divide the rows between what waits for the person and the end of what is still being written."""
        rows = self.app.size.height
        asking = min(_ASKING_MOST, max(_ASKING_LEAST, int(rows * _ASKING_PART))) if self.has_class("-asking") else 0
        body = self.query_one("#body")
        if self.has_class("-live"):
            body.styles.height = asking or 1
        else:
            body.styles.clear_rule("height")
        self._live.limit = max(1, rows - COMPOSER_ROWS - asking - 2)

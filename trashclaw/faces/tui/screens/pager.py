"""The transcript on the whole screen: everything unfolded, with a search, still while the stream goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

from trashclaw.faces.tui.widgets.block import Block
from trashclaw.faces.tui.widgets.pager_pane import PagerPane
from trashclaw.faces.tui.widgets.run_group import RunGroup
from trashclaw.protocol.items import AgentMessage, Thought

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class PagerScreen(Screen[None]):
    """Shows what the blocks of a conversation are now."""

    DEFAULT_CSS = """
    PagerScreen {
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, blocks: Sequence[Block], *, top: int | None = None, is_searching: bool = False) -> None:
        """`top`: the place of the block to begin at; `None`: the end. `is_searching`: with the line for words open."""
        super().__init__()
        top = None if top is None else top - sum(isinstance(block, RunGroup) for block in blocks[:top])
        self._pane = PagerPane(whole_blocks(blocks), top=top)
        self._is_searching = is_searching

    def compose(self) -> ComposeResult:
        """Place the page."""
        yield self._pane

    def on_mount(self) -> None:
        """Take the keys."""
        self._pane.focus()
        if self._is_searching:
            self.call_after_refresh(self._pane.action_search)


def whole_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Return copies of blocks as they stand, open and with all that they have; they change no more, nor are grouped."""
    made: list[Block] = []
    for block in blocks:
        if isinstance(block, RunGroup):
            continue
        entry, text = block.entry, block.preview
        if text and isinstance(entry, (AgentMessage, Thought)) and not entry.text:
            entry = entry.model_copy(update={"text": text})
        has_gap = block.has_gap or (block.group is not None and block.group.has_gap and block.group.members[0] is block)
        whole = Block(entry, True, is_unfolded=True if block.can_fold else None, is_whole=True, has_gap=has_gap)
        whole.is_waiting, whole.is_undone, whole.failure = block.is_waiting, block.is_undone, block.failure
        whole.reverted = block.reverted
        if text:
            whole.pieces = {channel: list(pieces) for channel, pieces in block.pieces.items()}
        made.append(whole)
    return made
